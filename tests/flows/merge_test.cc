// Records of one person: found, brought together, parted. What a merge changes can be taken back
// to the letter, and nothing that was refused is allowed by it.
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/text.h"
#include "store/placement.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

class MergeTest : public ::testing::Test {
 protected:
  MergeTest() {
    for (const char* source : {"shop", "call"}) {
      world_.Local("POST", "/api/v1/sources", "",
                   WriteJson({{"id", source}, {"channel", "import"}, {"owner", "ops"}}));
    }
  }

  http::Response Steward(const std::string& method, const std::string& path,
                         const Json& body = nullptr) {
    return world_.Send("steward", method, path, "data_quality",
                       body.is_null() ? "" : WriteJson(body));
  }
  http::Response Merge(const std::string& a, const std::string& b,
                       const Json& from_second = Json::array()) {
    return Steward("POST", "/api/v1/matching/pairs/" + a + "/" + b,
                   {{"decision", "merge"}, {"from_second", from_second}});
  }
  http::Response Part(const std::string& survivor, const std::string& merge) {
    return Steward("DELETE", "/api/v1/customers/" + survivor + "/merges/" + merge);
  }
  // What a customer is to the house: values, authorizations, entries; without the version.
  std::string StateOf(const std::string& id) {
    Json state = Body(world_.Local("GET", "/api/v1/customers/" + id, "data_quality"));
    state.erase("version");
    state["basis"] = Body(
        world_.Local("GET", "/api/v1/customers/" + id + "/authorizations", "legal_compliance"));
    state["timeline"] =
        Body(world_.Local("GET", "/api/v1/customers/" + id + "/timeline", "data_quality"));
    state["lineage"] =
        Body(world_.Local("GET", "/api/v1/customers/" + id + "/lineage", "data_quality"))["values"];
    return WriteJson(state);
  }
  void AddEvent(const std::string& id, const std::string& at, const std::string& text) {
    const auto added =
        world_.Send("agent", "POST", "/api/v1/customers/" + id + "/timeline", "service",
                    WriteJson({{"kind", "interaction"},
                               {"occurred_at", at},
                               {"source", "shop"},
                               {"fields", {{"complaint_text", {text}}}}}));
    ASSERT_LT(added.status, 300) << added.body;
  }
  void Say(const std::string& id, const std::string& action, const std::string& purpose) {
    const auto said = world_.Local(
        "POST", "/api/v1/customers/" + id + "/basis", "legal_compliance",
        WriteJson(
            {{"action", action}, {"purpose", purpose}, {"basis", "consent"}, {"source", "shop"}}));
    ASSERT_LT(said.status, 300) << said.body;
  }

  World world_;
};

TEST_F(MergeTest, TwoStandAsOneAndPartAgainAsTheyWere) {
  testing::Covers("C2");
  const std::string a = world_.AddCustomer(
      {{"name_full", {"Ana Lopez"}}, {"mobile", {"13800138000"}}, {"city", {"Madrid"}}});
  world_.clock().Advance(1000);
  const std::string b = world_.AddCustomer({{"name_full", {"Ana López Ruiz"}},
                                            {"mobile", {"13800138001"}},
                                            {"email", {"canary.merge@example.com"}},
                                            {"city", {"Toledo"}}});
  AddEvent(a, "2026-11-20T09:00:00Z", "first of a");
  AddEvent(b, "2026-11-21T09:00:00Z", "second of b");
  const std::string before_a = StateOf(a);
  const std::string before_b = StateOf(b);

  const Json pair = Body(Steward("GET", "/api/v1/matching/pairs/" + a + "/" + b));
  EXPECT_EQ(JsonText(pair["first"], "id"), a);
  EXPECT_EQ(WriteJson(pair["better_second"]), R"(["name_full","mobile","city"])")
      << "collected later";
  const auto merged = Merge(a, b, {"name_full"});
  ASSERT_EQ(merged.status, 200) << merged.body;
  const std::string merge = JsonText(Body(merged), "merge");

  const std::string one = world_.Local("GET", "/api/v1/customers/" + a, "data_quality").body;
  EXPECT_NE(one.find("Ana López Ruiz"), std::string::npos) << "as was chosen";
  EXPECT_TRUE(testing::Lacks(one, "Ana Lopez\""));
  EXPECT_NE(one.find("Madrid"), std::string::npos);
  EXPECT_NE(one.find("Toledo"), std::string::npos) << "a field of several values has them all";
  EXPECT_EQ(Body(world_.Local("GET", "/api/v1/customers/" + b, "data_quality"))["id"], a)
      << "whoever asks for the joined one gets the one that stands for it";
  const Json timeline =
      Body(world_.Local("GET", "/api/v1/customers/" + a + "/timeline", "data_quality"))["events"];
  ASSERT_EQ(timeline.size(), 2U) << "both histories";
  EXPECT_GT(JsonText(timeline[0], "occurred_at"), JsonText(timeline[1], "occurred_at"));
  // Found by what either held, once.
  for (const char* mobile : {"13800138000", "13800138001"}) {
    const Json found = Body(world_.Send("agent", "POST", "/api/v1/customers/search", "service",
                                        WriteJson({{"where", {{"mobile", mobile}}}})));
    ASSERT_EQ(found["customers"].size(), 1U) << mobile;
    EXPECT_EQ(JsonText(found["customers"][0], "id"), a);
  }
  const auto patched =
      world_.Send("agent", "PATCH", "/api/v1/customers/" + b, "service",
                  R"({"source":"shop","fields":{"language":"en"}})", {{"if-match", "\"2\""}});
  EXPECT_EQ(patched.status, 409) << patched.body;
  EXPECT_NE(patched.body.find("merged"), std::string::npos);
  const Json merges = Body(Steward("GET", "/api/v1/customers/" + a + "/merges"))["merges"];
  ASSERT_EQ(merges.size(), 1U);
  EXPECT_EQ(JsonText(merges[0], "joined"), b);

  world_.Reopen();
  ASSERT_EQ(Part(a, merge).status, 200);
  EXPECT_EQ(StateOf(a), before_a);
  EXPECT_EQ(StateOf(b), before_b);
  EXPECT_EQ(Part(a, merge).status, 404);
  EXPECT_EQ(world_.HeldInClear({"canary.merge@example.com", "López Ruiz"}), "");
}

TEST_F(MergeTest, WhatChangedMeanwhileStays) {
  testing::Covers("C2");
  const std::string a = world_.AddCustomer({{"name_full", {"Li Wei"}}, {"city", {"Wuhan"}}});
  const std::string b = world_.AddCustomer({{"name_full", {"Li Wei"}}, {"city", {"Xian"}}});
  const std::string merge = JsonText(Body(Merge(a, b, {"city"})), "merge");
  const Json now = Body(world_.Local("GET", "/api/v1/customers/" + a, "data_quality"));
  const auto patched =
      world_.Send("agent", "PATCH", "/api/v1/customers/" + a, "service",
                  R"({"source":"shop","fields":{"city":"Chengdu"}})",
                  {{"if-match", "\"" + std::to_string(now["version"].get<int>()) + "\""}});
  ASSERT_EQ(patched.status, 200) << patched.body;
  ASSERT_EQ(Part(a, merge).status, 200);
  EXPECT_NE(StateOf(a).find("Chengdu"), std::string::npos);
  EXPECT_NE(StateOf(b).find("Xian"), std::string::npos);
}

TEST_F(MergeTest, ANoOfEitherStandsUntilTheOnePersonSaysYes) {
  testing::Covers("C2");
  testing::Covers("B1");
  const std::string a = world_.AddCustomer({{"name_full", {"Ana"}}, {"email", {"a@example.com"}}});
  const std::string b = world_.AddCustomer({{"name_full", {"Ana"}}, {"email", {"b@example.com"}}});
  Say(a, "given", "marketing_email");
  Say(b, "given", "personalization");
  Say(b, "given", "marketing_email");
  Say(b, "withdrawn", "marketing_email");
  const auto reads = [&](const std::string& purpose) {
    return world_.Send("marketer", "GET", "/api/v1/customers/" + a, purpose).status;
  };
  EXPECT_EQ(reads("marketing_email"), 200);
  EXPECT_EQ(reads("personalization"), 403);
  const Json pair = Body(Steward("GET", "/api/v1/matching/pairs/" + a + "/" + b));
  for (const Json& outcome : pair["outcomes"]) {
    if (outcome["purpose"] == "marketing_email") {
      EXPECT_EQ(JsonText(outcome, "merged"), "no");
    } else if (outcome["purpose"] == "personalization") {
      EXPECT_EQ(JsonText(outcome, "merged"), "yes");
    }
  }
  const std::string merge = JsonText(Body(Merge(a, b)), "merge");
  EXPECT_EQ(reads("marketing_email"), 403) << "one of the two said no";
  EXPECT_EQ(reads("personalization"), 200) << "the other's yes, where this one said nothing";
  Say(a, "given", "marketing_email");
  EXPECT_EQ(reads("marketing_email"), 200) << "said anew, as one person";
  Say(a, "refused", "personalization");
  EXPECT_EQ(reads("personalization"), 403) << "and taken back as one person";
  ASSERT_EQ(Part(a, merge).status, 200);
  EXPECT_EQ(world_.Send("marketer", "GET", "/api/v1/customers/" + b, "personalization").status,
            200);
  EXPECT_EQ(world_.Send("marketer", "GET", "/api/v1/customers/" + b, "marketing_email").status,
            403);
}

TEST_F(MergeTest, ARestrictionOfEitherHolds) {
  testing::Covers("C2");
  const std::string a = world_.AddCustomer({{"name_full", {"Ana"}}});
  const std::string b = world_.AddCustomer({{"name_full", {"Ana"}}});
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/customers/" + b + "/restriction", "legal_compliance",
                       R"({"kind":"dispute","restricted":true,"reason":"says it is wrong"})")
                .status,
            201);
  const auto reads = [&] {
    return world_.Send("agent", "GET", "/api/v1/customers/" + a, "service").status;
  };
  EXPECT_EQ(reads(), 200);
  const std::string merge = JsonText(Body(Merge(a, b)), "merge");
  EXPECT_EQ(reads(), 403);
  Part(a, merge);
  EXPECT_EQ(reads(), 200);
}

TEST_F(MergeTest, ErasingThePersonErasesAllRecordsOfThem) {
  testing::Covers("C2");
  const std::string a = world_.AddCustomer({{"name_full", {"Ana"}}, {"mobile", {"13800138000"}}});
  const std::string b = world_.AddCustomer({{"name_full", {"Ana"}}, {"mobile", {"13800138001"}}});
  Merge(a, b, {"mobile"});
  ASSERT_EQ(world_.Local("DELETE", "/api/v1/customers/" + b, "legal_compliance").status, 409);
  ASSERT_EQ(world_.Local("DELETE", "/api/v1/customers/" + a, "legal_compliance").status, 200);
  for (const std::string& id : {a, b}) {
    EXPECT_EQ(world_.Local("GET", "/api/v1/customers/" + id, "data_quality").status, 410);
  }
  const auto bare = world_.Bare(db::Which::kIndex);
  int64_t tokens = -1;
  const db::Statement count{"count", db::Tag::kFanoutAdmin, "SELECT COUNT(*) FROM tokens"};
  ASSERT_TRUE(bare->Query(count, {}, [&](const db::Row& row) -> Status {
    tokens = row.Int(0);
    return {};
  }));
  EXPECT_EQ(tokens, 0) << "what gave way had tokens too";
}

TEST_F(MergeTest, WhatCannotBeIsRefusedAndChangesNothing) {
  testing::Covers("C2");
  const std::string a = world_.AddCustomer({{"name_full", {"Ana"}}});
  const std::string b = world_.AddCustomer({{"name_full", {"Bo"}}});
  const std::string c = world_.AddCustomer({{"name_full", {"Cy"}}});
  const std::string d = world_.AddCustomer({{"name_full", {"Di"}}});
  EXPECT_EQ(Merge(a, a).status, 409);
  EXPECT_EQ(Merge(a, "01a20d74-c6d1-7926-b19b-fe5619a659a3").status, 404);
  EXPECT_EQ(Merge(a, "nobody").status, 404);
  EXPECT_EQ(Merge(a, b, {"no_such_field"}).status, 400);
  EXPECT_EQ(Steward("POST", "/api/v1/matching/pairs/" + a + "/" + b, {{"decision", "both"}}).status,
            400);
  const std::string path = "/api/v1/matching/pairs/" + a + "/" + b;
  for (const char* role : {"agent", "marketer", "manager", "privacy_officer", "analyst", ""}) {
    const auto refused = world_.Send(role, "POST", path, "service", R"({"decision":"merge"})");
    EXPECT_EQ(refused.status, std::string_view(role).empty() ? 401 : 403) << role;
  }
  ASSERT_EQ(Merge(a, b).status, 200);
  EXPECT_EQ(Merge(b, a).status, 409) << "no circles";
  EXPECT_EQ(Merge(c, b).status, 409);
  EXPECT_EQ(Merge(b, c).status, 409);
  ASSERT_EQ(Merge(c, d).status, 200);
  EXPECT_EQ(Merge(a, c).status, 409) << "both stand for others";
  EXPECT_EQ(Body(Steward("GET", "/api/v1/customers/" + a + "/merges"))["merges"].size(), 1U);
  const std::string e = world_.AddCustomer({{"name_full", {"Ed"}}});
  ASSERT_EQ(Merge(a, e).status, 200);
  EXPECT_EQ(Body(Steward("GET", "/api/v1/customers/" + a + "/merges"))["merges"].size(), 2U);
}

// The power goes between the two rows of a merge, or of a parting: the next start finishes it.
TEST_F(MergeTest, WhatACrashInterruptedIsFinishedAtTheNextStart) {
  testing::Covers("C2");
  const std::string a = world_.AddCustomer({{"name_full", {"Ana"}}, {"mobile", {"13800138000"}}});
  const std::string b = world_.AddCustomer({{"name_full", {"Bo"}}, {"email", {"b@example.com"}}});
  const std::string before_a = StateOf(a);
  const std::string before_b = StateOf(b);
  const auto row_of = [&](const std::string& id) {
    std::string row;
    const Uuid uuid = *Uuid::Parse(id);
    const db::Statement read{"read", db::Tag::kFanoutAdmin,
                             "SELECT version, body, mac FROM subjects WHERE subject=$1"};
    EXPECT_TRUE(world_.Bare(db::Which::kData)
                    ->Query(read, {{db::Param(uuid)}}, [&](const db::Row& found) -> Status {
                      row = std::to_string(found.Int(0)) + "|" + ToHex(found.Bytes(1)) + "|" +
                            ToHex(found.Bytes(2));
                      return {};
                    }));
    return row;
  };
  const std::string kept = row_of(a);
  const std::string merge = JsonText(Body(Merge(a, b)), "merge");
  const std::string whole_b = row_of(b);
  const std::string hex_a = ToHex(Uuid::Parse(a)->bytes());
  const std::string hex_b = ToHex(Uuid::Parse(b)->bytes());
  const std::string hex_merge = ToHex(Uuid::Parse(merge)->bytes());
  const auto blob = [](const std::string& hex) {
    return testing::OnPostgres() ? "'\\x" + hex + "'::bytea" : "x'" + hex + "'";
  };
  const auto put_back = [&](const std::string& hex, const std::string& row) {
    const auto parts = Split(row, '|');
    return "UPDATE subjects SET version=" + std::string(parts[0]) +
           ", body=" + blob(std::string(parts[1])) + ", mac=" + blob(std::string(parts[2])) +
           " WHERE subject=" + blob(hex);
  };
  const auto intend = [&](const std::string& subject, const std::string& other, int parting) {
    const auto bucket =
        std::to_string(store::BucketOf({0, *Uuid::Parse(subject == hex_a ? a : b)}));
    return "INSERT INTO merge_intents(bucket, tenant, subject, merge, other, parting, fields) "
           "VALUES(" +
           bucket + ", 0, " + blob(subject) + ", " + blob(hex_merge) + ", " + blob(other) + ", " +
           std::to_string(parting) + ", '')";
  };
  // The second row of the merge was never written.
  world_.Tamper(db::Which::kData, put_back(hex_a, kept));
  world_.Tamper(db::Which::kData, intend(hex_b, hex_a, 0));
  ASSERT_EQ(world_.TryOpen(), "");
  EXPECT_EQ(Body(Steward("GET", "/api/v1/customers/" + a + "/merges"))["merges"].size(), 1U);
  EXPECT_EQ(Body(world_.Local("GET", "/api/v1/customers/" + b, "data_quality"))["id"], a);
  // Nor the second row of the parting.
  ASSERT_EQ(Part(a, merge).status, 200);
  world_.Tamper(db::Which::kData, put_back(hex_b, whole_b));
  world_.Tamper(db::Which::kData, intend(hex_a, hex_b, 1));
  ASSERT_EQ(world_.TryOpen(), "");
  EXPECT_EQ(StateOf(a), before_a);
  EXPECT_EQ(StateOf(b), before_b);
}

// MERGES=10000 for the long run.
TEST_F(MergeTest, ManyRandomPairsComeBackToTheStart) {
  testing::Covers("C2");
  const char* asked = std::getenv("MERGES");
  const int wanted = asked == nullptr ? 40 : std::atoi(asked);
  std::mt19937 random(20261126);
  const auto below = [&](uint32_t most) { return static_cast<uint32_t>(random() % most); };
  const char* purposes[] = {"marketing_email", "personalization", "analytics"};
  const char* actions[] = {"given", "withdrawn", "refused"};
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) {
    Json fields = {{"name_full", {"Person " + std::string(1, static_cast<char>('A' + below(9)))}}};
    if (below(2) == 0) {
      fields["mobile"] = {"138001380" + std::to_string(10 + below(80))};
    }
    if (below(2) == 0) {
      fields["city"] = {"Town " + std::string(1, static_cast<char>('a' + below(6)))};
    }
    if (below(3) == 0) {
      fields["email"] = {"p" + std::to_string(below(50)) + "@example.com"};
    }
    ids.push_back(world_.AddCustomer(fields));
    for (uint32_t n = below(3); n > 0; --n) {
      Say(ids.back(), actions[below(3)], purposes[below(3)]);
    }
    if (below(3) == 0) {
      AddEvent(ids.back(), "2026-11-0" + std::to_string(1 + below(9)) + "T09:00:00Z", "entry");
    }
    world_.clock().Advance(1000);
  }
  std::map<std::string, std::string> before;
  for (const std::string& id : ids) {
    before[id] = StateOf(id);
  }
  const std::vector<std::string> fields = {"name_full", "mobile", "city", "email"};
  int done = 0;
  while (done < wanted) {
    const std::string& a = ids[below(30)];
    const std::string& b = ids[below(30)];
    if (a == b) {
      continue;
    }
    Json preferred = Json::array();
    for (const std::string& field : fields) {
      if (below(2) == 0) {
        preferred.push_back(field);
      }
    }
    const auto merged = Merge(a, b, preferred);
    ASSERT_EQ(merged.status, 200) << merged.body;
    ASSERT_EQ(Part(a, JsonText(Body(merged), "merge")).status, 200);
    ASSERT_EQ(StateOf(a), before[a]) << done;
    ASSERT_EQ(StateOf(b), before[b]) << done;
    ++done;
  }
  EXPECT_TRUE(world_.instance().log().Publish());
}

TEST_F(MergeTest, MatchingFindsThePairsAndExplainsThem) {
  testing::Covers("C2");
  // A crowd, so that there is something to tell from.
  const char* given[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳"};
  const char* family[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"};
  for (int i = 0; i < 60; ++i) {
    world_.AddCustomer(
        {{"name_full", {std::string(family[i % 10]) + given[i / 10] + given[(i * 7) % 10]}},
         {"birth_date",
          {"19" + std::to_string(50 + i % 50) + "-0" + std::to_string(1 + i % 9) + "-1" +
           std::to_string(i % 10)}},
         {"mobile", {"1390013" + std::to_string(1000 + i * 37)}}});
  }
  const Json twin = {{"name_full", {"欧阳春晓"}},
                     {"birth_date", {"1988-04-03"}},
                     {"mobile", {"13711112222"}},
                     {"email", {"chunxiao@example.cn"}}};
  const std::string a = world_.AddCustomer(twin);
  const std::string b = world_.AddCustomer(twin);
  ASSERT_EQ(Steward("POST", "/api/v1/matching/run", Json::object()).status, 202);
  Json now;
  for (int i = 0; i < 600; ++i) {
    now = Body(Steward("GET", "/api/v1/matching"));
    if (now["finished_at"].is_string()) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_EQ(JsonText(now, "state"), "done") << now;
  EXPECT_EQ(now["records"].get<int>(), 62);
  const Json pairs = Body(Steward("GET", "/api/v1/matching/pairs"))["pairs"];
  ASSERT_GE(pairs.size(), 1U);
  const std::set<std::string> best = {JsonText(pairs[0], "first"), JsonText(pairs[0], "second")};
  EXPECT_EQ(best, (std::set<std::string>{a, b}));
  EXPECT_GT(pairs[0]["weight"].get<double>(), 5);
  EXPECT_GE(pairs[0]["reasons"].size(), 3U) << "column by column";
  EXPECT_TRUE(testing::Lacks(WriteJson(pairs), "欧阳")) << "no value in the list";
  const Json bulk = Body(Steward("POST", "/api/v1/matching/accept", {{"from", 5}}));
  EXPECT_EQ(bulk["merged"].get<int>(), 1) << bulk;
  EXPECT_EQ(Steward("POST", "/api/v1/matching/accept", {{"from", -1}}).status, 400);
  EXPECT_EQ(Body(Steward("GET", "/api/v1/customers/" + a + "/merges"))["merges"].size() +
                Body(Steward("GET", "/api/v1/customers/" + b + "/merges"))["merges"].size(),
            2U)
      << "either id shows it";
  world_.Settle();
}

TEST_F(MergeTest, ARejectedPairIsNotOfferedAgain) {
  testing::Covers("C2");
  const Json twin = {{"name_full", {"Zora Quill"}}, {"mobile", {"13711112222"}}};
  const std::string a = world_.AddCustomer(twin);
  const std::string b = world_.AddCustomer(twin);
  ASSERT_EQ(
      Steward("POST", "/api/v1/matching/pairs/" + a + "/" + b, {{"decision", "reject"}}).status,
      200);
  Steward("POST", "/api/v1/matching/run", Json::object());
  for (int i = 0; i < 600 && !Body(Steward("GET", "/api/v1/matching"))["finished_at"].is_string();
       ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const Json pairs = Body(Steward("GET", "/api/v1/matching/pairs"));
  EXPECT_EQ(pairs["pairs"].size(), 0U) << pairs << a << " " << b;
}

}  // namespace

}  // namespace fiducia
