// Guardians of minors: on record by two people of the house, speaking in the portal under their own
// name, and silent from the day the minor is of age.
#include <gtest/gtest.h>

#include "testing/canary.h"
#include "testing/customer.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Customer;
using testing::World;

class GuardianTest : public ::testing::Test {
 protected:
  GuardianTest()
      : mother_(world_.AddCustomer({{"name_full", "Ana López"},
                                    {"mobile", "13800138000"},
                                    {"email", "ana@example.com"},
                                    {"birth_date", "1985-07-28"}})),
        child_(world_.AddCustomer({{"name_full", "Leo López"},
                                   {"mobile", "13900139002"},
                                   {"email", "leo@example.com"},
                                   {"birth_date", "2012-12-20"}})) {}

  http::Response Propose(const std::string& role, const std::string& minor,
                         const Json& change = Json::object()) {
    Json body = {{"guardian", mother_}, {"relation", "parent"}, {"reference", "DOC-7"}};
    body.update(change);
    return world_.Send(role, "POST", "/api/v1/customers/" + minor + "/guardians", "service",
                       WriteJson(body));
  }
  http::Response Step(const std::string& role, const std::string& id, const std::string& step) {
    return world_.Send(role, "POST", "/api/v1/customers/" + child_ + "/guardians/" + id, "service",
                       WriteJson({{"step", step}}));
  }
  // Put on record by the agent, confirmed by the officer.
  std::string Confirmed() {
    const std::string id = JsonText(Body(Propose("agent", child_)), "id");
    EXPECT_EQ(Step("privacy_officer", id, "confirm").status, 200);
    return id;
  }
  std::map<std::string, std::string> For(const std::string& minor) {
    return {{"fiducia-ward", minor}};
  }
  static Json Consent(bool on) {
    return {{"purpose", "marketing_email"}, {"on", on}, {"locale", "en"}};
  }

  World world_;
  std::string mother_;
  std::string child_;
};

TEST_F(GuardianTest, TwoPeoplePutAGuardianOnRecord) {
  testing::Covers("G15");
  EXPECT_EQ(Propose("marketer", child_).status, 403);
  EXPECT_EQ(Propose("agent", mother_, {{"guardian", child_}}).status, 409) << "of age";
  EXPECT_EQ(Propose("agent", child_, {{"guardian", child_}}).status, 409);
  EXPECT_EQ(Propose("agent", child_, {{"relation", "friend"}}).status, 400);
  EXPECT_EQ(Propose("agent", child_, {{"reference", "her passport, Ana"}}).status, 400);
  EXPECT_EQ(Propose("agent", child_, {{"guardian", "01a20d74-c6d1-7926-b19b-fe5619a659a3"}}).status,
            404);
  const auto made = Propose("privacy_officer", child_);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Propose("agent", child_).status, 409) << "on record already";
  const std::string id = JsonText(Body(made), "id");
  EXPECT_EQ(Step("agent", id, "confirm").status, 403);
  EXPECT_EQ(Step("privacy_officer", id, "confirm").status, 403) << "the same person";
  EXPECT_EQ(Step("manager", id, "wave").status, 400);
  EXPECT_EQ(Step("manager", id, "confirm").status, 200);
  EXPECT_EQ(Step("manager", id, "confirm").status, 409);
  const Json list =
      Body(world_.Send("agent", "GET", "/api/v1/customers/" + child_ + "/guardians", "service"));
  ASSERT_EQ(list["guardians"].size(), 1U);
  EXPECT_EQ(JsonText(list["guardians"][0], "state"), "confirmed");
}

TEST_F(GuardianTest, AGuardianSeesAndDecidesUnderTheirOwnName) {
  testing::Covers("G15");
  Customer ana(world_, "ana@example.com");
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data", Json(), For(child_)).status, 404);
  Confirmed();
  const Json wards = Body(ana.Send("GET", "/api/v1/portal/wards"))["wards"];
  ASSERT_EQ(wards.size(), 1U);
  EXPECT_EQ(JsonText(wards[0], "name"), "Leo López");
  const Json data = Body(ana.Send("GET", "/api/v1/portal/data", Json(), For(child_)));
  EXPECT_NE(WriteJson(data).find("leo@example.com"), std::string::npos);
  EXPECT_TRUE(testing::Lacks(WriteJson(data), "ana@example.com"));
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/uses", Consent(true), For(child_)).status, 200);
  EXPECT_EQ(world_.Send("marketer", "GET", "/api/v1/customers/" + child_, "marketing_email").status,
            200);
  // The guardian's own record is untouched, and the answer names the guardian.
  EXPECT_EQ(Body(ana.Send("GET", "/api/v1/portal/ledger"))["events"].size(), 1U);
  const Json ledger = Body(ana.Send("GET", "/api/v1/portal/ledger", Json(), For(child_)));
  EXPECT_EQ(JsonText(ledger["events"].back(), "guardian"), mother_);
  // The child sees who was there, and can say no alone.
  Customer leo(world_, "leo@example.com");
  world_.instance().log().Publish().value();
  const std::string accesses = leo.Send("GET", "/api/v1/portal/accesses").body;
  EXPECT_NE(accesses.find("\"role\":\"guardian\""), std::string::npos) << accesses;
  ASSERT_EQ(leo.Send("POST", "/api/v1/portal/uses", Consent(false)).status, 200);
  EXPECT_EQ(world_.Send("marketer", "GET", "/api/v1/customers/" + child_, "marketing_email").status,
            403);
  // Requests under the law are made for the child too.
  const auto asked = ana.Send("POST", "/api/v1/portal/requests",
                              {{"rights", {"access"}}, {"text", ""}}, For(child_));
  ASSERT_EQ(asked.status, 201) << asked.body;
  EXPECT_EQ(Body(ana.Send("GET", "/api/v1/portal/requests"))["cases"].size(), 0U);
  EXPECT_EQ(Body(leo.Send("GET", "/api/v1/portal/requests"))["cases"].size(), 1U);
}

TEST_F(GuardianTest, NobodySpeaksForSomebodyOfAgeNorWithoutARecord) {
  testing::Covers("G15");
  const std::string id = Confirmed();
  Customer ana(world_, "ana@example.com");
  ASSERT_EQ(ana.Send("GET", "/api/v1/portal/data", Json(), For(child_)).status, 200);
  Customer leo(world_, "leo@example.com");
  EXPECT_EQ(leo.Send("GET", "/api/v1/portal/data", Json(), For(mother_)).status, 404);
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data", Json(), For("not-an-id")).status, 400);
  EXPECT_EQ(Step("agent", id, "end").status, 200);
  EXPECT_EQ(ana.Send("GET", "/api/v1/portal/data", Json(), For(child_)).status, 404) << "ended";
  Confirmed();
  ASSERT_EQ(ana.Send("GET", "/api/v1/portal/data", Json(), For(child_)).status, 200);
  // 14 on 20 December 2026 (PIPL Art. 31).
  world_.clock().Advance(int64_t{27} * 86400000);
  Customer later(world_, "ana@example.com");
  EXPECT_EQ(later.Send("GET", "/api/v1/portal/data", Json(), For(child_)).status, 404) << "of age";
  EXPECT_TRUE(Body(later.Send("GET", "/api/v1/portal/wards"))["wards"].empty());
}

TEST_F(GuardianTest, AnErasureTakesTheGuardianshipAlong) {
  testing::Covers("G15");
  Confirmed();
  const auto erased =
      world_.Send("privacy_officer", "DELETE", "/api/v1/customers/" + mother_, "legal_compliance");
  ASSERT_LT(erased.status, 300) << erased.body;
  EXPECT_EQ(world_.HeldInClear({mother_}), "");
}

TEST_F(GuardianTest, APasskeyThatIsNoneLetsNobodyIn) {
  testing::Covers("G4");
  Customer ana(world_, "ana@example.com");
  EXPECT_TRUE(Body(ana.Send("GET", "/api/v1/portal/passkeys"))["passkeys"].empty());
  const Json offer = Body(ana.Send("POST", "/api/v1/portal/passkeys/options", Json::object()));
  EXPECT_EQ(JsonText(offer, "handle"), mother_);
  const auto forged = [&](const std::string& type, const std::string& challenge,
                          const std::string& origin) {
    return ToBase64Url(WriteJson({{"type", type}, {"challenge", challenge}, {"origin", origin}}));
  };
  const std::string ours = "https://" + JsonText(offer, "site");
  const auto add = [&](const std::string& client_data) {
    return ana
        .Send("POST", "/api/v1/portal/passkeys",
              {{"client_data", client_data}, {"authenticator_data", "AAAA"}, {"algorithm", -7}})
        .status;
  };
  EXPECT_EQ(add(forged("webauthn.create", "made-up", ours)), 401);
  const std::string challenge = JsonText(offer, "challenge");
  EXPECT_EQ(add(forged("webauthn.create", challenge, "https://elsewhere.example")), 401);
  EXPECT_EQ(add(forged("webauthn.create", challenge, ours)), 400) << "no credential in it";
  EXPECT_EQ(add(forged("webauthn.create", challenge, ours)), 401) << "a challenge works once";
  const auto enter = [&](const Json& body) {
    return world_.Send("", "POST", "/api/v1/portal/passkey", "", WriteJson(body)).status;
  };
  const Json open = Body(world_.Send("", "POST", "/api/v1/portal/passkey/options", "", "{}"));
  EXPECT_EQ(enter({{"id", "AAAA"},
                   {"client_data", forged("webauthn.get", JsonText(open, "challenge"), ours)},
                   {"authenticator_data", "AAAA"},
                   {"signature", "AAAA"}}),
            401);
  EXPECT_EQ(enter({{"id", "AAAA"}}), 400);
  EXPECT_EQ(
      ana.Send("DELETE", "/api/v1/portal/passkeys/01a20d74-c6d1-7926-b19b-fe5619a659a3").status,
      404);
}

}  // namespace

}  // namespace fiducia
