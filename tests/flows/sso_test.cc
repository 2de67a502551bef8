// Single sign-on: who links an account signs in with it, and what a stranger, a dishonest provider
// or another site may try.
#include <gtest/gtest.h>

#include "testing/canary.h"
#include "testing/person.h"
#include "testing/provider.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::kPassword;
using testing::Person;
using testing::QueryOf;
using testing::TestProvider;
using testing::World;

constexpr const char* kStart = "/api/v1/session/sso/start";
constexpr const char* kFinish = "/api/v1/session/sso";

class SsoTest : public ::testing::Test {
 protected:
  SsoTest() : provider_(world_.clock()) {
    world_.set_fetch(provider_.Fetch());
    world_.Reopen();
  }
  ~SsoTest() override { world_.Close(); }

  http::Response Configure(const Json& more = Json::object()) {
    Json body = {{"name", "Example ID"},
                 {"issuer", TestProvider::kIssuer},
                 {"client_id", TestProvider::kClient},
                 {"secret", "a secret"}};
    body.update(more);
    return world_.Local("POST", "/api/v1/sso", "", WriteJson(body));
  }

  std::string Go(Person& person, const std::string& path = kStart,
                 const Json& body = Json::object()) {
    const auto away = person.Send("POST", path, "", body);
    EXPECT_EQ(away.status, 200) << away.body;
    return JsonText(Body(away), "location");
  }
  static Json Answer(const std::string& location, const std::string& code) {
    return {{"code", code}, {"state", QueryOf(location, "state")}, {"iss", TestProvider::kIssuer}};
  }
  // Links `subject` to a person who is at work.
  void Link(Person& person, const std::string& subject) {
    const std::string location = Go(person, "/api/v1/me/sso/start");
    const auto linked = person.Send("POST", "/api/v1/me/sso", "",
                                    Answer(location, provider_.SignIn(location, subject)));
    ASSERT_EQ(linked.status, 204) << linked.body;
  }
  // A sign-in in which the token has these claims.
  http::Response SignInWith(Person& person, const Json& claims) {
    const std::string location = Go(person);
    return person.Send("POST", kFinish, "",
                       Answer(location, provider_.SignInWith(location, "subject-of-ana", claims)));
  }
  int Refusals() {
    world_.Local("GET", "/api/v1/audit/checkpoint");
    const Json leaves = Body(world_.Local("GET", "/api/v1/audit/leaves?from=0&to=1000"));
    int count = 0;
    for (const Json& leaf : leaves["leaves"]) {
      count += JsonText(leaf["leaf"], "decision") == "refused" &&
                       JsonText(leaf["leaf"], "reason") == "sso"
                   ? 1
                   : 0;
    }
    return count;
  }

  World world_;
  TestProvider provider_;
};

TEST_F(SsoTest, ALinkedAccountSignsInAndTheSecondFactorStays) {
  testing::Covers("D5");
  ASSERT_EQ(Configure().status, 200);
  Person ana = Person::Working(world_, "ana", "agent");
  Link(ana, "subject-of-ana");
  EXPECT_TRUE(Body(ana.Send("GET", "/api/v1/session"))["factors"]["sso"].get<bool>());
  // The provider's own name for her is kept nowhere in clear, nor the client's secret.
  EXPECT_FALSE(world_.AnyFileHolds("subject-of-ana"));
  EXPECT_FALSE(world_.AnyFileHolds("a secret"));
  world_.Reopen();
  Person browser = ana;
  browser.cookies().clear();
  const std::string location = Go(browser);
  EXPECT_EQ(location.find(std::string(TestProvider::kIssuer) + "/authorize?"), 0U);
  EXPECT_EQ(QueryOf(location, "redirect_uri"), "https://localhost:8443/console/sso");
  EXPECT_EQ(QueryOf(location, "code_challenge_method"), "S256");
  const auto in = browser.Send("POST", kFinish, "",
                               Answer(location, provider_.SignIn(location, "subject-of-ana")));
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(JsonText(Body(in), "stage"), "second_factor");
  EXPECT_EQ(JsonText(Body(browser.Send("GET", "/api/v1/catalog")), "code"), "sign_in_incomplete");
  world_.clock().Advance(31000);
  EXPECT_EQ(JsonText(Body(browser.Code()), "stage"), "full");
  // Disabled here is out, whatever the provider says.
  EXPECT_EQ(world_.Local("POST", "/api/v1/people/" + ana.id() + "/disable", "", "{}").status, 200);
  const std::string again = Go(browser);
  EXPECT_EQ(
      browser.Send("POST", kFinish, "", Answer(again, provider_.SignIn(again, "subject-of-ana")))
          .status,
      401);
}

TEST_F(SsoTest, AnInvitationIsTakenUpWithTheProviderAndWithoutAPassword) {
  ASSERT_EQ(Configure().status, 200);
  Person bo(world_, "bob");
  const std::string location = Go(bo, kStart, {{"setup_token", bo.setup_token()}});
  const auto in =
      bo.Send("POST", kFinish, "", Answer(location, provider_.SignIn(location, "s-bo")));
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(JsonText(Body(in), "stage"), "enroll");
  // The invitation is used up, and no password opens what has none.
  EXPECT_EQ(bo.Send("POST", kStart, "", {{"setup_token", bo.setup_token()}}).status, 401);
  EXPECT_EQ(bo.Password().status, 401);
  EXPECT_EQ(bo.Password("").status, 400);
}

TEST_F(SsoTest, NobodyIsLetInWhoWasNotLinkedHere) {
  testing::Covers("D5");
  ASSERT_EQ(Configure().status, 200);
  Person ana = Person::Working(world_, "ana", "agent");
  Person eve = Person::Working(world_, "eve", "agent");
  Link(ana, "subject-of-ana");
  Person stranger(world_, "stranger");
  // An account that is linked to nobody, even with somebody's login and e-mail address as claims.
  const std::string location = Go(stranger);
  EXPECT_EQ(stranger
                .Send("POST", kFinish, "",
                      Answer(location, provider_.SignInWith(location, "s-new",
                                                            {{"preferred_username", "ana"},
                                                             {"email", "ana@example.com"},
                                                             {"email_verified", true}})))
                .status,
            401);
  // One account, one person.
  const std::string link = Go(eve, "/api/v1/me/sso/start");
  EXPECT_EQ(
      eve.Send("POST", "/api/v1/me/sso", "", Answer(link, provider_.SignIn(link, "subject-of-ana")))
          .status,
      409);
  // What one set out to link does not sign in, and the other way round.
  const std::string link2 = Go(eve, "/api/v1/me/sso/start");
  EXPECT_EQ(eve.Send("POST", kFinish, "", Answer(link2, provider_.SignIn(link2, "subject-of-ana")))
                .status,
            401);
  const std::string in = Go(eve);
  EXPECT_EQ(
      eve.Send("POST", "/api/v1/me/sso", "", Answer(in, provider_.SignIn(in, "s-eve"))).status,
      401);
  // Linking takes a fresh second factor.
  world_.clock().Advance(14 * 60000);
  EXPECT_EQ(eve.Send("GET", "/api/v1/session").status, 200);
  world_.clock().Advance(2 * 60000);
  EXPECT_EQ(JsonText(Body(eve.Send("POST", "/api/v1/me/sso/start")), "code"), "step_up_required");
  EXPECT_EQ(JsonText(Body(eve.Send("DELETE", "/api/v1/me/sso")), "code"), "step_up_required");
  EXPECT_GE(Refusals(), 2);
}

TEST_F(SsoTest, ACodeIsWorthNothingInAnotherBrowserOrTwice) {
  testing::Covers("D5");
  ASSERT_EQ(Configure().status, 200);
  Person ana = Person::Working(world_, "ana", "agent");
  Link(ana, "subject-of-ana");
  Person victim(world_, "victim");
  // An attacker signs in at the provider and gives the victim's browser the code (login CSRF).
  const std::string location = Go(ana);
  const Json answer = Answer(location, provider_.SignIn(location, "subject-of-ana"));
  EXPECT_EQ(victim.Send("POST", kFinish, "", answer).status, 401);
  Go(victim);  // with a sign-in of its own under way
  EXPECT_EQ(victim.Send("POST", kFinish, "", answer).status, 401);
  // A cookie that was tampered with.
  const std::string cookie = ana.cookies()["__Host-fiducia-sso"];
  std::string altered = cookie;
  altered[3] = altered[3] == 'A' ? 'B' : 'A';
  ana.cookies()["__Host-fiducia-sso"] = altered;
  EXPECT_EQ(ana.Send("POST", kFinish, "", answer).status, 401);
  ana.cookies()["__Host-fiducia-sso"] = cookie;
  EXPECT_EQ(ana.Send("POST", kFinish, "", answer).status, 200);
  EXPECT_EQ(ana.Send("POST", kFinish, "", answer).status, 401);
  // Too late.
  world_.clock().Advance(60000);
  const std::string late = Go(ana);
  const Json old = Answer(late, provider_.SignIn(late, "subject-of-ana"));
  world_.clock().Advance(600001);
  EXPECT_EQ(ana.Send("POST", kFinish, "", old).status, 401);
  // From a page of another site.
  EXPECT_EQ(
      ana.SendWith("POST", kStart, Json::object(), {{"origin", "https://evil.example"}}).status,
      403);
  // To another name than ours, which would bring the code elsewhere.
  EXPECT_EQ(ana.SendWith("POST", kStart, Json::object(),
                         {{"host", "evil.example"}, {"origin", "https://evil.example"}})
                .status,
            400);
  EXPECT_EQ(ana.SendWith("POST", kStart, Json::object(),
                         {{"host", "localhost:80@evil"}, {"origin", "https://localhost:80@evil"}})
                .status,
            400);
}

TEST_F(SsoTest, OnlyTokensOfTheProviderForThisClientAndThisSignInCount) {
  testing::Covers("D5");
  ASSERT_EQ(Configure().status, 200);
  Person ana = Person::Working(world_, "ana", "agent");
  Link(ana, "subject-of-ana");
  const int64_t now = world_.clock().NowMs() / 1000;
  const std::vector<Json> wrong = {
      {{"iss", "https://evil.example"}},
      {{"aud", "another-client"}},
      {{"aud", Json::array({TestProvider::kClient, "another"})}},
      {{"aud", nullptr}},
      {{"nonce", "of-another-sign-in"}},
      {{"nonce", nullptr}},
      {{"exp", now - 61}},
      {{"exp", nullptr}},
      {{"iat", now - 601}},
      {{"iat", now + 61}},
      {{"sub", nullptr}},
      {{"sub", std::string(256, 'a')}},
  };
  for (const Json& claims : wrong) {
    world_.clock().Advance(120000);  // out of the way of the throttle
    const int64_t moved = world_.clock().NowMs() / 1000 - now;
    Json shifted = claims;
    for (const char* name : {"exp", "iat"}) {
      if (shifted.contains(name) && shifted[name].is_number()) {
        shifted[name] = shifted[name].get<int64_t>() + moved;
      }
    }
    EXPECT_EQ(SignInWith(ana, shifted).status, 401) << WriteJson(claims);
  }
  for (const Json& header :
       {Json{{"alg", "none"}}, Json{{"alg", "HS256"}}, Json{{"alg", "RS256"}},
        Json{{"alg", "ES256"}, {"crit", {"exp"}}}, Json{{"alg", "ES256"}, {"kid", "unknown"}}}) {
    world_.clock().Advance(300000);
    provider_.header = header;
    EXPECT_EQ(SignInWith(ana, Json::object()).status, 401) << WriteJson(header);
  }
  provider_.header = {{"alg", "ES256"}};
  provider_.spoil = true;
  world_.clock().Advance(300000);
  EXPECT_EQ(SignInWith(ana, Json::object()).status, 401);
  provider_.spoil = false;
  world_.clock().Advance(300000);
  // An answer that names another issuer, or none where this provider names itself.
  for (const char* issuer : {"https://evil.example", ""}) {
    const std::string location = Go(ana);
    Json answer = Answer(location, provider_.SignIn(location, "subject-of-ana"));
    answer["iss"] = issuer;
    EXPECT_EQ(ana.Send("POST", kFinish, "", answer).status, 401) << issuer;
  }
  world_.clock().Advance(600000);
  EXPECT_EQ(SignInWith(ana, {{"aud", Json::array({TestProvider::kClient})}}).status, 200);
  EXPECT_GE(Refusals(), 19);
}

TEST_F(SsoTest, AProviderMayChangeItsKeysAndMayBeAway) {
  ASSERT_EQ(Configure().status, 200);
  Person ana = Person::Working(world_, "ana", "agent");
  Link(ana, "subject-of-ana");
  world_.clock().Advance(120000);
  provider_.NewKey();
  EXPECT_EQ(SignInWith(ana, Json::object()).status, 200);
  const std::string location = Go(ana);
  const Json answer = Answer(location, provider_.SignIn(location, "subject-of-ana"));
  provider_.down = true;
  const auto away = ana.Send("POST", kFinish, "", answer);
  EXPECT_EQ(away.status, 503) << away.body;
  provider_.down = false;
  EXPECT_EQ(ana.Send("POST", kFinish, "", answer).status, 200);  // nothing was used up
  // Away when it is to be asked anew: it is asked once, and left alone for a while.
  world_.clock().Advance(3600001);
  provider_.down = true;
  const size_t asked = provider_.asked.size();
  Person stranger(world_, "stranger");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(stranger.Send("POST", kStart).status, 503);
  }
  EXPECT_EQ(provider_.asked.size(), asked + 1);
  provider_.down = false;
  world_.clock().Advance(15000);
  EXPECT_EQ(stranger.Send("POST", kStart).status, 200);
}

TEST_F(SsoTest, AProviderThatCannotBeTrustedIsNotKept) {
  EXPECT_EQ(JsonText(Body(world_.Send("", "GET", kFinish)), "name"), "");
  Person ana = Person::Working(world_, "ana", "admin");
  EXPECT_EQ(ana.Send("POST", kStart).status, 404);
  const std::vector<Json> wrong = {{{"issuer", "http://login.example.com"}},
                                   {{"issuer", "https://login.example.com?x=1"}},
                                   {{"issuer", ""}},
                                   {{"name", std::string(61, 'a')}},
                                   {{"secret", ""}},
                                   {{"ca", "no certificate"}},
                                   {{"scope", "openid"}}};
  for (const Json& more : wrong) {
    EXPECT_EQ(Configure(more).status, 400) << WriteJson(more);
  }
  const Json good = provider_.metadata;
  for (const Json& change :
       {Json{{"issuer", "https://evil.example"}},
        Json{{"token_endpoint", "http://login.example.com/token"}}, Json{{"jwks_uri", ""}},
        Json{{"code_challenge_methods_supported", {"plain"}}},
        Json{{"id_token_signing_alg_values_supported", {"HS256"}}},
        Json{{"response_types_supported", {"id_token"}}}}) {
    provider_.metadata = good;
    provider_.metadata.update(change);
    EXPECT_EQ(Configure().status, 400) << WriteJson(change);
  }
  provider_.metadata = good;
  provider_.down = true;
  EXPECT_EQ(Configure().status, 503);
  provider_.down = false;
  EXPECT_EQ(world_.Local("GET", "/api/v1/sso").status, 404);
  EXPECT_EQ(Configure().status, 200);
  // Whoever can set it up can let anybody in: the owner of the installation alone.
  EXPECT_EQ(ana.Send("POST", "/api/v1/sso").status, 404);
  EXPECT_EQ(world_.Send("admin", "DELETE", "/api/v1/sso").status, 404);
  const auto shown = world_.Local("GET", "/api/v1/sso");
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(testing::Lacks(shown.body, "a secret"));
  EXPECT_EQ(world_.Local("DELETE", "/api/v1/sso", "", "{}").status, 204);
  EXPECT_EQ(world_.Local("DELETE", "/api/v1/sso", "", "{}").status, 404);
  EXPECT_EQ(ana.Send("POST", kStart).status, 404);
  EXPECT_EQ(Configure().status, 200);
}

}  // namespace

}  // namespace fiducia
