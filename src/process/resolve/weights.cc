#include "process/resolve/weights.h"

#include <algorithm>
#include <cmath>

namespace fiducia::process {

namespace {

// More alike never says less, whatever a thin sample says: neighbors that disagree with that are
// counted together.
std::array<double, kLevels> Ordered(const std::array<double, kLevels>& m,
                                    const std::array<double, kLevels>& u) {
  struct Run {
    double m = 0;
    double u = 0;
    size_t levels = 0;
    double Ratio() const { return (m + kThin) / (u + kThin); }
  };
  std::vector<Run> runs;
  for (size_t level = 0; level < kLevels; ++level) {
    runs.push_back({m[level], u[level], 1});
    while (runs.size() > 1) {
      const Run& last = runs.back();
      Run& before = runs[runs.size() - 2];
      const bool unseen = last.m + last.u < 2 * kThin;
      if (!unseen && last.Ratio() >= before.Ratio()) {
        break;
      }
      before = {before.m + last.m, before.u + last.u, before.levels + last.levels};
      runs.pop_back();
    }
  }
  std::array<double, kLevels> bits{};
  size_t level = 0;
  for (const Run& run : runs) {
    for (size_t i = 0; i < run.levels; ++i) {
      bits[level++] = std::log2(run.Ratio());
    }
  }
  return bits;
}

double WeightOf(const MatchTable& table, const MatchWeights& weights, size_t column, int level,
                ValueNo value) {
  const double average = weights.weight[column][static_cast<size_t>(level)];
  const bool sound = level == kSound && table.columns()[column].kind == MatchKind::kFullName;
  if (level != kSame && !sound) {
    return average;
  }
  const uint32_t count = sound ? table.sounding(column, value) : table.count(column, value);
  const double share = std::max(count, 2U) / static_cast<double>(table.size());
  const double own =
      (sound ? weights.sound_bits[column] : weights.same_bits[column]) - std::log2(share);
  return std::clamp(own, average - 8, average + 6);
}

}  // namespace

MatchWeights WeightsOf(const Model& model) {
  MatchWeights weights;
  weights.prior = model.prior;
  weights.weight.resize(model.m.size());
  weights.same_bits.resize(model.m.size());
  weights.sound_bits.resize(model.m.size());
  for (size_t c = 0; c < model.m.size(); ++c) {
    weights.weight[c] = Ordered(model.m[c], model.u[c]);
    weights.same_bits[c] = std::log2(model.m[c][kSame] + kThin);
    weights.sound_bits[c] = std::log2(model.m[c][kSound] + kThin);
  }
  return weights;
}

double Scale::Weigh(uint32_t a, uint32_t b, std::vector<MatchReason>* reasons) {
  const MatchTable& table = table_;
  const MatchWeights& weights = weights_;
  const Household& rule = household_;
  const Observation seen = comparer_.Compare(a, b);
  double sum = weights.prior;
  double household = 0;
  for (size_t c = 0; c < weights.weight.size(); ++c) {
    if ((seen.missing >> c & 1U) != 0) {
      if (reasons != nullptr) {
        reasons->push_back({c, -1, 0});
      }
      continue;
    }
    const int level = LevelIn(seen.levels, c);
    const double bits = WeightOf(table, weights, c, level, table.at(c, a));
    sum += bits;
    household += rule.Shares(c) ? std::max(bits, 0.0) : 0;
    if (reasons != nullptr) {
      reasons->push_back({c, level, bits});
    }
  }
  if (rule.Matters() && rule.OnlyThat(seen)) {
    sum = std::min(sum - household, -6.0);
  }
  return sum;
}

}  // namespace fiducia::process
