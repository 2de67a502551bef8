#include "process/resolve/blocking.h"

#include <numeric>
#include <unordered_map>

#include "process/resolve/comparer.h"

namespace fiducia::process {

namespace {

// How likely two random records share the key, and how many have one.
double Collision(const MatchTable& table, KeyPart part, double& covered) {
  std::unordered_map<uint64_t, double> counts;
  double all = 0;
  for (ValueNo v = 1; v <= table.distinct(part.column); ++v) {
    const uint64_t key = table.key(part.column, v, part.slot);
    if (key != 0) {
      counts[key] += table.count(part.column, v);
      all += table.count(part.column, v);
    }
  }
  covered = all / table.size();
  double pairs = 0;
  for (const auto& [key, count] : counts) {
    pairs += count * (count - 1);
  }
  const double n = table.size();
  return pairs / (n * (n - 1));
}

std::vector<Pass> ChoosePasses(const MatchTable& table, double pairs_per_record) {
  const double n = table.size();
  const double possible = n * (n - 1) / 2;
  const double single_most = 4 * n;
  std::vector<Pass> passes;
  std::vector<std::pair<KeyPart, double>> loose;
  for (size_t c = 0; c < table.columns().size(); ++c) {
    for (size_t slot = 0; slot < kValueKeys; ++slot) {
      double covered = 0;
      const double share = Collision(table, {c, slot}, covered);
      if (covered < 0.02) {
        continue;
      }
      if (share * possible <= single_most) {
        passes.push_back({{{c, slot}}, share * possible});
      } else if (share < 0.2) {
        loose.emplace_back(KeyPart{c, slot}, share);
      }
    }
  }
  std::vector<Pass> twos;
  for (size_t i = 0; i < loose.size(); ++i) {
    for (size_t j = i + 1; j < loose.size(); ++j) {
      if (loose[i].first.column == loose[j].first.column) {
        continue;
      }
      const double expected = loose[i].second * loose[j].second * possible;
      if (expected <= single_most) {
        twos.push_back({{loose[i].first, loose[j].first}, expected});
      }
    }
  }
  std::sort(twos.begin(), twos.end(),
            [](const Pass& a, const Pass& b) { return a.expected < b.expected; });
  double spent = std::accumulate(passes.begin(), passes.end(), 0.0,
                                 [](double sum, const Pass& p) { return sum + p.expected; });
  for (Pass& two : twos) {
    if (spent + two.expected > pairs_per_record * n) {
      break;
    }
    spent += two.expected;
    passes.push_back(std::move(two));
  }
  return passes;
}

}  // namespace

uint32_t KeyOf(const MatchTable& table, const Pass& pass, uint32_t record) {
  uint64_t key = 0;
  for (const KeyPart& part : pass.parts) {
    const uint64_t one = table.key(part.column, table.at(part.column, record), part.slot);
    if (one == 0) {
      return 0;
    }
    key = (key ^ one) * kMix + (key >> 31);
  }
  const auto half = static_cast<uint32_t>(key >> 32);
  return half == 0 ? 1 : half;
}

Blocks::Blocks(const MatchTable& table, double pairs_per_record, uint32_t block_most)
    : records_(table.size()), passes_(ChoosePasses(table, pairs_per_record)) {
  keys_.resize(static_cast<size_t>(records_) * passes_.size());
  for (uint32_t r = 0; r < records_; ++r) {
    for (size_t p = 0; p < passes_.size(); ++p) {
      keys_[r * passes_.size() + p] = KeyOf(table, passes_[p], r);
    }
  }
  for (size_t p = 0; p < passes_.size(); ++p) {
    DropLarge(p, block_most);
  }
}

void Blocks::DropLarge(size_t pass, uint32_t block_most) {
  const std::vector<Keyed> keyed = Sorted(pass);
  for (size_t from = 0; from < keyed.size();) {
    size_t to = from + 1;
    while (to < keyed.size() && keyed[to].key == keyed[from].key) {
      ++to;
    }
    for (size_t i = from; i < to && to - from > block_most; ++i) {
      keys_[keyed[i].record * passes_.size() + pass] = 0;
    }
    from = to;
  }
}

std::vector<Blocks::Keyed> Blocks::Sorted(size_t pass) const {
  std::vector<Keyed> keyed;
  for (uint32_t r = 0; r < records_; ++r) {
    if (const uint32_t key = keys_[r * passes_.size() + pass]; key != 0) {
      keyed.push_back({key, r});
    }
  }
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.record < b.record;
  });
  return keyed;
}

}  // namespace fiducia::process
