// Authorizations: given, taken back, in part, for a time, for a number of uses; and what the gate
// makes of it at the next read.
#include <gtest/gtest.h>

#include "base/clock.h"
#include "govern/lawful/consent_receipt.h"
#include "import_text.h"
#include "testing/canary.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Person;
using testing::World;

const Json kAna = {{"name_full", "Ana López"},
                   {"mobile", "138 0013 8000"},
                   {"email", "ana@example.com"},
                   {"city", "Shanghai"}};
constexpr int64_t kDayMs = 86400000;

class AuthorizationTest : public ::testing::Test {
 protected:
  http::Response Put(const std::string& id, Json event) {
    if (!event.contains("source")) {
      event["source"] = "shop";
    }
    if (!event.contains("basis")) {
      event["basis"] = "consent";
    }
    return world_.Send("privacy_officer", "POST", "/api/v1/customers/" + id + "/basis",
                       "legal_compliance", WriteJson(event));
  }
  Json Ledger(const std::string& id, const std::string& query = "") {
    return Body(world_.Send("privacy_officer", "GET",
                            "/api/v1/customers/" + id + "/authorizations" + query,
                            "legal_compliance"));
  }
  std::string Read(const std::string& id, const std::string& role = "marketer",
                   const std::string& purpose = "marketing_email") {
    const auto response = world_.Send(role, "GET", "/api/v1/customers/" + id, purpose);
    return std::to_string(response.status) + " " + JsonText(Body(response), "code");
  }
  Json Check(const std::string& id, const Json& question) {
    return Body(world_.Send("privacy_officer", "POST",
                            "/api/v1/customers/" + id + "/authorizations/check", "legal_compliance",
                            WriteJson(question)));
  }
  std::string Now(int64_t more_ms = 0) { return FormatTime(world_.clock().NowMs() + more_ms); }

  World world_;
};

TEST_F(AuthorizationTest, GiveWithdrawGiveLeavesThreeEventsAndTheRightState) {
  testing::Covers("G2");
  testing::Covers("G3");
  const std::string id = world_.AddCustomer(kAna);
  for (const char* action : {"given", "withdrawn", "given"}) {
    world_.clock().Advance(1000);
    const auto put = Put(id, {{"action", action}, {"purpose", "marketing_email"}});
    EXPECT_EQ(put.status, 201) << put.body;
  }
  EXPECT_EQ(Read(id), "200 ");
  const Json ledger = Ledger(id);
  ASSERT_EQ(ledger["events"].size(), 4U);  // the first is the contract it was created under
  EXPECT_EQ(JsonText(ledger["events"][1], "action"), "given");
  EXPECT_EQ(JsonText(ledger["events"][2], "action"), "withdrawn");
  EXPECT_EQ(JsonText(ledger["events"][3], "action"), "given");
  int live = 0;
  for (const Json& one : ledger["authorizations"]) {
    live += JsonText(one, "purpose") == "marketing_email" && one["in_force"].get<bool>() ? 1 : 0;
  }
  EXPECT_EQ(live, 1);
}

TEST_F(AuthorizationTest, AWithdrawalGoesDownTheTreeAndAGrantDoesNot) {
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing"}}).status, 201);
  EXPECT_EQ(Read(id), "403 no_basis") << "agreeing to the wider purpose grants no narrower one";
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_email"}}).status, 201);
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_sms"}}).status, 201);
  EXPECT_EQ(Read(id), "200 ");
  const Json put = Body(Put(id, {{"action", "withdrawn"}, {"purpose", "marketing"}}));
  EXPECT_EQ(put["events"], 3);
  EXPECT_EQ(Read(id), "403 withdrawn");
  EXPECT_EQ(Read(id, "marketer", "marketing_sms"), "403 withdrawn");
  const Json events = Ledger(id)["events"];
  EXPECT_EQ(events.back()["cause"], put["event"]);
}

TEST_F(AuthorizationTest, WhatEndsByItselfEndsInTime) {
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_email"}}).status, 201);
  // Silence expires: the purpose says after how long.
  world_.clock().Advance(364 * kDayMs);
  EXPECT_EQ(Read(id), "200 ");
  world_.clock().Advance(2 * kDayMs);
  EXPECT_EQ(Read(id), "403 no_basis");
  const auto check = world_.Local("POST", "/api/v1/customers/" + id + "/authorizations/check",
                                  "legal_compliance", R"({"purpose":"marketing_email"})");
  EXPECT_EQ(JsonText(Body(check), "reason"), "expired") << check.body;
}

TEST_F(AuthorizationTest, ATemporaryOneLastsForItsUses) {
  testing::Covers("G3");
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "given"},
                     {"purpose", "marketing_email"},
                     {"kind", "temporary"},
                     {"max_uses", 2}})
                .status,
            201);
  // Lists and searches take no use and show nothing.
  const auto found = world_.Send("marketer", "POST", "/api/v1/customers/search", "marketing_email",
                                 R"({"where":{"email":"ana@example.com"}})");
  EXPECT_EQ(Body(found)["customers"].size(), 0U);
  EXPECT_EQ(Read(id), "200 ");
  EXPECT_EQ(Read(id), "200 ");
  EXPECT_EQ(Read(id).substr(0, 3), "403");
  int used = 0;
  const Json ledger = Ledger(id);
  for (const Json& event : ledger["events"]) {
    used += JsonText(event, "action") == "used" ? 1 : 0;
  }
  EXPECT_EQ(used, 2);
}

TEST_F(AuthorizationTest, ATemporaryOneLastsUntilSomethingHasHappened) {
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "given"},
                     {"purpose", "marketing_email"},
                     {"kind", "temporary"},
                     {"until_event", "case:CASE-7"}})
                .status,
            201);
  EXPECT_EQ(Read(id), "200 ");
  const auto end = [&](const char* what) {
    return world_
        .Send("privacy_officer", "POST", "/api/v1/customers/" + id + "/authorizations/end",
              "legal_compliance", std::string(R"({"until_event":")") + what + "\"}")
        .status;
  };
  EXPECT_EQ(end("case:CASE-8"), 404);
  EXPECT_EQ(end("case:CASE-7"), 201);
  EXPECT_EQ(Read(id).substr(0, 3), "403");
}

TEST_F(AuthorizationTest, OnePartCanBeTakenOutForOneDepartment) {
  testing::Covers("G4");
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/departments", "",
                       R"({"code":"care","name_zh":"客服","name_en":"Care"})")
                .status,
            201);
  ASSERT_EQ(world_
                .Local("POST", "/api/v1/departments", "",
                       R"({"code":"shop","name_zh":"门店","name_en":"Shop"})")
                .status,
            201);
  const std::string id = world_.AddCustomer({{"name_full", "Li Na"}});
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "service"}}).status, 201);
  // The contract goes, so that consent alone carries.
  ASSERT_EQ(
      Put(id, {{"action", "withdrawn"}, {"purpose", "service"}, {"basis", "contract"}}).status,
      201);
  Person care(world_, "carol", "care");
  care.SetUp();
  care.Give("agent", {{"department", "care"}});
  Person shop(world_, "shaun", "shop");
  shop.SetUp();
  shop.Give("agent", {{"department", "shop"}});
  const std::string path = "/api/v1/customers/" + id;
  EXPECT_EQ(care.Send("GET", path, "service").status, 200);
  const auto put = Put(id, {{"action", "withdrawn"},
                            {"purpose", "service"},
                            {"departments", {"care"}},
                            {"classes", {"identity"}}});
  ASSERT_EQ(put.status, 403) << "the class holds fields that the purpose does not need";
  ASSERT_EQ(Put(id, {{"action", "withdrawn"},
                     {"purpose", "service"},
                     {"departments", {"care"}},
                     {"fields", {"name_full"}}})
                .status,
            201);
  const auto refused = care.Send("GET", path, "service");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(JsonText(Body(refused), "code"), "withdrawn");
  EXPECT_EQ(shop.Send("GET", path, "service").status, 200) << "the other department goes on";
}

TEST_F(AuthorizationTest, AnObjectionStopsWhatTheHouseClaimsAndOnlyTheCustomerOpensItAgain) {
  testing::Covers("G4");
  const std::string id = world_.AddCustomer(kAna);
  const Json claim = {
      {"action", "given"}, {"purpose", "marketing_email"}, {"basis", "legitimate_interest"}};
  ASSERT_EQ(Put(id, claim).status, 201);
  EXPECT_EQ(Read(id), "200 ");
  ASSERT_EQ(Put(id, {{"action", "objected"},
                     {"purpose", "marketing_email"},
                     {"basis", "legitimate_interest"}})
                .status,
            201);
  EXPECT_EQ(Read(id), "403 withdrawn");
  EXPECT_EQ(Put(id, claim).status, 409);
  EXPECT_EQ(Read(id, "agent", "service"), "200 ") << "the contract does not ask";
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_email"}}).status, 201);
  EXPECT_EQ(Read(id), "200 ");
}

TEST_F(AuthorizationTest, AnswersAboutAnyMoment) {
  testing::Covers("G2");
  const std::string id = world_.AddCustomer(kAna);
  world_.clock().Advance(1000);
  const std::string before = Now();
  world_.clock().Advance(1000);
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_email"}}).status, 201);
  world_.clock().Advance(1000);
  const std::string during = Now();
  world_.clock().Advance(1000);
  ASSERT_EQ(world_
                .Send("privacy_officer", "POST", "/api/v1/customers/" + id + "/restriction",
                      "legal_compliance",
                      R"({"kind":"subject","restricted":true,"reason":"asked by phone"})")
                .status,
            201);
  world_.clock().Advance(1000);
  const std::string restricted = Now();
  const auto could = [&](const std::string& at) {
    const Json answer = Check(
        id,
        {{"purpose", "marketing_email"}, {"operation", "contact"}, {"field", "email"}, {"at", at}});
    return JsonText(answer, "reason");
  };
  EXPECT_EQ(could(before), "no_basis");
  EXPECT_EQ(could(during), "allowed");
  EXPECT_EQ(could(restricted), "restricted");
  EXPECT_EQ(Ledger(id, "?at=" + before)["authorizations"].size(), 1U);
  EXPECT_EQ(JsonText(Check(id, {{"purpose", "curiosity"}}), "code"), "unknown_purpose");
}

TEST_F(AuthorizationTest, AnImportFillsGapsAndOverturnsNothing) {
  testing::Covers("G2");
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "refused"}, {"purpose", "marketing"}}).status, 201);
  const auto again = [&](const std::string& purpose) {
    return ImportText(world_, "name,phone\nAna López,13800138000\n",
                      "key = [\"phone\"]\n"
                      "[[column]]\nname = \"name\"\nfield = \"name_full\"\n"
                      "[[column]]\nname = \"phone\"\nfield = \"mobile\"\n",
                      "", "consent", purpose);
  };
  EXPECT_EQ(again("marketing_sms").status, 201);
  EXPECT_EQ(Read(id, "marketer", "marketing_sms"), "403 withdrawn");
}

TEST_F(AuthorizationTest, BadInputIsRefusedAndChangesNothing) {
  testing::Covers("G15");
  Json person = kAna;
  const std::string id = world_.AddCustomer(person);
  person["birth_date"] = "2016-05-01";
  person["mobile"] = "138 0013 8001";
  const std::string child = world_.AddCustomer(person);
  const auto code = [&](const std::string& of, const Json& event) {
    const auto response = Put(of, event);
    EXPECT_TRUE(testing::Lacks(response.body, "Ana"));
    return std::to_string(response.status) + " " + JsonText(Body(response), "code");
  };
  const Json give = {{"action", "given"}, {"purpose", "marketing_email"}};
  const auto with = [&](const Json& more) {
    Json event = give;
    event.update(more);
    return event;
  };
  EXPECT_EQ(code(id, with({{"purpose", "curiosity"}})), "400 unknown_purpose");
  EXPECT_EQ(code(id, with({{"from", Now(-kDayMs)}})), "400 invalid_input");  // backdated
  EXPECT_EQ(code(id, with({{"until", Now(-1)}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"until", Now(800 * kDayMs)}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"kind", "temporary"}})), "400 invalid_input");  // without an end
  EXPECT_EQ(code(id, with({{"kind", "temporary"}, {"until", Now(31 * kDayMs)}})),
            "400 invalid_input");
  EXPECT_EQ(code(id, with({{"kind", "specific"}})), "400 invalid_input");  // without fields
  EXPECT_EQ(code(id, with({{"fields", {"national_id_no"}}})), "403 purpose_refused");
  EXPECT_EQ(code(id, with({{"fields", {"moon_sign"}}})), "400 unknown_field");
  EXPECT_EQ(code(id, with({{"fields", Json::array()}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"departments", {"nowhere"}}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"operations", {"share"}}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"operations", Json::array()}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"basis", "contract"}})), "403 purpose_refused");
  EXPECT_EQ(code(id, with({{"source", "nowhere"}})), "400 unknown_source");
  EXPECT_EQ(code(id, with({{"action", "used"}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"action", "restricted"}})), "400 invalid_input");
  EXPECT_EQ(code(id, with({{"evidence", {{"channel", "paper"}, {"reference", "Ana said yes"}}}})),
            "400 invalid_input");
  EXPECT_EQ(code(id, with({{"evidence", {{"channel", "paper"}, {"why", "x"}}}})),
            "400 invalid_input");
  EXPECT_EQ(code(id, {{"action", "given"},
                      {"purpose", "credit_assessment"},
                      {"fields", {"income"}},
                      {"separate", true}}),
            "400 invalid_input");  // L4 asks for a specific one
  EXPECT_EQ(code(child, give), "403 denied") << "a minor without a guardian";
  EXPECT_EQ(code(child, with({{"guardian", id}})), "403 denied") << "not on record as a guardian";
  const std::string guardians = "/api/v1/customers/" + child + "/guardians";
  const auto proposed =
      world_.Send("privacy_officer", "POST", guardians, "service",
                  WriteJson({{"guardian", id}, {"relation", "parent"}, {"reference", "DOC-1"}}));
  ASSERT_EQ(proposed.status, 201) << proposed.body;
  EXPECT_EQ(code(child, with({{"guardian", id}})), "403 denied") << "not confirmed yet";
  EXPECT_EQ(world_
                .Send("manager", "POST", guardians + "/" + JsonText(testing::Body(proposed), "id"),
                      "service", R"({"step":"confirm"})")
                .status,
            200);
  EXPECT_EQ(code(child, with({{"guardian", id}})), "201 ");
  EXPECT_EQ(Ledger(id)["events"].size(), 1U);
  EXPECT_EQ(Ledger(child)["events"].size(), 2U);
  EXPECT_EQ(world_
                .Send("agent", "POST", "/api/v1/customers/" + id + "/basis", "service",
                      WriteJson(with({{"source", "shop"}, {"basis", "consent"}})))
                .status,
            403);
}

TEST_F(AuthorizationTest, ASpecificOneOpensExactlyWhatItNames) {
  testing::Covers("G7");
  const std::string id = world_.AddCustomer(kAna);
  const auto put =
      Put(id, {{"action", "given"},
               {"purpose", "credit_assessment"},
               {"kind", "specific"},
               {"consent", "written"},
               {"separate", true},
               {"fields", {"income", "name_full"}},
               {"evidence",
                {{"channel", "paper"}, {"method", "signature"}, {"reference", "FORM-2026-17"}}}});
  ASSERT_EQ(put.status, 201) << put.body;
  const Json state = Ledger(id)["authorizations"].back();
  EXPECT_EQ(state["fields"], Json({"name_full", "income"}));
  EXPECT_EQ(JsonText(state, "kind"), "specific");
  EXPECT_TRUE(Check(id, {{"purpose", "credit_assessment"}, {"field", "income"}})["yes"]);
  EXPECT_EQ(JsonText(Check(id, {{"purpose", "credit_assessment"}, {"field", "mobile"}}), "reason"),
            "outside_authorization");
}

TEST_F(AuthorizationTest, TheLawsAdviseOnWhatIsNotMet) {
  testing::Covers("G1");
  const std::string id = world_.AddCustomer(kAna);
  const Json put = Body(Put(id, {{"action", "given"},
                                 {"purpose", "credit_assessment"},
                                 {"kind", "temporary"},
                                 {"max_uses", 1},
                                 {"fields", {"name_full"}},
                                 {"operations", {"view", "share"}}}));
  bool told = false;
  for (const Json& advice : put["advice"]) {
    told = told || JsonText(advice, "rule") == "cn.consent.provide";
  }
  EXPECT_TRUE(told) << WriteJson(put);
}

TEST_F(AuthorizationTest, TheReceiptHoldsOfflineAndAForgedOneDoesNot) {
  testing::Covers("G2");
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_email"}, {"locale", "en"}}).status,
            201);
  const auto receipt =
      world_.Send("privacy_officer", "GET", "/api/v1/customers/" + id + "/authorizations/2/receipt",
                  "legal_compliance");
  ASSERT_EQ(receipt.status, 200) << receipt.body;
  EXPECT_TRUE(testing::Lacks(receipt.body, "Ana"));
  const std::string verifier = world_.instance().log().verifier();
  const auto facts = govern::CheckConsentReceipt(receipt.body, verifier);
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(facts->purpose, "fiducia:purpose/marketing_email");
  EXPECT_EQ(facts->state, "given");
  Json forged = Body(receipt);
  forged["record"]["dpv:hasPurpose"]["@id"] = "fiducia:purpose/credit_assessment";
  EXPECT_FALSE(govern::CheckConsentReceipt(WriteJson(forged), verifier));
  EXPECT_FALSE(govern::CheckConsentReceipt(receipt.body, World().instance().log().verifier()));
  EXPECT_FALSE(govern::CheckConsentReceipt("{}", verifier));
  EXPECT_EQ(world_
                .Send("privacy_officer", "GET",
                      "/api/v1/customers/" + id + "/authorizations/9/receipt", "legal_compliance")
                .status,
            404);
}

TEST_F(AuthorizationTest, ALedgerThatWasAlteredIsFoundOut) {
  const std::string id = world_.AddCustomer(kAna);
  ASSERT_EQ(Put(id, {{"action", "given"}, {"purpose", "marketing_email"}}).status, 201);
  ASSERT_EQ(Put(id, {{"action", "withdrawn"}, {"purpose", "marketing_email"}}).status, 201);
  world_.Tamper(db::Which::kData, "DELETE FROM basis_events WHERE seq = 3");
  world_.Reopen();
  EXPECT_EQ(JsonText(Ledger(id), "code"), "corrupt");
}

}  // namespace

}  // namespace fiducia
