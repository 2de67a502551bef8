// What a pair weighs: log2 odds that two records are the same, column by column.
#pragma once

#include "process/resolve/model.h"

namespace fiducia::process {

struct MatchWeights {
  // log2 of how much likelier a level is for the same than for strangers.
  std::vector<std::array<double, kLevels>> weight;  // by column
  // A shared value is worth its rarity: the weight is this plus log2(1 / its share).
  std::vector<double> same_bits;
  std::vector<double> sound_bits;  // the same for names that only sound alike
  double prior = -20;              // log2 odds that two random records are the same
};
MatchWeights WeightsOf(const Model& model);

// What each column says.
struct MatchReason {
  size_t column = 0;
  int level = -1;  // -1: one of the two has no value
  double weight = 0;
};

// Weighs pairs of one table. For one thread; table and weights must outlive it.
class Scale {
 public:
  Scale(const MatchTable& table, const MatchWeights& weights)
      : table_(table), weights_(weights), comparer_(table), household_(table.columns()) {}
  // The sum with the prior. `reasons`, if given, gets an entry for each column.
  double Weigh(uint32_t a, uint32_t b, std::vector<MatchReason>* reasons = nullptr);

 private:
  const MatchTable& table_;
  const MatchWeights& weights_;
  Comparer comparer_;
  Household household_;
};

}  // namespace fiducia::process
