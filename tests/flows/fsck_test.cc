// Whoever changes the store behind the product's back is found out, also where every row left is
// genuine.
#include "recovery/fsck.h"

#include <gtest/gtest.h>

#include "store/placement.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::World;

class FsckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) {
      ids_.push_back(world_.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}}));
    }
    ASSERT_EQ(Findings(), "");
  }

  // What fsck finds, one word after the other.
  std::string Findings() { return world_.TryOpen() == "" ? FindingsNow() : "does not open"; }
  // The same, of the installation as it runs.
  std::string FindingsNow() {
    const auto report = recovery::Fsck(world_.instance().recovery());
    EXPECT_TRUE(report);
    std::string text;
    for (const recovery::Finding& finding : report->findings) {
      text += finding.what + (finding.subject == ids_[7] ? "! " : " ");
    }
    return text;
  }
  bool Finds(const std::string& what) {
    const std::string findings = Findings();
    EXPECT_NE(findings.find(what), std::string::npos) << findings;
    return findings.find(what) != std::string::npos;
  }
  // Runs SQL on the row of customer 7.
  void Tamper(const std::string& sql) {
    world_.Close();
    const db::Statement statement{"test", db::Tag::kReference, sql};
    const std::unique_ptr<db::Session> data = world_.Bare(db::Which::kData);
    ASSERT_TRUE(data->Post(statement, {*Uuid::Parse(ids_[7])}));
  }
  void Change() {
    const auto response =
        world_.Send("operator", "PATCH", "/api/v1/customers/" + ids_[7], "service",
                    R"({"fields":{"city":["Paris"]},"source":"shop"})", {{"if-match", "\"1\""}});
    ASSERT_EQ(response.status, 200) << response.body;
  }

  World world_;
  std::vector<std::string> ids_;
};

TEST_F(FsckTest, AWholeStoreIsWholeAfterAllKindsOfChange) {
  testing::Covers("D3");
  world_.Reopen();
  Change();
  const std::string path = "/api/v1/customers/" + ids_[3];
  EXPECT_EQ(
      world_
          .Send("agent", "POST", path + "/timeline", "service",
                R"({"kind":"transaction","occurred_at":"2026-11-20T08:00:00Z","source":"shop",)"
                R"("fields":{"order":"O-1"}})")
          .status,
      201);
  EXPECT_EQ(world_.Send("privacy_officer", "DELETE", path, "legal_compliance").status, 200);
  EXPECT_EQ(Findings(), "");
}

// What the house does by itself between two marks is no trace of a hostile hand.
TEST_F(FsckTest, WhatIsCountedTakenInAndTidiedRaisesNoAlarm) {
  testing::Covers("D3");
  const Json stream = {{"source", "shop"},
                       {"label", "Web"},
                       {"purposes", {"service"}},
                       {"basis", "contract"},
                       {"fields", {"email", "order"}}};
  const std::string key = JsonText(
      testing::Body(world_.Send("engineer", "POST", "/api/v1/streams", "", WriteJson(stream))),
      "write_key");
  const auto bring = [&](int number) {
    const std::string id = "m" + std::to_string(number);
    const Json event = {{"messageId", id}, {"userId", id}, {"traits", {{"email", id + "@x.de"}}}};
    return world_
        .Send("", "POST", "/v1/identify", "", WriteJson(event),
              {{"authorization", "Basic " + ToBase64(key + ":")}})
        .status;
  };
  const std::string tickets = "/api/v1/customers/" + ids_[5] + "/tickets";
  EXPECT_EQ(bring(0), 200);
  world_.instance().Housekeep();
  ASSERT_TRUE(world_.instance().recovery().state.MarkIfChanged());
  ASSERT_EQ(FindingsNow(), "");
  for (int i = 1; i < 12; ++i) {
    EXPECT_EQ(bring(i), 200);
  }
  EXPECT_EQ(FindingsNow(), "") << "events";
  world_.instance().Housekeep();
  ASSERT_TRUE(world_.instance().recovery().state.MarkIfChanged());
  EXPECT_EQ(bring(3), 200) << "again: nothing but a count";
  world_.instance().Housekeep();
  EXPECT_EQ(FindingsNow(), "") << "counts";
  ASSERT_TRUE(world_.instance().recovery().state.MarkIfChanged());
  const auto taken = world_.Send("agent", "POST", tickets, "service",
                                 R"({"channel":"phone","text":"It was late","source":"shop"})");
  ASSERT_EQ(taken.status, 201) << taken.body;
  EXPECT_EQ(FindingsNow(), "") << "a ticket";
  const std::string ticket = tickets + "/" + JsonText(testing::Body(taken), "id");
  EXPECT_EQ(
      world_.Send("agent", "POST", ticket + "/close", "service", R"({"outcome":"solved"})").status,
      200);
  ASSERT_TRUE(world_.instance().recovery().state.MarkIfChanged());
  world_.clock().Advance(int64_t{4000} * 86400000);
  world_.instance().Housekeep();
  EXPECT_EQ(world_.Leaves("ticket.forget"), 1);
  EXPECT_EQ(FindingsNow(), "") << "what was forgotten";
  ASSERT_TRUE(world_.instance().recovery().state.MarkIfChanged());
  EXPECT_EQ(world_
                .Send("steward", "POST", "/api/v1/matching/pairs/" + ids_[0] + "/" + ids_[1],
                      "data_quality", R"({"decision":"merge","from_second":[]})")
                .status,
            200);
  EXPECT_EQ(FindingsNow(), "") << "a merge";
  ASSERT_TRUE(world_.instance().recovery().state.MarkIfChanged());
  const auto cut = [&](const std::string& what, const Json& body) {
    return world_
        .Send("privacy_officer", "POST", "/api/v1/sources/shop/" + what, "", WriteJson(body))
        .status;
  };
  EXPECT_EQ(cut("cut", {{"reason", "sold without consent"}}), 204);
  EXPECT_EQ(cut("withdrawal", Json::object()), 200);
  EXPECT_EQ(FindingsNow(), "") << "a withdrawal";
}

TEST_F(FsckTest, ATicketThatGoesOrIsPutBackIsFound) {
  testing::Covers("D3");
  const std::string tickets = "/api/v1/customers/" + ids_[7] + "/tickets";
  const auto taken = world_.Send("agent", "POST", tickets, "service",
                                 R"({"channel":"phone","text":"It was late","source":"shop"})");
  ASSERT_EQ(taken.status, 201) << taken.body;
  world_.Tamper(db::Which::kData, "CREATE TABLE saved AS SELECT * FROM tickets");
  world_.Reopen();
  const std::string ticket = tickets + "/" + JsonText(testing::Body(taken), "id");
  EXPECT_EQ(
      world_.Send("agent", "POST", ticket + "/close", "service", R"({"outcome":"solved"})").status,
      200);
  ASSERT_EQ(Findings(), "");
  Tamper("UPDATE tickets SET is_open=1 WHERE subject=$1");
  EXPECT_TRUE(Finds("records_changed_in_bucket")) << "it waits again, as if nobody had answered";
  Tamper("DELETE FROM tickets WHERE subject=$1");
  EXPECT_TRUE(Finds("records_missing_in_bucket"));
  Tamper("INSERT INTO tickets SELECT * FROM saved WHERE subject=$1");
  EXPECT_TRUE(Finds("records_changed_in_bucket"));
}

TEST_F(FsckTest, ADeletedRecordIsNamed) {
  testing::Covers("D3");
  Tamper("DELETE FROM subjects WHERE subject=$1");
  EXPECT_TRUE(Finds("records_missing_in_bucket"));
  EXPECT_TRUE(Finds("record_missing!"));
}

TEST_F(FsckTest, ARecordPutBackFromThePastIsNamed) {
  world_.Tamper(db::Which::kData, "CREATE TABLE saved AS SELECT * FROM subjects");
  world_.Reopen();
  Change();
  ASSERT_EQ(Findings(), "");
  Tamper("DELETE FROM subjects WHERE subject=$1");
  Tamper("INSERT INTO subjects SELECT * FROM saved WHERE subject=$1");
  EXPECT_TRUE(Finds("record_rolled_back!"));
  EXPECT_TRUE(Finds("records_changed_in_bucket"));
}

TEST_F(FsckTest, RecordAndSumPutBackTogetherAreFoundToo) {
  world_.Tamper(db::Which::kData, "CREATE TABLE saved AS SELECT * FROM subjects");
  world_.Tamper(db::Which::kData, "CREATE TABLE sums AS SELECT * FROM state_sums");
  world_.Reopen();
  const auto created = world_.AddCustomer({{"name_full", "Bo"}});
  const std::string bucket = std::to_string(store::BucketOf({0, *Uuid::Parse(created)}));
  ASSERT_EQ(Findings(), "");
  // The newcomer goes, and the sum is what it was before: rows and sums agree.
  world_.Tamper(db::Which::kData,
                "DELETE FROM subjects WHERE bucket=" + bucket +
                    "; DELETE FROM basis_events WHERE bucket=" + bucket +
                    "; DELETE FROM state_sums WHERE bucket=" + bucket +
                    "; INSERT INTO subjects SELECT * FROM saved WHERE bucket=" + bucket +
                    "; INSERT INTO state_sums SELECT * FROM sums WHERE bucket=" + bucket);
  EXPECT_NE(Findings(), "");
}

TEST_F(FsckTest, AnErasedRecordPutBackIsNamed) {
  testing::Covers("D6");
  world_.Tamper(db::Which::kData, "CREATE TABLE saved AS SELECT * FROM subjects");
  world_.Reopen();
  EXPECT_EQ(
      world_.Send("privacy_officer", "DELETE", "/api/v1/customers/" + ids_[7], "legal_compliance")
          .status,
      200);
  Tamper("INSERT INTO subjects SELECT * FROM saved WHERE subject=$1");
  EXPECT_TRUE(Finds("erased_record_came_back!"));
}

TEST_F(FsckTest, LedgerAndTimelineEntriesThatGoAreFound) {
  Tamper("DELETE FROM basis_events WHERE subject=$1");
  EXPECT_TRUE(Finds("records_missing_in_bucket"));
}

TEST_F(FsckTest, ASumOfNoughtHidesNothing) {
  world_.Tamper(db::Which::kData, "DELETE FROM state_sums; DELETE FROM state_marks");
  EXPECT_TRUE(Finds("records_added_to_bucket"));
  world_.Tamper(db::Which::kData, "DELETE FROM subjects; DELETE FROM state_sums");
  EXPECT_TRUE(Finds("missing") || Finds("rolled_back"));
}

}  // namespace

}  // namespace fiducia
