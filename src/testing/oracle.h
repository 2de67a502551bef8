// The decision a second time, read literally from the declared policy: no masks, no sets of bits,
// one rule after the other. Slow on purpose; the gate is held against it.
#pragma once

#include <string>
#include <vector>

#include "gate/decision.h"

namespace fiducia::testing {

enum class Verdict { kClear, kMasked, kRefused };

Verdict AskOracle(const rules::Policy& policy, const gate::Situation& situation,
                  const rules::Field& field);

}  // namespace fiducia::testing
