// Buckets on several servers: each change stays on one of them, each read finds its owner.
#include <gtest/gtest.h>

#include "testing/split_engine.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::World;

// Run only where the store is spread over servers (tests/CMakeLists.txt).
TEST(SplitTest, AWorkingDayNeverTouchesTwoServersInOneWrite) {
  testing::Covers("D1");
  testing::Covers("I2");
  const auto before = testing::CountsOfSplit();
  World world;
  for (int i = 0; i < 40; ++i) {
    const std::string id = world.AddCustomer(
        {{"name_full", "Ana Split"}, {"mobile", "+861380013" + std::to_string(8000 + i)}});
    EXPECT_EQ(world.Local("GET", "/api/v1/customers/" + id, "service").status, 200);
    EXPECT_EQ(
        world
            .Local("POST", "/api/v1/customers/" + id + "/timeline", "service",
                   R"({"kind":"interaction","source":"shop","occurred_at":"2026-11-01T10:00:00Z",)"
                   R"("fields":{"complaint_text":"asked about the bill"}})")
            .status,
        201);
    // Time for a mark of the state, which lies in a bucket of its own.
    world.clock().Advance(60000);
    if (i % 4 == 0) {
      EXPECT_EQ(world.Local("DELETE", "/api/v1/customers/" + id, "legal_compliance").status, 200);
    }
  }
  const auto found = world.Local("POST", "/api/v1/customers/search", "service",
                                 R"({"where":{"name_full":"Ana Split"},"limit":50})");
  EXPECT_EQ(testing::Body(found)["customers"].size(), 30U);
  world.Reopen();
  const auto after = testing::CountsOfSplit();
  EXPECT_EQ(after.crossed, before.crossed);
  EXPECT_GT(after.routed, before.routed + 40);
}

}  // namespace

}  // namespace fiducia
