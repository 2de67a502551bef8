// What leaves the house: only to whom is in order, only what was agreed and told, each time on
// record; and what happens when the work with somebody ends.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Person;
using testing::World;

constexpr int64_t kDayMs = 86400000;
const Json kAna = {{"name_full", "Ana López"}, {"email", "ana@example.com"}, {"city", "Shanghai"}};

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

class RecipientTest : public ::testing::Test {
 protected:
  RecipientTest() {
    // The notice names the recipient for one purpose.
    const std::string folder = world_.home().folder + "/policy/notices";
    std::filesystem::create_directories(folder);
    std::string notice(rules::EmbeddedText("notices/privacy.toml"));
    const size_t at = notice.find("purpose = \"marketing_email\"");
    notice.replace(notice.find("recipients = []", at), 15, "recipients = [\"mailhouse\"]");
    std::ofstream(folder + "/privacy.toml") << notice;
    world_.Reopen();
    EXPECT_EQ(world_.Local("POST", "/api/v1/notices/privacy/publish", "", "{}").status, 201);
  }

  Json Whole() {
    return {{"code", "mailhouse"},
            {"name", "Mailhouse Ltd"},
            {"kind", "processor"},
            {"services", "prints and sends letters and mails"},
            {"owner", "privacy_officer"},
            {"countries", {"CN"}},
            {"fields", {"name_full", "email", "city"}},
            {"purposes", {"marketing_email"}},
            {"agreement", "contracts/2026/17"},
            {"signed_on", Day(-30)},
            {"ends_on", Day(300)},
            {"clauses",
             {"purpose", "term", "method", "kinds", "measures", "duties", "return", "audit",
              "subprocessors"}},
            {"audit_every", "P6M"}};
  }
  std::string Day(int64_t days) { return rules::FormatDay(world_.clock().NowMs() / kDayMs + days); }
  Json Add(const Json& body) {
    const auto added = world_.Local("POST", "/api/v1/recipients", "", WriteJson(body));
    EXPECT_EQ(added.status, 201) << added.body;
    return Body(added);
  }
  http::Response Change(const Json& one, const Json& body) {
    return world_.Local("PUT", "/api/v1/recipients/" + JsonText(one, "id"), "", WriteJson(body));
  }
  Json Read(const Json& one) {
    return Body(world_.Local("GET", "/api/v1/recipients/" + JsonText(one, "id")));
  }
  std::set<std::string> Blocking(const Json& one) {
    std::set<std::string> codes;
    const Json obstacles = Read(one)["obstacles"];
    for (const Json& obstacle : obstacles) {
      if (obstacle.value("blocks", false)) {
        codes.insert(JsonText(obstacle, "code"));
      }
    }
    return codes;
  }
  http::Response Turn(const Json& one, const std::string& state) {
    return world_.Local(
        "POST", "/api/v1/recipients/" + JsonText(one, "id") + "/state", "",
        WriteJson({{"state", state}, {"reason", "their systems were broken into"}}));
  }
  std::string Customer(bool share = false) {
    const std::string id = world_.AddCustomer(kAna);
    Json given = {{"action", "given"},
                  {"purpose", "marketing_email"},
                  {"basis", "consent"},
                  {"source", "shop"}};
    if (share) {
      given["kind"] = "specific";
      given["separate"] = true;
      given["fields"] = {"name_full", "email"};
      given["operations"] = {"view", "share"};
      given["evidence"] = {{"channel", "paper"}, {"method", "signature"}, {"reference", "F-1"}};
    }
    const auto put = world_.Send("privacy_officer", "POST", "/api/v1/customers/" + id + "/basis",
                                 "legal_compliance", WriteJson(given));
    EXPECT_EQ(put.status, 201) << put.body;
    return id;
  }
  static Json Wish(const std::string& recipient) {
    return {{"purpose", "marketing_email"},
            {"fields", {"name_full", "city"}},
            {"rows", 10},
            {"recipient", recipient},
            {"reason", "the autumn letter to those who want it"}};
  }
  // Asks, has it approved by both, makes the file; gives the export.
  Json Export(Person& marketer, Person& manager, Person& officer, const std::string& recipient) {
    const auto asked = marketer.Send("POST", "/api/v1/requests/export", "", Wish(recipient));
    EXPECT_EQ(asked.status, 201) << asked.body;
    const Json request = Body(asked);
    EXPECT_TRUE(request.value("needs_officer", false));
    const std::string path = "/api/v1/requests/" + JsonText(request, "id");
    for (Person* person : {&manager, &officer}) {
      const auto decided = person->Send("POST", path + "/decision", "",
                                        {{"approve", true}, {"hash", JsonText(request, "hash")}});
      EXPECT_EQ(decided.status, 200) << decided.body;
    }
    const auto made = marketer.Send("POST", path + "/export", "", Json::object());
    EXPECT_EQ(made.status, 201) << made.body;
    return Body(made);
  }

  World world_;
};

TEST_F(RecipientTest, WhatIsNotInOrderStops) {
  testing::Covers("G10");
  const Json one = Add(Whole());
  EXPECT_EQ(Blocking(one), std::set<std::string>());
  EXPECT_EQ(Read(one)["score"], 100);
  const auto with = [&](const Json& more) {
    Json body = Whole();
    body.update(more);
    EXPECT_EQ(Change(one, body).status, 200);
    return Blocking(one);
  };
  using Codes = std::set<std::string>;
  EXPECT_EQ(with({{"signed_on", nullptr}}), Codes({"agreement_missing"}));
  EXPECT_EQ(with({{"ends_on", Day(-1)}}), Codes({"agreement_lapsed"}));
  EXPECT_EQ(with({{"signed_on", Day(-400)}}), Codes({"audit_overdue"}));
  EXPECT_EQ(with({{"countries", {"CN", "US"}}}), Codes({"way_missing"}));
  EXPECT_EQ(with({{"countries", {"CN", "US"}}, {"way", "standard_contract"}}), Codes());
  EXPECT_EQ(with({{"subprocessors", {{{"name", "Cloudy"}, {"country", "CN"}}}}}),
            Codes({"subprocessor_not_approved"}));
  EXPECT_EQ(
      with({{"subprocessors", {{{"name", "Cloudy"}, {"country", "CN"}, {"approved", true}}}}}),
      Codes());
  // No lawyer has reviewed the rule about clauses: it advises.
  EXPECT_EQ(with({{"clauses", {"purpose"}}}), Codes());
  EXPECT_EQ(Read(one)["obstacles"][0]["code"], "clauses_missing");
  EXPECT_EQ(Read(one)["score"], 80);
}

TEST_F(RecipientTest, AnAuditComesRoundAndAFailedOneStops) {
  testing::Covers("G10");
  const Json one = Add(Whole());
  const auto audit = [&](const Json& body) {
    return world_.Local("POST", "/api/v1/recipients/" + JsonText(one, "id") + "/audits", "",
                        WriteJson(body));
  };
  world_.clock().Advance(200 * kDayMs);
  EXPECT_EQ(Blocking(one), std::set<std::string>({"audit_overdue"}));
  EXPECT_EQ(audit({{"result", "fail"}, {"note", "no access control at all"}}).status, 201);
  EXPECT_EQ(Blocking(one), std::set<std::string>({"audit_failed"}));
  world_.clock().Advance(10 * kDayMs);
  EXPECT_EQ(audit({{"result", "minor"}}).status, 201);
  EXPECT_EQ(Blocking(one), std::set<std::string>());
  EXPECT_EQ(audit({{"result", "pass"}, {"day", Day(1)}}).status, 400);
  EXPECT_EQ(audit({{"result", "fine"}}).status, 400);
  EXPECT_EQ(Read(one)["audits"].size(), 2U);
}

TEST_F(RecipientTest, NothingGoesOutThatWasNotAgreedOrTold) {
  testing::Covers("G10");
  testing::Covers("F4");
  const Json one = Add(Whole());
  Person marketer = Person::Working(world_, "marketer", "marketer");
  const auto ask = [&](const Json& more) {
    Json body = Wish("mailhouse");
    body.update(more);
    const auto asked = marketer.Send("POST", "/api/v1/requests/export", "", body);
    return std::to_string(asked.status) + " " + JsonText(Body(asked), "detail");
  };
  EXPECT_NE(ask({{"fields", {"country"}}}).find("409 a field is not in the agreement"),
            std::string::npos);
  EXPECT_NE(ask({{"purpose", "analytics"}}).find("409 the purpose is not in the agreement"),
            std::string::npos);
  EXPECT_EQ(ask({{"recipient", "nobody"}}).substr(0, 3), "404");
  Json more = Whole();
  more["purposes"] = {"marketing_email", "personalization"};
  ASSERT_EQ(Change(one, more).status, 200);
  EXPECT_NE(ask({{"purpose", "personalization"}}).find("customers were not told"),
            std::string::npos);
  EXPECT_EQ(ask(Json::object()).substr(0, 3), "201");
  ASSERT_EQ(Turn(one, "suspended").status, 200);
  EXPECT_NE(ask(Json::object()).find("409 the recipient is suspended"), std::string::npos);
  // Each refusal is on record.
  ASSERT_TRUE(world_.instance().log().Publish());
  const auto leaves = world_.Send("privacy_officer", "GET", "/api/v1/audit/leaves?from=0&to=100");
  for (const char* reason :
       {"field_out_of_scope", "purpose_out_of_scope", "not_in_notice", "suspended"}) {
    EXPECT_NE(leaves.body.find(reason), std::string::npos) << reason;
  }
}

TEST_F(RecipientTest, AFileForARecipientIsCountedForEachPersonAndEndsWithTheCutOff) {
  testing::Covers("G10");
  testing::Covers("G4");
  Json body = Whole();
  body["countries"] = {"US"};
  body["way"] = "standard_contract";
  const Json one = Add(body);
  Person marketer = Person::Working(world_, "marketer", "marketer");
  Person manager = Person::Working(world_, "manager", "manager");
  Person officer = Person::Working(world_, "officer", "privacy_officer");
  const std::string ana = Customer();
  Customer();
  world_.AddCustomer(kAna);  // did not agree to it
  const Json first = Export(marketer, manager, officer, "mailhouse");
  EXPECT_EQ(first["rows"], 2);
  EXPECT_EQ(first["recipient"], "mailhouse");
  Export(marketer, manager, officer, "mailhouse");
  EXPECT_EQ(Read(one)["people"], 2);
  // What left the country this year is counted by person, not by file.
  const Json counts = Body(world_.Local("GET", "/api/v1/thresholds"))["thresholds"];
  std::map<std::string, Json> by_rule;
  for (const Json& count : counts) {
    by_rule[JsonText(count, "rule")] = count;
  }
  EXPECT_EQ(by_rule["cn.threshold.export"]["now"], 2);
  EXPECT_EQ(by_rule["cn.threshold.sensitive"]["now"], 0);
  EXPECT_EQ(by_rule["cn.threshold.people"]["now"], 3);
  EXPECT_FALSE(by_rule["cn.threshold.people"]["alarmed"]);
  // The person's own log says to whom.
  const auto accesses = world_.Send("privacy_officer", "GET",
                                    "/api/v1/customers/" + ana + "/accesses", "legal_compliance");
  EXPECT_NE(accesses.body.find("\"recipient\":\"mailhouse\""), std::string::npos) << accesses.body;
  // Cut off: what lies ready is not handed out.
  const std::string file = "/api/v1/exports/" + JsonText(first, "id") + "/file";
  EXPECT_EQ(marketer.Send("GET", file).status, 200);
  EXPECT_EQ(CodeOf(world_.Local("POST", "/api/v1/recipients/" + JsonText(one, "id") + "/state", "",
                                R"({"state":"ended","reason":"short"})")),
            "reason_required");
  ASSERT_EQ(Turn(one, "ended").status, 200);
  EXPECT_EQ(marketer.Send("GET", file).status, 409);
  EXPECT_EQ(Turn(one, "active").status, 409);
  // An erasure takes the line about the person with it.
  ASSERT_EQ(world_.Send("privacy_officer", "DELETE", "/api/v1/customers/" + ana, "legal_compliance")
                .status,
            200);
  EXPECT_EQ(Read(one)["people"], 1);
}

TEST_F(RecipientTest, WhoDecidesByItselfGetsOnlyThoseWhoAgreedToThat) {
  testing::Covers("G7");
  testing::Covers("G10");
  Json body = Whole();
  body["kind"] = "controller";
  Add(body);
  Person marketer = Person::Working(world_, "marketer", "marketer");
  Person manager = Person::Working(world_, "manager", "manager");
  Person officer = Person::Working(world_, "officer", "privacy_officer");
  Customer();
  Customer(true);
  EXPECT_EQ(Export(marketer, manager, officer, "mailhouse")["rows"], 1);
}

TEST_F(RecipientTest, AKeyOfARecipientStopsWithIt) {
  testing::Covers("G10");
  const std::string id = Customer();
  const Json key = Body(world_.Local("POST", "/api/v1/keys", "",
                                     R"({"role":"marketer","label":"mailhouse","days":300})"));
  Json body = Whole();
  body["keys"] = {JsonText(key, "id")};
  const Json one = Add(body);
  const auto read = [&]() {
    return world_
        .Send("", "GET", "/api/v1/customers/" + id, "marketing_email", "",
              {{"authorization", "Bearer " + JsonText(key, "key")}})
        .status;
  };
  EXPECT_EQ(read(), 200);
  ASSERT_EQ(Turn(one, "suspended").status, 200);
  EXPECT_EQ(read(), 409);
  ASSERT_EQ(Turn(one, "active").status, 200);
  EXPECT_EQ(read(), 200);
  world_.clock().Advance(290 * kDayMs);
  EXPECT_EQ(read(), 409) << "no audit for nine months";
  ASSERT_EQ(Turn(one, "ended").status, 200);
  EXPECT_EQ(read(), 401) << "the key has ended";
}

TEST_F(RecipientTest, BadInputChangesNothing) {
  testing::Covers("G10");
  const Json one = Add(Whole());
  const auto code = [&](const Json& more) {
    Json body = Whole();
    body.update(more);
    return CodeOf(Change(one, body));
  };
  EXPECT_EQ(code({{"code", "Mail House"}}), "invalid_input");
  EXPECT_EQ(code({{"kind", "friend"}}), "invalid_input");
  EXPECT_EQ(code({{"countries", {"China"}}}), "invalid_input");
  EXPECT_EQ(code({{"countries", Json::array()}}), "invalid_input");
  EXPECT_EQ(code({{"fields", {"soul"}}}), "unknown_field");
  EXPECT_EQ(code({{"purposes", {"spying"}}}), "unknown_purpose");
  EXPECT_EQ(code({{"clauses", {"whatever"}}}), "invalid_input");
  EXPECT_EQ(code({{"way", "pigeon"}}), "invalid_input");
  EXPECT_EQ(code({{"audit_every", "P1D"}}), "invalid_input");
  EXPECT_EQ(code({{"signed_on", "2026-02-30"}}), "invalid_input");
  EXPECT_EQ(code({{"ends_on", Day(-60)}}), "invalid_input");
  EXPECT_EQ(code({{"subprocessors", {{{"name", "x"}}}}}), "invalid_input");
  EXPECT_EQ(code({{"more", 1}}), "invalid_input");
  const auto again = world_.Local("POST", "/api/v1/recipients", "", WriteJson(Whole()));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(Read(one)["version"], Json());
  Json now = Read(one);
  now.erase("people");
  EXPECT_EQ(now, one);
  EXPECT_EQ(world_.Local("GET", "/api/v1/recipients/none").status, 404);
}

}  // namespace

}  // namespace fiducia
