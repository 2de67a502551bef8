// The register of sources: who may bring what on which terms, told of, and cut off.
#include <gtest/gtest.h>

#include "import_text.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

constexpr int64_t kDayMs = 86400000;

class SourceTest : public ::testing::Test {
 protected:
  SourceTest() {
    world_.Local("POST", "/api/v1/sources", "",
                 R"({"id":"broker","channel":"api","owner":"marketing"})");
  }
  int Set(const Json& terms, const std::string& role = "privacy_officer",
          const std::string& source = "broker") {
    return world_.Send(role, "PUT", "/api/v1/sources/" + source + "/terms", "", WriteJson(terms))
        .status;
  }
  Json Of(const std::string& source = "broker") {
    const Json all = Body(world_.Send("steward", "GET", "/api/v1/sources/register"))["sources"];
    for (const Json& one : all) {
      if (JsonText(one, "id") == source) {
        return one;
      }
    }
    return {};
  }
  // An event of the source's stream.
  http::Response Bring(const std::string& message) {
    if (key_.empty()) {
      const Json spec = {{"source", "broker"},
                         {"label", "Leads"},
                         {"purposes", {"service"}},
                         {"basis", "contract"},
                         {"fields", {"email", "name_full"}}};
      key_ = JsonText(Body(world_.Send("engineer", "POST", "/api/v1/streams", "", WriteJson(spec))),
                      "write_key");
    }
    return world_.Send(
        "", "POST", "/v1/identify", "",
        WriteJson({{"messageId", message},
                   {"userId", message},
                   {"traits", {{"email", message + "@example.com"}, {"shoeSize", "44"}}}}),
        {{"authorization", "Basic " + ToBase64(key_ + ":")}});
  }
  // A file of the shop.
  int Import() {
    return ImportText(world_, "name\nAna\n", "[[column]]\nname = \"name\"\nfield = \"name_full\"\n")
        .status;
  }
  static Json ThirdParty() {
    return {{"kind", "third_party"}, {"supplier", "Leads Ltd"},
            {"agreement", "CON-17"}, {"agreement_until", "2026-12-01"},
            {"evidence", "DOC-9"},   {"evidence_on", "2026-11-01"}};
  }

  World world_;
  std::string key_;
};

TEST_F(SourceTest, AThirdPartyBringsNothingWithoutAgreementAndEvidence) {
  testing::Covers("B6");
  EXPECT_EQ(Bring("first").status, 200) << "our own";
  Json terms = {{"kind", "third_party"}};
  ASSERT_EQ(Set(terms), 204);
  EXPECT_EQ(JsonText(Of(), "obstacle"), "agreement_missing");
  EXPECT_EQ(Bring("second").status, 409);
  EXPECT_EQ(Import(), 201);
  ASSERT_EQ(Set(terms, "privacy_officer", "shop"), 204);
  EXPECT_EQ(Import(), 409);
  terms = ThirdParty();
  terms["evidence"] = "";
  ASSERT_EQ(Set(terms), 204);
  EXPECT_EQ(JsonText(Of(), "obstacle"), "evidence_missing");
  terms["evidence"] = "DOC-9";
  terms["evidence_on"] = "2025-01-01";
  ASSERT_EQ(Set(terms), 204);
  EXPECT_EQ(JsonText(Of(), "obstacle"), "evidence_old");
  EXPECT_EQ(Bring("second").status, 409);
  ASSERT_EQ(Set(ThirdParty()), 204);
  EXPECT_EQ(Of()["obstacle"], Json());
  EXPECT_EQ(Bring("second").status, 200);
  // The agreement runs out by itself.
  world_.clock().Advance(8 * kDayMs);
  EXPECT_EQ(JsonText(Of(), "obstacle"), "agreement_lapsed");
  EXPECT_EQ(Bring("third").status, 409);
  world_.instance().Housekeep();
  world_.Reopen();
  EXPECT_EQ(JsonText(Of(), "obstacle"), "agreement_lapsed");
  EXPECT_EQ(Of()["taken"], Json(2));
  EXPECT_EQ(Set(ThirdParty(), "engineer"), 403);
  EXPECT_EQ(Set(ThirdParty(), "privacy_officer", "nowhere"), 404);
  EXPECT_EQ(Set({{"kind", "stolen"}}), 400);
}

// Calls, the desk and the ledger are doors as much as streams and files.
TEST_F(SourceTest, WhatComesOneByOneComesOnTheSameTermsAndIsCounted) {
  testing::Covers("B6");
  testing::Covers("E6");
  ASSERT_EQ(Set(ThirdParty()), 204);
  const auto create = [&](const std::string& mail, const std::string& key = "") {
    const Json body = {{"kind", "person"},
                       {"fields", {{"email", mail}}},
                       {"source", "broker"},
                       {"basis", "contract"}};
    const std::map<std::string, std::string> headers =
        key.empty() ? std::map<std::string, std::string>()
                    : std::map<std::string, std::string>{{"idempotency-key", key}};
    return world_.Send("operator", "POST", "/api/v1/customers", "service", WriteJson(body),
                       headers);
  };
  const auto first = create("one@example.com", "call-1");
  ASSERT_EQ(first.status, 201) << first.body;
  const std::string path = "/api/v1/customers/" + JsonText(Body(first), "id");
  int version = 1;
  const auto patch = [&] {
    return world_
        .Send("agent", "PATCH", path, "service",
              WriteJson({{"source", "broker"}, {"fields", {{"mobile", "13800138000"}}}}),
              {{"if-match", "\"" + std::to_string(version) + "\""}})
        .status;
  };
  const auto add = [&] {
    return world_
        .Send("agent", "POST", path + "/timeline", "service",
              WriteJson({{"kind", "interaction"},
                         {"occurred_at", "2026-11-09T10:00:00Z"},
                         {"fields", {{"complaint_text", "it was late"}}},
                         {"source", "broker"}}))
        .status;
  };
  const auto call = [&] {
    return world_
        .Send("agent", "POST", path + "/tickets", "service",
              WriteJson({{"channel", "phone"}, {"text", "It was late"}, {"source", "broker"}}))
        .status;
  };
  const auto say = [&](const std::string& action) {
    return world_
        .Send("privacy_officer", "POST", path + "/basis", "legal_compliance",
              WriteJson({{"action", action},
                         {"purpose", "marketing_email"},
                         {"basis", "consent"},
                         {"source", "broker"},
                         {"locale", "en"}}))
        .status;
  };
  EXPECT_EQ(patch(), 200);
  EXPECT_EQ(add(), 201);
  EXPECT_EQ(call(), 201);
  EXPECT_EQ(say("given"), 201);
  EXPECT_EQ(Of()["taken"], Json(4)) << "a record, a change, an entry, a contact";
  EXPECT_NE(Of()["tell_by"], Json()) << "people who came this way are told too";

  world_.clock().Advance(8 * kDayMs);
  version = 3;
  for (const int status :
       {create("two@example.com").status, patch(), add(), call(), say("given")}) {
    EXPECT_EQ(status, 409);
  }
  EXPECT_EQ(say("withdrawn"), 201) << "a no counts whoever brings it";
  EXPECT_EQ(create("one@example.com", "call-1").status, 201) << "what was answered is answered so";
  world_.instance().Housekeep();
  world_.Reopen();
  EXPECT_EQ(Of()["taken"], Json(4));
}

TEST_F(SourceTest, PublicDataSaysWhereAndWhenItWasSeen) {
  testing::Covers("B7");
  ASSERT_EQ(Set({{"kind", "public"}}), 204);
  EXPECT_EQ(JsonText(Of(), "obstacle"), "citation_missing");
  EXPECT_EQ(Bring("one").status, 409);
  ASSERT_EQ(Set({{"kind", "public"},
                 {"citation", "Companies register, entry 4711"},
                 {"observed_on", "2026-11-20"}}),
            204);
  EXPECT_EQ(Bring("one").status, 200);
  EXPECT_EQ(JsonText(Of()["terms"], "observed_on"), "2026-11-20");
  EXPECT_EQ(Set({{"kind", "public"}, {"observed_on", "yesterday"}}), 400);
}

TEST_F(SourceTest, PeopleAreToldWhereTheirDataCameFrom) {
  testing::Covers("B6");
  testing::Covers("G5");
  ASSERT_EQ(Set(ThirdParty()), 204);
  EXPECT_EQ(Of()["tell_by"], Json()) << "nobody came yet";
  EXPECT_EQ(Bring("one").status, 200);
  EXPECT_EQ(JsonText(Of(), "tell_by").substr(0, 10), "2026-12-24");
  const auto told = [&](const std::string& how) {
    return world_
        .Send("privacy_officer", "POST", "/api/v1/sources/broker/told", "",
              WriteJson({{"how", how}}))
        .status;
  };
  EXPECT_EQ(told(""), 400);
  world_.clock().Advance(1000);
  EXPECT_EQ(told("by letter, LET-3"), 204);
  EXPECT_EQ(Of()["tell_by"], Json());
  world_.clock().Advance(kDayMs);
  EXPECT_EQ(Bring("two").status, 200);
  EXPECT_NE(Of()["tell_by"], Json()) << "somebody came since";
  EXPECT_EQ(world_.Leaves("source.told"), 1);
}

TEST_F(SourceTest, FiguresShowWhatEachBringsAndWhatIsTooMuch) {
  testing::Covers("E6");
  testing::Covers("B10");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Bring("m" + std::to_string(i)).status, 200);
  }
  EXPECT_EQ(Bring("m0").status, 200);
  Json one = Of();
  EXPECT_EQ(one["taken"], Json(3));
  EXPECT_EQ(one["again"], Json(1));
  EXPECT_GE(one["left_out"].get<int>(), 3) << "shoe sizes";
  EXPECT_EQ(one["reliability"], Json(1.0));
  EXPECT_EQ(JsonText(one, "owner"), "marketing");
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/sources/register").status, 403);
}

TEST_F(SourceTest, CutOffNothingComesFromItByAnyWay) {
  testing::Covers("E6");
  EXPECT_EQ(Bring("one").status, 200);
  const auto cut = [&](const std::string& why, const std::string& source = "broker") {
    return world_
        .Send("privacy_officer", "POST", "/api/v1/sources/" + source + "/cut", "",
              WriteJson({{"reason", why}}))
        .status;
  };
  EXPECT_EQ(cut(""), 400);
  EXPECT_EQ(cut("sold without consent"), 204);
  EXPECT_EQ(cut("again"), 409);
  EXPECT_EQ(Bring("two").status, 409);
  EXPECT_EQ(cut("with it", "shop"), 204);
  EXPECT_EQ(Import(), 409);
  EXPECT_EQ(Set(ThirdParty()), 204) << "its terms may be mended";
  EXPECT_EQ(JsonText(Of(), "obstacle"), "cut_off") << "it stays cut off";
  world_.Reopen();
  EXPECT_EQ(Bring("two").status, 409);
  EXPECT_EQ(world_.Leaves("source.cut"), 2);
}

TEST_F(SourceTest, WhatOnlyACutOffSourceKnewGoesAndOthersLoseItsValues) {
  testing::Covers("E6");
  testing::Covers("D9");
  EXPECT_EQ(Bring("lead").status, 200);
  const std::string both = world_.AddCustomer({{"name_full", "Ana"}});
  ASSERT_EQ(world_
                .Send("operator", "PATCH", "/api/v1/customers/" + both, "service",
                      WriteJson({{"source", "broker"}, {"fields", {{"email", "ana@example.com"}}}}),
                      {{"if-match", "\"1\""}})
                .status,
            200);
  // What happened, as the source tells it, and as others do.
  const auto happened = [&](const std::string& source, const std::string& score) {
    EXPECT_EQ(world_
                  .Send("operator", "POST", "/api/v1/customers/" + both + "/timeline", "service",
                        WriteJson({{"kind", "interaction"},
                                   {"source", source},
                                   {"occurred_at", "2026-11-01T10:00:00Z"},
                                   {"fields", {{"satisfaction", score}}}}))
                  .status,
              201);
  };
  happened("broker", "2");
  happened("shop", "9");
  happened("broker", "3");
  ASSERT_EQ(world_
                .Send("agent", "POST", "/api/v1/customers/" + both + "/tickets", "service",
                      R"({"channel":"phone","source":"broker","text":"Hello"})")
                .status,
            201);
  const auto timeline = [&] {
    return Body(
        world_.Local("GET", "/api/v1/customers/" + both + "/timeline", "service"))["events"];
  };
  const auto tickets = [&] {
    return Body(world_.Send("agent", "GET", "/api/v1/tickets", "service"))["waiting"];
  };
  ASSERT_EQ(timeline().size(), 4U);
  const auto withdraw = [&](bool dry_run) {
    return world_.Send("privacy_officer", "POST", "/api/v1/sources/broker/withdrawal", "",
                       WriteJson({{"dry_run", dry_run}}));
  };
  const auto find = [&](const std::string& email) {
    return Body(world_.Local("POST", "/api/v1/customers/search", "service",
                             WriteJson({{"where", {{"email", email}}}})))["customers"]
        .size();
  };
  EXPECT_EQ(withdraw(true).status, 409) << "it still brings";
  ASSERT_EQ(world_
                .Send("privacy_officer", "POST", "/api/v1/sources/broker/cut", "",
                      R"({"reason":"sold without consent"})")
                .status,
            204);
  const auto hold = [&](bool on) {
    return world_
        .Send("privacy_officer", "POST", "/api/v1/customers/" + both + "/restriction",
              "legal_compliance",
              WriteJson({{"kind", "hold"}, {"restricted", on}, {"reason", "a claim is pending"}}))
        .status;
  };
  ASSERT_EQ(hold(true), 201);
  EXPECT_EQ(Body(withdraw(true))["held"], Json(1)) << "kept for a legal claim";
  EXPECT_EQ(Body(withdraw(true))["some"], Json(0));
  ASSERT_EQ(hold(false), 201);
  const Json rehearsed = Body(withdraw(true));
  EXPECT_EQ(rehearsed["only"], Json(1)) << rehearsed;
  EXPECT_EQ(rehearsed["some"], Json(1));
  EXPECT_EQ(rehearsed["values"], Json(2));
  EXPECT_EQ(rehearsed["entries"], Json(3));
  EXPECT_EQ(timeline().size(), 4U) << "a rehearsal changes nothing";
  EXPECT_EQ(find("lead@example.com"), 1U);
  EXPECT_EQ(find("ana@example.com"), 1U);
  EXPECT_EQ(Body(withdraw(false)), rehearsed);
  EXPECT_EQ(find("lead@example.com"), 0U);
  EXPECT_EQ(find("ana@example.com"), 0U);
  EXPECT_EQ(world_.Local("GET", "/api/v1/customers/" + both, "service").status, 200);
  ASSERT_EQ(timeline().size(), 1U);
  EXPECT_EQ(JsonText(timeline()[0]["fields"]["satisfaction"][0], "value"), "9");
  EXPECT_EQ(tickets(), Json(0));
  EXPECT_EQ(Body(withdraw(false))["values"], Json(0)) << "done is done";
  EXPECT_EQ(world_.Leaves("erase"), 1);
  EXPECT_EQ(world_.Leaves("source.reduce"), 1);
  // The books still agree.
  world_.Reopen();
  EXPECT_EQ(world_.Local("GET", "/api/v1/customers/" + both, "service").status, 200);
  // Who was known from it alone did not ask to be forgotten: they may come of their own will.
  EXPECT_EQ(world_
                .Send("operator", "POST", "/api/v1/customers", "service",
                      R"({"kind":"person","fields":{"email":"lead@example.com"},"source":"shop",)"
                      R"("basis":"contract"})")
                .status,
            201);
}

}  // namespace

}  // namespace fiducia
