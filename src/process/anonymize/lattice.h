// Full-domain generalization: every column at one level, the best there is, found for certain.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "process/anonymize/microdata.h"

namespace fiducia::process {

enum class LossMetric {
  kEntropy,  // non-uniform entropy, suppression left out of account: ARX's monotonic variant
  kLoss,     // geometric mean of the share of values behind what is shown; suppressed rows count 1
};

struct Generalization {
  std::vector<uint8_t> levels;  // by column
  double loss = 0;
  std::vector<bool> dropped;  // by row
  uint32_t suppressed = 0;
  uint32_t checked = 0;  // of the lattice's nodes
};

// Errors: kInvalidInput for a lattice of more than 2^22 nodes or keys of more than 64 bits;
// kNotFound if even the top does not have what the model asks.
Result<Generalization> SearchLattice(const Microdata& data, const PrivacyModel& model,
                                     LossMetric metric);

}  // namespace fiducia::process
