// The model of Fellegi and Sunter: how levels fall out for the same and for strangers, found
// without labels. For strangers it is counted on random pairs; for the same it is estimated (EM) on
// the pairs of every key, from the columns that are not in the key.
#pragma once

#include <array>
#include <vector>

#include "process/resolve/blocking.h"
#include "process/resolve/comparer.h"

namespace fiducia::process {

using Probabilities = std::vector<std::array<double, kLevels>>;  // by column

// Shares below this are not told apart from none.
constexpr double kThin = 1e-5;

struct Model {
  Probabilities m;     // of the same
  Probabilities u;     // of strangers
  double prior = -20;  // log2 odds that two random records are the same
};

Model Fit(const MatchTable& table, const Blocks& blocks);

}  // namespace fiducia::process
