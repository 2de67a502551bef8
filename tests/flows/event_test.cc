// Events of websites and apps: taken once, for what the person allows, sealed, and on the timeline
// of the right person.
#include "collect/events/event.h"

#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/text.h"
#include "crypto/hpke.h"
#include "http/gzip.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

class EventTest : public ::testing::Test {
 protected:
  EventTest() {
    world_.Local("POST", "/api/v1/sources", "",
                 R"({"id":"web","channel":"event","owner":"marketing"})");
  }

  // A stream for marketing by e-mail and personalization, by consent.
  Json Spec() const {
    return {{"source", "web"},
            {"label", "Shop site"},
            {"purposes", {"personalization", "marketing_email"}},
            {"basis", "consent"},
            {"fields", {"email", "name_full", "page_view", "event_name", "product_interest"}},
            {"origins", {"https://shop.example"}}};
  }
  std::string Stream(const Json& spec) {
    const auto made = world_.Send("engineer", "POST", "/api/v1/streams", "", WriteJson(spec));
    EXPECT_EQ(made.status, 201) << made.body;
    return JsonText(Body(made), "write_key");
  }
  http::Response Send(const std::string& key, const std::string& call, const Json& body,
                      std::map<std::string, std::string> headers = {}) {
    headers["authorization"] = "Basic " + ToBase64(key + ":");
    return world_.Send("", "POST", "/v1/" + call, "", WriteJson(body), headers);
  }
  // The outcome of the n-th event.
  static std::string Outcome(const http::Response& response, size_t n = 0) {
    const Json event = Body(response)["events"].at(n);
    const std::string reason = JsonText(event, "reason");
    return JsonText(event, "status") + (reason.empty() ? "" : " " + reason);
  }
  static Json Consent(bool personalization, bool email) {
    return {{"consent",
             {{"categoryPreferences",
               {{"personalization", personalization}, {"marketing_email", email}}}}}};
  }
  Json FindByEmail(const std::string& email) {
    const Json found =
        Body(world_.Send("marketer", "POST", "/api/v1/customers/search", "marketing_email",
                         WriteJson({{"where", {{"email", email}}}})));
    return found["customers"];
  }
  // The person's own no, as it is put on the ledger; the status of the answer.
  int Withdraw(const std::string& id, const std::string& purpose) {
    const Json back = {
        {"action", "withdrawn"}, {"purpose", purpose}, {"basis", "consent"}, {"source", "web"}};
    return world_
        .Local("POST", "/api/v1/customers/" + id + "/basis", "legal_compliance", WriteJson(back))
        .status;
  }
  Json TimelineOf(const std::string& id, const std::string& purpose = "personalization") {
    return Body(world_.Send("operator", "GET", "/api/v1/customers/" + id + "/timeline", purpose));
  }
  Json StreamNow() {
    return Body(world_.Send("engineer", "GET", "/api/v1/streams"))["streams"].at(0);
  }

  World world_;
};

TEST_F(EventTest, AVisitorBecomesACustomerWithATimeline) {
  testing::Covers("B1");
  testing::Covers("B9");
  const std::string key = Stream(Spec());
  const Json seen = {{"anonymousId", "visitor-a-1"},
                     {"messageId", "m-1"},
                     {"name", "Tea pots"},
                     {"context", Consent(true, false)}};
  const auto first = Send(key, "page", seen);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(Outcome(first), "accepted");
  const Json known = {
      {"anonymousId", "visitor-a-1"},
      {"userId", "u-1"},
      {"messageId", "m-2"},
      {"traits", {{"email", "Ana@Example.com"}, {"firstName", "Ana"}, {"lastName", "López"}}},
      {"context", Consent(true, true)}};
  EXPECT_EQ(Outcome(Send(key, "identify", known)), "accepted");
  EXPECT_EQ(Outcome(Send(key, "track",
                         {{"userId", "u-1"},
                          {"messageId", "m-3"},
                          {"event", "Product Added"},
                          {"context", Consent(true, true)}})),
            "accepted");
  const Json found = FindByEmail("ana@example.com");
  ASSERT_EQ(found.size(), 1U);
  const std::string id = JsonText(found[0], "id");
  const Json timeline = TimelineOf(id)["events"];
  ASSERT_EQ(timeline.size(), 2U) << timeline;
  // Each value tells where it came from.
  const Json lineage = Body(world_.Local("GET", "/api/v1/customers/" + id + "/lineage", "service"));
  EXPECT_EQ(JsonText(lineage["values"][0], "source"), "web");
  EXPECT_EQ(JsonText(lineage["values"][0], "channel"), "event");
  // Sealed before it touched the disk; ids of the site nowhere in clear.
  EXPECT_EQ(world_.HeldInClear({"Ana@Example.com", "ana@example.com", "López", "Tea pots",
                                "visitor-a-1", "Product Added"}),
            "");
}

TEST_F(EventTest, WhatIsSentAgainIsNotTakenTwice) {
  testing::Covers("B1");
  const std::string key = Stream(Spec());
  Json batch = {{"batch", Json::array()}};
  for (int i = 0; i < 20; ++i) {
    batch["batch"].push_back({{"type", "track"},
                              {"userId", "u-1"},
                              {"messageId", "m-" + std::to_string(i)},
                              {"event", "Product Viewed"},
                              {"context", Consent(true, true)}});
  }
  batch["batch"].push_back(batch["batch"][3]);
  const auto first = Send(key, "batch", batch);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(Outcome(first, 19), "accepted");
  EXPECT_EQ(Outcome(first, 20), "duplicate");
  world_.Reopen();
  const auto again = Send(key, "batch", batch);
  for (size_t i = 0; i < 21; ++i) {
    EXPECT_EQ(Outcome(again, i), "duplicate");
  }
  // The same number from another source is another message.
  world_.Local("POST", "/api/v1/sources", "", R"({"id":"app","channel":"event","owner":"it"})");
  Json other = Spec();
  other["source"] = "app";
  EXPECT_EQ(Outcome(Send(Stream(other), "batch", batch), 0), "accepted");
}

TEST_F(EventTest, ConsentRidesOnTheEventAndWhatWasTakenBackStaysSo) {
  testing::Covers("B10");
  testing::Covers("G2");
  const std::string key = Stream(Spec());
  const auto track = [&](const Json& context) {
    return Send(key, "track", {{"userId", "u-9"}, {"event", "Seen"}, {"context", context}});
  };
  EXPECT_EQ(Outcome(track(Json::object())), "dropped no_consent");
  EXPECT_EQ(Outcome(track(Consent(false, false))), "dropped no_consent");
  EXPECT_EQ(Outcome(Send(key, "identify",
                         {{"userId", "u-9"},
                          {"traits", {{"email", "bo@example.com"}}},
                          {"context", Consent(true, true)}})),
            "accepted");
  const std::string id = JsonText(FindByEmail("bo@example.com").at(0), "id");
  EXPECT_EQ(Outcome(track(Consent(true, false))), "accepted");
  for (const char* purpose : {"personalization", "marketing_email"}) {
    ASSERT_EQ(Withdraw(id, purpose), 201);
  }
  // The page still says yes: the person's own word counts.
  EXPECT_EQ(Outcome(track(Consent(true, true))), "dropped withdrawn");
  // A page may also say that the person takes something back.
  EXPECT_EQ(Outcome(Send(key, "identify",
                         {{"userId", "u-10"},
                          {"traits", {{"email", "di@example.com"}}},
                          {"context", Consent(true, true)}})),
            "accepted");
  const auto says = [&](const Json& context) {
    return Outcome(Send(key, "track",
                        {{"userId", "u-10"},
                         {"event", "Segment Consent Preference Updated"},
                         {"context", context}}));
  };
  EXPECT_EQ(says(Consent(false, false)), "accepted");
  EXPECT_EQ(
      Outcome(Send(key, "track",
                   {{"userId", "u-10"}, {"event", "Seen"}, {"context", Consent(true, true)}})),
      "dropped withdrawn");
  // Erased, they do not come back unawares.
  ASSERT_EQ(world_.Local("DELETE", "/api/v1/customers/" + id, "legal_compliance").status, 200);
  world_.Settle();
  EXPECT_EQ(Outcome(Send(key, "identify",
                         {{"userId", "u-9"},
                          {"traits", {{"email", "bo@example.com"}}},
                          {"context", Consent(true, true)}})),
            "dropped erased");
}

TEST_F(EventTest, WhatOnlyAPurposeTakenBackNeedsIsLeftOut) {
  testing::Covers("B10");
  testing::Covers("E5");
  const std::string key = Stream(Spec());
  const auto identify = [&](const std::string& user, const std::string& email) {
    return Outcome(Send(key, "identify",
                        {{"userId", user},
                         {"traits", {{"email", email}, {"name", "Ed Canary"}}},
                         {"context", Consent(true, true)}}));
  };
  const auto version = [&](const std::string& id) {
    return Body(world_.Local("GET", "/api/v1/customers/" + id, "legal_compliance"))["version"];
  };
  // E-mail is for marketing alone; the page's yes to personalization does not bring it in.
  EXPECT_EQ(identify("u-20", "ed@example.com"), "accepted");
  const std::string ed = JsonText(FindByEmail("ed@example.com").at(0), "id");
  ASSERT_EQ(Withdraw(ed, "marketing_email"), 201);
  EXPECT_EQ(identify("u-20", "ed.new@example.com"), "accepted");
  EXPECT_EQ(StreamNow()["counts"]["left_out"]["email (withdrawn)"], 1);
  const auto found = world_.Local("POST", "/api/v1/customers/search", "legal_compliance",
                                  R"({"where":{"email":"ed.new@example.com"}})");
  EXPECT_EQ(Body(found)["customers"].size(), 0U) << found.body;
  // What was seen is for personalization alone; the yes to e-mail does not bring it in.
  EXPECT_EQ(identify("u-21", "fay@example.com"), "accepted");
  const std::string fay = JsonText(FindByEmail("fay@example.com").at(0), "id");
  ASSERT_EQ(Withdraw(fay, "personalization"), 201);
  const Json before = version(fay);
  EXPECT_EQ(
      Outcome(Send(key, "page",
                   {{"userId", "u-21"}, {"name", "Tea pots"}, {"context", Consent(true, true)}})),
      "accepted");
  EXPECT_EQ(version(fay), before);
  EXPECT_EQ(StreamNow()["counts"]["left_out"]["page_view (withdrawn)"], 1);
}

TEST_F(EventTest, WhatTheStreamIsNotForIsLeftOutAndCounted) {
  testing::Covers("B10");
  Json over = Spec();
  over["fields"].push_back("income");
  EXPECT_EQ(CodeOf(world_.Send("engineer", "POST", "/api/v1/streams", "", WriteJson(over))),
            "purpose_refused");
  const std::string key = Stream(Spec());
  const Json more = {
      {"userId", "u-2"},
      {"traits", {{"email", "cy@example.com"}, {"phone", "13800138000"}, {"weight", 70}}},
      {"context", Consent(true, true)}};
  EXPECT_EQ(Outcome(Send(key, "identify", more)), "accepted");
  const Json counts = StreamNow()["counts"];
  EXPECT_EQ(counts["left_out"]["traits.phone"], Json(1)) << counts;
  EXPECT_EQ(counts["left_out"]["traits.weight"], Json(1));
  EXPECT_EQ(counts["accepted"], Json(1));
  EXPECT_EQ(world_.HeldInClear({"13800138000"}), "");
  // A name that looks like a value is not kept as one.
  EXPECT_EQ(Outcome(Send(key, "track",
                         {{"userId", "u-2"},
                          {"event", "x"},
                          {"properties", {{"dora@example.com", 1}}},
                          {"context", Consent(true, true)}})),
            "accepted");
  EXPECT_TRUE(testing::Lacks(WriteJson(StreamNow()), "dora@"));
  // The counts outlive a start.
  world_.instance().Housekeep();
  world_.Reopen();
  EXPECT_EQ(StreamNow()["counts"]["left_out"]["traits.phone"], Json(1));
  Json strict = Spec();
  strict["refuse_unknown"] = true;
  EXPECT_TRUE(Outcome(Send(Stream(strict), "identify", more)).starts_with("refused"));
}

TEST_F(EventTest, AWriteKeyWritesAndNothingElse) {
  testing::Covers("B9");
  const std::string key = Stream(Spec());
  const Json event = {{"userId", "u"}, {"event", "x"}, {"context", Consent(true, true)}};
  EXPECT_EQ(Send("wk_" + std::string(32, '0') + "_" + std::string(48, '0'), "track", event).status,
            401);
  EXPECT_EQ(Send("", "track", event).status, 401);
  EXPECT_EQ(world_.Send("", "GET", "/api/v1/streams", "", "", {{"authorization", "Bearer " + key}})
                .status,
            401);
  // From the stream's own pages, and from a server; not from another page.
  EXPECT_EQ(Send(key, "track", event, {{"origin", "https://shop.example"}}).status, 200);
  EXPECT_EQ(Send(key, "track", event, {{"origin", "https://evil.example"}}).status, 403);
  const auto ask = [&](const std::string& origin) {
    return world_.Send("", "OPTIONS", "/v1/track", "", "", {{"origin", origin}}).headers;
  };
  EXPECT_FALSE(ask("https://shop.example").empty());
  EXPECT_TRUE(ask("https://evil.example").empty());
  // Ended, it writes no more.
  const std::string path = "/api/v1/streams/" + JsonText(StreamNow(), "id");
  EXPECT_EQ(world_.Send("agent", "DELETE", path).status, 403);
  ASSERT_EQ(world_.Send("engineer", "DELETE", path).status, 204);
  EXPECT_EQ(world_.Send("engineer", "DELETE", path).status, 404);
  EXPECT_EQ(Send(key, "track", event).status, 401);
}

TEST_F(EventTest, BadEventsAreRefusedWithTheReasonAndOthersTaken) {
  testing::Covers("B1");
  const std::string key = Stream(Spec());
  const Json good = {
      {"type", "track"}, {"userId", "u"}, {"event", "x"}, {"context", Consent(true, true)}};
  const auto with = [&](const char* member, const Json& value) {
    Json event = good;
    event[member] = value;
    return event;
  };
  const Json batch = {
      {"batch",
       {good, with("type", "purchase"), with("userId", Json::array()), with("event", ""),
        with("messageId", std::string(101, 'x')), with("timestamp", "yesterday"),
        with("properties", "text"), 7, with("context", "text")}}};
  const auto sent = Send(key, "batch", batch);
  ASSERT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(Outcome(sent, 0), "accepted");
  for (size_t i = 1; i < batch["batch"].size(); ++i) {
    EXPECT_TRUE(Outcome(sent, i).starts_with("refused ")) << i << " " << Outcome(sent, i);
  }
  // A call by itself that is wrong is a fault.
  EXPECT_EQ(Send(key, "track", with("event", nullptr)).status, 400);
  EXPECT_EQ(Send(key, "alias", {{"userId", "u"}}).status, 400);
  EXPECT_EQ(Send(key, "batch", {{"batch", Json::array()}}).status, 400);
  EXPECT_EQ(Send(key, "track", with("properties", {{"a", std::string(40000, 'x')}})).status, 413);
  EXPECT_EQ(Send(key, "batch", {{"batch", {with("properties", {{"a", std::string(600000, 'x')}})}}})
                .status,
            413);
  Json deep = "x";
  for (int i = 0; i < 12; ++i) {
    deep = {{"a", deep}};
  }
  EXPECT_EQ(Send(key, "track", with("properties", deep)).status, 400);
}

TEST_F(EventTest, ManyAtOnceAboutOneStrangerMakeOneCustomer) {
  testing::Covers("B1");
  const std::string key = Stream(Spec());
  std::vector<std::thread> threads;
  threads.reserve(6);
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const auto sent = Send(key, "track",
                               {{"anonymousId", "visitor"},
                                {"messageId", std::to_string(t) + "-" + std::to_string(i)},
                                {"event", "Seen"},
                                {"context", Consent(true, true)}});
        EXPECT_EQ(Outcome(sent), "accepted") << sent.body;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const Json changes = Body(world_.Send("engineer", "GET", "/api/v1/changes", "service"));
  ASSERT_EQ(changes["events"].size(), 1U) << changes;
  EXPECT_EQ(TimelineOf(JsonText(changes["events"][0], "subject"))["events"].size(), 30U);
}

TEST_F(EventTest, WhatTheBrowserSealedOpensHereAndNowhereElse) {
  testing::Covers("B1");
  testing::Covers("B9");
  const std::string key = Stream(Spec());
  const Json config = Body(world_.Send("", "GET", "/v1/config?writeKey=" + key));
  const auto sealed = [&](const std::string& message, const Json& members) {
    const auto made = crypto::HpkeSeal(FromBase64(JsonText(config["key"], "public")).value(),
                                       "fiducia event", message, WriteJson(members), SystemRng());
    return Json{{"key", JsonText(config["key"], "id")},
                {"enc", ToBase64(made->enc)},
                {"text", ToBase64(made->sealed)}};
  };
  const auto send = [&](const std::string& message, const Json& seal) {
    Json context = Consent(true, true);
    context["sealed"] = seal;
    return Send(key, "identify",
                {{"messageId", message}, {"userId", "u-1"}, {"context", std::move(context)}});
  };
  const Json mine = sealed("m-1", {{"traits", {{"email", "ana@example.com"}}}});
  EXPECT_EQ(Outcome(send("m-1", mine)), "accepted");
  EXPECT_EQ(FindByEmail("ana@example.com").size(), 1U);
  // Of another message, to another key, and no seal at all: refused, and nothing is kept.
  EXPECT_EQ(Outcome(send("m-2", mine)).substr(0, 7), "refused");
  Json other = sealed("m-3", {{"traits", {{"email", "bo@example.com"}}}});
  other["key"] = "0000000000000000";
  EXPECT_EQ(Outcome(send("m-3", other)).substr(0, 7), "refused");
  EXPECT_EQ(Outcome(send("m-4", "text")).substr(0, 7), "refused");
  EXPECT_EQ(Outcome(send("m-5", sealed("m-5", "no object"))), "accepted") << "nothing to add";
  EXPECT_TRUE(FindByEmail("bo@example.com").empty());
}

TEST_F(EventTest, TwoWhoAreKnownApartAreNotUnitedByAnEvent) {
  testing::Covers("C2");
  const std::string key = Stream(Spec());
  const Json context = Consent(true, true);
  const auto identify = [&](const Json& ids, const std::string& email) {
    Json event = ids;
    event["traits"] = {{"email", email}};
    event["context"] = context;
    return Outcome(Send(key, "identify", event));
  };
  EXPECT_EQ(identify({{"userId", "u-1"}}, "one@example.com"), "accepted");
  EXPECT_EQ(identify({{"userId", "u-2"}, {"anonymousId", "shared-tablet"}}, "two@example.com"),
            "accepted");
  EXPECT_EQ(identify({{"userId", "u-1"}, {"anonymousId", "shared-tablet"}}, "one@example.com"),
            "accepted");
  EXPECT_NE(JsonText(FindByEmail("one@example.com").at(0), "id"),
            JsonText(FindByEmail("two@example.com").at(0), "id"));
  EXPECT_EQ(
      Body(world_.Send("steward", "GET", "/api/v1/matching/pairs", "data_quality"))["pairs"].size(),
      1U);
}

TEST(EventTimeTest, AWrongClockIsCorrectedAndNeverBelievedAhead) {
  testing::Covers("B1");
  constexpr int64_t kNow = 1795521600000;
  const auto happened = [&](int64_t original, int64_t sent) {
    collect::CollectedEvent event;
    event.original_ms = original;
    event.sent_ms = sent;
    return collect::HappenedMs(event, kNow);
  };
  constexpr int64_t kHour = 3600000;
  EXPECT_EQ(happened(0, 0), kNow);
  EXPECT_EQ(happened(kNow - 5000, 0), kNow - 5000);
  EXPECT_EQ(happened(kNow + 10 * kHour - 5000, kNow + 10 * kHour), kNow - 5000);
  EXPECT_EQ(happened(kNow + 10 * kHour, 0), kNow);
  EXPECT_EQ(happened(kNow - 5000, kNow - 10000), kNow);
  EXPECT_GT(happened(1000, kNow), kNow - int64_t{370} * 24 * kHour);
}

// ---- hostile input ----

// Bytes changed, cut, doubled and put in, as much as a seed says.
std::string Mutated(std::string text, SeededRandom& random) {
  const uint64_t times = 1 + random.Below(6);
  for (uint64_t i = 0; i < times && !text.empty(); ++i) {
    const size_t at = random.Below(text.size());
    switch (random.Below(5)) {
      case 0:
        text[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.insert(at, text.substr(at, random.Below(40)));
        break;
      case 3:
        text.insert(at, std::string(random.Below(8), "{}[]\",:0"[random.Below(8)]));
        break;
      default:
        text.erase(at, random.Below(20));
    }
  }
  return text;
}

// FUZZ=10000000 for a long night.
uint64_t FuzzRounds() {
  const char* rounds = std::getenv("FUZZ");
  return rounds == nullptr ? 20000 : std::strtoull(rounds, nullptr, 10);
}

TEST(EventFuzzTest, NoMutatedEventDoesMoreThanBeRefused) {
  testing::Covers("B1");
  const std::string seed =
      R"({"type":"track","event":"Order Completed","userId":"u","anonymousId":"a","messageId":"m",)"
      R"("timestamp":"2026-11-01T10:00:00Z","sentAt":"2026-11-01T10:00:01+08:00","properties":)"
      R"({"total":12.5,"products":[{"name":"tea"},{"name":"pot"}]},"traits":{"address":{"city":)"
      R"("北京"}},"context":{"ip":"10.0.0.1","consent":{"categoryPreferences":{"a":true}}}})";
  SeededRandom random(7);
  uint64_t read = 0;
  for (uint64_t i = 0; i < FuzzRounds(); ++i) {
    auto json = ParseJson(Mutated(seed, random));
    if (!json) {
      continue;
    }
    const auto event = collect::ReadEvent(*json, Json::object());
    if (event) {
      ++read;
      EXPECT_LE(event->message_id.size(), 100U);
      EXPECT_LE(collect::HappenedMs(*event, 1795521600000), 1795521600000);
    }
  }
  EXPECT_GT(read, 0U);
}

TEST(EventFuzzTest, ADamagedOrLyingGzipIsRefusedInBoundedMemory) {
  testing::Covers("B1");
  // "hello " four times less a blank, and a thousand times, by gzip -9.
  const std::string packed = *FromHex("1f8b0800000000000203cb48cdc9c957c8402701e3513d8d17000000");
  const std::string bomb = *FromHex(
      "1f8b0800000000000203edc4310d00000803302b9823e15882ff0f11bcedd1e9646b6cdbb66ddbb66ddbf6e303c1"
      "37"
      "0c4070170000");
  EXPECT_EQ(http::Gunzip(packed, 23).value_or(""), "hello hello hello hello");
  EXPECT_EQ(http::Gunzip(packed, 22).error().code(), Code::kTooLarge);
  EXPECT_EQ(http::Gunzip(bomb, 1000).error().code(), Code::kTooLarge);
  EXPECT_EQ(http::Gunzip(bomb, 6000).value_or("").size(), 6000U);
  std::string lying = bomb;
  lying.replace(lying.size() - 4, 4, std::string("\x64\x00\x00\x00", 4));
  EXPECT_EQ(http::Gunzip(lying, 1000).error().code(), Code::kInvalidInput);
  SeededRandom random(9);
  for (uint64_t i = 0; i < FuzzRounds(); ++i) {
    const auto text = http::Gunzip(Mutated(packed, random), 1000);
    if (text) {
      EXPECT_LE(text->size(), 1000U);
    }
  }
  EXPECT_FALSE(http::Gunzip("", 10));
  EXPECT_FALSE(http::Gunzip("\x1f\x8b", 10));
}

}  // namespace

}  // namespace fiducia
