// People sign in, work under grants, and lose both at once; and what attackers try meanwhile.
#include <gtest/gtest.h>

#include "base/clock.h"
#include "crypto/second_factor.h"
#include "testing/canary.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::kPassword;
using testing::Person;
using testing::World;

constexpr int64_t kDayMs = 86400000;

std::string Stage(const http::Response& response) { return JsonText(Body(response), "stage"); }

// Whether the log has a leaf with this operation and decision.
bool OnRecord(World& world, const std::string& op, const std::string& decision = "done") {
  return world.Leaves(op, decision) > 0;
}

TEST(SignInTest, LeadsThroughPasswordSecondFactorAndAgreementToWork) {
  testing::Covers("D5");
  testing::Covers("H10");
  World world;
  Person ana(world, "ana");
  const auto set = ana.Send("POST", "/api/v1/session/setup", "",
                            {{"token", ana.setup_token()}, {"password", kPassword}});
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(Stage(set), "enroll");
  // Nothing works before the sign-in is whole.
  for (const char* path : {"/api/v1/catalog", "/api/v1/me/courses", "/api/v1/people"}) {
    EXPECT_EQ(JsonText(Body(ana.Send("GET", path)), "code"), "sign_in_incomplete") << path;
  }
  const Json offer = Body(ana.Send("POST", "/api/v1/me/totp"));
  EXPECT_EQ(JsonText(offer, "uri").find("otpauth://totp/Fiducia:ana?secret="), 0U);
  EXPECT_EQ(ana.Send("POST", "/api/v1/me/totp/confirm", "", {{"code", "000000"}}).status, 422);
  Person grace(world, "grace");
  grace.SetUp();
  EXPECT_EQ(grace.recovery().size(), 10U);
  EXPECT_EQ(Stage(grace.Send("GET", "/api/v1/session")), "full");
  grace.Give("agent");
  const Json me = Body(grace.Send("GET", "/api/v1/session"));
  EXPECT_EQ(me["purposes"], Json({"order_fulfilment", "service"}));
  const std::string id = world.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}});
  const auto read = grace.Send("GET", "/api/v1/customers/" + id, "service");
  EXPECT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(JsonText(Body(grace.Send("GET", "/api/v1/customers/" + id)), "code"),
            "purpose_required");
  // The one-time link is used up.
  Person thief(world, "thief");
  EXPECT_EQ(thief
                .Send("POST", "/api/v1/session/setup", "",
                      {{"token", grace.setup_token()}, {"password", kPassword}})
                .status,
            401);
  EXPECT_TRUE(OnRecord(world, "session.start"));
  EXPECT_TRUE(OnRecord(world, "agreement.sign"));
}

TEST(SignInTest, EveryStepGivesANewTokenAndTheOldOneIsDead) {
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  world.clock().Advance(31000);
  ASSERT_EQ(ana.Password().status, 200);
  const std::string half = ana.cookies()["__Host-fiducia"];
  EXPECT_EQ(Stage(ana.Send("GET", "/api/v1/session")), "second_factor");
  ASSERT_EQ(ana.Code().status, 200);
  const std::string whole = ana.cookies()["__Host-fiducia"];
  EXPECT_NE(half, whole);
  ana.cookies()["__Host-fiducia"] = half;
  EXPECT_EQ(ana.Send("GET", "/api/v1/session").status, 401);
  ana.cookies()["__Host-fiducia"] = whole;
  EXPECT_EQ(Stage(ana.Send("GET", "/api/v1/session")), "full");
  EXPECT_EQ(ana.Send("DELETE", "/api/v1/session").status, 204);
  ana.cookies()["__Host-fiducia"] = whole;
  EXPECT_EQ(ana.Send("GET", "/api/v1/session").status, 401);
}

TEST(SignInTest, ACodeIsGoodOnce) {
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  world.clock().Advance(31000);
  ASSERT_EQ(ana.Password().status, 200);
  ASSERT_EQ(ana.Code().status, 200);
  ASSERT_EQ(ana.Password().status, 200);
  const auto replayed = ana.Code();
  EXPECT_EQ(replayed.status, 401);
  EXPECT_TRUE(OnRecord(world, "session.start", "refused"));
  const Json recovery = {{"kind", "recovery"}, {"code", ana.recovery()[3]}};
  EXPECT_EQ(ana.Send("POST", "/api/v1/session/code", "", recovery).status, 200);
  ASSERT_EQ(ana.Password().status, 200);
  EXPECT_EQ(ana.Send("POST", "/api/v1/session/code", "", recovery).status, 401);
}

TEST(SignInTest, IdlenessAndAgeEndASession) {
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  ana.SignIn();
  world.clock().Advance(14 * 60000);
  EXPECT_EQ(ana.Send("GET", "/api/v1/session").status, 200);
  world.clock().Advance(16 * 60000);
  EXPECT_EQ(ana.Send("GET", "/api/v1/session").status, 401);
  ana.SignIn();
  for (int i = 0; i < 71; ++i) {
    world.clock().Advance(10 * 60000);
    ASSERT_EQ(ana.Send("GET", "/api/v1/session").status, 200) << i;
  }
  world.clock().Advance(10 * 60000);
  EXPECT_EQ(ana.Send("GET", "/api/v1/session").status, 401);
}

TEST(SignInTest, AnotherSiteCannotUseTheSession) {
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  const std::string id = world.AddCustomer({{"name_full", "Customer"}});
  const std::string path = "/api/v1/customers/" + id + "/reveal";
  const Json body = {{"fields", {"name_full"}}, {"reason", "the customer called"}};
  const std::map<std::string, std::string> purpose = {{"fiducia-purpose", "service"}};
  EXPECT_EQ(ana.SendWith("POST", path, body, purpose).status, 200);
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"x-csrf-token", ""},
                                          {"x-csrf-token", "AAAA"},
                                          {"origin", "https://evil.example"},
                                          {"origin", "null"},
                                          {"sec-fetch-site", "cross-site"},
                                          {"sec-fetch-site", "same-site"}}) {
    std::map<std::string, std::string> headers = purpose;
    headers[name] = value;
    EXPECT_EQ(ana.SendWith("POST", path, body, headers).status, 403) << name << " " << value;
  }
}

TEST(SignInTest, GuessingSlowsDownAndLocksNobodyOut) {
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  ana.SignIn();  // this device is known from here on
  Person mallory(world, "mallory");
  const auto guess = [&](const std::string& login) {
    return mallory.Send("POST", "/api/v1/session", "",
                        {{"login", login}, {"password", "wrong wrong wrong"}});
  };
  int slowed = 0;
  for (int i = 0; i < 12; ++i) {
    const auto mine = guess("ana");
    // Whether there is such a person makes no difference.
    const auto nobody = guess("nobody-of-that-name");
    EXPECT_EQ(mine.status, nobody.status);
    EXPECT_EQ(Body(mine)["title"], Body(nobody)["title"]);
    slowed += mine.status == 429 ? 1 : 0;
  }
  EXPECT_GE(slowed, 6);
  // From her own device she gets in all the same.
  EXPECT_EQ(ana.Password().status, 200);
  // A stranger with the right password waits, but not for ever.
  EXPECT_EQ(mallory.Send("POST", "/api/v1/session", "", {{"login", "ana"}, {"password", kPassword}})
                .status,
            429);
  world.clock().Advance(15 * 60000);
  EXPECT_EQ(mallory.Send("POST", "/api/v1/session", "", {{"login", "ana"}, {"password", kPassword}})
                .status,
            200);
}

TEST(SignInTest, PasswordsEverybodyTriesFirstAreRefused) {
  World world;
  Person ana(world, "katharina");
  for (const char* bad : {"short", "passwordpassword", "P@ssw0rd12345", "123456789012345",
                          "qwertyuiopasdf", "abcabcabcabcabc", "katharina-is-me",
                          "fiducia-fiducia-x", "iloveyou2026", "aaaaaaaaaaaaaaaa"}) {
    const auto refused = ana.Send("POST", "/api/v1/session/setup", "",
                                  {{"token", ana.setup_token()}, {"password", bad}});
    EXPECT_EQ(refused.status, 422) << bad;
    EXPECT_TRUE(testing::Lacks(refused.body, bad));
  }
  for (const char* good : {"correct lamp river tuesday", "我在雨天骑绿色的自行车去上班了"}) {
    Person one(world, std::string("p") + std::to_string(std::string_view(good).size()));
    EXPECT_EQ(one.Send("POST", "/api/v1/session/setup", "",
                       {{"token", one.setup_token()}, {"password", good}})
                  .status,
              200)
        << good;
  }
}

TEST(GrantTest, DisablingAPersonEndsSessionsAndGrantsTogether) {
  testing::Covers("D4");
  testing::Covers("F7");
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  EXPECT_EQ(ana.Send("GET", "/api/v1/catalog").status, 200);
  EXPECT_EQ(world.Local("POST", "/api/v1/people/" + ana.id() + "/disable", "", "{}").status, 200);
  EXPECT_EQ(ana.Send("GET", "/api/v1/catalog").status, 401);
  EXPECT_EQ(ana.Password().status, 401);
  const Json kept = Body(world.Local("GET", "/api/v1/grants"));
  EXPECT_EQ(kept["grants"].size(), 1U);
  for (const Json& grant : kept["grants"]) {
    EXPECT_FALSE(grant["revoked_at"].is_null());
  }
  world.Reopen();
  EXPECT_EQ(ana.Send("GET", "/api/v1/catalog").status, 401);
  EXPECT_EQ(ana.Password().status, 401);
  // Back again as if new: neither grants nor old proofs. So who lost every factor gets in again,
  // and an administrator who opens the invitation himself finds nothing behind it.
  EXPECT_EQ(world.Local("POST", "/api/v1/people/" + ana.id() + "/enable", "", "{}").status, 200);
  EXPECT_EQ(ana.Password().status, 401);
  const std::string link =
      JsonText(Body(world.Local("POST", "/api/v1/people/" + ana.id() + "/invitation", "", "{}")),
               "setup_path");
  const auto again =
      ana.Send("POST", "/api/v1/session/setup", "",
               {{"token", link.substr(link.find('#') + 1)}, {"password", kPassword}});
  EXPECT_EQ(Stage(again), "enroll");
  EXPECT_EQ(ana.Code().status, 401);
  EXPECT_EQ(Body(ana.Send("GET", "/api/v1/session"))["purposes"].size(), 0U);
}

TEST(GrantTest, AGrantReachesWhatItSaysAndNoFurther) {
  testing::Covers("D4");
  testing::Covers("E4");
  testing::Covers("F4");
  World world;
  const std::string id =
      world.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}, {"language", "zh"}});
  const std::string path = "/api/v1/customers/" + id;
  world.Local(
      "POST", "/api/v1/departments", "",
      R"({"code":"shop","name_zh":"门店","name_en":"Shop","purposes":["order_fulfilment"]})");
  world.Local("POST", "/api/v1/departments", "",
              R"({"code":"shop-north","name_zh":"北店","name_en":"North shop","parent":"shop"})");
  // The department does not work for the purpose, whatever the role does.
  Person north(world, "north", "shop-north");
  north.SetUp();
  north.Give("agent", {{"department", "shop-north"}});
  EXPECT_EQ(JsonText(Body(north.Send("GET", path, "service")), "code"), "role_refused");
  // Only one class, only up to L2, only for a case, only from tomorrow, only until tonight.
  Person ana(world, "ana");
  ana.SetUp();
  ana.Give("agent", {{"classes", {"identity"}}, {"case", "C-7"}});
  EXPECT_EQ(ana.Send("GET", path, "service").status, 403);
  const auto read =
      ana.SendWith("GET", path, Json(), {{"fiducia-purpose", "service"}, {"fiducia-case", "C-7"}});
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_TRUE(Body(read)["fields"].contains("name_full"));
  EXPECT_FALSE(Body(read)["fields"].contains("mobile"));
  EXPECT_NE(read.body.find("outside_grant"), std::string::npos);
  Person tomorrow(world, "tomorrow");
  tomorrow.SetUp();
  const int64_t now = world.clock().NowMs();
  tomorrow.Give("agent",
                {{"from", FormatTime(now + kDayMs)}, {"until", FormatTime(now + 2 * kDayMs)}});
  EXPECT_EQ(tomorrow.Send("GET", path, "service").status, 403);
  world.clock().Advance(kDayMs + 60000);
  tomorrow.SignIn();
  EXPECT_EQ(tomorrow.Send("GET", path, "service").status, 200);
  world.clock().Advance(kDayMs);
  tomorrow.SignIn();
  EXPECT_EQ(tomorrow.Send("GET", path, "service").status, 403);
}

TEST(GrantTest, PowersAreKeptApart) {
  testing::Covers("F7");
  World world;
  Person admin = Person::Working(world, "root", "admin");
  Person other(world, "other");
  other.SetUp();
  const std::string until = FormatTime(world.clock().NowMs() + kDayMs);
  const auto give = [&](const std::string& person, const std::string& role,
                        const std::string& end) {
    return admin.Send("POST", "/api/v1/grants", "",
                      {{"person", person}, {"role", role}, {"until", end}});
  };
  // What reaches customers waits for somebody else; the rest an administrator gives alone.
  const auto asked = give(other.id(), "agent", until);
  EXPECT_EQ(asked.status, 202);
  Person approver = Person::Working(world, "approver", "privacy_officer");
  const Json decision = {{"approve", true}, {"hash", JsonText(Body(asked), "hash")}};
  const std::string path = "/api/v1/requests/" + JsonText(Body(asked), "id") + "/decision";
  EXPECT_EQ(admin.Send("POST", path, "", decision).status, 403);
  EXPECT_EQ(other.Send("POST", path, "", decision).status, 403);
  EXPECT_EQ(approver.Send("POST", path, "", decision).status, 200);
  EXPECT_EQ(Body(other.Send("GET", "/api/v1/session"))["purposes"].size(), 2U);
  const auto key = admin.Send("POST", "/api/v1/keys", "", {{"role", "agent"}, {"label", "x"}});
  EXPECT_EQ(key.status, 202);
  EXPECT_FALSE(Body(key).contains("key"));
  EXPECT_EQ(admin.Send("POST", "/api/v1/requests/" + JsonText(Body(key), "id") + "/key").status,
            409);
  EXPECT_EQ(give(admin.id(), "agent", until).status, 403);          // to oneself
  EXPECT_EQ(give(other.id(), "admin", until).status, 409);          // reads data already
  EXPECT_EQ(give(other.id(), "key_custodian", until).status, 409);  // likewise
  EXPECT_EQ(give(other.id(), "operator", until).status, 400);       // none for people
  EXPECT_EQ(give(other.id(), "agent", FormatTime(world.clock().NowMs() + 91 * kDayMs)).status, 400);
  // The administrator cannot read, the officer cannot configure, the custodian sees nothing.
  const std::string id = world.AddCustomer({{"name_full", "Customer"}});
  EXPECT_EQ(admin.Send("GET", "/api/v1/customers/" + id, "service").status, 403);
  Person officer = Person::Working(world, "officer", "privacy_officer");
  EXPECT_EQ(officer.Send("GET", "/api/v1/customers/" + id, "service").status, 200);
  EXPECT_EQ(officer.Send("POST", "/api/v1/people", "", {{"login", "xyz"}, {"name", "X"}}).status,
            403);
  EXPECT_EQ(officer.Send("POST", "/api/v1/keys", "", {{"role", "agent"}}).status, 403);
  Person custodian = Person::Working(world, "keeper", "key_custodian");
  EXPECT_EQ(custodian.Send("GET", "/api/v1/customers/" + id, "service").status, 403);
  EXPECT_EQ(custodian.Send("GET", "/api/v1/people").status, 403);
  // Nobody ends their own standing or another's without the power to.
  EXPECT_EQ(admin.Send("POST", "/api/v1/people/" + admin.id() + "/disable").status, 403);
  EXPECT_EQ(officer.Send("POST", "/api/v1/people/" + other.id() + "/disable").status, 403);
}

TEST(TrainingTest, OverdueCoursesMaskWhatIsSensitive) {
  testing::Covers("H9");
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}});
  Person ana = Person::Working(world, "ana", "agent");
  const Json reveal = {{"fields", {"mobile"}}, {"reason", "the customer called"}};
  const std::string path = "/api/v1/customers/" + id + "/reveal";
  EXPECT_NE(ana.Send("POST", path, "service", reveal).body.find("13800138000"), std::string::npos);
  world.clock().Advance(8 * kDayMs);
  ana.SignIn();
  const auto held_back = ana.Send("POST", path, "service", reveal);
  EXPECT_TRUE(testing::Lacks(held_back.body, "13800138000"));
  EXPECT_EQ(Body(ana.Send("GET", "/api/v1/session"))["trained"], Json(false));
  const Json wrong = {{"answers", {1, 1, 1, 1, 1}}};
  EXPECT_EQ(Body(ana.Send("POST", "/api/v1/me/courses/privacy_basics", "", wrong))["passed"],
            Json(false));
  const Json right = {{"answers", {0, 0, 0, 0, 0}}};
  EXPECT_EQ(Body(ana.Send("POST", "/api/v1/me/courses/privacy_basics", "", right))["passed"],
            Json(true));
  EXPECT_NE(ana.Send("POST", path, "service", reveal).body.find("13800138000"), std::string::npos);
}

TEST(PeopleSecrecyTest, NoFileHoldsANameOrAPasswordInClear) {
  World world;
  Person ana = Person::Working(world, "canary-login-7316", "agent");
  ana.SignIn();
  world.Close();
  EXPECT_EQ(world.HeldInClear({"canary-login-7316", "Person canary", kPassword,
                               ana.cookies()["__Host-fiducia"], ana.recovery()[0]}),
            "");
}

TEST(GrantTest, TheKeyCustodianSeesHowKeysStandAndNothingElse) {
  testing::Covers("D4");
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}});
  Person kim = Person::Working(world, "kim", "key_custodian");
  const auto vault = kim.Send("GET", "/api/v1/vault");
  ASSERT_EQ(vault.status, 200) << vault.body;
  EXPECT_EQ(Body(vault)["epochs"].size(), 1U);
  EXPECT_EQ(Body(vault)["rewrap_unfinished"], Json(false));
  EXPECT_EQ(Body(vault)["backup"], Json());
  EXPECT_EQ(kim.Send("GET", "/api/v1/customers/" + id, "service").status, 403);
  EXPECT_EQ(kim.Send("GET", "/api/v1/people").status, 403);
  ASSERT_TRUE(world.instance().keys().Rewrap());
  EXPECT_EQ(Body(kim.Send("GET", "/api/v1/vault"))["epochs"].size(), 2U);
}

TEST(SavedViewTest, IsOnesOwnAndHoldsNoValue) {
  World world;
  Person ana = Person::Working(world, "ana", "agent");
  const auto save = [&](const Json& view) {
    return ana.Send("POST", "/api/v1/me/views", "", view);
  };
  const auto names = [&](Person& person) {
    std::vector<std::string> list;
    const Json views = Body(person.Send("GET", "/api/v1/me/views"))["views"];
    for (const Json& view : views) {
      list.push_back(JsonText(view, "name"));
    }
    return list;
  };
  const auto saved = save({{"name", "待回访"},
                           {"purpose", "service"},
                           {"search_by", "mobile"},
                           {"columns", {"name_full", "city"}}});
  ASSERT_EQ(saved.status, 201) << saved.body;
  EXPECT_EQ(save({{"name", "待回访"}, {"columns", {"mobile"}}}).status, 201);  // replaced
  world.Reopen();
  EXPECT_EQ(names(ana), std::vector<std::string>{"待回访"});
  EXPECT_FALSE(world.AnyFileHolds("待回访"));
  const std::vector<Json> wrong = {
      {{"name", ""}, {"columns", {"mobile"}}},
      {{"name", std::string(61, 'a')}, {"columns", {"mobile"}}},
      {{"name", "a"}, {"columns", Json::array()}},
      {{"name", "a"}, {"columns", {"shoe_size"}}},
      {{"name", "a"}, {"columns", {"mobile"}}, {"search_by", "shoe_size"}},
      {{"name", "a"}, {"columns", {"mobile"}}, {"purpose", "curiosity"}},
      {{"name", "a"}, {"columns", {"mobile"}}, {"value", "13800138000"}},
  };
  for (const Json& view : wrong) {
    EXPECT_EQ(save(view).status, 400) << WriteJson(view);
  }
  for (int i = 0; i < 29; ++i) {
    EXPECT_EQ(save({{"name", std::to_string(i)}, {"columns", {"mobile"}}}).status, 201);
  }
  EXPECT_EQ(save({{"name", "one more"}, {"columns", {"mobile"}}}).status, 409);
  Person eve = Person::Working(world, "eve", "agent");
  EXPECT_EQ(names(eve).size(), 0U);
  const std::string path = "/api/v1/me/views/" + JsonText(Body(saved), "id");
  EXPECT_EQ(eve.Send("DELETE", path).status, 404);
  EXPECT_EQ(ana.Send("DELETE", path).status, 204);
  EXPECT_EQ(ana.Send("DELETE", path).status, 404);
  EXPECT_EQ(names(ana).size(), 29U);
}

}  // namespace

}  // namespace fiducia
