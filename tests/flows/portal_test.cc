// Customers at their own door: how they come in, what they see, and that what they decide is obeyed
// at the next read.
#include <gtest/gtest.h>

#include "audit/receipt.h"
#include "base/clock.h"
#include "govern/lawful/consent_receipt.h"
#include "testing/canary.h"
#include "testing/customer.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Customer;
using testing::Person;
using testing::World;

const Json kAna = {{"name_full", "Ana López"},
                   {"mobile", "138 0013 8000"},
                   {"email", "ana@example.com"},
                   {"birth_date", "1975-07-28"},
                   {"national_id_no", "11010519491231002X"}};
constexpr const char* kMail = "ana@example.com";

class PortalTest : public ::testing::Test {
 protected:
  PortalTest() : id_(world_.AddCustomer(kAna)) {}

  std::string AgentReads(const std::string& purpose = "service") {
    const auto response = world_.Send(purpose == "service" ? "agent" : "marketer", "GET",
                                      "/api/v1/customers/" + id_, purpose);
    return std::to_string(response.status) + " " + JsonText(Body(response), "code");
  }
  static Json UseOf(const Json& uses, const std::string& purpose) {
    const Json list = uses.value("uses", Json::array());
    for (const Json& use : list) {
      if (JsonText(use, "purpose") == purpose) {
        return use;
      }
    }
    return Json::object();
  }
  static Json Set(const std::string& purpose, bool on) {
    return {{"purpose", purpose}, {"on", on}, {"locale", "en"}};
  }

  World world_;
  std::string id_;
};

TEST_F(PortalTest, ALinkWorksOnceAndSoon) {
  testing::Covers("G4");
  const std::string link = Customer::LinkFor(world_, kMail);
  ASSERT_NE(link, "");
  EXPECT_EQ(Customer::Enter(world_, link).status, 200);
  EXPECT_EQ(Customer::Enter(world_, link).status, 401) << "replayed";
  const std::string late = Customer::LinkFor(world_, kMail);
  world_.clock().Advance(15 * 60000);
  EXPECT_EQ(Customer::Enter(world_, late).status, 401) << "expired";
  EXPECT_EQ(Customer::Enter(world_, "bm90IGEgbGluayBhdCBhbGwgYnV0IGxvbmcgZW5vdWdo").status, 401);
  EXPECT_EQ(Customer::Enter(world_, "x").status, 401);
  // Only the newest few of a person work.
  const std::string first = Customer::LinkFor(world_, kMail);
  for (int i = 0; i < 3; ++i) {
    world_.clock().Advance(1000);
    Customer::LinkFor(world_, kMail);
  }
  EXPECT_EQ(Customer::Enter(world_, first).status, 401);
}

TEST_F(PortalTest, AskingForALinkTellsNothing) {
  const auto ask = [&](const std::string& contact) {
    return world_.Send("", "POST", "/api/v1/portal/link", "",
                       WriteJson({{"contact", contact}, {"locale", "en"}}));
  };
  const auto known = ask(kMail);
  const auto unknown = ask("nobody@example.com");
  const auto broken = ask("what is this");
  EXPECT_EQ(known.status, 202);
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(known.body, broken.body);
  world_.Settle();
  EXPECT_EQ(world_.instance().outbox().Waiting().size(), 1U);
  // The phone number finds the person; the link goes to the mail address on record.
  ask("13800138000");
  world_.Settle();
  const auto waiting = world_.instance().outbox().Waiting();
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting.back().to.Reveal(), kMail);
}

TEST_F(PortalTest, AFloodOfQuestionsIsSlowedDownAndPutOnRecord) {
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(world_
                  .Send("", "POST", "/api/v1/portal/link", "",
                        WriteJson({{"contact", kMail}, {"locale", "en"}}))
                  .status,
              202);
    world_.Settle();
  }
  EXPECT_LE(world_.instance().outbox().Waiting().size(), 7U);
  ASSERT_TRUE(world_.instance().log().Publish());
  const auto leaves = world_.Send("privacy_officer", "GET", "/api/v1/audit/leaves?from=0&to=200");
  EXPECT_NE(leaves.body.find("too_many_requests"), std::string::npos);
}

TEST_F(PortalTest, NobodyComesInWithoutASessionOrWithAnothers) {
  Customer ana(world_, kMail);
  for (const char* path : {"/api/v1/portal/data", "/api/v1/portal/uses", "/api/v1/portal/ledger",
                           "/api/v1/portal/accesses", "/api/v1/portal/session"}) {
    EXPECT_EQ(ana.Send("GET", path).status, 200) << path;
    EXPECT_EQ(world_.Send("", "GET", path).status, 401) << path;
    EXPECT_EQ(world_.Send("agent", "GET", path).status, 401) << path;
  }
  // A change needs the token that only our own pages have.
  EXPECT_EQ(
      ana.Send("POST", "/api/v1/portal/uses", Set("marketing", true), {{"x-csrf-token", "wrong"}})
          .status,
      403);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("marketing", true),
                     {{"sec-fetch-site", "cross-site"}})
                .status,
            403);
  // The door of customers opens nothing of the house.
  EXPECT_EQ(ana.Send("GET", "/api/v1/customers/" + id_).status, 401);
  EXPECT_EQ(ana.Send("DELETE", "/api/v1/portal/session").status, 204);
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data").status, 401);
}

TEST_F(PortalTest, SeesWhatIsHeldWithSourceAndReason) {
  testing::Covers("A9");
  Customer ana(world_, kMail);
  const Json data = Body(ana.Send("GET", "/api/v1/portal/data"));
  ASSERT_EQ(data["fields"].size(), 5U);
  bool seen = false;
  const Json fields = data["fields"];
  for (const Json& field : fields) {
    if (JsonText(field, "field") == "national_id_no") {
      seen = true;
      EXPECT_EQ(JsonText(field["values"][0], "value"), "11010519491231002X");
      EXPECT_EQ(JsonText(field["values"][0], "source"), "shop");
      EXPECT_FALSE(field["purposes"].empty());
    }
  }
  EXPECT_TRUE(seen);
  // Some time later what weighs more is hidden, and no copy is to be had.
  for (int i = 0; i < 2; ++i) {
    world_.clock().Advance(10 * 60000);
    ASSERT_EQ(ana.Send("GET", "/api/v1/portal/session").status, 200);
  }
  EXPECT_TRUE(testing::Lacks(ana.Send("GET", "/api/v1/portal/data").body, "11010519491231002X"));
  EXPECT_EQ(JsonText(Body(ana.Send("GET", "/api/v1/portal/download/json")), "code"),
            "step_up_required");
}

TEST_F(PortalTest, ASwitchBitesAtTheNextReadAndShowsEverywhere) {
  for (const char* row : {"G2", "G4", "G5"}) {
    testing::Covers(row);
  }
  Customer ana(world_, kMail);
  EXPECT_EQ(AgentReads("marketing_email"), "403 no_basis");
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("marketing_email", true)).status, 200);
  EXPECT_EQ(AgentReads("marketing_email"), "200 ");
  Json use = UseOf(Body(ana.Send("GET", "/api/v1/portal/uses")), "marketing_email");
  EXPECT_EQ(JsonText(use, "state"), "on");
  EXPECT_EQ(JsonText(use, "basis"), "consent");
  EXPECT_EQ(use["rows"][0]["count"], 1) << "the marketer's read shows";
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("marketing_email", false)).status, 200);
  EXPECT_EQ(AgentReads("marketing_email"), "403 withdrawn");
  use = UseOf(Body(ana.Send("GET", "/api/v1/portal/uses")), "marketing_email");
  EXPECT_EQ(JsonText(use, "state"), "off");
  // The officer sees the same ledger, with how it was said and what had been told.
  const Json ledger =
      Body(world_.Send("privacy_officer", "GET", "/api/v1/customers/" + id_ + "/authorizations",
                       "legal_compliance"));
  const Json last = ledger["events"].back();
  EXPECT_EQ(JsonText(last, "action"), "withdrawn");
  EXPECT_EQ(JsonText(last["evidence"], "channel"), "portal");
  EXPECT_EQ(JsonText(last, "notice"), "privacy@1");
}

TEST_F(PortalTest, APartIsSwitchedOffForADepartmentAndOnAgain) {
  testing::Covers("G4");
  world_.Local("POST", "/api/v1/departments", "",
               R"({"code":"ads","name_zh":"营销部","name_en":"Marketing"})");
  Person mark(world_, "mark", "ads");
  mark.SetUp();
  mark.Give("marketer", {{"department", "ads"}});
  Customer ana(world_, kMail);
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("marketing_email", true)).status, 200);
  const auto fields = [&] {
    const auto read = mark.Send("GET", "/api/v1/customers/" + id_, "marketing_email");
    return read.status == 200 ? Body(read)["fields"] : Json::object();
  };
  EXPECT_TRUE(fields().contains("email"));
  Json off = Set("marketing_email", false);
  off["department"] = "ads";
  off["class"] = "contact";
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", off).status, 200);
  EXPECT_FALSE(fields().contains("email"));
  EXPECT_TRUE(fields().contains("name_full"));
  const Json use = UseOf(Body(ana.Send("GET", "/api/v1/portal/uses")), "marketing_email");
  EXPECT_EQ(JsonText(use["rows"][0], "department"), "ads");
  EXPECT_GE(use["rows"][0]["count"], 2);
  const Json cells = use["rows"][0]["cells"];
  for (const Json& cell : cells) {
    EXPECT_EQ(cell["on"].get<bool>(), JsonText(cell, "class") != "contact");
  }
  off["on"] = true;
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", off).status, 200);
  EXPECT_TRUE(fields().contains("email"));
}

TEST_F(PortalTest, AContractIsLockedAndTheStopIsNot) {
  testing::Covers("G4");
  Customer ana(world_, kMail);
  const auto refused = ana.Send("POST", "/api/v1/portal/uses", Set("service", false));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("legal_compliance", false)).status, 409);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("curiosity", false)).status, 400);
  EXPECT_EQ(AgentReads(), "200 ");
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/restriction", {{"restricted", true}}).status, 200);
  EXPECT_EQ(AgentReads(), "403 restricted");
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/restriction", {{"restricted", true}}).status, 409);
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/restriction", {{"restricted", false}}).status, 200);
  EXPECT_EQ(AgentReads(), "200 ");
}

TEST_F(PortalTest, SeesWhoLookedWithAProofThatHolds) {
  testing::Covers("F5");
  AgentReads();
  Customer ana(world_, kMail);
  const Json accesses = Body(ana.Send("GET", "/api/v1/portal/accesses"))["accesses"];
  uint64_t leaf = 0;
  for (const Json& access : accesses) {
    if (JsonText(access, "operation") == "read") {
      leaf = access["leaf"].get<uint64_t>();
      EXPECT_EQ(JsonText(access, "purpose"), "service");
      EXPECT_EQ(JsonText(access, "basis"), "contract");
    }
  }
  ASSERT_TRUE(world_.instance().log().Publish());
  const std::string path = "/api/v1/portal/accesses/" + std::to_string(leaf) + "/proof";
  const auto proof = ana.Send("GET", path);
  ASSERT_EQ(proof.status, 200) << proof.body;
  const std::string verifier = world_.instance().log().verifier();
  const auto facts = audit::CheckEntryProof(proof.body, verifier);
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(facts->entry.leaf.op, "read");
  Json forged = Body(proof);
  forged["leaf"] = leaf + 1;
  EXPECT_FALSE(audit::CheckEntryProof(WriteJson(forged), verifier));
  // Of somebody else's entries there is no proof to be had.
  Json other = kAna;
  other["email"] = "bo@example.com";
  other["mobile"] = "13900139001";
  world_.AddCustomer(other);
  Customer bo(world_, "bo@example.com");
  EXPECT_EQ(bo.Send("GET", path).status, 404);
  EXPECT_EQ(bo.Send("GET", "/api/v1/portal/accesses/x/proof").status, 404);
}

TEST_F(PortalTest, EveryAnswerHasAReceipt) {
  Customer ana(world_, kMail, "zh-CN");
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("personalization", true)).status, 200);
  const Json ledger = Body(ana.Send("GET", "/api/v1/portal/ledger"));
  const std::string seq = std::to_string(ledger["events"].back()["seq"].get<int>());
  const auto receipt = ana.Send("GET", "/api/v1/portal/receipts/" + seq);
  ASSERT_EQ(receipt.status, 200);
  EXPECT_TRUE(
      govern::CheckConsentReceipt(receipt.body, world_.instance().log().verifier()).has_value());
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/receipts/99").status, 404);
}

TEST_F(PortalTest, TakesACopyInEveryFormat) {
  testing::Covers("G6");
  Customer ana(world_, kMail);
  for (const char* format : {"json", "csv", "html", "vcf"}) {
    const auto file = ana.Send("GET", std::string("/api/v1/portal/download/") + format);
    EXPECT_EQ(file.status, 200);
    EXPECT_NE(file.body.find("Ana López"), std::string::npos) << format;
  }
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/download/exe").status, 404);
}

TEST_F(PortalTest, GlobalPrivacyControlIsAnObjection) {
  testing::Covers("G4");
  Customer ana(world_, kMail);
  const auto claim = world_.Send(
      "privacy_officer", "POST", "/api/v1/customers/" + id_ + "/basis", "legal_compliance",
      R"({"action":"given","purpose":"personalization","basis":"legitimate_interest","source":"shop"})");
  ASSERT_EQ(claim.status, 201);
  EXPECT_EQ(AgentReads("personalization"), "200 ");
  const auto session = ana.Send("GET", "/api/v1/portal/session", Json(), {{"sec-gpc", "1"}});
  ASSERT_EQ(session.status, 200);
  EXPECT_TRUE(Body(session)["gpc"].get<bool>());
  EXPECT_EQ(AgentReads("personalization"), "403 withdrawn");
  const size_t events = Body(ana.Send("GET", "/api/v1/portal/ledger"))["events"].size();
  ana.Send("GET", "/api/v1/portal/session", Json(), {{"sec-gpc", "1"}});
  EXPECT_EQ(Body(ana.Send("GET", "/api/v1/portal/ledger"))["events"].size(), events) << "once";
  EXPECT_TRUE(Body(world_.Send("", "GET", "/.well-known/gpc.json"))["gpc"].get<bool>());
}

TEST_F(PortalTest, OneClickUnsubscribesAndTellsNothing) {
  testing::Covers("E2");
  Customer ana(world_, kMail);
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", Set("marketing_email", true)).status, 200);
  const std::string token =
      world_.instance().unsubscribe().TokenFor({0, *Uuid::Parse(id_)}, "marketing_email");
  EXPECT_TRUE(testing::Lacks(token, id_));
  const auto page = world_.Send("", "GET", "/u/" + token);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(AgentReads("marketing_email"), "200 ") << "a scanner that fetches changes nothing";
  const auto click = world_.Send("", "POST", "/u/" + token, "", "List-Unsubscribe=One-Click",
                                 {{"content-type", "application/x-www-form-urlencoded"},
                                  {"origin", "https://mail.example.com"}});
  EXPECT_EQ(click.status, 200);
  EXPECT_EQ(AgentReads("marketing_email"), "403 withdrawn");
  const auto wrong = world_.Send("", "POST", "/u/AAAA", "", "");
  EXPECT_EQ(wrong.status, 200);
  EXPECT_EQ(wrong.body, click.body);
}

TEST_F(PortalTest, AnOpinionIsAnsweredToAnEnd) {
  testing::Covers("G12");
  Customer ana(world_, kMail);
  ASSERT_EQ(
      ana.Send("POST", "/api/v1/portal/feedback", {{"text", "Why do you ask my birthday?"}}).status,
      201);
  const Json open = Body(world_.Send("privacy_officer", "GET", "/api/v1/feedback"))["messages"];
  ASSERT_EQ(open.size(), 1U);
  const std::string path = "/api/v1/feedback/" + JsonText(open[0], "id") + "/answer";
  const std::string answer = R"({"text":"To congratulate you. You can have it removed."})";
  EXPECT_EQ(world_.Send("agent", "POST", path, "", answer).status, 403);
  EXPECT_EQ(world_.Send("privacy_officer", "POST", path, "", answer).status, 200);
  EXPECT_EQ(world_.Send("privacy_officer", "POST", path, "", answer).status, 409);
  const Json own = Body(ana.Send("GET", "/api/v1/portal/feedback"))["messages"];
  EXPECT_EQ(JsonText(own[0], "answer"), "To congratulate you. You can have it removed.");
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/feedback", {{"text", ""}}).status, 400);
  EXPECT_EQ(world_.HeldInClear({"Why do you ask my birthday?"}), "");
}

TEST_F(PortalTest, AChildDecidesNothingAlone) {
  testing::Covers("G15");
  Json child = kAna;
  child["email"] = "kid@example.com";
  child["mobile"] = "13900139002";
  child["birth_date"] = "2016-05-01";
  world_.AddCustomer(child);
  Customer kid(world_, "kid@example.com");
  EXPECT_TRUE(Body(kid.Send("GET", "/api/v1/portal/data"))["needs_guardian"].get<bool>());
  EXPECT_EQ(kid.Send("POST", "/api/v1/portal/uses", Set("marketing_email", true)).status, 403);
  EXPECT_EQ(kid.Send("POST", "/api/v1/portal/uses", Set("marketing_email", false)).status, 200)
      << "a no needs nobody";
}

TEST_F(PortalTest, TheDeskHandsOverALinkAgainstAReason) {
  testing::Covers("G4");
  const std::string path = "/api/v1/customers/" + id_ + "/portal-link";
  EXPECT_EQ(world_.Send("agent", "POST", path, "service", "{}").status, 400);
  EXPECT_EQ(
      world_.Send("marketer", "POST", path, "marketing_email", R"({"reason":"asked"})").status,
      403);
  const auto handed =
      world_.Send("agent", "POST", path, "service", R"({"reason":"showed an identity card"})");
  ASSERT_EQ(handed.status, 201) << handed.body;
  const std::string url = JsonText(Body(handed), "url");
  EXPECT_EQ(Customer::Enter(world_, url.substr(url.find("#link=") + 6)).status, 200);
}

TEST_F(PortalTest, AnErasedCustomerIsOut) {
  Customer ana(world_, kMail);
  const std::string link = Customer::LinkFor(world_, kMail);
  ASSERT_EQ(world_.Send("privacy_officer", "DELETE", "/api/v1/customers/" + id_, "legal_compliance")
                .status,
            200);
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data").status, 410);
  EXPECT_EQ(Customer::Enter(world_, link).status, 401);
  EXPECT_EQ(Customer::LinkFor(world_, kMail), link) << "no new link was sent";
}

TEST_F(PortalTest, SessionsAndMessagesSurviveARestartAndNothingLeaksToDisk) {
  Customer ana(world_, kMail);
  Customer::LinkFor(world_, kMail);
  world_.Reopen();
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data").status, 200);
  EXPECT_FALSE(world_.instance().outbox().Waiting().empty());
  EXPECT_EQ(world_.HeldInClear({kMail, "Ana López", "#link="}), "");
}

TEST(OutboxTest, SendsTriesAgainAndForgets) {
  World world;
  int sent = 0;
  bool works = false;
  world.set_send([&](const courier::MailServer&, const courier::Message&) -> Status {
    ++sent;
    return works ? Status() : Fail(Code::kUnavailable, "no");
  });
  world.Reopen();
  world.AddCustomer(kAna);
  EXPECT_EQ(world.Local("POST", "/api/v1/mail", "", R"({"url":"ftp://x","from":"a@b"})").status,
            400);
  ASSERT_EQ(
      world
          .Local(
              "POST", "/api/v1/mail", "",
              R"({"url":"smtps://mail.example.com:465","from":"us@example.com","password":"pw-canary"})")
          .status,
      204);
  ASSERT_NE(Customer::LinkFor(world, kMail), "");
  EXPECT_EQ(sent, 1);
  ASSERT_TRUE(world.instance().outbox().Deliver());
  EXPECT_EQ(sent, 1) << "not yet due again";
  works = true;
  world.clock().Advance(3 * 60000);
  ASSERT_TRUE(world.instance().outbox().Deliver());
  EXPECT_EQ(sent, 2);
  EXPECT_TRUE(world.instance().outbox().Waiting().empty());
  // What is out of date goes unsent.
  works = false;
  Customer::LinkFor(world, kMail);
  world.clock().Advance(16 * 60000);
  ASSERT_TRUE(world.instance().outbox().Deliver());
  EXPECT_TRUE(world.instance().outbox().Waiting().empty());
  EXPECT_EQ(world.HeldInClear({"pw-canary", "mail.example.com"}), "");
  EXPECT_EQ(world.Send("admin", "GET", "/api/v1/mail").status, 404);
  EXPECT_EQ(world.Local("DELETE", "/api/v1/mail").status, 204);
}

}  // namespace

}  // namespace fiducia
