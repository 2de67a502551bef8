// Keeping data right: what free texts hold, what has to be looked at again, what changed, and the
// forms in which it leaves.
#include <chrono>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/text.h"
#include "testing/canary.h"
#include "testing/customer.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Customer;
using testing::Person;
using testing::World;

constexpr int64_t kDayMs = 86400000;

std::string CodeOf(const http::Response& response) { return JsonText(Body(response), "code"); }

// The values of one field in an answer, joined.
std::string Shown(const http::Response& response, const std::string& field) {
  std::string all;
  EXPECT_EQ(response.status, 200) << response.body;
  const Json values = Body(response)["fields"].value(field, Json::array());
  for (const Json& value : values) {
    all += JsonText(value, "value") + "|";
  }
  return all;
}

http::Response Reveal(World& world, const std::string& role, const std::string& id,
                      const std::string& field) {
  const Json body = {{"fields", {field}}, {"reason", "the customer is on the phone"}};
  return world.Send(role, "POST", "/api/v1/customers/" + id + "/reveal", "service",
                    WriteJson(body));
}

// ---- levels of values ----

TEST(ValueLevelTest, ATextThatHoldsMoreThanItsFieldIsShownWithoutIt) {
  testing::Covers("C3");
  World world;
  const std::string text = "手机13912345678，身份证11010519491231002X，正在做透析，请尽快退款";
  const std::string id = world.AddCustomer({{"name_full", "陈一"},
                                            {"complaint_text", text},
                                            {"occupation", "nurse, call +44 20 7946 0958"}});
  // L2 is shown, what is above it is not.
  const auto read = world.Send("agent", "GET", "/api/v1/customers/" + id, "service");
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(Shown(read, "occupation"), "nurse, call [phone]|");
  EXPECT_EQ(Shown(Reveal(world, "agent", id, "occupation"), "occupation"),
            "nurse, call +44 20 7946 0958|");
  // L3 is revealed, and of it what is L4 is not.
  EXPECT_EQ(Shown(Reveal(world, "agent", id, "complaint_text"), "complaint_text"),
            "手机13912345678，身份证[national_id]，正在做[health]，请尽快退款|");
}

TEST(ValueLevelTest, AllOfAChildIsSensitive) {
  testing::Covers("C3");
  World world;
  const std::string child =
      world.AddCustomer({{"name_full", "小明"}, {"birth_date", "2016-05-01"}, {"city", "北京"}});
  const std::string adult =
      world.AddCustomer({{"name_full", "大明"}, {"birth_date", "1986-05-01"}, {"city", "北京"}});
  const auto read = [&](const std::string& id) {
    return world.Send("agent", "GET", "/api/v1/customers/" + id, "service");
  };
  EXPECT_EQ(Shown(read(adult), "name_full"), "大明|");
  EXPECT_EQ(Shown(read(child), "name_full"), "小*|");
  EXPECT_EQ(Shown(Reveal(world, "agent", child, "name_full"), "name_full"), "小*|");
  // Fourteen years old, it is over.
  world.clock().Advance(int64_t{4} * 366 * kDayMs);
  EXPECT_EQ(Shown(world.Local("GET", "/api/v1/customers/" + child, "service"), "name_full"),
            "小明|");
}

// ---- findings ----

TEST(FindingsTest, WhatFreeTextsHoldIsCountedBySourceAndDecidedOnce) {
  testing::Covers("C3");
  World world;
  const std::string id = world.AddCustomer(
      {{"name_full", "Ana"}, {"complaint_text", {"卡号 6222021234567890128 被扣了两次"}}});
  world.AddCustomer({{"name_full", "Bob"}, {"complaint_text", {"the parcel came late"}}});
  const Json event = {
      {"kind", "interaction"},
      {"source", "shop"},
      {"occurred_at", "2026-11-01T10:00:00Z"},
      {"fields", {{"enquiry_text", "I was diagnosed with diabetes, can I cancel?"}}}};
  ASSERT_EQ(
      world.Local("POST", "/api/v1/customers/" + id + "/timeline", "service", WriteJson(event))
          .status,
      201);
  const auto list = [&] {
    return Body(world.Send("steward", "GET", "/api/v1/findings"))["findings"];
  };
  const Json found = list();
  std::set<std::string> kinds;
  for (const Json& one : found) {
    kinds.insert(JsonText(one, "field") + " " + JsonText(one, "kind") + " " +
                 JsonText(one, "level"));
    EXPECT_EQ(one["values"], Json()) << one;  // fewer than five
    EXPECT_EQ(JsonText(one, "state"), "new");
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"complaint_text bank_card L4", "enquiry_text health L4"}))
      << found;
  // Decided, kept over a start; the same again makes what was mended new.
  const std::string path = "/api/v1/findings/" + JsonText(found[0], "id");
  const auto decide = [&](const std::string& state, const std::string& role = "steward") {
    return world.Send(role, "POST", path, "data_quality", WriteJson({{"state", state}}));
  };
  EXPECT_EQ(decide("gone").status, 400);
  EXPECT_EQ(decide("mended", "agent").status, 403);
  ASSERT_EQ(decide("mended").status, 200);
  world.Reopen();
  EXPECT_EQ(JsonText(list()[1], "state"), "mended");
  for (int i = 0; i < 4; ++i) {
    world.AddCustomer({{"name_full", "Eve"},
                       {"complaint_text", {"6222021234567890128"}},
                       {"enquiry_text", {"my diabetes"}}});
  }
  for (const Json& one : list()) {
    EXPECT_EQ(JsonText(one, "state"), "new");
    EXPECT_EQ(one["values"], Json(5));
  }
  // No value and no person stands in it.
  EXPECT_EQ(world.HeldInClear({"6222021234567890128", "diabetes, can I"}), "");
}

// ---- verification ----

Json StaleOf(const Json& data) {
  Json fields = Json::array();
  for (const Json& one : data["fields"]) {
    if (one["values"][0]["stale"].get<bool>()) {
      fields.push_back(one["field"]);
    }
  }
  return fields;
}

TEST(VerificationTest, ACampaignLeadsToThePortalWhereTheCustomerConfirms) {
  testing::Covers("C5");
  World world;
  const std::string id = world.AddCustomer(
      {{"name_full", "Ana"}, {"mobile", "13800138000"}, {"email", "ana@example.com"}});
  world.AddCustomer({{"name_full", "Nobody to write to"}, {"mobile", "13800138111"}});
  world.clock().Advance(730 * kDayMs);
  const auto start = [&](const Json& body, const std::string& role = "steward") {
    return world.Send(role, "POST", "/api/v1/quality/campaigns", "data_quality", WriteJson(body));
  };
  EXPECT_EQ(start({{"fields", Json::array()}}).status, 400);
  EXPECT_EQ(CodeOf(start({{"fields", {"no_such"}}})), "unknown_field");
  EXPECT_EQ(start({{"fields", {"complaint_text"}}}).status, 400);
  EXPECT_EQ(start({{"fields", {"mobile"}}}, "agent").status, 403);
  const auto started = start({{"fields", {"mobile", "email"}}});
  ASSERT_EQ(started.status, 201) << started.body;
  EXPECT_EQ(Body(started)["asked"], Json(1));
  EXPECT_EQ(Body(started)["passed"], Json(1));
  // The message tells nothing about her, and lets nobody in.
  const auto waiting = world.instance().outbox().Waiting();
  ASSERT_EQ(waiting.size(), 1U);
  const std::string body(waiting[0].body.Reveal());
  EXPECT_NE(body.find("/portal/"), std::string::npos);
  EXPECT_TRUE(testing::Lacks(body, "Ana"));
  EXPECT_TRUE(testing::Lacks(body, "token"));
  // Nobody is asked twice within ninety days.
  EXPECT_EQ(Body(start({{"fields", {"mobile"}}}))["asked"], Json(0));
  Customer ana(world, "ana@example.com");
  EXPECT_EQ(StaleOf(Body(ana.Send("GET", "/api/v1/portal/data"))),
            Json::array({"mobile", "email"}));
  EXPECT_EQ(CodeOf(ana.Send("POST", "/api/v1/portal/verification", {{"fields", {"no_such"}}})),
            "unknown_field");
  EXPECT_EQ(ana.Send("POST", "/api/v1/portal/verification", {{"fields", {"street"}}}).status, 404);
  ASSERT_EQ(ana.Send("POST", "/api/v1/portal/verification", {{"fields", {"mobile"}}}).status, 200);
  EXPECT_EQ(StaleOf(Body(ana.Send("GET", "/api/v1/portal/data"))), Json::array({"email"}));
  const Json campaigns =
      Body(world.Send("steward", "GET", "/api/v1/quality/campaigns"))["campaigns"];
  const size_t asked = campaigns[0]["asked"] == Json(1) ? 0 : 1;
  EXPECT_EQ(campaigns[asked]["confirmed"], Json(1)) << campaigns;
  // At the desk: who may write may say so; the record says when.
  const std::string path = "/api/v1/customers/" + id + "/verification";
  EXPECT_EQ(
      world.Send("marketer", "POST", path, "marketing_email", R"({"fields":["email"]})").status,
      403);
  const auto desk = world.Send("agent", "POST", path, "service", R"({"fields":["email"]})");
  ASSERT_EQ(desk.status, 200) << desk.body;
  EXPECT_EQ(StaleOf(Body(ana.Send("GET", "/api/v1/portal/data"))), Json::array());
  const std::string close =
      "/api/v1/quality/campaigns/" + JsonText(campaigns[asked], "id") + "/close";
  EXPECT_EQ(world.Send("steward", "POST", close, "data_quality", "{}").status, 200);
  EXPECT_EQ(world.Send("steward", "POST", close, "data_quality", "{}").status, 409);
  world.Reopen();
  const Json after = Body(world.Send("steward", "GET", "/api/v1/quality/campaigns"))["campaigns"];
  EXPECT_EQ(after[asked]["confirmed"], Json(1));
  EXPECT_TRUE(after[asked]["closed_at"].is_string());
}

// ---- changes ----

class ChangesTest : public ::testing::Test {
 protected:
  Json Read(const std::string& cursor, int limit = 100) {
    const auto answer = world_.Send("engineer", "GET",
                                    "/api/v1/changes?limit=" + std::to_string(limit) +
                                        (cursor.empty() ? "" : "&cursor=" + cursor),
                                    "service");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Body(answer);
  }
  World world_;
};

TEST_F(ChangesTest, EveryWayOfWritingShowsAndACursorGoesOn) {
  testing::Covers("C5");
  EXPECT_EQ(Read("")["events"].size(), 0U);
  const std::string ana = world_.AddCustomer({{"name_full", "Ana"}, {"mobile", "13800138000"}});
  const std::string bob = world_.AddCustomer({{"name_full", "Bob"}, {"email", "b@example.com"}});
  const Json first = Read("");
  ASSERT_EQ(first["events"].size(), 2U);
  const Json& one = first["events"][0];
  EXPECT_EQ(JsonText(one, "subject"), ana);
  EXPECT_EQ(JsonText(one, "type"), "fiducia.customer.created");
  EXPECT_EQ(JsonText(one, "specversion"), "1.0");
  EXPECT_TRUE(JsonText(one, "source").starts_with("fiducia.local/"));
  EXPECT_EQ(one["data"]["parts"], Json::array({"record", "authorizations"}));
  const std::string place = JsonText(first, "next");
  EXPECT_EQ(Read(place)["events"].size(), 0U);
  EXPECT_EQ(JsonText(Read(place), "next"), place);
  // What changed since, in parts; told once however often it changed.
  const Json event = {{"kind", "interaction"},
                      {"source", "shop"},
                      {"occurred_at", "2026-11-01T10:00:00Z"},
                      {"fields", {{"satisfaction", "9"}}}};
  for (int i = 0; i < 3; ++i) {
    world_.Local("POST", "/api/v1/customers/" + bob + "/timeline", "service", WriteJson(event));
  }
  const Json timeline = Read(place);
  ASSERT_EQ(timeline["events"].size(), 1U) << timeline;
  EXPECT_EQ(JsonText(timeline["events"][0], "type"), "fiducia.customer.changed");
  EXPECT_EQ(timeline["events"][0]["data"]["parts"], Json::array({"timeline"}));
  world_.Local("DELETE", "/api/v1/customers/" + ana, "service");
  world_.Settle();
  world_.Reopen();
  const Json gone = Read(JsonText(timeline, "next"));
  ASSERT_EQ(gone["events"].size(), 1U) << gone;
  EXPECT_EQ(JsonText(gone["events"][0], "type"), "fiducia.customer.erased");
  EXPECT_EQ(JsonText(gone["events"][0], "subject"), ana);
  // From the beginning, page by page: everybody once, as they stand now.
  std::set<std::string> seen;
  std::string cursor;
  for (Json page = Read("", 1); !page["events"].empty(); page = Read(cursor, 1)) {
    ASSERT_EQ(page["events"].size(), 1U);
    EXPECT_TRUE(seen.insert(JsonText(page["events"][0], "subject")).second);
    cursor = JsonText(page, "next");
  }
  EXPECT_EQ(seen.size(), 2U);
}

TEST_F(ChangesTest, AWrongCursorAndAWrongRoleAreRefused) {
  testing::Covers("C5");
  for (const std::string cursor : {"x", "_", "1_", "-1_0198d8a0-0000-7000-8000-000000000000",
                                   "1_0198d8a0", "99999999999999999999_0198d8a0"}) {
    const auto answer =
        world_.Send("engineer", "GET", "/api/v1/changes?cursor=" + cursor, "service");
    EXPECT_EQ(answer.status, 400) << cursor;
  }
  EXPECT_EQ(world_.Send("agent", "GET", "/api/v1/changes", "service").status, 403);
  EXPECT_EQ(world_.Send("engineer", "GET", "/api/v1/changes").status, 403);
  EXPECT_EQ(world_.Send("engineer", "GET", "/api/v1/changes?limit=5000", "service").status, 400);
}

// ---- matching what came since ----

TEST(FollowingTest, ARecordThatComesLaterIsMatchedByItself) {
  testing::Covers("C2");
  World world;
  for (int i = 0; i < 60; ++i) {
    world.AddCustomer(
        {{"name_full", "Person " + std::string(1, static_cast<char>('A' + i % 26)) +
                           std::string(1, static_cast<char>('a' + i / 26)) + "bert"},
         {"mobile", "1390000" + std::to_string(1000 + i)},
         {"birth_date", "19" + std::to_string(50 + i % 50) + "-03-1" + std::to_string(i % 10)}});
  }
  const std::string first = world.AddCustomer(
      {{"name_full", "李春晓"}, {"mobile", "13911112222"}, {"birth_date", "1990-01-31"}});
  world.Send("steward", "POST", "/api/v1/matching/run", "data_quality", "{}");
  for (int i = 0; i < 600; ++i) {
    if (Body(world.Send("steward", "GET", "/api/v1/matching", "data_quality"))["finished_at"]
            .is_string()) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto pairs = [&] {
    return Body(world.Send("steward", "GET", "/api/v1/matching/pairs", "data_quality"))["pairs"];
  };
  const size_t before = pairs().size();
  const std::string second = world.AddCustomer(
      {{"name_full", "李春晓"}, {"mobile", "13911112222"}, {"birth_date", "1990-01-31"}});
  world.instance().Housekeep();
  const Json now = pairs();
  ASSERT_EQ(now.size(), before + 1) << now;
  const std::set<std::string> ids = {JsonText(now[0], "first"), JsonText(now[0], "second")};
  EXPECT_EQ(ids, (std::set<std::string>{first, second})) << now[0];
}

// ---- forms of an export ----

class FormTest : public ::testing::Test {
 protected:
  FormTest()
      : manager_(Person::Working(world_, "manager", "manager")),
        officer_(Person::Working(world_, "officer", "privacy_officer")) {}

  std::string File(Json body, Json* record = nullptr) {
    body["purpose"] = "service";
    body["rows"] = 100;
    body["reason"] = "for the yearly study";
    const auto asked = manager_.Send("POST", "/api/v1/requests/export", "", body);
    EXPECT_EQ(asked.status, 201) << asked.body;
    const std::string path = "/api/v1/requests/" + JsonText(Body(asked), "id");
    EXPECT_EQ(officer_
                  .Send("POST", path + "/decision", "",
                        {{"approve", true}, {"hash", JsonText(Body(asked), "hash")}})
                  .status,
              200);
    const auto made = manager_.Send("POST", path + "/export");
    last_ = made;
    if (made.status != 201) {
      last_ = made;
      return made.body;
    }
    if (record != nullptr) {
      *record = Body(made);
    }
    return manager_.Send("GET", "/api/v1/exports/" + JsonText(Body(made), "id") + "/file").body;
  }

  World world_;
  Person manager_;
  Person officer_;
  http::Response last_;
};

TEST_F(FormTest, APseudonymIsTheSameForOneRecipientAndNamesNobody) {
  testing::Covers("C6");
  for (int i = 0; i < 3; ++i) {
    world_.AddCustomer(
        {{"name_full", "Customer " + std::string(1, static_cast<char>('A' + i % 26))},
         {"occupation", "assistant of Margaret Doyle"},
         {"city", "Dublin"}});
  }
  const Json fields = {"name_full", "occupation", "city"};
  const std::string first = File({{"fields", fields}, {"form", "pseudonymous"}});
  const std::string second = File({{"fields", fields}, {"form", "pseudonymous"}});
  EXPECT_TRUE(testing::Lacks(first, "Customer B")) << first;
  EXPECT_TRUE(testing::Lacks(first, "Doyle")) << first;
  const auto names = [](const std::string& file) {
    std::set<std::string> found;
    for (const std::string_view line : Split(file, '\n')) {
      const auto cells = Split(line, ',');
      if (cells.size() > 1 && cells[1].starts_with("\"p")) {
        found.emplace(cells[1]);
      }
    }
    return found;
  };
  EXPECT_EQ(names(first).size(), 3U) << first;
  EXPECT_EQ(names(first), names(second));
}

TEST_F(FormTest, AnAnonymousFileHasGroupsOfKAndNothingThatNames) {
  testing::Covers("C6");
  for (int i = 0; i < 40; ++i) {
    world_.AddCustomer(
        {{"name_full", "Customer " + std::string(1, static_cast<char>('A' + i % 26))},
         {"city", i % 4 == 0 ? "Galway" : "Dublin"},
         {"sex", i % 2 == 0 ? "female" : "male"},
         {"postcode", std::to_string(200000 + i * 10)},
         {"language", "en"}});
  }
  Json record;
  const std::string file = File({{"fields", {"name_full", "city", "sex", "postcode", "language"}},
                                 {"form", "anonymous"},
                                 {"k", 5}},
                                &record);
  // Checked with none of the code that made it.
  std::map<std::string, int> groups;
  const auto lines = Split(file, '\n');
  EXPECT_EQ(std::string(lines[0]), "\"city\",\"sex\",\"postcode\",\"language\"\r");
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    ++groups[std::string(lines[i])];
  }
  int rows = 0;
  for (const auto& [line, count] : groups) {
    EXPECT_GE(count, 5) << line;
    rows += count;
  }
  EXPECT_EQ(rows, 40);
  EXPECT_GT(groups.size(), 1U) << file;
  EXPECT_GE(record["risk"]["smallest"].get<int>(), 5) << record;
  EXPECT_EQ(record["canary"].is_null() || JsonText(record, "canary").empty(), true);
  // More alike than there are: nothing leaves.
  File({{"fields", {"city"}}, {"form", "anonymous"}, {"k", 50}});
  EXPECT_EQ(last_.status, 409) << last_.body;
  const auto ask = [&](Json body) {
    body["purpose"] = "service";
    body["reason"] = "for the yearly study";
    return manager_.Send("POST", "/api/v1/requests/export", "", body).status;
  };
  EXPECT_EQ(ask({{"fields", {"name_full", "mobile"}}, {"form", "anonymous"}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"form", "encrypted"}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"form", "anonymous"}, {"k", 1}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"k", 5}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"l", 2}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"form", "anonymous"}, {"k", 3}, {"l", 4}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"form", "anonymous"}, {"t", 1.5}}), 400);
  EXPECT_EQ(ask({{"fields", {"city"}}, {"form", "anonymous"}, {"t", "0.2"}}), 400);
}

TEST_F(FormTest, ThoseWhoLookAlikeDifferInWhatOthersDoNotKnow) {
  testing::Covers("C6");
  // All of Galway like the same brand: to know that somebody is from there would be to know it.
  for (int i = 0; i < 60; ++i) {
    const bool galway = i % 4 == 0;
    world_.AddCustomer({{"name_full", "Customer"},
                        {"city", galway ? "Galway" : "Dublin"},
                        {"sex", i % 2 == 0 ? "female" : "male"},
                        {"amount", std::to_string(10 + i)},
                        {"rfm_segment", galway       ? "North"
                                        : i % 3 == 0 ? "South"
                                                     : "West"}});
  }
  const auto brands_of = [](const std::string& file) {
    std::map<std::string, std::map<std::string, double>> groups;
    const auto lines = Split(file, '\n');
    for (size_t i = 1; i + 1 < lines.size(); ++i) {
      const std::string line(lines[i]);
      const size_t cut = line.find(',', line.find(',') + 1);
      groups[line.substr(0, cut)][line.substr(cut + 1)] += 1;
    }
    return groups;
  };
  const Json fields = Json::array({"city", "sex", "rfm_segment"});
  bool alone = false;
  const std::string plain = File({{"fields", fields}, {"form", "anonymous"}, {"k", 5}});
  for (const auto& [known, brands] : brands_of(plain)) {
    alone = alone || brands.size() == 1;
  }
  EXPECT_TRUE(alone) << plain;
  Json record;
  const std::string diverse =
      File({{"fields", fields}, {"form", "anonymous"}, {"k", 5}, {"l", 2}, {"t", 0.2}}, &record);
  EXPECT_EQ(record["l"], 2);
  EXPECT_EQ(record["t"], 0.2);
  const auto groups = brands_of(diverse);
  std::map<std::string, double> all;
  for (const auto& [known, brands] : groups) {
    for (const auto& [brand, count] : brands) {
      all[brand] += count / 60;
    }
  }
  EXPECT_EQ(all.size(), 3U) << diverse;
  for (const auto& [known, brands] : groups) {
    EXPECT_GE(brands.size(), 2U) << known;
    double rows = 0;
    for (const auto& [brand, count] : brands) {
      rows += count;
    }
    double distance = 0;
    for (const auto& [brand, share] : all) {
      const auto found = brands.find(brand);
      const double here = found == brands.end() ? 0 : found->second / rows;
      distance += std::abs(here - share) / 2;
    }
    EXPECT_LE(distance, 0.2 + 1e-9) << known;
  }
  // Amounts are all different; by tenths they can be like everybody's.
  const std::string amounts = File(
      {{"fields", Json::array({"city", "amount"})}, {"form", "anonymous"}, {"k", 10}, {"t", 0.5}});
  EXPECT_EQ(last_.status, 201) << amounts;
  // More kinds than there are: nothing leaves.
  File({{"fields", fields}, {"form", "anonymous"}, {"k", 5}, {"l", 4}});
  EXPECT_EQ(last_.status, 409) << last_.body;
}

}  // namespace

}  // namespace fiducia
