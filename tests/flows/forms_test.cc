// Forms: answers are sealed by the browser, kept for what the person allowed, and not before they
// opened their mailbox.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

constexpr int64_t kDayMs = 86400000;

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

// A number whose hash begins with enough zero bits.
std::string Solve(const Json& challenge) {
  const std::string text = JsonText(challenge, "text");
  const int bits = challenge["bits"].get<int>();
  for (int64_t n = 0;; ++n) {
    const crypto::Digest digest = crypto::Sha256({text, ":", std::to_string(n)});
    const uint32_t first = static_cast<uint32_t>(static_cast<uint8_t>(digest[0])) << 24 |
                           static_cast<uint32_t>(static_cast<uint8_t>(digest[1])) << 16 |
                           static_cast<uint32_t>(static_cast<uint8_t>(digest[2])) << 8;
    if (std::countl_zero(first) >= bits) {
      return std::to_string(n);
    }
  }
}

class PublicFormTest : public ::testing::Test {
 protected:
  PublicFormTest() {
    world_.Local("POST", "/api/v1/sources", "",
                 R"({"id":"web","channel":"form","owner":"marketing"})");
  }

  static Json Both(const std::string& text) { return {{"zh-CN", text}, {"en", text}}; }
  // A newsletter: consent, with a look into the mailbox.
  static Json Newsletter() {
    return {{"code", "newsletter"},
            {"title", Both("News by e-mail")},
            {"source", "web"},
            {"purposes",
             {{{"id", "marketing_email"}, {"basis", "consent"}},
              {{"id", "personalization"}, {"basis", "consent"}}}},
            {"questions",
             {{{"field", "email"}, {"required", true}},
              {{"field", "name_full"}},
              {{"field", "product_interest"},
               {"choices",
                {{{"value", "tea"}, {"name", Both("Tea")}},
                 {{"value", "coffee"}, {"name", Both("Coffee")}}}}}}},
            {"double_opt_in", true}};
  }
  // A survey about a purchase, on the contract.
  static Json Survey() {
    return {{"code", "survey"},
            {"title", Both("How was it?")},
            {"source", "web"},
            {"purposes", Json::array({{{"id", "service"}, {"basis", "contract"}}})},
            {"questions",
             Json::array({{{"field", "satisfaction"}, {"scale", "nps"}, {"required", true}},
                          {{"field", "enquiry_text"}}})}};
  }
  static Json Fair() {
    return {{"code", "fair"},
            {"kind", "capture"},
            {"title", Both("Tea fair")},
            {"source", "web"},
            {"purposes", Json::array({{{"id", "marketing_sms"}, {"basis", "consent"}}})},
            {"questions",
             Json::array({{{"field", "mobile"}, {"required", true}}, {{"field", "name_full"}}})}};
  }
  http::Response Add(const Json& spec) {
    return world_.Send("engineer", "POST", "/api/v1/forms", "", WriteJson(spec));
  }
  std::string Opened(const Json& spec) {
    const auto made = Add(spec);
    EXPECT_EQ(made.status, 201) << made.body;
    const std::string id = JsonText(Body(made), "id");
    EXPECT_EQ(Turn(id, "open"), 200);
    return id;
  }
  int Turn(const std::string& id, const std::string& state) {
    return world_
        .Send("engineer", "POST", "/api/v1/forms/" + id + "/state", "",
              WriteJson({{"state", state}}))
        .status;
  }
  Json Problems(const Json& spec) {
    Json codes = Json::array();
    const Json checked =
        Body(world_.Send("engineer", "POST", "/api/v1/forms/check", "", WriteJson(spec)));
    const Json problems = checked["problems"];
    for (const Json& one : problems) {
      codes.push_back(JsonText(one, "code") + " " + JsonText(one, "where"));
    }
    return codes;
  }
  Json Show(const std::string& code) {
    const auto shown = world_.Send("", "GET", "/v1/forms/" + code);
    EXPECT_EQ(shown.status, 200) << shown.body;
    return Body(shown);
  }
  // What the page of a browser would send.
  Json Filled(const std::string& code, const Json& answers, const Json& consent,
              const Json& more = Json::object()) {
    const Json shown = Show(code);
    const std::string id = Uuid::V7(world_.clock(), SystemRng()).Text();
    Json inner = {{"answers", answers}, {"consent", consent}, {"locale", "en"}};
    inner.update(more);
    const auto sealed =
        crypto::HpkeSeal(FromBase64(JsonText(shown["key"], "public")).value(), "fiducia form",
                         code + "\x1f" + id, WriteJson(inner), SystemRng());
    Json body = {{"id", id},
                 {"notice", JsonText(shown, "notice")},
                 {"sealed",
                  {{"key", JsonText(shown["key"], "id")},
                   {"enc", ToBase64(sealed->enc)},
                   {"text", ToBase64(sealed->sealed)}}}};
    if (JsonText(shown, "kind") == "form") {
      body["challenge"] = JsonText(shown["challenge"], "text");
      body["solution"] = Solve(shown["challenge"]);
    }
    world_.clock().Advance(2000);
    return body;
  }
  http::Response Post(const std::string& code, const Json& body) {
    return world_.Send("", "POST", "/v1/forms/" + code, "", WriteJson(body));
  }
  static std::string State(const http::Response& response) {
    return response.status == 200 ? JsonText(Body(response), "state") : CodeOf(response);
  }
  // The token of the link in the newest message to this address.
  std::string LinkTo(const std::string& address) {
    for (const auto& message : world_.instance().outbox().Waiting()) {
      if (message.to.Reveal() == address) {
        const std::string_view body = message.body.Reveal();
        const size_t at = body.find("/f/confirm#");
        return at == std::string_view::npos ? "" : std::string(body.substr(at + 11, 64));
      }
    }
    return "";
  }
  int Confirm(const std::string& token) {
    return world_.Send("", "POST", "/v1/confirmations", "", WriteJson({{"token", token}})).status;
  }
  Json Find(const std::string& field, const std::string& value,
            const std::string& purpose = "service") {
    return Body(world_.Send("operator", "POST", "/api/v1/customers/search", purpose,
                            WriteJson({{"where", {{field, value}}}})))["customers"];
  }
  Json CountsOf(const std::string& code) {
    const Json all = Body(world_.Send("engineer", "GET", "/api/v1/forms"));
    const Json forms = all["forms"];
    for (const Json& one : forms) {
      if (JsonText(one, "code") == code) {
        return one["counts"];
      }
    }
    return {};
  }

  World world_;
};

TEST_F(PublicFormTest, NobodyIsOnRecordBeforeTheMailboxWasOpened) {
  testing::Covers("B2");
  testing::Covers("G2");
  Opened(Newsletter());
  const Json body = Filled(
      "newsletter",
      {{"email", "Ana@Example.com"}, {"name_full", "Ana Silva"}, {"product_interest", "tea"}},
      {{"marketing_email", true}, {"personalization", false}});
  EXPECT_EQ(State(Post("newsletter", body)), "confirm");
  EXPECT_TRUE(Find("email", "ana@example.com", "marketing_email").empty());
  EXPECT_EQ(world_.HeldInClear({"ana@example.com", "Ana@Example.com", "Ana Silva"}), "");
  const std::string token = LinkTo("Ana@example.com");
  ASSERT_EQ(token.size(), 64U);
  EXPECT_TRUE(Find("email", "ana@example.com", "marketing_email").empty());
  world_.Reopen();
  std::string wrong = token;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_EQ(Confirm(wrong), 404);
  EXPECT_EQ(Confirm("short"), 404);
  EXPECT_EQ(Confirm(token), 200);
  EXPECT_EQ(Confirm(token), 404) << "used up";
  const Json found = Find("email", "ana@example.com", "marketing_email");
  ASSERT_EQ(found.size(), 1U);
  const std::string id = JsonText(found[0], "id");
  // Every value says where it came from, and the yes how it was said, to which notice.
  const Json lineage =
      Body(world_.Local("GET", "/api/v1/customers/" + id + "/lineage", "marketing_email"));
  EXPECT_EQ(JsonText(lineage["values"][0], "source"), "web");
  EXPECT_EQ(JsonText(lineage["values"][0], "channel"), "form");
  const Json said =
      Body(world_.Local("GET", "/api/v1/customers/" + id + "/authorizations", "marketing_email"));
  const std::string text = WriteJson(said);
  EXPECT_NE(text.find("double_opt_in"), std::string::npos) << text;
  EXPECT_NE(text.find("form:newsletter@2"), std::string::npos) << text;
  EXPECT_NE(text.find("privacy@1"), std::string::npos) << text;
  EXPECT_TRUE(testing::Lacks(text, "\"personalization\"")) << "was not ticked: " << text;
  EXPECT_EQ(CountsOf("newsletter")["kept"], Json(1));
  EXPECT_EQ(world_.Leaves("form.confirm"), 1);
  EXPECT_EQ(world_.HeldInClear({"ana@example.com", "Ana Silva"}), "");
}

TEST_F(PublicFormTest, WhatNobodyConfirmsIsForgotten) {
  testing::Covers("B2");
  Opened(Newsletter());
  const Json body =
      Filled("newsletter", {{"email", "late@example.com"}}, {{"marketing_email", true}});
  ASSERT_EQ(State(Post("newsletter", body)), "confirm");
  const std::string token = LinkTo("late@example.com");
  world_.clock().Advance(7 * kDayMs + 1);
  EXPECT_EQ(Confirm(token), 404);
  world_.instance().Housekeep();
  EXPECT_EQ(Body(world_.Send("engineer", "GET", "/api/v1/forms"))["waiting"], Json(0));
  world_.Reopen();
  EXPECT_EQ(Body(world_.Send("engineer", "GET", "/api/v1/forms"))["waiting"], Json(0));
  EXPECT_TRUE(Find("email", "late@example.com", "marketing_email").empty());
  EXPECT_EQ(world_.Leaves("form.forget"), 1);
}

TEST_F(PublicFormTest, AYesAfterANoCountsIfTheyOpenedTheirMailbox) {
  testing::Covers("G2");
  testing::Covers("G4");
  Opened(Newsletter());
  const auto sign_up = [&] {
    const Json body =
        Filled("newsletter", {{"email", "bo@example.com"}}, {{"marketing_email", true}});
    EXPECT_EQ(State(Post("newsletter", body)), "confirm");
    EXPECT_EQ(Confirm(LinkTo("bo@example.com")), 200);
  };
  sign_up();
  const std::string id = JsonText(Find("email", "bo@example.com", "marketing_email")[0], "id");
  const auto allowed = [&] {
    return Body(world_.Local("POST", "/api/v1/customers/" + id + "/authorizations/check",
                             "marketing_email", R"({"purpose":"marketing_email"})"));
  };
  EXPECT_EQ(allowed()["yes"], Json(true)) << allowed();
  ASSERT_EQ(
      world_
          .Local(
              "POST", "/api/v1/customers/" + id + "/basis", "marketing_email",
              R"({"action":"withdrawn","purpose":"marketing_email","basis":"consent","source":"web"})")
          .status,
      201);
  EXPECT_EQ(allowed()["yes"], Json(false)) << allowed();
  // Messages are found by their address: the first one must be gone.
  world_.clock().Advance(8 * kDayMs);
  ASSERT_TRUE(world_.instance().outbox().Deliver());
  sign_up();
  EXPECT_EQ(Find("email", "bo@example.com", "marketing_email").size(), 1U) << "the same person";
  EXPECT_EQ(allowed()["yes"], Json(true)) << allowed();
}

TEST_F(PublicFormTest, WhoAllowsNothingIsNotKept) {
  testing::Covers("B10");
  Opened(Newsletter());
  const Json body =
      Filled("newsletter", {{"email", "no@example.com"}}, {{"marketing_email", false}});
  ASSERT_EQ(State(Post("newsletter", body)), "confirm");
  EXPECT_EQ(Confirm(LinkTo("no@example.com")), 200);
  EXPECT_TRUE(Find("email", "no@example.com", "marketing_email").empty());
  EXPECT_EQ(CountsOf("newsletter")["nothing"], Json(1));
}

TEST_F(PublicFormTest, AskingForMoreThanIsNeededIsRefusedAndOnRecord) {
  testing::Covers("B10");
  Json form = Newsletter();
  form["questions"].push_back({{"field", "income"}});
  form["questions"].push_back({{"field", "complaint_text"}});
  form["questions"].push_back({{"field", "rfm_segment"}});
  form["questions"].push_back({{"field", "shoe_size"}});
  form["questions"].push_back({{"field", "email"}});
  const Json problems = Problems(form);
  const std::string all = WriteJson(problems);
  for (const char* expected :
       {"sensitive income", "not_needed complaint_text", "derived rfm_segment",
        "unknown_field shoe_size", "asked_twice email"}) {
    EXPECT_NE(all.find(expected), std::string::npos) << expected << ": " << all;
  }
  EXPECT_EQ(Add(form).status, 400);
  EXPECT_GE(world_.Leaves("form.check", "refused"), 2);
  // Anybody can type somebody else's address.
  form = Newsletter();
  form["double_opt_in"] = false;
  EXPECT_EQ(Problems(form), Json::array({"consent_needs_opt_in "}));
  form = Newsletter();
  form["questions"][0]["required"] = false;
  EXPECT_EQ(Problems(form), Json::array({"opt_in_needs_email "}));
  form = Newsletter();
  form["purposes"][0]["basis"] = "contract";
  EXPECT_EQ(Problems(form), Json::array({"basis marketing_email"}));
  form = Survey();
  form["questions"][1]["scale"] = "csat";
  EXPECT_EQ(Problems(form), Json::array({"scale_needs_number enquiry_text"}));
  form = Survey();
  form["source"] = "nowhere";
  form["origins"] = {"javascript:alert(1)"};
  EXPECT_EQ(Problems(form), Json::array({"source ", "origin "}));
  EXPECT_EQ(Problems(Newsletter()), Json::array());
  // Others do not build forms.
  EXPECT_EQ(world_.Send("agent", "POST", "/api/v1/forms", "", WriteJson(Newsletter())).status, 403);
}

TEST_F(PublicFormTest, ProgramsAreKeptAwayWithoutAskingAnybody) {
  testing::Covers("B2");
  Opened(Survey());
  const Json good = Filled("survey", {{"satisfaction", "9"}}, Json::object());
  const auto with = [&](const char* member, const std::string& value) {
    Json body = good;
    body[member] = value;
    return Post("survey", body);
  };
  EXPECT_EQ(with("solution", "-1").status, 400);
  EXPECT_EQ(with("challenge", "1.0.0.0").status, 400);
  EXPECT_EQ(with("challenge", JsonText(good, "challenge") + "0").status, 400);
  EXPECT_EQ(State(Post("survey", good)), "kept");
  EXPECT_EQ(Post("survey", good).status, 400) << "each challenge counts once";
  // What fills in the field that nobody sees is thanked and not kept.
  Json trapped = Filled("survey", {{"satisfaction", "1"}}, Json::object());
  trapped["website"] = "https://spam.example";
  EXPECT_EQ(State(Post("survey", trapped)), "kept");
  EXPECT_EQ(CountsOf("survey")["kept"], Json(1));
  // Quicker than anybody reads.
  const Json quick = Filled("survey", {{"satisfaction", "1"}}, Json::object());
  world_.clock().Advance(-1500);
  EXPECT_EQ(Post("survey", quick).status, 400);
  world_.clock().Advance(1500);
  EXPECT_EQ(State(Post("survey", quick)), "kept");
  // Of another form, and too late.
  Opened(Newsletter());
  Json other = Filled("newsletter", {{"email", "a@example.com"}}, Json::object());
  const Json mixed = Filled("survey", {{"satisfaction", "1"}}, Json::object());
  other["challenge"] = mixed["challenge"];
  other["solution"] = mixed["solution"];
  EXPECT_EQ(Post("newsletter", other).status, 400);
  world_.clock().Advance(3 * 3600000);
  EXPECT_EQ(Post("survey", mixed).status, 400);
  EXPECT_EQ(CountsOf("survey")["spam"], Json(7));
}

TEST_F(PublicFormTest, WrongAnswersAreToldByTheirQuestionAndChangeNothing) {
  testing::Covers("B2");
  Opened(Survey());
  const auto wrong = [&](const Json& answers) {
    const auto response = Post("survey", Filled("survey", answers, Json::object()));
    EXPECT_EQ(response.status == 200, false) << answers;
    return Body(response).value("position", -1);
  };
  const int satisfaction = Show("survey")["questions"][0]["number"].get<int>();
  EXPECT_EQ(wrong({{"satisfaction", "11"}}), satisfaction);
  EXPECT_EQ(wrong({{"satisfaction", "-1"}}), satisfaction);
  EXPECT_EQ(wrong({{"satisfaction", "5.5"}}), satisfaction);
  EXPECT_EQ(wrong({{"satisfaction", "good"}}), satisfaction);
  EXPECT_EQ(wrong({{"enquiry_text", "only this"}}), satisfaction) << "required";
  EXPECT_EQ(wrong({{"satisfaction", {"1", "2"}}}), satisfaction);
  EXPECT_EQ(wrong({{"satisfaction", "5"}, {"income", "100000"}}), -1) << "not asked";
  EXPECT_EQ(wrong({{"satisfaction", "5"}, {"enquiry_text", std::string(9000, 'x')}}), -1);
  Json body = Filled("survey", {{"satisfaction", "5"}}, Json::object());
  body["notice"] = "privacy@99";
  EXPECT_EQ(Post("survey", body).status, 409);
  body = Filled("survey", {{"satisfaction", "5"}}, Json::object());
  body["id"] = Uuid::V7(world_.clock(), SystemRng()).Text();
  EXPECT_EQ(Post("survey", body).status, 400) << "sealed for another answer";
  body = Filled("survey", {{"satisfaction", "5"}}, Json::object());
  body["sealed"] = "no object";
  EXPECT_EQ(Post("survey", body).status, 400);
  EXPECT_EQ(Post("nowhere", body).status, 404);
  EXPECT_EQ(CountsOf("survey")["kept"], Json(0));
  EXPECT_EQ(world_.Leaves("form.submit"), 0);
}

TEST_F(PublicFormTest, AnswersMadeByChanceNeverGetThrough) {
  testing::Covers("B2");
  Opened(Survey());
  const char* rounds = std::getenv("FUZZ");
  SeededRandom random(7);
  const Json good = Filled("survey", {{"satisfaction", "5"}}, Json::object());
  const std::string text = WriteJson(good);
  for (int i = 0; i < (rounds == nullptr ? 2000 : std::atoi(rounds)); ++i) {
    std::string bad = text;
    for (size_t n = 1 + random.Below(4); n > 0; --n) {
      const size_t at = random.Below(bad.size());
      random.Chance(500) ? void(bad[at] = static_cast<char>(random.Below(256)))
                         : void(bad.erase(at, random.Below(20)));
    }
    if (bad == text) {
      continue;
    }
    const auto response = world_.Send("", "POST", "/v1/forms/survey", "", bad);
    EXPECT_LT(response.status, 500) << bad;
    // 200: only what is not part of the answer was touched, such as the trap or a space.
    EXPECT_EQ(response.status == 200, CodeOf(response).empty()) << bad;
  }
  EXPECT_LE(CountsOf("survey")["kept"].get<int>(), 1);
}

TEST_F(PublicFormTest, AQuickCapturePageNeedsItsKeyAndMaySendTwice) {
  testing::Covers("B4");
  const std::string id = Opened(Fair());
  const auto key = [&] {
    return JsonText(Body(world_.Send("engineer", "POST", "/api/v1/forms/" + id + "/key", "", "{}")),
                    "key");
  };
  Json body = Filled("fair", {{"mobile", "13912345678"}, {"name_full", "王芳"}},
                     {{"marketing_sms", true}}, {{"at", "2026-11-20T09:30:00Z"}});
  EXPECT_EQ(Post("fair", body).status, 401);
  const std::string first = key();
  body["key"] = first;
  // The answer got lost on the way back: the device sends it again.
  EXPECT_EQ(State(Post("fair", body)), "kept");
  EXPECT_EQ(State(Post("fair", body)), "kept");
  const Json found = Find("mobile", "13912345678", "marketing_sms");
  ASSERT_EQ(found.size(), 1U);
  const Json lineage = Body(world_.Local(
      "GET", "/api/v1/customers/" + JsonText(found[0], "id") + "/lineage", "marketing_sms"));
  EXPECT_EQ(JsonText(lineage["values"][0], "channel"), "desk");
  // A lost device: its key ends with the next one.
  const std::string second = key();
  Json next = Filled("fair", {{"mobile", "13912345679"}}, {{"marketing_sms", true}});
  next["key"] = first;
  EXPECT_EQ(Post("fair", next).status, 401);
  next["key"] = second;
  EXPECT_EQ(State(Post("fair", next)), "kept");
  // A form for everybody has no key.
  EXPECT_EQ(world_.Send("engineer", "POST", "/api/v1/forms/" + Opened(Survey()) + "/key", "", "{}")
                .status,
            400);
}

TEST_F(PublicFormTest, MinorsDoNotAnswerAlone) {
  testing::Covers("G2");
  Json form = Newsletter();
  form["minors"] = "guardian";
  Opened(form);
  EXPECT_GE(Show("newsletter")["age"].get<int>(), 13);
  const Json consent = {{"marketing_email", true}};
  const Json child = {{"email", "child@example.com"}};
  EXPECT_EQ(Post("newsletter", Filled("newsletter", child, consent)).status, 403);
  EXPECT_EQ(State(Post("newsletter",
                       Filled("newsletter", child, consent, {{"guardian", "parent@example.com"}}))),
            "confirm");
  EXPECT_EQ(LinkTo("child@example.com"), "");
  EXPECT_TRUE(Find("email", "child@example.com", "marketing_email").empty());
  ASSERT_EQ(Confirm(LinkTo("parent@example.com")), 200);
  const Json found = Find("email", "child@example.com", "marketing_email");
  ASSERT_EQ(found.size(), 1U);
  const std::string said = WriteJson(
      Body(world_.Local("GET", "/api/v1/customers/" + JsonText(found[0], "id") + "/authorizations",
                        "marketing_email")));
  EXPECT_NE(said.find("guardian_opt_in"), std::string::npos) << said;
  EXPECT_TRUE(Find("email", "parent@example.com", "marketing_email").empty()) << "only asked";
  EXPECT_EQ(State(Post("newsletter", Filled("newsletter", {{"email", "grown@example.com"}}, consent,
                                            {{"of_age", true}}))),
            "confirm");
  EXPECT_NE(LinkTo("grown@example.com"), "");
  form = Survey();
  form["minors"] = "refused";
  Opened(form);
  EXPECT_EQ(CodeOf(Post("survey", Filled("survey", {{"satisfaction", "5"}}, Json::object()))),
            "denied");
}

TEST_F(PublicFormTest, OnlyItsOwnPagesMayEmbedIt) {
  testing::Covers("E6");
  Json form = Survey();
  form["origins"] = {"https://shop.example"};
  const std::string id = Opened(form);
  const auto from = [&](const std::string& origin) {
    return world_.Send("", "GET", "/v1/forms/survey", "", "", {{"origin", origin}});
  };
  EXPECT_EQ(from("https://shop.example").status, 200);
  EXPECT_EQ(from("https://other.example").status, 403);
  EXPECT_EQ(from("null").status, 403);
  const auto preflight =
      world_.Send("", "OPTIONS", "/v1/forms/survey", "", "", {{"origin", "https://other.example"}});
  for (const auto& [name, value] : preflight.headers) {
    EXPECT_NE(name, "Access-Control-Allow-Origin");
  }
  // Closed is closed, and stays so.
  EXPECT_EQ(Turn(id, "closed"), 200);
  EXPECT_EQ(from("https://shop.example").status, 404);
  EXPECT_EQ(Turn(id, "open"), 409);
  EXPECT_EQ(world_.Send("engineer", "PUT", "/api/v1/forms/" + id, "", WriteJson(form)).status, 409);
}

}  // namespace

}  // namespace fiducia
