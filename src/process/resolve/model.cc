#include "process/resolve/model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace fiducia::process {

namespace {

struct Counted {
  Observation seen;
  double count = 0;
};
using Counts = std::vector<Counted>;

class Counter {
 public:
  void Add(const Observation& seen, double count = 1) {
    const uint64_t h = (seen.levels * kMix) ^ (seen.missing * 0xff51afd7ed558ccdULL);
    counts_[h].seen = seen;
    counts_[h].count += count;
  }
  Counts Take() const {
    Counts all;
    all.reserve(counts_.size());
    for (const auto& [h, one] : counts_) {
      all.push_back(one);
    }
    std::sort(all.begin(), all.end(),
              [](const Counted& a, const Counted& b) { return a.seen < b.seen; });
    return all;
  }

 private:
  std::unordered_map<uint64_t, Counted> counts_;
};

// How levels fall for pairs that are not the same; `same` says how likely each is.
Probabilities Shares(const Counts& counts, size_t columns, const std::vector<double>& weight) {
  Probabilities shares(columns);
  for (size_t c = 0; c < columns; ++c) {
    double all = 0;
    std::array<double, kLevels> sums{};
    for (size_t i = 0; i < counts.size(); ++i) {
      if ((counts[i].seen.missing >> c & 1U) == 0) {
        sums[static_cast<size_t>(LevelIn(counts[i].seen.levels, c))] += counts[i].count * weight[i];
        all += counts[i].count * weight[i];
      }
    }
    for (size_t level = 0; level < kLevels; ++level) {
      shares[c][level] = (sums[level] + 1e-6 * all + 1e-9) / (all * (1 + kLevels * 1e-6) + 1e-8);
    }
  }
  return shares;
}

double LogOdds(const Observation& seen, const Probabilities& m, const Probabilities& u,
               const std::vector<bool>& use) {
  double sum = 0;
  for (size_t c = 0; c < m.size(); ++c) {
    if (use[c] && (seen.missing >> c & 1U) == 0) {
      const auto level = static_cast<size_t>(LevelIn(seen.levels, c));
      sum += std::log2((m[c][level] + 1e-5) / (u[c][level] + 1e-5));
    }
  }
  return sum;
}

double Odds(double log2_odds) {
  return log2_odds > 60 ? 1 : log2_odds < -60 ? 0 : 1 / (1 + std::exp2(-log2_odds));
}

// Before anything is known: likeness speaks for the same, the more the greater.
Probabilities FirstGuess(size_t columns) {
  Probabilities m(columns);
  for (auto& levels : m) {
    levels = {0.05, 0.01, 0.01, 0.01, 0.02, 0.05, 0.05, 0.8};
  }
  return m;
}

// So many matches the first guess is worth.
constexpr double kGuessed = 30;

uint64_t Next(uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

constexpr uint64_t kRandomPairs = 60000;
constexpr double kPairsSeen = 300000;  // of all passes
constexpr int kRounds = 8;
constexpr double kShareKey = 0.7;

// How likely two random records have the same value, as often as values repeat.
std::vector<double> Repeats(const MatchTable& table) {
  std::vector<double> shares;
  for (size_t c = 0; c < table.columns().size(); ++c) {
    double pairs = 0;
    double filled = 0;
    for (ValueNo v = 1; v <= table.distinct(c); ++v) {
      const double count = table.count(c, v);
      pairs += count * (count - 1);
      filled += count;
    }
    shares.push_back(filled < 2 ? 0 : pairs / (filled * (filled - 1)));
  }
  return shares;
}

Counts RandomPairs(const MatchTable& table, Comparer& comparer) {
  Counter counter;
  const uint64_t n = table.size();
  if (n * (n - 1) / 2 <= kRandomPairs) {
    for (uint32_t a = 0; a < n; ++a) {
      for (uint32_t b = a + 1; b < n; ++b) {
        counter.Add(comparer.Compare(a, b));
      }
    }
    return counter.Take();
  }
  uint64_t state = 0x2545f4914f6cdd1dULL;
  for (uint64_t i = 0; i < kRandomPairs; ++i) {
    const auto a = static_cast<uint32_t>(Next(state) % n);
    const auto b = static_cast<uint32_t>(Next(state) % n);
    if (a != b) {
      counter.Add(comparer.Compare(a, b));
    }
  }
  return counter.Take();
}

// What the pairs of one pass show: all of them, and those that no pass before it has found.
struct PassPairs {
  Counts all;
  Counts fresh;
  double scale = 1;  // of the sample
};

PassPairs Look(const Blocks& blocks, size_t p, Comparer& comparer) {
  PassPairs pairs;
  Counter all;
  Counter fresh;
  uint64_t total = 0;
  uint64_t taken = 0;
  const std::vector<Pass>& passes = blocks.passes();
  const auto every = static_cast<uint64_t>(
      std::max(1.0, passes[p].expected * static_cast<double>(passes.size()) / kPairsSeen));
  blocks.ForPairs(p, [&](uint32_t a, uint32_t b) {
    // Records are numbered as they came; blocks are in the order of hashes: a fair sample.
    if (++total % every != 0) {
      return;
    }
    ++taken;
    const Observation seen = comparer.Compare(a, b);
    all.Add(seen);
    if (!blocks.FoundBefore(p, a, b)) {
      fresh.Add(seen);
    }
  });
  pairs.all = all.Take();
  pairs.fresh = fresh.Take();
  pairs.scale = taken == 0 ? 1 : static_cast<double>(total) / static_cast<double>(taken);
  return pairs;
}

double Total(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), 0.0,
                         [](double sum, const Counted& one) { return sum + one.count; });
}

bool IsName(MatchKind kind) {
  return kind == MatchKind::kFullName || kind == MatchKind::kGivenName ||
         kind == MatchKind::kFamilyName;
}

class Fitter {
 public:
  Fitter(const MatchTable& table, const Blocks& blocks)
      : table_(table),
        passes_(blocks.passes()),
        columns_(table.columns().size()),
        possible_(static_cast<double>(table.size()) * (table.size() - 1) / 2),
        guess_(FirstGuess(columns_)),
        household_(table.columns()),
        every_(columns_, true),
        repeats_(Repeats(table)) {
    Comparer comparer(table);
    random_ = RandomPairs(table, comparer);
    pairs_.reserve(passes_.size());
    for (size_t p = 0; p < passes_.size(); ++p) {
      pairs_.push_back(Look(blocks, p, comparer));
    }
  }

  Model Run() {
    model_.m = guess_;
    model_.u = Shares(random_, columns_, std::vector<double>(random_.size(), 1.0));
    double matches = 0.3 * table_.size();
    for (int round = 0; round < kRounds; ++round) {
      model_.prior = std::log2(std::max(matches, 1.0) / possible_);
      FindSame(matches);
      matches = std::clamp(CountSame(), 1.0, std::max(1.0, possible_ / 2));
      FindStrangers();
    }
    model_.prior = std::log2(matches / possible_);
    return std::move(model_);
  }

 private:
  // The columns that speak about the pairs of a pass: those that are not in its key. An address
  // that is shared, or nearly so, shares the name that it is made of, and the reverse.
  std::vector<bool> Speaking(const Pass& pass) const {
    const bool mail = std::any_of(pass.parts.begin(), pass.parts.end(), [&](const KeyPart& part) {
      return table_.columns()[part.column].kind == MatchKind::kEmail;
    });
    std::vector<bool> use(columns_);
    for (size_t c = 0; c < columns_; ++c) {
      const MatchKind kind = table_.columns()[c].kind;
      use[c] = !pass.Uses(c) && !(mail && (IsName(kind) || kind == MatchKind::kEmail));
    }
    return use;
  }
  bool OnlyHousehold(const Observation& seen) const {
    return household_.Matters() && household_.OnlyThat(seen);
  }

  // How levels fall out for the same, over all passes.
  void FindSame(double matches) {
    Probabilities sums(columns_);
    std::vector<double> weights(columns_, 0);
    for (size_t p = 0; p < passes_.size(); ++p) {
      const double total = Total(pairs_[p].all) * pairs_[p].scale;
      if (total < 1) {
        continue;
      }
      const std::vector<bool> use = Speaking(passes_[p]);
      // Of the same, most share the key: that is why it is a key.
      const double share = std::clamp(kShareKey * matches / total, 1e-6, 0.9);
      const double prior = std::log2(share / (1 - share));
      for (const Counted& one : pairs_[p].all) {
        if (OnlyHousehold(one.seen)) {
          continue;
        }
        const double same =
            Odds(prior + LogOdds(one.seen, model_.m, model_.u, use)) * one.count * pairs_[p].scale;
        for (size_t c = 0; c < columns_; ++c) {
          if (use[c] && (one.seen.missing >> c & 1U) == 0) {
            sums[c][static_cast<size_t>(LevelIn(one.seen.levels, c))] += same;
            weights[c] += same;
          }
        }
      }
    }
    for (size_t c = 0; c < columns_; ++c) {
      for (size_t level = 0; level < kLevels; ++level) {
        model_.m[c][level] =
            (sums[c][level] + guess_[c][level] * kGuessed) / (weights[c] + kGuessed);
      }
    }
  }

  // How many pairs are the same, each counted once.
  double CountSame() const {
    double found = 0;
    for (const PassPairs& one : pairs_) {
      for (const Counted& counted : one.fresh) {
        if (!OnlyHousehold(counted.seen)) {
          found += Odds(model_.prior + LogOdds(counted.seen, model_.m, model_.u, every_)) *
                   counted.count * one.scale;
        }
      }
    }
    return found;
  }

  // Among random pairs are some of the same; they are taken out of what strangers show.
  void FindStrangers() {
    std::vector<double> strangers(random_.size());
    for (size_t i = 0; i < random_.size(); ++i) {
      strangers[i] = 1 - Odds(model_.prior + LogOdds(random_[i].seen, model_.m, model_.u, every_));
    }
    model_.u = Shares(random_, columns_, strangers);
    for (size_t c = 0; c < columns_; ++c) {
      const double same = repeats_[c] - std::exp2(model_.prior) * model_.m[c][kSame];
      model_.u[c][kSame] = std::clamp(same, repeats_[c] / 20, 1.0);
    }
  }

  const MatchTable& table_;
  const std::vector<Pass>& passes_;
  size_t columns_;
  double possible_;
  Probabilities guess_;
  Household household_;
  std::vector<bool> every_;
  std::vector<double> repeats_;
  Counts random_;
  std::vector<PassPairs> pairs_;
  Model model_;
};

}  // namespace

Model Fit(const MatchTable& table, const Blocks& blocks) { return Fitter(table, blocks).Run(); }

}  // namespace fiducia::process
