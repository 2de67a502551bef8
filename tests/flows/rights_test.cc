// Requests of people under the law, from intake to certificate; and that nothing stays of who was
// erased.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "audit/receipt.h"
#include "base/clock.h"
#include "govern/rights/cases.h"
#include "store/disclosures.h"
#include "testing/canary.h"
#include "testing/customer.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Customer;
using testing::Person;
using testing::World;

constexpr const char* kMail = "ana@example.com";
const Json kAna = {{"name_full", "Ana Lopez-Canary"},
                   {"mobile", "138 0013 8000"},
                   {"email", kMail},
                   {"birth_date", "1975-07-28"}};
constexpr int64_t kDayMs = 86400000;

class RightsTest : public ::testing::Test {
 protected:
  RightsTest()
      : id_(world_.AddCustomer(kAna)),
        olga_(Person::Working(world_, "olga", "privacy_officer")),
        otto_(Person::Working(world_, "otto", "privacy_officer")) {}

  static Json ProcessOf(const Json& one, const std::string& right) {
    const Json list = one.value("processes", Json::array());
    for (const Json& process : list) {
      if (JsonText(process, "right") == right) {
        return process;
      }
    }
    return Json::object();
  }
  static std::string StateOf(const Json& one, const std::string& right) {
    return JsonText(ProcessOf(one, right), "state");
  }
  Json Get(Person& who, const std::string& id) {
    return Body(who.Send("GET", "/api/v1/rights/" + id));
  }
  http::Response Act(Person& who, const std::string& id, const std::string& what,
                     const Json& body) {
    return who.Send("POST", "/api/v1/rights/" + id + "/" + what, "", body);
  }

  World world_;
  std::string id_;
  Person olga_;
  Person otto_;
};

TEST_F(RightsTest, AnAccessRequestFromThePortalToTheCertificate) {
  for (const char* row : {"G1", "G6"}) {
    testing::Covers(row);
  }
  Customer ana(world_, kMail);
  const auto asked = ana.Send("POST", "/api/v1/portal/requests",
                              {{"rights", {"access"}}, {"text", "everything, please"}});
  ASSERT_EQ(asked.status, 201) << asked.body;
  const std::string id = JsonText(Body(asked), "id");
  EXPECT_EQ(JsonText(Body(asked), "number"), "R-2026-00001");
  EXPECT_EQ(StateOf(Body(asked), "access"), "review");
  // China: fifteen working days.
  EXPECT_EQ(JsonText(ProcessOf(Body(asked), "access"), "due_at").substr(0, 10), "2026-12-15");
  const Json seen = Get(olga_, id);
  EXPECT_EQ(JsonText(seen, "text"), "everything, please");
  int64_t cells = 0;
  const Json& found = seen["found"];
  for (const Json& place : found) {
    cells += JsonText(place, "place") == "subjects" ? place["count"].get<int64_t>() : 0;
  }
  EXPECT_EQ(cells, 4);
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "access"}, {"outcome", "full"}}).status, 200);
  EXPECT_EQ(Act(olga_, id, "decision", {{"right", "access"}, {"outcome", "full"}}).status, 409);
  ASSERT_EQ(Act(olga_, id, "execution", {{"right", "access"}}).status, 200);
  const std::string base = "/api/v1/portal/requests/" + id;
  EXPECT_EQ(ana.Send("GET", base + "/certificate").status, 409) << "open still";
  EXPECT_EQ(
      ana.Send("POST", base + "/package", {{"right", "access"}, {"passphrase", "short"}}).status,
      400);
  const auto package =
      ana.Send("POST", base + "/package", {{"right", "access"}, {"passphrase", "long enough 1"}});
  ASSERT_EQ(package.status, 200) << package.body;
  EXPECT_EQ(package.body.substr(0, 2), "PK");
  EXPECT_TRUE(testing::Lacks(package.body, "Ana Lopez-Canary")) << "encrypted";
  EXPECT_EQ(ana.Send("POST", base + "/package", {{"right", "access"}}).status, 410) << "once";
  const auto certificate = ana.Send("GET", base + "/certificate");
  ASSERT_EQ(certificate.status, 200);
  const std::string verifier = world_.instance().log().verifier();
  const auto facts = govern::CheckRightsCertificate(certificate.body, verifier);
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(facts->number, "R-2026-00001");
  Json forged = Body(certificate);
  forged["record"]["processes"][0]["outcome"] = "refused";
  EXPECT_FALSE(govern::CheckRightsCertificate(WriteJson(forged), verifier));
}

TEST_F(RightsTest, AnErasureNeedsTwoPeopleAndLeavesNothing) {
  for (const char* row : {"D6", "G6"}) {
    testing::Covers(row);
  }
  Customer ana(world_, kMail);
  ana.Send("POST", "/api/v1/portal/feedback", {{"text", "feedback-canary-55"}});
  const auto asked = ana.Send("POST", "/api/v1/portal/requests",
                              {{"rights", {"erase"}}, {"text", "text-canary-77"}});
  const std::string id = JsonText(Body(asked), "id");
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "erase"}, {"outcome", "full"}}).status, 200);
  const auto alone = Act(olga_, id, "execution", {{"right", "erase"}});
  EXPECT_EQ(JsonText(Body(alone), "code"), "denied");
  otto_.SignIn();
  const auto done = Act(otto_, id, "execution", {{"right", "erase"}});
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(StateOf(Body(done), "erase"), "done");
  EXPECT_NE(JsonText(Body(done), "closed_at"), "");
  EXPECT_EQ(JsonText(Body(done), "text"), "");
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/customers/" + id_, "service").status, 410);
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data").status, 401) << "the session went too";
  EXPECT_TRUE(Body(otto_.Send("GET", "/api/v1/feedback"))["messages"].empty());
  // The certificate holds the receipt of the erasure; both hold offline.
  const auto certificate = otto_.Send("GET", "/api/v1/rights/" + id + "/certificate");
  const std::string verifier = world_.instance().log().verifier();
  const auto facts = govern::CheckRightsCertificate(certificate.body, verifier);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(
      audit::CheckErasureReceipt(WriteJson(facts->record["processes"][0]["erasure"]), verifier));
  world_.Close();
  EXPECT_EQ(world_.HeldInClear({"Ana Lopez-Canary", kMail, "+8613800138000", "text-canary-77",
                                "feedback-canary-55"}),
            "");
}

TEST_F(RightsTest, AHoldStopsAnErasureAndItsEndCarriesItOut) {
  testing::Covers("D6");
  const auto restrict = [&](bool on) {
    return olga_
        .Send("POST", "/api/v1/customers/" + id_ + "/restriction", "legal_compliance",
              {{"kind", "hold"}, {"restricted", on}, {"reason", "a claim is pending"}})
        .status;
  };
  ASSERT_EQ(restrict(true), 201);
  Customer ana(world_, kMail);
  const std::string id =
      JsonText(Body(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"erase"}}})), "id");
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "erase"}, {"outcome", "full"}}).status, 200);
  otto_.SignIn();
  ASSERT_EQ(Act(otto_, id, "execution", {{"right", "erase"}}).status, 200);
  EXPECT_EQ(StateOf(Get(otto_, id), "erase"), "on_hold");
  world_.instance().Housekeep();
  EXPECT_EQ(StateOf(Get(otto_, id), "erase"), "on_hold") << "partly done is never called done";
  olga_.SignIn();
  ASSERT_EQ(restrict(false), 201);
  world_.instance().Housekeep();
  EXPECT_EQ(StateOf(Get(otto_, id), "erase"), "done");
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/customers/" + id_, "service").status, 410);
}

TEST_F(RightsTest, ALawThatKeepsAPartIsNamedInThePlan) {
  testing::Covers("D6");
  const Json orders = {{"name_full", "Bai Yer"},
                       {"mobile", "13900139003"},
                       {"email", "buyer@example.com"},
                       {"order", "A-77"}};
  world_.AddCustomer(orders, "order_fulfilment");
  Customer buyer(world_, "buyer@example.com");
  const std::string id =
      JsonText(Body(buyer.Send("POST", "/api/v1/portal/requests", {{"rights", {"erase"}}})), "id");
  const Json plan = Get(olga_, id)["plan"];
  bool kept = false;
  for (const Json& item : plan) {
    if (JsonText(item, "class") == "transaction") {
      kept = JsonText(item, "action") == "restrict_until" &&
             JsonText(item, "law") == "cn.retain.transactions" &&
             JsonText(item, "until") == "2029-11-24";
    } else {
      EXPECT_EQ(JsonText(item, "action"), "erase");
    }
  }
  EXPECT_TRUE(kept) << WriteJson(plan);
}

TEST_F(RightsTest, WhatALawKeepsStaysUnusedAndTheRestGoesAtOnce) {
  testing::Covers("D6");
  testing::Covers("G6");
  const Json orders = {{"name_full", "Bai Yer"},
                       {"mobile", "13900139003"},
                       {"email", "buyer@example.com"},
                       {"city", "Canary-Town"},
                       {"order", "A-77"}};
  const std::string buyer_id = world_.AddCustomer(orders, "order_fulfilment");
  Customer buyer(world_, "buyer@example.com");
  const std::string id =
      JsonText(Body(buyer.Send("POST", "/api/v1/portal/requests", {{"rights", {"erase"}}})), "id");
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "erase"}, {"outcome", "full"}}).status, 200);
  otto_.SignIn();
  const auto done = Act(otto_, id, "execution", {{"right", "erase"}});
  ASSERT_EQ(done.status, 200) << done.body;
  const Json process = ProcessOf(Body(done), "erase");
  EXPECT_EQ(JsonText(process, "state"), "on_hold");
  EXPECT_EQ(JsonText(process, "outcome"), "partial");
  EXPECT_EQ(JsonText(process, "reason"), "legal_duty");
  EXPECT_TRUE(process["due_at"].is_null()) << "the person has an answer";
  // For the law what it keeps is there still, and nothing else; nobody else sees anything.
  const auto left = otto_.Send("GET", "/api/v1/customers/" + buyer_id, "legal_compliance");
  EXPECT_EQ(left.status, 200);
  EXPECT_NE(left.body.find("\"order\""), std::string::npos) << left.body;
  for (const char* gone : {"mobile", "email", "city"}) {
    EXPECT_TRUE(testing::Lacks(left.body, "\"" + std::string(gone) + "\":{")) << left.body;
  }
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/customers/" + buyer_id, "order_fulfilment").status,
            403);
  world_.instance().Housekeep();
  EXPECT_EQ(StateOf(Get(otto_, id), "erase"), "on_hold");
  // Three years later it goes by itself.
  world_.clock().Advance(1100 * kDayMs);
  world_.instance().Housekeep();
  EXPECT_EQ(Body(world_.Local("GET", "/api/v1/rights/" + id))["processes"][0]["state"], "done");
  EXPECT_EQ(world_.Local("GET", "/api/v1/customers/" + buyer_id, "legal_compliance").status, 410);
}

TEST_F(RightsTest, RecipientsAreToldBeforeTheCaseCloses) {
  testing::Covers("G6");
  testing::Covers("G10");
  const Json mailhouse = Body(
      world_.Local("POST", "/api/v1/recipients", "",
                   R"({"code":"mailhouse","name":"M","kind":"processor","countries":["CN"]})"));
  const Uuid recipient = *Uuid::Parse(JsonText(mailhouse, "id"));
  store::Job job;
  job.data = [&](store::Session& data) {
    store::Disclosure given;
    given.recipient = recipient;
    given.last_ms = world_.clock().NowMs();
    return store::AddDisclosure(data, {0, *Uuid::Parse(id_)}, given);
  };
  ASSERT_TRUE(world_.instance().recovery().engine.SubmitAndWait(std::move(job)));
  Customer ana(world_, kMail);
  // The person sees who was given something.
  const Json seen = Body(ana.Send("GET", "/api/v1/portal/recipients"))["recipients"];
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0]["times"], 1);
  const std::string id =
      JsonText(Body(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"erase"}}})), "id");
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "erase"}, {"outcome", "full"}}).status, 200);
  otto_.SignIn();
  const Json one = Body(Act(otto_, id, "execution", {{"right", "erase"}}));
  EXPECT_EQ(StateOf(one, "erase"), "done");
  EXPECT_TRUE(one["closed_at"].is_null());
  ASSERT_EQ(one["tasks"].size(), 1U);
  EXPECT_EQ(JsonText(one["tasks"][0], "code"), "mailhouse");
  EXPECT_EQ(otto_.Send("GET", "/api/v1/rights/" + id + "/certificate").status, 409);
  const Json told = {{"recipient", recipient.Text()}, {"evidence", "their mail of 26 November"}};
  EXPECT_EQ(Act(otto_, id, "tasks", {{"recipient", recipient.Text()}, {"evidence", ""}}).status,
            400);
  const auto closed = Act(otto_, id, "tasks", told);
  ASSERT_EQ(closed.status, 200) << closed.body;
  EXPECT_FALSE(Body(closed)["closed_at"].is_null());
  EXPECT_EQ(Act(otto_, id, "tasks", told).status, 404);
  const auto certificate = otto_.Send("GET", "/api/v1/rights/" + id + "/certificate");
  EXPECT_NE(certificate.body.find("\"recipient\": \"mailhouse\""), std::string::npos)
      << certificate.body;
}

TEST_F(RightsTest, WhatWasSaidInACaseIsForgottenAfterAMonth) {
  testing::Covers("D6");
  Customer ana(world_, kMail);
  const std::string id = JsonText(
      Body(ana.Send("POST", "/api/v1/portal/requests",
                    {{"rights", {"object"}}, {"text", "no more letters to Canary street"}})),
      "id");
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "object"}, {"outcome", "full"}}).status, 200);
  ASSERT_EQ(Act(olga_, id, "execution", {{"right", "object"}}).status, 200);
  const auto text = [&] {
    return JsonText(Body(world_.Local("GET", "/api/v1/rights/" + id)), "text");
  };
  world_.clock().Advance(29 * kDayMs);
  world_.instance().Housekeep();
  EXPECT_NE(text(), "");
  world_.clock().Advance(2 * kDayMs);
  world_.instance().Housekeep();
  EXPECT_EQ(text(), "");
}

TEST_F(RightsTest, WhoAsksByPhoneIsRecognizedFirst) {
  testing::Covers("G6");
  const auto taken = olga_.Send(
      "POST", "/api/v1/rights", "",
      {{"rights", {"access", "object"}}, {"channel", "phone"}, {"text", "called at ten"}});
  ASSERT_EQ(taken.status, 201) << taken.body;
  const std::string id = JsonText(Body(taken), "id");
  EXPECT_EQ(StateOf(Body(taken), "access"), "identity");
  EXPECT_EQ(Act(olga_, id, "decision", {{"right", "access"}, {"outcome", "full"}}).status, 409);
  EXPECT_EQ(Act(olga_, id, "identity", {{"tier", 7}, {"method", "guessed"}}).status, 400);
  const auto known =
      Act(olga_, id, "identity", {{"tier", 3}, {"method", "two data points"}, {"customer", id_}});
  ASSERT_EQ(known.status, 200) << known.body;
  EXPECT_EQ(StateOf(Body(known), "object"), "review") << "an opt-out needs no proof";
  EXPECT_EQ(StateOf(Body(known), "access"), "identity") << "three is not enough for this";
  EXPECT_EQ(Act(olga_, id, "identity", {{"tier", 2}, {"method", "called back"}}).status, 200);
  EXPECT_EQ(StateOf(Get(olga_, id), "access"), "review");
  const std::string other = world_.AddCustomer({{"name_full", "Bo"}});
  EXPECT_EQ(
      Act(olga_, id, "identity", {{"tier", 1}, {"method", "another one"}, {"customer", other}})
          .status,
      409);
}

TEST_F(RightsTest, AMessageIsReadForWhatItAsksAndWhoWroteIt) {
  testing::Covers("G6");
  const auto read = [&](const std::string& text) {
    return Body(olga_.Send("POST", "/api/v1/rights/reading", "", {{"text", text}}));
  };
  const auto rights = [&](const std::string& text) {
    std::string all;
    const Json reading = read(text);
    for (const Json& right : reading["rights"]) {
      all += right.get<std::string>() + " ";
    }
    return all;
  };
  EXPECT_EQ(rights("Please send me a copy of my data, then delete my account and erase it all."),
            "access erase ");
  EXPECT_EQ(rights("Stop sending me letters. I also want a human review of the decision."),
            "object human_review ");
  EXPECT_EQ(rights("请删除我的全部信息，并告诉我你们有哪些信息。"), "access erase ");
  EXPECT_EQ(rights("我的生日有误，请更正"), "rectify ");
  EXPECT_EQ(rights("请提供可携带的格式；不要再发短信"), "portability object ");
  EXPECT_EQ(rights("Where is my parcel?"), "");
  const Json reading =
      read("From: Ana <ANA@example.com>.\nMy number is +86 138-0013-8000; thanks.");
  ASSERT_EQ(reading["customers"].size(), 1U) << reading;
  EXPECT_EQ(reading["customers"][0].get<std::string>(), id_);
  EXPECT_TRUE(read("nobody@example.com, order 20261124")["customers"].empty());
  EXPECT_EQ(olga_.Send("POST", "/api/v1/rights/reading", "", {{"text", ""}}).status, 400);
  EXPECT_EQ(world_.Send("agent", "POST", "/api/v1/rights/reading", "", R"({"text":"hi"})").status,
            403);
}

TEST_F(RightsTest, ATextIsLookedThroughAndNothingOfItIsKept) {
  testing::Covers("C5");
  const std::string text =
      R"({"text":"我是王飞，电话 13800138000，邮箱 canary.text@example.com。"})";
  const Json found = Body(world_.Send("agent", "POST", "/api/v1/text/classify", "", text))["found"];
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(JsonText(found[0], "kind"), "person");
  EXPECT_EQ(JsonText(found[1], "kind"), "phone");
  EXPECT_EQ(found[1]["from"].get<int>(), 8) << "in characters";
  EXPECT_EQ(found[1]["to"].get<int>(), 19);
  const Json clean = Body(world_.Send("agent", "POST", "/api/v1/text/redact", "", text));
  EXPECT_EQ(JsonText(clean, "text"), "我是[person]，电话 [phone]，邮箱 [email]。");
  const std::string phones = text.substr(0, text.size() - 1) + R"(,"kinds":["phone"]})";
  EXPECT_EQ(JsonText(Body(world_.Send("agent", "POST", "/api/v1/text/redact", "", phones)), "text"),
            "我是王飞，电话 [phone]，邮箱 canary.text@example.com。");
  EXPECT_EQ(world_.Send("agent", "POST", "/api/v1/text/redact", "", R"({"text":"x","kinds":["y"]})")
                .status,
            400);
  EXPECT_EQ(world_.Send("", "POST", "/api/v1/text/redact", "", text).status, 401);
  EXPECT_EQ(world_.Send("agent", "POST", "/api/v1/text/redact", "", "{}").status, 400);
  EXPECT_EQ(world_.HeldInClear({"canary.text@example.com"}), "");
}

TEST_F(RightsTest, WordsAboutOthersAreHiddenFromThePerson) {
  testing::Covers("G6");
  const auto added =
      world_.Send("agent", "POST", "/api/v1/customers/" + id_ + "/timeline", "service",
                  WriteJson({{"kind", "interaction"},
                             {"occurred_at", "2026-11-20T09:00:00Z"},
                             {"source", "shop"},
                             {"fields",
                              {{"complaint_text",
                                {"Neighbor Bob Brown (bob@example.net, 139 0013 9009) took it; "
                                 "call 13800138000"}}}}}));
  ASSERT_LT(added.status, 300) << added.body;
  const auto taken = olga_.Send(
      "POST", "/api/v1/rights", "",
      {{"rights", {"access"}}, {"channel", "desk"}, {"text", "copy"}, {"customer", id_}});
  const std::string id = JsonText(Body(taken), "id");
  const auto seen = olga_.Send("GET", "/api/v1/rights/" + id + "/texts", "legal_compliance");
  ASSERT_EQ(seen.status, 200) << seen.body;
  const Json texts = Body(seen)["texts"];
  ASSERT_EQ(texts.size(), 1U) << seen.body;
  EXPECT_EQ(WriteJson(texts[0]["suggestions"]),
            R"(["Bob Brown","bob@example.net","139 0013 9009"])")
      << "her own number is hers";
  const auto hide = [&](const Json& words) {
    return olga_.Send("PUT", "/api/v1/rights/" + id + "/redactions", "", {{"words", words}}).status;
  };
  EXPECT_EQ(hide({"x"}), 400);
  EXPECT_EQ(hide("Bob"), 400);
  EXPECT_EQ(hide({"bob brown", "bob@example.net", "139 0013 9009"}), 200);
  Customer ana(world_, kMail);
  const std::string own = ana.Send("GET", "/api/v1/portal/data").body;
  EXPECT_TRUE(testing::Lacks(own, "Bob"));
  EXPECT_TRUE(testing::Lacks(own, "139 0013 9009"));
  EXPECT_NE(own.find("Neighbor ▇▇▇ (▇▇▇, ▇▇▇) took it; call 13800138000"), std::string::npos)
      << own;
  const std::string file = ana.Send("GET", "/api/v1/portal/download/json").body;
  EXPECT_TRUE(testing::Lacks(file, "bob@example.net"));
  // Opened on record, under the number of the case; and gone again when nothing is hidden.
  world_.instance().log().Publish().value();
  EXPECT_EQ(hide(Json::array()), 200);
  EXPECT_NE(ana.Send("GET", "/api/v1/portal/data").body.find("Bob Brown"), std::string::npos);
  EXPECT_EQ(world_.HeldInClear({"bob brown", "Bob Brown"}), "");
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/rights/" + id + "/texts", "service").status, 403);
}

TEST_F(RightsTest, ARefusalNamesItsLegalReasonAndTellsThePerson) {
  testing::Covers("G6");
  Customer ana(world_, kMail);
  const std::string id =
      JsonText(Body(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"erase"}}})), "id");
  EXPECT_EQ(Act(olga_, id, "decision", {{"right", "erase"}, {"outcome", "refused"}}).status, 400);
  EXPECT_EQ(Act(olga_, id, "decision",
                {{"right", "erase"}, {"outcome", "refused"}, {"reason", "because"}})
                .status,
            400);
  ASSERT_EQ(Act(olga_, id, "decision",
                {{"right", "erase"},
                 {"outcome", "refused"},
                 {"reason", "legal_claim"},
                 {"words", "A claim of yours is pending."}})
                .status,
            200);
  const Json own = Body(ana.Send("GET", "/api/v1/portal/requests"))["cases"][0];
  EXPECT_EQ(StateOf(own, "erase"), "refused");
  EXPECT_EQ(JsonText(ProcessOf(own, "erase"), "words"), "A claim of yours is pending.");
}

TEST_F(RightsTest, ClocksObeyTheLawAlone) {
  testing::Covers("G1");
  Customer ana(world_, kMail);
  const std::string cn =
      JsonText(Body(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"access"}}})), "id");
  // China's clock neither stops nor lengthens.
  EXPECT_EQ(
      Act(olga_, cn, "clock", {{"right", "access"}, {"act", "pause"}, {"reason", "identity_doubt"}})
          .status,
      409);
  EXPECT_EQ(Act(olga_, cn, "clock",
                {{"right", "access"}, {"act", "extend"}, {"reason", "complex"}, {"told", true}})
                .status,
            409);
  // A record under European law: two clocks, the earlier governs, the European one stops.
  Json other = kAna;
  other["email"] = "eu@example.com";
  other["mobile"] = "13900139004";
  other["country"] = "DE";
  world_.AddCustomer(other);
  Customer eu(world_, "eu@example.com");
  const Json asked = Body(eu.Send("POST", "/api/v1/portal/requests", {{"rights", {"access"}}}));
  EXPECT_EQ(asked["regimes"], Json({"CN", "EU"}));
  EXPECT_EQ(JsonText(ProcessOf(asked, "access"), "due_at").substr(0, 10), "2026-12-15");
  const std::string id = JsonText(asked, "id");
  EXPECT_EQ(Act(olga_, id, "clock",
                {{"right", "access"}, {"act", "extend"}, {"reason", "complex"}, {"told", false}})
                .status,
            409)
      << "the person was not told";
  EXPECT_EQ(Act(olga_, id, "clock",
                {{"right", "access"}, {"act", "extend"}, {"reason", "complex"}, {"told", true}})
                .status,
            200);
  EXPECT_EQ(Act(olga_, id, "clock", {{"right", "access"}, {"act", "forget"}}).status, 400);
}

TEST_F(RightsTest, ACorrectionChangesTheRecord) {
  testing::Covers("G6");
  Customer ana(world_, kMail);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"rectify"}}}).status, 400);
  const auto asked =
      ana.Send("POST", "/api/v1/portal/requests",
               {{"rights", {"rectify"}}, {"corrections", {{"mobile", "13900139005"}}}});
  ASSERT_EQ(asked.status, 201) << asked.body;
  const std::string id = JsonText(Body(asked), "id");
  ASSERT_EQ(Act(olga_, id, "decision", {{"right", "rectify"}, {"outcome", "full"}}).status, 200);
  const auto done = Act(olga_, id, "execution", {{"right", "rectify"}});
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_NE(ana.Send("GET", "/api/v1/portal/data").body.find("+8613900139005"), std::string::npos);
}

TEST_F(RightsTest, AnObjectionAndAStopAreCarriedOut) {
  testing::Covers("G4");
  const auto claim = olga_.Send("POST", "/api/v1/customers/" + id_ + "/basis", "legal_compliance",
                                {{"action", "given"},
                                 {"purpose", "personalization"},
                                 {"basis", "legitimate_interest"},
                                 {"source", "shop"}});
  ASSERT_EQ(claim.status, 201);
  const auto reads = [&](const char* role, const char* purpose) {
    return JsonText(Body(world_.Send(role, "GET", "/api/v1/customers/" + id_, purpose)), "code");
  };
  EXPECT_EQ(reads("marketer", "personalization"), "");
  const std::string id =
      JsonText(Body(olga_.Send(
                   "POST", "/api/v1/rights", "",
                   {{"customer", id_}, {"rights", {"object", "restrict"}}, {"channel", "phone"}})),
               "id");
  for (const char* right : {"object", "restrict"}) {
    ASSERT_EQ(Act(olga_, id, "decision", {{"right", right}, {"outcome", "full"}}).status, 200);
  }
  ASSERT_EQ(Act(olga_, id, "execution", {{"right", "object"}}).status, 200);
  EXPECT_EQ(reads("marketer", "personalization"), "withdrawn");
  EXPECT_EQ(reads("agent", "service"), "");
  ASSERT_EQ(Act(olga_, id, "execution", {{"right", "restrict"}}).status, 200);
  EXPECT_EQ(reads("agent", "service"), "restricted");
  EXPECT_NE(JsonText(Get(olga_, id), "closed_at"), "");
}

TEST_F(RightsTest, APersonHasThreeOpenRequestsAndTakesOneBack) {
  Customer ana(world_, kMail);
  std::string id;
  for (int i = 0; i < 3; ++i) {
    const auto asked = ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"access"}}});
    ASSERT_EQ(asked.status, 201);
    id = JsonText(Body(asked), "id");
  }
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"access"}}}).status, 429);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/requests/" + id + "/withdraw").status, 200);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/requests/" + id + "/withdraw").status, 409);
  Json other = kAna;
  other["email"] = "bo@example.com";
  other["mobile"] = "13900139006";
  world_.AddCustomer(other);
  Customer bo(world_, "bo@example.com");
  EXPECT_EQ(bo.Send("POST", "/api/v1/portal/requests/" + id + "/withdraw").status, 404)
      << "somebody else's";
  EXPECT_EQ(bo.Send("GET", "/api/v1/portal/requests/" + id + "/certificate").status, 404);
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/rights").status, 403);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"fly"}}}).status, 400);
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/requests", {{"rights", Json::array()}}).status, 400);
}

TEST_F(RightsTest, CasesSurviveARestartAndOverdueOnesAreSeen) {
  Customer ana(world_, kMail);
  const std::string id =
      JsonText(Body(ana.Send("POST", "/api/v1/portal/requests", {{"rights", {"access"}}})), "id");
  world_.Reopen();
  world_.clock().Advance(40 * kDayMs);
  const Json list = Body(world_.Local("GET", "/api/v1/rights"))["cases"];
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(JsonText(list[0], "id"), id);
  EXPECT_EQ(JsonText(ProcessOf(list[0], "access"), "phase"), "overdue");
}

// A place that holds something of a person must be known to the search, or it would be forgotten.
TEST(PlacesTest, EveryTableWithASubjectIsAccountedFor) {
  testing::Covers("G6");
  const std::set<std::string> known = {
      "subjects",
      "basis_events",
      "timeline",
      "timeline_in_order",  // its name while a migration fills it
      "import_rows",        // counted by the search
      "disclosures",        // counted by the search
      "tickets",            // counted by the search
      "match_pairs",        // ids and weights: gone with the record
      "merge_intents",      // the same
      "changes",            // that it changed or is gone: an id and nothing else
      "subject_keys",       // destroyed
      "refusals",           // destroyed
      "tokens",             // removed with the record
      "audit_leaves",       // by pseudonym: dies with the key
      "audit_sets",         // the same
      "erasure_intents",    // that it was done
      "erasures",           // the same
      "erasure_receipts"};  // the same
  std::set<std::string> seen;
  const std::filesystem::path folder = "src/store/migrations";
  ASSERT_TRUE(std::filesystem::exists(folder));
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path());
    std::string table;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("CREATE TABLE ")) {
        table = line.substr(13, line.find(' ', 13) - 13);
      } else if (line.starts_with("  subject ")) {
        seen.insert(table);
      }
    }
  }
  EXPECT_GE(seen.size(), 8U);
  for (const std::string& table : seen) {
    EXPECT_TRUE(known.contains(table))
        << table << " holds something of people: add it to the search";
  }
}

}  // namespace

}  // namespace fiducia
