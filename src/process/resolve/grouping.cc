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

// Average linkage on a full matrix (Lance and Williams): the two parts that stand closest are
// united, as long as they are close enough.
class Linkage {
 public:
  Linkage(const std::vector<uint32_t>& members,
          const std::function<double(uint32_t, uint32_t)>& weigh)
      : members_(members),
        n_(members.size()),
        weight_(n_ * n_, 0),
        size_(n_, 1),
        head_(n_),
        alive_(n_, true),
        best_(n_, n_) {
    std::iota(head_.begin(), head_.end(), size_t{0});
    for (size_t i = 0; i < n_; ++i) {
      for (size_t j = i + 1; j < n_; ++j) {
        // One pair counts for no more than a dozen others, either way.
        Set(i, j, static_cast<float>(std::clamp(weigh(members[i], members[j]), -20.0, 20.0)));
      }
    }
    for (size_t i = 0; i < n_; ++i) {
      Look(i);
    }
  }

  void Run(float pair, float cut) {
    for (size_t a = Closest(); a != n_ && At(a, best_[a]) >= cut; a = Closest()) {
      const size_t b = best_[a];
      // Two alone have nothing but each other to go by.
      if (size_[a] + size_[b] == 2 && At(a, b) < pair) {
        Set(a, b, cut - 1);
        Look(a);
        Look(b);
      } else {
        Unite(a, b);
      }
    }
  }

  // Every member's group is named by its smallest.
  void Write(std::vector<uint32_t>& group) const {
    std::map<size_t, uint32_t> smallest;
    for (size_t i = 0; i < n_; ++i) {
      const auto [at, fresh] = smallest.try_emplace(head_[i], members_[i]);
      if (!fresh) {
        at->second = std::min(at->second, members_[i]);
      }
    }
    for (size_t i = 0; i < n_; ++i) {
      group[members_[i]] = smallest[head_[i]];
    }
  }

 private:
  float At(size_t i, size_t j) const { return weight_[i * n_ + j]; }
  void Set(size_t i, size_t j, float weight) {
    weight_[i * n_ + j] = weight;
    weight_[j * n_ + i] = weight;
  }
  // The closest partner of a part, found anew.
  void Look(size_t i) {
    best_[i] = n_;
    for (size_t j = 0; j < n_; ++j) {
      if (j != i && alive_[j] && (best_[i] == n_ || At(i, j) > At(i, best_[i]))) {
        best_[i] = j;
      }
    }
  }
  size_t Closest() const {
    size_t a = n_;
    for (size_t i = 0; i < n_; ++i) {
      if (alive_[i] && best_[i] != n_ && (a == n_ || At(i, best_[i]) > At(a, best_[a]))) {
        a = i;
      }
    }
    return a;
  }
  void Unite(size_t a, size_t b) {
    const auto total = static_cast<float>(size_[a] + size_[b]);
    for (size_t j = 0; j < n_; ++j) {
      if (alive_[j] && j != a && j != b) {
        Set(a, j,
            (At(a, j) * static_cast<float>(size_[a]) + At(b, j) * static_cast<float>(size_[b])) /
                total);
      }
    }
    alive_[b] = false;
    size_[a] += size_[b];
    std::replace(head_.begin(), head_.end(), b, a);
    Look(a);
    for (size_t j = 0; j < n_; ++j) {
      if (alive_[j] && j != a && (best_[j] == a || best_[j] == b)) {
        Look(j);
      }
    }
  }

  const std::vector<uint32_t>& members_;
  size_t n_;
  std::vector<float> weight_;
  std::vector<uint32_t> size_;
  std::vector<size_t> head_;  // by member: the part it is in
  std::vector<bool> alive_;
  std::vector<size_t> best_;
};

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
        Linkage linkage(part, weigh);
        linkage.Run(static_cast<float>(pair), static_cast<float>(cut));
        linkage.Write(group);
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
