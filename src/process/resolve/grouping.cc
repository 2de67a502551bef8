#include "process/resolve/grouping.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

#include "process/resolve/resolver.h"

namespace fiducia::process {

namespace {

// A larger piece is not weighed pair by pair.
constexpr size_t kWholeMost = 150;
constexpr float kRaise = 1;

class Sets {
 public:
  explicit Sets(uint32_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0U); }
  void Alone(uint32_t one) { parent_[one] = one; }
  uint32_t Find(uint32_t one) {
    while (parent_[one] != one) {
      parent_[one] = parent_[parent_[one]];
      one = parent_[one];
    }
    return one;
  }
  void Unite(uint32_t a, uint32_t b) {
    a = Find(a);
    b = Find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<uint32_t> parent_;
};

// Lance-Williams on a full matrix: the two parts that stand closest are united, as long as they are
// close enough.
void Split(const std::vector<uint32_t>& members, double pair, double cut,
           const std::function<double(uint32_t, uint32_t)>& weigh, std::vector<uint32_t>& group) {
  const size_t n = members.size();
  std::vector<float> weight(n * n, 0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) {
      // One pair counts for no more than a dozen others, either way.
      const auto w = static_cast<float>(std::clamp(weigh(members[i], members[j]), -20.0, 20.0));
      weight[i * n + j] = w;
      weight[j * n + i] = w;
    }
  }
  std::vector<uint32_t> size(n, 1);
  std::vector<uint32_t> head(n);
  std::iota(head.begin(), head.end(), 0U);
  std::vector<bool> alive(n, true);
  // The closest partner of each part, found anew when it goes.
  std::vector<size_t> best(n, n);
  const auto look = [&](size_t i) {
    best[i] = n;
    for (size_t j = 0; j < n; ++j) {
      if (j != i && alive[j] && (best[i] == n || weight[i * n + j] > weight[i * n + best[i]])) {
        best[i] = j;
      }
    }
  };
  for (size_t i = 0; i < n; ++i) {
    look(i);
  }
  while (true) {
    size_t a = n;
    for (size_t i = 0; i < n; ++i) {
      if (alive[i] && best[i] != n &&
          (a == n || weight[i * n + best[i]] > weight[a * n + best[a]])) {
        a = i;
      }
    }
    if (a == n || weight[a * n + best[a]] < static_cast<float>(cut)) {
      break;
    }
    const size_t b = best[a];
    // Two alone have nothing but each other to go by.
    if (size[a] + size[b] == 2 && weight[a * n + b] < static_cast<float>(pair)) {
      weight[a * n + b] = static_cast<float>(cut) - 1;
      weight[b * n + a] = static_cast<float>(cut) - 1;
      look(a);
      look(b);
      continue;
    }
    const auto total = static_cast<float>(size[a] + size[b]);
    for (size_t j = 0; j < n; ++j) {
      if (alive[j] && j != a && j != b) {
        const float w = (weight[a * n + j] * static_cast<float>(size[a]) +
                         weight[b * n + j] * static_cast<float>(size[b])) /
                        total;
        weight[a * n + j] = w;
        weight[j * n + a] = w;
      }
    }
    alive[b] = false;
    size[a] += size[b];
    for (uint32_t& h : head) {
      h = h == b ? static_cast<uint32_t>(a) : h;
    }
    look(a);
    for (size_t j = 0; j < n; ++j) {
      if (alive[j] && j != a && (best[j] == a || best[j] == b)) {
        look(j);
      }
    }
  }
  std::map<uint32_t, uint32_t> smallest;
  for (size_t i = 0; i < n; ++i) {
    const auto [at, fresh] = smallest.try_emplace(head[i], members[i]);
    if (!fresh) {
      at->second = std::min(at->second, members[i]);
    }
  }
  for (size_t i = 0; i < n; ++i) {
    group[members[i]] = smallest[head[i]];
  }
}

}  // namespace

std::vector<uint32_t> GroupByAverage(uint32_t records, const std::vector<MatchLink>& links,
                                     double pair, double cut,
                                     const std::function<double(uint32_t, uint32_t)>& weigh) {
  std::vector<uint32_t> group(records);
  std::iota(group.begin(), group.end(), 0U);
  std::vector<std::pair<std::vector<MatchLink>, float>> waiting;
  float weakest = 0;
  for (const MatchLink& link : links) {
    weakest = std::min(weakest, link.weight);
  }
  waiting.emplace_back(links, weakest);
  Sets sets(records);
  while (!waiting.empty()) {
    auto [here, raised] = std::move(waiting.back());
    waiting.pop_back();
    std::vector<uint32_t> members;
    for (const MatchLink& link : here) {
      members.push_back(link.a);
      members.push_back(link.b);
    }
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    for (const uint32_t one : members) {
      sets.Alone(one);
    }
    for (const MatchLink& link : here) {
      sets.Unite(link.a, link.b);
    }
    std::unordered_map<uint32_t, std::vector<uint32_t>> parts;
    for (const uint32_t one : members) {
      parts[sets.Find(one)].push_back(one);
    }
    std::unordered_map<uint32_t, std::vector<MatchLink>> too_large;
    for (auto& [first, part] : parts) {
      if (part.size() > kWholeMost) {
        too_large[first];
      } else {
        Split(part, pair, cut, weigh, group);
      }
    }
    for (const MatchLink& link : here) {
      const auto at = too_large.find(sets.Find(link.a));
      if (at != too_large.end() && link.weight >= raised + kRaise) {
        at->second.push_back(link);
      }
    }
    // What hangs together by weak links alone comes apart when they are left out.
    for (auto& [first, rest] : too_large) {
      waiting.emplace_back(std::move(rest), raised + kRaise);
    }
  }
  return group;
}

}  // namespace fiducia::process
