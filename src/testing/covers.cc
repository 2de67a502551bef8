#include "testing/covers.h"

#include <gtest/gtest.h>

namespace fiducia::testing {

void Covers(const std::string& row) { ::testing::Test::RecordProperty("covers_" + row, "1"); }

}  // namespace fiducia::testing
