// Says which row of the requirements a test shows; docs/coverage.md is generated from passing
// tests.
#pragma once

#include <string>

namespace fiducia::testing {

void Covers(const std::string& row);

}  // namespace fiducia::testing
