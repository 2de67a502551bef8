// What is kept no longer goes: by the catalog's periods, as the laws bend them; holds stop it.
#include "govern/lawful/retention.h"

#include <gtest/gtest.h>

#include "audit/signed_record.h"
#include "base/clock.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

constexpr int64_t kDayMs = 86400000;
const Json kLi = {{"name_full", "Li Retention"},
                  {"email", "li@example.com"},
                  {"product_interest", {"tea-canary-9"}}};

class RetentionTest : public ::testing::Test {
 protected:
  Json Simulate(const std::string& day) {
    return Body(
        world_.Local("POST", "/api/v1/retention/simulation", "", WriteJson({{"day", day}})));
  }
  void End(const std::string& id) {
    ASSERT_EQ(
        world_
            .Local(
                "POST", "/api/v1/customers/" + id + "/basis", "legal_compliance",
                R"({"action":"withdrawn","purpose":"service","basis":"contract","source":"shop"})")
            .status,
        201);
  }
  std::string Held(const std::string& id) {
    const auto read = world_.Local("GET", "/api/v1/customers/" + id, "legal_compliance");
    return read.status == 200 ? WriteJson(Body(read)["fields"]) : std::to_string(read.status);
  }

  World world_;
};

TEST_F(RetentionTest, NothingGoesWhileTheRelationshipLasts) {
  testing::Covers("D6");
  world_.AddCustomer({{"name_full", "Li Stays"}, {"email", "stays@example.com"}});
  const Json plan = Simulate("2046-01-01");
  EXPECT_EQ(plan["looked_at"], 1);
  EXPECT_EQ(plan["people"], 0);
}

TEST_F(RetentionTest, WhatIsOverGoesAndTheRestStays) {
  testing::Covers("D6");
  const std::string id = world_.AddCustomer(kLi);
  const rules::Field* interest = world_.instance().gate().policy().catalog.Find("product_interest");
  ASSERT_EQ(interest->retention_after, "last_confirmed");
  const int64_t today = world_.clock().NowMs() / kDayMs;
  const int64_t last = *rules::AfterPeriod(today, interest->retention_period);
  EXPECT_EQ(Simulate(rules::FormatDay(last))["people"], 0);
  const Json plan = Simulate(rules::FormatDay(last + 1));
  EXPECT_EQ(plan["people"], 1);
  EXPECT_EQ(plan["whole"], 0);
  EXPECT_EQ(plan["by_class"]["preference"], 1);
  world_.clock().Advance((last + 1 - today) * kDayMs);
  world_.instance().Housekeep();
  const std::string held = Held(id);
  EXPECT_TRUE(testing::Lacks(held, "tea-canary-9"));
  EXPECT_NE(held.find("Li Retention"), std::string::npos);
  const Json runs = Body(world_.Local("GET", "/api/v1/retention"))["runs"];
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(JsonText(runs[0], "state"), "done");
  const auto certificate =
      world_.Local("GET", "/api/v1/retention/" + JsonText(runs[0], "id") + "/certificate");
  EXPECT_EQ(certificate.status, 200);
  EXPECT_TRUE(testing::Lacks(certificate.body, "Li Retention"));
  const std::string verifier = world_.instance().log().verifier();
  const auto found =
      audit::CheckSignedRecord(certificate.body, govern::kDestructionFormat, verifier);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(JsonText(found->record, "run"), JsonText(runs[0], "id"));
  Json forged = Body(certificate);
  forged["record"]["day"] = "1999-01-01";
  EXPECT_EQ(audit::CheckSignedRecord(WriteJson(forged), govern::kDestructionFormat, verifier)
                .error()
                .code(),
            Code::kCorrupt);
  // Once a day, and not again for what is gone.
  world_.instance().Housekeep();
  EXPECT_EQ(Body(world_.Local("GET", "/api/v1/retention"))["runs"].size(), 1U);
  EXPECT_EQ(world_.Local("POST", "/api/v1/system/fsck", "", "{}").status, 200);
}

TEST_F(RetentionTest, LongAfterTheEndAllOfAPersonIsErased) {
  testing::Covers("D6");
  const std::string id = world_.AddCustomer({{"name_full", "Li Gone"}, {"email", "g@example.com"}});
  End(id);
  EXPECT_EQ(Simulate("2046-01-01")["whole"], 1);
  world_.clock().Advance(20 * 366 * kDayMs);
  world_.instance().Housekeep();
  EXPECT_EQ(Held(id), "410");
}

TEST_F(RetentionTest, AHoldStopsItAndIsCounted) {
  testing::Covers("D6");
  const std::string id = world_.AddCustomer({{"name_full", "Li Held"}, {"email", "h@example.com"}});
  End(id);
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/customers/" + id + "/restriction", "legal_compliance",
                       R"({"kind":"hold","restricted":true,"reason":"a claim is pending"})")
                .status,
            201);
  const Json plan = Simulate("2046-01-01");
  EXPECT_EQ(plan["people"], 0);
  EXPECT_EQ(plan["held"], 1);
  world_.clock().Advance(20 * 366 * kDayMs);
  world_.instance().Housekeep();
  EXPECT_NE(Held(id), "410");
}

TEST_F(RetentionTest, ALargeRunWaitsForAPerson) {
  testing::Covers("D6");
  for (int i = 0; i < 101; ++i) {
    End(world_.AddCustomer(
        {{"name_full", "Li Many"}, {"email", "m" + std::to_string(i) + "@example.com"}}));
  }
  world_.clock().Advance(20 * 366 * kDayMs);
  world_.instance().Housekeep();
  const Json runs = Body(world_.Local("GET", "/api/v1/retention"))["runs"];
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(JsonText(runs[0], "state"), "waiting");
  EXPECT_EQ(runs[0]["plan"]["whole"], 101);
  const std::string path = "/api/v1/retention/" + JsonText(runs[0], "id");
  EXPECT_EQ(world_.Local("GET", path + "/certificate").status, 409);
  EXPECT_EQ(world_.Local("POST", path + "/decision", "", R"({"approve":"yes"})").status, 400);
  const Json done = Body(world_.Local("POST", path + "/decision", "", R"({"approve":true})"));
  EXPECT_EQ(JsonText(done, "state"), "done");
  EXPECT_EQ(world_.Local("POST", path + "/decision", "", R"({"approve":true})").status, 409);
  EXPECT_EQ(Simulate("2060-01-01")["looked_at"], 0);
}

}  // namespace

}  // namespace fiducia
