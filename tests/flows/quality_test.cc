// How good the data held is: counted without opening anything, kept month by month.
#include <gtest/gtest.h>

#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

TEST(QualityTest, AgeAndConfidenceMakeTheScoreMonthByMonth) {
  testing::Covers("H13");
  testing::Covers("C5");
  World world;
  const std::string id = world.AddCustomer(
      {{"name_full", {"Ana"}}, {"mobile", {"13800138000"}}, {"email", {"a@example.com"}}});
  const Json fresh = Body(world.Send("steward", "POST", "/api/v1/quality", "data_quality", "{}"));
  EXPECT_EQ(fresh["customers"].get<int>(), 1) << fresh;
  EXPECT_EQ(fresh["reachable"].get<int>(), 1);
  EXPECT_EQ(fresh["stale"].get<int>(), 0);
  EXPECT_GT(fresh["score"].get<double>(), 0.8);
  ASSERT_EQ(fresh["owners"].size(), 1U) << fresh;
  // So few that they may point to somebody.
  EXPECT_EQ(fresh["owners"][0]["values"], Json());
  const auto lineage = [&] {
    return Body(world.Local("GET", "/api/v1/customers/" + id + "/lineage", "service"));
  };
  EXPECT_GT(lineage()["score"].get<double>(), 0.8);
  EXPECT_EQ(Body(world.Send("steward", "GET", "/api/v1/quality/stale", "data_quality"))["customers"]
                .size(),
            0U);
  // Two years on: the ways to reach her are past their time, who she is is not.
  world.clock().Advance(int64_t{730} * 86400000);
  const Json old = Body(world.Local("POST", "/api/v1/quality", "data_quality", "{}"));
  EXPECT_EQ(old["stale"].get<int>(), 2) << old;
  EXPECT_EQ(old["reachable"].get<int>(), 0);
  EXPECT_LT(lineage()["score"].get<double>(), 0.8) << lineage();
  EXPECT_LT(old["score"].get<double>(), fresh["score"].get<double>());
  const Json stale = Body(world.Local("GET", "/api/v1/quality/stale", "data_quality"))["customers"];
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(JsonText(stale[0], "id"), id);
  EXPECT_EQ(stale[0]["fields"].size(), 2U);
  // One for each month, replaced within it; still there after a start.
  world.Local("POST", "/api/v1/quality", "data_quality", "{}");
  world.Reopen();
  EXPECT_EQ(Body(world.Local("GET", "/api/v1/quality"))["reports"].size(), 2U);
  EXPECT_EQ(world.Send("agent", "GET", "/api/v1/quality").status, 403);
  EXPECT_EQ(world.Send("agent", "POST", "/api/v1/quality", "data_quality", "{}").status, 403);
}

TEST(QualityTest, AReportIsMadeEveryDayByItself) {
  testing::Covers("C1");
  World world;
  const auto reports = [&] { return Body(world.Local("GET", "/api/v1/quality"))["reports"]; };
  world.instance().Housekeep();
  EXPECT_TRUE(reports().empty()) << "nobody to report on";
  world.AddCustomer({{"name_full", {"Ana"}}});
  world.instance().Housekeep();
  ASSERT_EQ(reports().size(), 1U);
  const Json first = reports()[0];
  world.AddCustomer({{"name_full", {"Bob"}}});
  world.instance().Housekeep();
  EXPECT_EQ(reports()[0], first);
  world.clock().Advance(86400000);
  world.instance().Housekeep();
  EXPECT_EQ(reports()[0]["customers"], Json(2));
  EXPECT_EQ(world.Leaves("quality.run"), 2);
}

TEST(QualityTest, ASourceIsProfiledWithoutAnyValue) {
  testing::Covers("C1");
  World world;
  for (int i = 0; i < 40; ++i) {
    Json fields = {{"name_full", "Person " + std::string(1, static_cast<char>('A' + i % 26))},
                   {"satisfaction", i == 7 ? "900" : std::to_string(5 + i % 3)}};
    if (i % 4 != 0) {
      fields["city"] = "Hangzhou";
    }
    world.AddCustomer(fields);
  }
  const auto profile = [&](const std::string& source, const std::string& role = "steward") {
    return world.Send(role, "GET", "/api/v1/quality/sources/" + source, "data_quality");
  };
  const auto answer = profile("shop");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Body(answer)["customers"], Json(40));
  EXPECT_TRUE(testing::Lacks(answer.body, "Hangzhou"));
  EXPECT_TRUE(testing::Lacks(answer.body, "900"));
  const Json fields = Body(answer)["fields"];
  for (const Json& field : fields) {
    if (field["field"] == "city") {
      EXPECT_EQ(field["filled"], Json(30)) << field;
    }
    if (field["field"] == "satisfaction") {
      EXPECT_EQ(JsonText(field, "type"), "number");
      EXPECT_GE(field["faults"].size(), 1U) << field;
    }
  }
  EXPECT_EQ(profile("nowhere").status, 404);
  EXPECT_EQ(profile("shop", "agent").status, 403);
}

TEST(QualityTest, AnEmptyHouseIsPerfect) {
  testing::Covers("H13");
  World world;
  const Json report = Body(world.Local("POST", "/api/v1/quality", "data_quality", "{}"));
  EXPECT_EQ(report["customers"].get<int>(), 0);
  EXPECT_EQ(report["score"].get<double>(), 1);
}

}  // namespace

}  // namespace fiducia
