// What has to be thought over before it runs, what is written down about what runs, and who answers
// for it.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "testing/customer.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Person;
using testing::World;

constexpr int64_t kDayMs = 86400000;

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

Json Written() {
  Json risks = Json::array();
  for (const char* event : {"illegitimate_access", "unwanted_change", "disappearance"}) {
    risks.push_back({{"event", event},
                     {"severity", 3},
                     {"likelihood", 2},
                     {"severity_after", 2},
                     {"likelihood_after", 1},
                     {"measures", "sealed values, purpose and basis at each access"}});
  }
  return {{"necessity", "no limit can be set without knowing income"},
          {"proportionality", "income only, for twelve months at most"},
          {"measures", "least fields, four eyes, audit"},
          {"risks", risks}};
}

class AssuranceTest : public ::testing::Test {
 protected:
  AssuranceTest()
      : manager_(Person::Working(world_, "manager", "manager")),
        officer_(Person::Working(world_, "officer", "privacy_officer")) {}

  Json Start(const std::string& purpose = "credit_assessment") {
    const auto started = manager_.Send("POST", "/api/v1/assessments", "", {{"purpose", purpose}});
    EXPECT_EQ(started.status, 201) << started.body;
    return Body(started);
  }
  http::Response Write(const Json& one, const Json& body) {
    return manager_.Send("PUT", "/api/v1/assessments/" + JsonText(one, "id"), "", body);
  }
  http::Response Step(Person& who, const Json& one, const std::string& step, bool yes = true,
                      const std::string& text = "looked at with care") {
    return who.Send("POST", "/api/v1/assessments/" + JsonText(one, "id") + "/steps", "",
                    {{"step", step}, {"yes", yes}, {"text", text}});
  }
  std::string StateOf(const std::string& purpose = "credit_assessment") {
    const Json needs = Body(officer_.Send("GET", "/api/v1/assessments"))["needs"];
    for (const Json& need : needs) {
      if (JsonText(need, "purpose") == purpose) {
        return JsonText(need, "state");
      }
    }
    return "not needed";
  }
  void SignIt() {
    const Json one = Start();
    ASSERT_EQ(Write(one, Written()).status, 200);
    ASSERT_EQ(Step(manager_, one, "submit").status, 200);
    for (const char* step : {"opinion", "consult", "decide", "sign"}) {
      officer_.SignIn();
      const auto done = Step(officer_, one, step);
      ASSERT_EQ(done.status, 200) << step << done.body;
    }
  }
  // How the purpose answers on a customer who agreed to it.
  std::string Read(const std::string& id) {
    return CodeOf(world_.Local("GET", "/api/v1/customers/" + id, "credit_assessment"));
  }
  std::string Customer() {
    return world_.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  }

  World world_;
  Person manager_;
  Person officer_;
};

TEST_F(AssuranceTest, APurposeThatHasToBeAssessedDoesNotRunBefore) {
  testing::Covers("G13");
  const std::string id = Customer();
  const auto put = world_.Local(
      "POST", "/api/v1/customers/" + id + "/basis", "service",
      R"({"action":"given","purpose":"credit_assessment","basis":"contract","source":"shop"})");
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(StateOf(), "none");
  EXPECT_EQ(Read(id), "purpose_refused");
  // The policy tester says why.
  const auto told = world_.Local("POST", "/api/v1/policy/explain", "",
                                 R"({"role":"manager","purpose":"credit_assessment"})");
  EXPECT_NE(told.body.find("assessment_missing"), std::string::npos) << told.body;
  SignIt();
  EXPECT_EQ(StateOf(), "signed");
  EXPECT_EQ(Read(id), "");
  world_.Reopen();
  EXPECT_EQ(Read(id), "");
}

TEST_F(AssuranceTest, EachStepInItsTurnAndNoneByWhoWroteIt) {
  testing::Covers("G13");
  const Json one = Start();
  EXPECT_EQ(Start("marketing_email")["state"], "draft");
  EXPECT_EQ(
      manager_.Send("POST", "/api/v1/assessments", "", {{"purpose", "credit_assessment"}}).status,
      409);
  EXPECT_EQ(one["kinds"], Json({"pipia"}));
  EXPECT_EQ(JsonText(one["snapshot"], "level_max"), "L4");
  EXPECT_EQ(Step(manager_, one, "submit").status, 409) << "nothing is written yet";
  EXPECT_EQ(Step(officer_, one, "sign").status, 409);
  EXPECT_EQ(Step(officer_, one, "bless").status, 400);
  ASSERT_EQ(Write(one, Written()).status, 200);
  Person other = Person::Working(world_, "other", "manager");
  ASSERT_EQ(Step(manager_, one, "submit").status, 200);
  EXPECT_EQ(Write(one, Written()).status, 409);
  EXPECT_EQ(Step(manager_, one, "opinion").status, 403);
  EXPECT_EQ(Step(officer_, one, "opinion", true, "ok").status, 400) << "a word is not an opinion";
  // An opinion against it: back to the draft, on record.
  ASSERT_EQ(Step(officer_, one, "opinion", false, "twelve months is too long").status, 200);
  EXPECT_EQ(StateOf(), "draft");
  ASSERT_EQ(Step(manager_, one, "submit").status, 200);
  ASSERT_EQ(Step(officer_, one, "opinion").status, 200);
  ASSERT_EQ(Step(other, one, "consult").status, 200);
  // A decision against it ends it; another may be started.
  const auto refused = Step(officer_, one, "decide", false, "we do not do this");
  ASSERT_EQ(refused.status, 200);
  EXPECT_EQ(JsonText(Body(refused), "state"), "refused");
  EXPECT_EQ(StateOf(), "none");
  Start();
}

TEST_F(AssuranceTest, AHighRiskThatRemainsAsksForTheAuthority) {
  testing::Covers("G13");
  const Json one = Start();
  Json body = Written();
  body["risks"][0]["severity_after"] = 4;
  body["risks"][0]["likelihood_after"] = 3;
  ASSERT_EQ(Write(one, body).status, 200);
  const auto to_decision = [&] {
    ASSERT_EQ(Step(manager_, one, "submit").status, 200);
    ASSERT_EQ(Step(officer_, one, "opinion").status, 200);
    ASSERT_EQ(Step(officer_, one, "consult").status, 200);
  };
  to_decision();
  EXPECT_EQ(Step(officer_, one, "decide").status, 409);
  ASSERT_EQ(Step(officer_, one, "decide", false, "ask the authority first").status, 200);
  const Json again = Start();
  body["authority"] = "CNIL 2026-11-20, reference 4711";
  ASSERT_EQ(Write(again, body).status, 200);
  ASSERT_EQ(Step(manager_, again, "submit").status, 200);
  ASSERT_EQ(Step(officer_, again, "opinion").status, 200);
  ASSERT_EQ(Step(officer_, again, "consult").status, 200);
  EXPECT_EQ(Step(officer_, again, "decide").status, 200);
}

TEST_F(AssuranceTest, AChangeOfThePurposeOutdatesItAndStopsTheWork) {
  testing::Covers("G13");
  const std::string id = Customer();
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/customers/" + id + "/basis", "service",
                       R"({"action":"given","purpose":"credit_assessment","basis":"contract",)"
                       R"("source":"shop"})")
                .status,
            201);
  SignIt();
  EXPECT_EQ(Read(id), "");
  const auto added = world_.Local("POST", "/api/v1/recipients", "",
                                  R"({"code":"bureau","name":"Bureau","kind":"processor",)"
                                  R"("countries":["CN"],"purposes":["credit_assessment"]})");
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(StateOf(), "outdated");
  EXPECT_EQ(Read(id), "purpose_refused");
  // What was written last time is where the next one begins.
  const Json next = Start();
  EXPECT_EQ(JsonText(next, "necessity"), "no limit can be set without knowing income");
  EXPECT_EQ(next["snapshot"]["recipients"][0]["code"], "bureau");
}

TEST_F(AssuranceTest, AMachinesDecisionSaysWhyAndAPersonLooksAtIt) {
  testing::Covers("G14");
  const std::string id = world_.AddCustomer(
      {{"name_full", "Ana"}, {"mobile", "13800138000"}, {"email", "ana@example.com"}});
  const auto put = world_.Local(
      "POST", "/api/v1/customers/" + id + "/basis", "service",
      R"({"action":"given","purpose":"credit_assessment","basis":"contract","source":"shop"})");
  ASSERT_EQ(put.status, 201) << put.body;
  const Json decision = {{"decision", "credit_limit"},
                         {"outcome", "declined"},
                         {"reasons", {"late_payments", "short_history"}},
                         {"source", "shop"}};
  const std::string path = "/api/v1/customers/" + id + "/decisions";
  const auto decide = [&](const Json& more, const std::string& role = "decision_engine") {
    Json body = decision;
    body.update(more);
    return world_.Send(role, "POST", path, "credit_assessment", WriteJson(body));
  };
  EXPECT_EQ(CodeOf(decide(Json::object())), "purpose_refused") << "nobody has assessed it";
  SignIt();
  EXPECT_EQ(decide({{"decision", "horoscope"}}).status, 400);
  EXPECT_EQ(decide({{"outcome", "maybe"}}).status, 400);
  EXPECT_EQ(decide({{"reasons", Json::array()}}).status, 400) << "none without a reason";
  EXPECT_EQ(decide({{"reasons", {"bad_feeling"}}}).status, 400);
  EXPECT_EQ(decide(Json::object(), "manager").status, 403);
  const auto made = decide(Json::object());
  ASSERT_EQ(made.status, 201) << made.body;
  testing::Customer ana(world_, "ana@example.com");
  const auto own = [&] { return Body(ana.Send("GET", "/api/v1/portal/decisions")); };
  Json seen = own();
  ASSERT_EQ(seen["decisions"].size(), 1U);
  const Json one = seen["decisions"][0];
  EXPECT_EQ(one["outcome"]["en"], "Not granted");
  EXPECT_EQ(one["reasons"][0]["en"], "Payments were late of late");
  EXPECT_EQ(one["reasons"].size(), 2U);
  EXPECT_NE(JsonText(one["logic"], "zh-CN"), "");
  EXPECT_TRUE(one["can_be_reviewed"]);
  EXPECT_FALSE(seen["review_asked"]);
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/requests",
                     {{"rights", {"human_review"}}, {"text", "I was in hospital then"}})
                .status,
            201);
  EXPECT_TRUE(own()["review_asked"]);
  // A person looks at it, not a machine.
  const Json review = {{"outcome", "granted"},
                       {"reasons", {"paid_on_time"}},
                       {"reviews", JsonText(Body(made), "id")}};
  EXPECT_EQ(decide(review).status, 403);
  EXPECT_EQ(decide(review, "operator").status, 403);
  Json by_person = decision;
  by_person.update(review);
  const auto looked = manager_.Send("POST", path, "credit_assessment", by_person);
  ASSERT_EQ(looked.status, 201) << looked.body;
  by_person["reviews"] = JsonText(Body(looked), "id");
  EXPECT_EQ(manager_.Send("POST", path, "credit_assessment", by_person).status, 404)
      << "a review is no decision to be reviewed";
  seen = own();
  ASSERT_EQ(seen["decisions"].size(), 1U);
  EXPECT_EQ(seen["decisions"][0]["review"]["outcome"]["en"], "Granted as asked for");
  const Json known = Body(officer_.Send("GET", "/api/v1/decisions"))["decisions"];
  EXPECT_EQ(known[0]["id"], "credit_limit");
}

TEST_F(AssuranceTest, TheRecordOfProcessingIsMadeFromWhatRuns) {
  testing::Covers("G13");
  const Json record = Body(officer_.Send("GET", "/api/v1/records"));
  const auto of = [&](const Json& whole, const std::string& id) {
    for (const Json& purpose : whole["purposes"]) {
      if (JsonText(purpose, "id") == id) {
        return purpose;
      }
    }
    return Json();
  };
  const Json credit = of(record, "credit_assessment");
  EXPECT_EQ(credit["bases"], Json({"contract", "consent"}));
  EXPECT_EQ(JsonText(credit, "notice"), "privacy@1");
  EXPECT_EQ(JsonText(credit["assessment"], "state"), "none");
  EXPECT_FALSE(credit["sensitive"].empty());
  EXPECT_EQ(credit["laws"][0]["rule"], "cn.records");
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/recipients", "",
                       R"({"code":"bureau","name":"Bureau","kind":"processor","countries":["US"],)"
                       R"("way":"certification","purposes":["credit_assessment"]})")
                .status,
            201);
  const Json after = of(Body(officer_.Send("GET", "/api/v1/records")), "credit_assessment");
  EXPECT_EQ(after["recipients"][0]["countries"], Json({"US"}));
  EXPECT_EQ(after["activities"], Json({"automated_decision", "entrust", "export", "sensitive"}));
  const auto csv = officer_.Send("GET", "/api/v1/records?format=csv");
  EXPECT_NE(csv.body.find("\"credit_assessment\",\"privacy_officer\""), std::string::npos);
  const Json dpv = Body(officer_.Send("GET", "/api/v1/records?format=dpv"));
  EXPECT_EQ(dpv["dpv:hasProcess"].size(), record["purposes"].size());
  EXPECT_EQ(officer_.Send("GET", "/api/v1/records?format=pdf").status, 400);
}

TEST_F(AssuranceTest, EachMonthItIsFrozenWithItsHashInTheLog) {
  testing::Covers("G13");
  world_.instance().Housekeep();
  world_.instance().Housekeep();
  EXPECT_EQ(Body(world_.Local("GET", "/api/v1/records/frozen"))["frozen"].size(), 1U);
  world_.clock().Advance(31 * kDayMs);
  world_.instance().Housekeep();
  world_.Reopen();
  const Json frozen = Body(world_.Local("GET", "/api/v1/records/frozen"))["frozen"];
  ASSERT_EQ(frozen.size(), 2U);
  EXPECT_EQ(JsonText(frozen[0], "month"), "2026-12");
  const auto text = world_.Local("GET", "/api/v1/records/frozen/2026-11");
  const std::string hash = ToHex(world_.instance().vault().HashOf(text.body));
  EXPECT_EQ(JsonText(frozen[1], "hash"), hash);
  const auto leaves = world_.Send("privacy_officer", "GET", "/api/v1/audit/leaves?from=0&to=60");
  EXPECT_NE(leaves.body.find("2026-11 " + hash), std::string::npos);
  EXPECT_EQ(world_.Local("GET", "/api/v1/records/frozen/2020-01").status, 404);
}

TEST_F(AssuranceTest, EverythingHasAnOwnerAndComesRound) {
  testing::Covers("G11");
  const auto list = [&](Person& who) { return Body(who.Send("GET", "/api/v1/duties"))["duties"]; };
  const auto find = [](const Json& duties, const std::string& kind, const std::string& ref) {
    for (const Json& duty : duties) {
      if (JsonText(duty, "kind") == kind && JsonText(duty, "ref") == ref) {
        return duty;
      }
    }
    return Json();
  };
  std::set<std::string> kinds;
  const Json all = list(officer_);
  for (const Json& duty : all) {
    kinds.insert(JsonText(duty, "kind"));
    EXPECT_NE(JsonText(duty, "owner"), "") << duty;
    EXPECT_FALSE(duty.value("overdue", true));
  }
  for (const char* kind : {"purpose", "source", "dataset", "notice", "policy"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  }
  const Json marketing = find(all, "purpose", "marketing_email");
  const std::string path = "/api/v1/duties/" + JsonText(marketing, "id");
  // The manager has none of them yet, and gets one.
  EXPECT_TRUE(find(list(manager_), "purpose", "marketing_email").is_null());
  const Json review = {{"note", "still in use, wording checked"}};
  EXPECT_EQ(manager_.Send("POST", path + "/review", "", review).status, 404);
  EXPECT_EQ(officer_.Send("PUT", path, "", {{"owner", manager_.id()}, {"every", "P3M"}}).status,
            200);
  EXPECT_FALSE(find(list(manager_), "purpose", "marketing_email").is_null());
  world_.clock().Advance(95 * kDayMs);
  manager_.Give("manager");
  manager_.SignIn();
  officer_.Give("privacy_officer");
  officer_.SignIn();
  EXPECT_TRUE(find(list(manager_), "purpose", "marketing_email").value("overdue", false))
      << list(manager_);
  EXPECT_EQ(manager_.Send("POST", path + "/review", "", {{"note", "ok"}}).status, 400);
  EXPECT_EQ(manager_.Send("POST", path + "/review", "", review).status, 200);
  const Json after = find(list(officer_), "purpose", "marketing_email");
  EXPECT_FALSE(after.value("overdue", true));
  EXPECT_EQ(JsonText(after, "reviewed_by"), manager_.id());
  // The record of processing names the owner.
  EXPECT_NE(officer_.Send("GET", "/api/v1/records").body.find(manager_.id()), std::string::npos);
  EXPECT_EQ(officer_.Send("PUT", path, "", {{"owner", "nobody"}, {"every", "P3M"}}).status, 400);
  EXPECT_EQ(officer_.Send("PUT", path, "", {{"owner", "manager"}, {"every", "P1D"}}).status, 400);
  // A new source is taken on, one that is gone is dropped.
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/sources", "",
                       R"({"id":"fair","channel":"import","owner":"manager"})")
                .status,
            201);
  world_.instance().Housekeep();
  EXPECT_EQ(JsonText(find(list(officer_), "source", "fair"), "owner"), "manager");
  world_.Reopen();
  officer_.SignIn();
  EXPECT_EQ(JsonText(find(list(officer_), "source", "fair"), "owner"), "manager");
}

}  // namespace

}  // namespace fiducia
