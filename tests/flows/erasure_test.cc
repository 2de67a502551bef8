// Erasure is proved to the person, resumed after a crash, and not undone by an old list.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "audit/receipt.h"
#include "import_text.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

const Json kAna = {
    {"name_full", "Ana Canary"}, {"mobile", "13800138000"}, {"email", "ana@example.com"}};

std::string Erase(World& world, const std::string& id, const std::string& query = "") {
  const auto response = world.Send("privacy_officer", "DELETE", "/api/v1/customers/" + id + query,
                                   "legal_compliance");
  EXPECT_EQ(response.status, 200) << response.body;
  return response.body;
}

http::Response Create(World& world, const Json& fields, bool returned = false) {
  Json body;
  body["kind"] = "person";
  body["fields"] = fields;
  body["source"] = "shop";
  body["basis"] = "contract";
  if (returned) {
    body["returned"] = true;
  }
  return world.Local("POST", "/api/v1/customers", "service", WriteJson(body));
}

TEST(ErasureReceiptTest, ThePersonCanCheckItWithTheFileAlone) {
  testing::Covers("D6");
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string other = world.AddCustomer({{"name_full", "Bo"}});
  const std::string receipt = Erase(world, id);
  EXPECT_TRUE(testing::Lacks(receipt, "Ana Canary"));
  const auto facts = audit::CheckErasureReceipt(receipt, world.instance().log().verifier());
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(facts->customer, id);
  EXPECT_EQ(facts->erased_ms, world.clock().NowMs());
  // It can be had again; one of a living customer cannot.
  const auto again = world.Send("privacy_officer", "GET", "/api/v1/customers/" + id + "/erasure",
                                "legal_compliance");
  EXPECT_TRUE(audit::CheckErasureReceipt(again.body, ""));
  EXPECT_EQ(world
                .Send("privacy_officer", "GET", "/api/v1/customers/" + other + "/erasure",
                      "legal_compliance")
                .status,
            404);
  EXPECT_EQ(world.Send("agent", "GET", "/api/v1/customers/" + id + "/erasure", "service").status,
            403);
}

// A receipt is made from files that a busy log replaces meanwhile.
TEST(ErasureReceiptTest, ABusyLogGivesReceiptsToo) {
  World world;
  std::vector<std::string> ids;
  ids.reserve(40);
  for (int i = 0; i < 40; ++i) {
    ids.push_back(world.AddCustomer({{"name_full", "Bo"}}));
  }
  const std::string read = "/api/v1/customers/" + world.AddCustomer({{"name_full", "Cy"}});
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      EXPECT_EQ(world.Local("GET", read, "service").status, 200);
      EXPECT_EQ(world.Local("GET", "/api/v1/audit/checkpoint").status, 200);
    }
  });
  for (const std::string& id : ids) {
    EXPECT_TRUE(audit::CheckErasureReceipt(Erase(world, id), ""));
  }
  stop = true;
  reader.join();
}

TEST(ErasureReceiptTest, EveryForgeryIsRefused) {
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string second = world.AddCustomer({{"name_full", "Bo"}});
  const std::string receipt = Erase(world, id);
  const Json good = *ParseJson(receipt);
  const Json of_second = *ParseJson(Erase(world, second));
  World stranger;
  const auto refused = [&](const std::function<void(Json&)>& change) {
    Json bad = good;
    change(bad);
    const auto facts = audit::CheckErasureReceipt(WriteJson(bad), "");
    return !facts;
  };
  EXPECT_FALSE(refused([](Json&) {}));
  for (const char* part : {"customer", "salt", "entry", "checkpoint", "verifier"}) {
    EXPECT_TRUE(refused([&](Json& bad) {
      std::string text = JsonText(bad, part);
      text[text.size() / 2] = text[text.size() / 2] == 'a' ? 'b' : 'a';
      bad[part] = text;
    })) << part;
  }
  for (const char* part : {"customer", "salt", "entry", "leaf", "hashes"}) {
    EXPECT_TRUE(refused([&](Json& bad) { bad[part] = of_second[part]; })) << part;
  }
  EXPECT_TRUE(refused([](Json& bad) { bad["leaf"] = bad["leaf"].get<int>() + 1; }));
  EXPECT_TRUE(refused([](Json& bad) { bad["tenant"] = 1; }));
  EXPECT_TRUE(refused([](Json& bad) { bad["hashes"] = "none"; }));
  EXPECT_FALSE(audit::CheckErasureReceipt(receipt, stranger.instance().log().verifier()));
  EXPECT_FALSE(audit::CheckErasureReceipt("{}", ""));
  EXPECT_FALSE(audit::CheckErasureReceipt("receipt", ""));
}

TEST(SuppressionTest, AnErasedPersonComesBackOnlyOfTheirOwnWill) {
  testing::Covers("D6");
  World world;
  Erase(world, world.AddCustomer(kAna));
  const auto refused = Create(world, {{"name_full", "A. Canary"}, {"mobile", "+86 138 0013 8000"}});
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(JsonText(Body(refused), "code"), "suppressed");
  EXPECT_TRUE(testing::Lacks(refused.body, "138 0013 8000"));
  EXPECT_TRUE(testing::Lacks(refused.body, "13800138000"));
  EXPECT_EQ(Create(world, {{"name_full", "Bo"}, {"email", "ANA@example.com"}}).status, 409);
  EXPECT_EQ(Create(world, {{"name_full", "Ana Canary"}, {"mobile", "13700137000"}}).status, 201);
  EXPECT_EQ(Create(world, {{"name_full", "Ana"}, {"mobile", "13800138000"}}, true).status, 201);
  EXPECT_EQ(Create(world, {{"name_full", "Ana"}, {"mobile", "13800138000"}}).status, 201);
  // The other identifier was not given back.
  EXPECT_EQ(Create(world, {{"name_full", "Ana"}, {"email", "ana@example.com"}}).status, 409);
}

TEST(SuppressionTest, WithoutItNothingIsKept) {
  World world;
  const std::string id = world.AddCustomer(kAna);
  EXPECT_EQ(world
                .Send("privacy_officer", "DELETE", "/api/v1/customers/" + id + "?suppress=maybe",
                      "legal_compliance")
                .status,
            400);
  Erase(world, id, "?suppress=false");
  EXPECT_EQ(Create(world, kAna).status, 201);
}

// The power went while a person was erased: the next start finishes it, as it was asked for.
TEST(SuppressionTest, AnErasureFinishedAfterACrashKeepsToWhatWasAsked) {
  testing::Covers("D6");
  for (const bool suppress : {false, true}) {
    World world;
    const std::string id = world.AddCustomer(kAna);
    world.Tamper(db::Which::kData,
                 "INSERT INTO erasure_intents(bucket, tenant, subject, intent_ms, suppress) "
                 "SELECT bucket, tenant, subject, 1, " +
                     std::string(suppress ? "1" : "0") + " FROM subjects");
    world.Reopen();
    EXPECT_EQ(world.Local("GET", "/api/v1/customers/" + id, "service").status, 410);
    EXPECT_EQ(Create(world, kAna).status, suppress ? 409 : 201);
  }
}

TEST(SuppressionTest, AnOldListDoesNotBringThePersonBack) {
  testing::Covers("E2");
  World world;
  Erase(world, world.AddCustomer(kAna));
  const Imported report = ImportText(
      world, "name,phone\nAna Canary,13800138000\nBo,13700137000\n",
      "[[column]]\nname = \"name\"\nfield = \"name_full\"\n[[column]]\nname = \"phone\"\n"
      "field = \"mobile\"\n");
  ASSERT_EQ(report.status, 201) << report.json.dump();
  EXPECT_EQ(report.Count("created"), 1);
  EXPECT_EQ(report.Count("quarantined"), 1);
  const auto rejects =
      world.Local("GET", "/api/v1/imports/" + JsonText(report.json, "id") + "/rejects");
  EXPECT_NE(rejects.body.find("this person asked to be erased"), std::string::npos) << rejects.body;
  EXPECT_TRUE(testing::Lacks(rejects.body, "13800138000"));
}

}  // namespace

}  // namespace fiducia
