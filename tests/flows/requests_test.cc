// Asking for more: somebody else decides, on exactly what was asked, once.
#include <gtest/gtest.h>

#include "audit/publisher.h"
#include "base/text.h"
#include "testing/canary.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Person;
using testing::World;

constexpr int64_t kHourMs = 3600000;

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

Json DecisionOn(const Json& request, bool approve = true) {
  return {{"approve", approve}, {"hash", JsonText(request, "hash")}};
}

std::string DecisionPath(const Json& request) {
  return "/api/v1/requests/" + JsonText(request, "id") + "/decision";
}

class RequestTest : public ::testing::Test {
 protected:
  RequestTest()
      : agent_(Person::Working(world_, "agent", "agent")),
        manager_(Person::Working(world_, "manager", "manager")),
        officer_(Person::Working(world_, "officer", "privacy_officer")) {}

  Json Ask(Person& who, const Json& body, const std::string& kind = "access") {
    const auto asked = who.Send("POST", "/api/v1/requests/" + kind, "", body);
    EXPECT_EQ(asked.status, 201) << asked.body;
    return Body(asked);
  }

  World world_;
  Person agent_;
  Person manager_;
  Person officer_;
};

TEST_F(RequestTest, AnApprovedRequestBecomesAGrantThatEnds) {
  testing::Covers("G9");
  const std::string id = world_.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}});
  const Json asked = Ask(agent_, {{"role", "manager"},
                                  {"purposes", {"fraud_prevention"}},
                                  {"level_max", "L3"},
                                  {"hours", 8},
                                  {"reason", "case 4711 looks like fraud"}});
  EXPECT_EQ(JsonText(asked, "state"), "open");
  EXPECT_EQ(CodeOf(agent_.Send("GET", "/api/v1/customers/" + id, "fraud_prevention")),
            "role_refused");
  const auto decided = manager_.Send("POST", DecisionPath(asked), "", DecisionOn(asked));
  ASSERT_EQ(decided.status, 200) << decided.body;
  EXPECT_EQ(JsonText(Body(decided), "state"), "used");
  // The purpose is open now; the customer's basis still decides.
  EXPECT_EQ(CodeOf(agent_.Send("GET", "/api/v1/customers/" + id, "fraud_prevention")), "no_basis");
  // Used once.
  EXPECT_EQ(officer_.Send("POST", DecisionPath(asked), "", DecisionOn(asked)).status, 409);
  world_.clock().Advance(9 * kHourMs);
  agent_.SignIn();
  EXPECT_EQ(CodeOf(agent_.Send("GET", "/api/v1/customers/" + id, "fraud_prevention")),
            "role_refused");
}

TEST_F(RequestTest, ARestartLosesNothingOfWhatWasAsked) {
  testing::Covers("G9");
  Person admin = Person::Working(world_, "admin", "admin");
  const auto grant = admin.Send(
      "POST", "/api/v1/grants", "",
      {{"person", agent_.id()}, {"role", "marketer"}, {"reason", "takes over the campaign"}});
  ASSERT_EQ(grant.status, 202) << grant.body;
  const auto key = admin.Send("POST", "/api/v1/keys", "",
                              {{"role", "agent"},
                               {"label", "call center"},
                               {"purposes", {"service"}},
                               {"level_max", "L2"},
                               {"networks", {"10.0.0.0/8"}},
                               {"per_minute", 60},
                               {"days", 30}});
  ASSERT_EQ(key.status, 202) << key.body;
  world_.Reopen();
  manager_.SignIn();
  const Json seen = Body(manager_.Send("GET", "/api/v1/requests"))["requests"];
  for (const Json& asked : {Body(grant), Body(key)}) {
    EXPECT_NE(std::find(seen.begin(), seen.end(), asked), seen.end()) << asked << " in " << seen;
  }
}

TEST_F(RequestTest, NobodyDecidesTheirOwnOrWhatTheyHaveNotSeen) {
  testing::Covers("F7");
  const Json own = Ask(
      manager_, {{"role", "agent"}, {"reason", "to help out at the counter"}, {"level_max", "L3"}});
  EXPECT_EQ(manager_.Send("POST", DecisionPath(own), "", DecisionOn(own)).status, 403);
  EXPECT_EQ(agent_.Send("POST", DecisionPath(own), "", DecisionOn(own)).status, 403);
  Json other = own;
  other["hash"] = ToBase64(std::string(32, 'x'));
  EXPECT_EQ(officer_.Send("POST", DecisionPath(own), "", DecisionOn(other)).status, 409);
  // A second factor older than a quarter of an hour does not decide.
  for (int minutes = 0; minutes < 20; minutes += 10) {
    world_.clock().Advance(600000);
    EXPECT_EQ(officer_.Send("GET", "/api/v1/session").status, 200);
  }
  EXPECT_EQ(CodeOf(officer_.Send("POST", DecisionPath(own), "", DecisionOn(own))),
            "step_up_required");
  ASSERT_EQ(officer_.Code().status, 200);
  EXPECT_EQ(officer_.Send("POST", DecisionPath(own), "", DecisionOn(own)).status, 200);
  // Three days later nobody can.
  agent_.SignIn();
  const Json late =
      Ask(agent_, {{"role", "marketer"}, {"reason", "the spring campaign"}, {"level_max", "L3"}});
  world_.clock().Advance(73 * kHourMs);
  manager_.SignIn();
  EXPECT_EQ(manager_.Send("POST", DecisionPath(late), "", DecisionOn(late)).status, 409);
}

TEST_F(RequestTest, WhatReachesL4TakesThePrivacyOfficerToo) {
  const Json asked =
      Ask(agent_,
          {{"role", "manager"}, {"level_max", "L4"}, {"reason", "the court asks for the file"}});
  EXPECT_TRUE(asked.value("needs_officer", false));
  const auto first = manager_.Send("POST", DecisionPath(asked), "", DecisionOn(asked));
  EXPECT_EQ(JsonText(Body(first), "state"), "open");
  EXPECT_EQ(manager_.Send("POST", DecisionPath(asked), "", DecisionOn(asked)).status, 409);
  Person second = Person::Working(world_, "manager2", "manager");
  EXPECT_EQ(second.Send("POST", DecisionPath(asked), "", DecisionOn(asked)).status, 409);
  const auto done = officer_.Send("POST", DecisionPath(asked), "", DecisionOn(asked));
  EXPECT_EQ(JsonText(Body(done), "state"), "used") << done.body;
}

TEST_F(RequestTest, AnExportIsMadeOnceMarkedKeptAndRecalled) {
  testing::Covers("F7");
  for (int i = 0; i < 5; ++i) {
    world_.AddCustomer({{"name_full", "Customer " + std::string(1, static_cast<char>('A' + i))},
                        {"mobile", "1380013800" + std::to_string(i)},
                        {"language", "en"}});
  }
  const Json asked = Ask(manager_,
                         {{"purpose", "service"},
                          {"fields", {"name_full", "mobile", "email"}},
                          {"rows", 100},
                          {"reason", "the yearly letter to all"}},
                         "export");
  const std::string run = "/api/v1/requests/" + JsonText(asked, "id") + "/export";
  EXPECT_EQ(manager_.Send("POST", run).status, 409);
  ASSERT_EQ(officer_.Send("POST", DecisionPath(asked), "", DecisionOn(asked)).status, 200);
  const auto made = manager_.Send("POST", run);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Body(made)["rows"], Json(5));
  EXPECT_EQ(manager_.Send("POST", run).status, 409);  // used up
  const std::string path = "/api/v1/exports/" + JsonText(Body(made), "id");
  const auto file = manager_.Send("GET", path + "/file");
  ASSERT_EQ(file.status, 200) << file.body;
  EXPECT_NE(file.body.find("Customer A"), std::string::npos);
  EXPECT_TRUE(testing::Lacks(file.body, "13800138000"));  // L3 leaves masked
  EXPECT_NE(file.body.find("138****8000"), std::string::npos);
  // The register shows the officer the canary; the file holds it, marked rows and nothing else.
  const Json record = Body(officer_.Send("GET", "/api/v1/exports"))["exports"][0];
  testing::Covers("C6");
  EXPECT_EQ(WriteJson(record["risk"]["direct"]), R"(["name_full"])") << record;
  EXPECT_GE(record["risk"]["groups"].get<int>(), 1);
  EXPECT_NE(file.body.find(JsonText(record, "canary")), std::string::npos);
  EXPECT_EQ(Split(file.body, '\n').size(), 8U);  // header, five, the canary, the end
  // Nobody else gets it; it lies sealed on the disk; recalled, it is gone.
  EXPECT_EQ(agent_.Send("GET", path + "/file").status, 404);
  EXPECT_EQ(world_.HeldInClear({"Customer A", "138****8000"}), "");
  Person marketer = Person::Working(world_, "marketer", "marketer");
  EXPECT_EQ(marketer.Send("POST", path + "/recall").status, 403);
  EXPECT_EQ(officer_.Send("POST", path + "/recall").status, 200);
  EXPECT_EQ(manager_.Send("GET", path + "/file").status, 410);
}

TEST_F(RequestTest, BreakGlassOpensAtOnceTellsTwoAndIsReviewed) {
  testing::Covers("G9");
  const std::string id = world_.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}});
  const Json reveal = {{"fields", {"mobile"}}, {"reason", "life in danger"}};
  const auto opened =
      agent_.Send("POST", "/api/v1/break-glass", "", {{"reason", "a caller in danger of life"}});
  ASSERT_EQ(opened.status, 201) << opened.body;
  EXPECT_EQ(Body(opened)["told"], Json(2));
  EXPECT_EQ(agent_.Send("POST", "/api/v1/customers/" + id + "/reveal", "service", reveal).status,
            200);
  EXPECT_EQ(agent_.Send("GET", "/api/v1/customers/" + id, "legal_compliance").status, 200);
  // Never for export.
  EXPECT_EQ(agent_
                .Send("POST", "/api/v1/requests/export", "",
                      {{"purpose", "legal_compliance"},
                       {"fields", {"mobile"}},
                       {"reason", "while the glass is broken"}})
                .status,
            403);
  const std::string review = "/api/v1/requests/" + JsonText(Body(opened), "id") + "/review";
  EXPECT_EQ(agent_.Send("POST", review, "", {{"justified", true}}).status, 403);
  EXPECT_EQ(officer_.Send("POST", review, "", {{"justified", true}, {"note", "confirmed"}}).status,
            200);
  EXPECT_EQ(officer_.Send("POST", review, "", {{"justified", false}}).status, 409);
  world_.clock().Advance(kHourMs / 2 + 1000);
  agent_.SignIn();
  EXPECT_EQ(agent_.Send("GET", "/api/v1/customers/" + id, "legal_compliance").status, 403);
  // With nobody to tell, it does not open.
  world_.Local("POST", "/api/v1/people/" + manager_.id() + "/disable", "", "{}");
  EXPECT_EQ(
      agent_.Send("POST", "/api/v1/break-glass", "", {{"reason", "a caller in danger of life"}})
          .status,
      409);
}

}  // namespace

}  // namespace fiducia
