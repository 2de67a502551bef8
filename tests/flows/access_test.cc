// Reading for a purpose: what is clear, masked, withheld, refused, and what the log says of it.
#include <gtest/gtest.h>

#include "guard/service_keys.h"
#include "testing/canary.h"
#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

const Json kAna = {{"name_full", "Ana López"},
                   {"mobile", "138 0013 8000"},
                   {"email", "ana.lopez@example.com"},
                   {"birth_date", "1975-07-28"},
                   {"national_id_no", "11010519491231002X"},
                   {"city", "Shanghai"}};

std::string AccessOf(const Json& customer, const std::string& field) {
  return customer["fields"].contains(field) ? JsonText(customer["fields"][field][0], "access")
                                            : "withheld";
}
std::string ValueOf(const Json& customer, const std::string& field) {
  return customer["fields"].contains(field) ? JsonText(customer["fields"][field][0], "value") : "";
}

TEST(AccessTest, AnAgentReadsForServiceWhatTheRoleAllows) {
  for (const char* row : {"G8", "A9", "B9", "I1"}) {
    testing::Covers(row);
  }
  World world;
  const std::string id = world.AddCustomer(kAna);
  const auto response = world.Send("agent", "GET", "/api/v1/customers/" + id, "service");
  ASSERT_EQ(response.status, 200) << response.body;
  const Json customer = Body(response);
  EXPECT_EQ(ValueOf(customer, "name_full"), "Ana López");
  EXPECT_EQ(AccessOf(customer, "name_full"), "clear");
  EXPECT_EQ(ValueOf(customer, "mobile"), "138****8000");
  EXPECT_EQ(AccessOf(customer, "mobile"), "masked");
  EXPECT_EQ(JsonText(customer["fields"]["mobile"][0], "reason"), "masked_by_level");
  EXPECT_EQ(ValueOf(customer, "national_id_no"), "1****************X");
  EXPECT_EQ(JsonText(customer["fields"]["city"][0], "source"), "shop");
  EXPECT_EQ(customer["version"], 1);
}

TEST(AccessTest, WithoutPurposeBasisOrRoleItIsRefused) {
  testing::Covers("G8");
  testing::Covers("G2");
  World world;
  const std::string path = "/api/v1/customers/" + world.AddCustomer(kAna);
  const auto code = [&](const std::string& role, const std::string& purpose) {
    const auto response = world.Send(role, "GET", path, purpose);
    EXPECT_TRUE(testing::Lacks(response.body, "Ana"));
    return std::to_string(response.status) + " " + JsonText(Body(response), "code");
  };
  EXPECT_EQ(code("agent", ""), "403 purpose_required");
  EXPECT_EQ(code("agent", "curiosity"), "400 unknown_purpose");
  EXPECT_EQ(code("agent", "order_fulfilment"), "403 no_basis");
  EXPECT_EQ(code("agent", "marketing_email"), "403 role_refused");
  EXPECT_EQ(code("marketer", "marketing_email"), "403 no_basis");
  EXPECT_EQ(code("admin", "service"), "403 role_refused");
  EXPECT_EQ(code("engineer", "service"), "403 role_refused");
  EXPECT_EQ(code("", "service"), "401 unauthenticated");
}

TEST(AccessTest, ARevealNeedsAReasonAndLeavesItsOwnLeaf) {
  testing::Covers("F5");
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string path = "/api/v1/customers/" + id + "/reveal";
  EXPECT_EQ(world.Send("agent", "POST", path, "service", R"({"fields":["mobile"]})").status, 400);
  const auto shown =
      world.Send("agent", "POST", path, "service",
                 R"({"fields":["mobile"],"reason":"the customer asked to be called"})",
                 {{"fiducia-case", "CASE-77"}});
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(ValueOf(Body(shown), "mobile"), "+8613800138000");
  // L4 stays masked: the contract did not cover it separately.
  const auto id_no = world.Send("agent", "POST", path, "service",
                                R"({"fields":["national_id_no"],"reason":"check identity"})");
  EXPECT_EQ(AccessOf(Body(id_no), "national_id_no"), "masked");

  const auto history = world.Send("privacy_officer", "GET", "/api/v1/customers/" + id + "/accesses",
                                  "legal_compliance");
  ASSERT_EQ(history.status, 200) << history.body;
  const Json accesses = Body(history)["accesses"];
  ASSERT_EQ(accesses.size(), 3U) << accesses.dump(2);  // newest first: two reveals, the creation
  EXPECT_EQ(JsonText(accesses[1], "operation"), "reveal");
  EXPECT_EQ(JsonText(accesses[1], "case"), "CASE-77");
  EXPECT_EQ(JsonText(accesses[1], "purpose"), "service");
  EXPECT_EQ(JsonText(accesses[1], "basis"), "contract");
  EXPECT_EQ(accesses[1]["clear"], Json({"mobile"}));
  EXPECT_EQ(JsonText(accesses[2], "operation"), "create");
}

TEST(AccessTest, WithdrawingABasisBitesAtTheNextRead) {
  testing::Covers("G3");
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string path = "/api/v1/customers/" + id;
  const auto basis = [&](const char* action, const char* purpose, const char* more) {
    return world
        .Send("privacy_officer", "POST", path + "/basis", "legal_compliance",
              std::string(R"({"action":")") + action + R"(","purpose":")" + purpose +
                  R"(","basis":"consent","source":"shop")" + more + "}")
        .status;
  };
  EXPECT_EQ(world.Send("marketer", "GET", path, "marketing_email").status, 403);
  EXPECT_EQ(basis("given", "marketing_email", ""), 201);
  EXPECT_EQ(world.Send("marketer", "GET", path, "marketing_email").status, 200);
  EXPECT_EQ(basis("withdrawn", "marketing_email", ""), 201);
  EXPECT_EQ(world.Send("marketer", "GET", path, "marketing_email").status, 403);
  // A term ends by itself.
  EXPECT_EQ(basis("given", "marketing_email", R"(,"until":"2026-11-24T13:00:00Z")"), 201);
  EXPECT_EQ(world.Send("marketer", "GET", path, "marketing_email").status, 200);
  world.clock().Advance(3600000);
  EXPECT_EQ(world.Send("marketer", "GET", path, "marketing_email").status, 403);
}

TEST(AccessTest, SearchFindsExactlyAndShowsOnlyWhatTheGateAllows) {
  testing::Covers("D2");
  World world;
  const std::string ana = world.AddCustomer(kAna);
  world.AddCustomer({{"name_full", "张伟"}, {"mobile", "13900139000"}});
  const auto search = [&](const char* where, const std::string& role = "agent") {
    return Body(world.Send(role, "POST", "/api/v1/customers/search", "service",
                           std::string(R"({"where":)") + where + "}"));
  };
  const Json by_mobile = search(R"({"mobile":"+86 138-0013-8000"})");
  ASSERT_EQ(by_mobile["customers"].size(), 1U);
  EXPECT_EQ(JsonText(by_mobile["customers"][0], "id"), ana);
  EXPECT_EQ(search(R"({"name_full":"ana lópez"})")["customers"].size(), 1U);
  EXPECT_EQ(search(R"({"name_full":"zhang wei"})")["customers"].size(), 1U);
  EXPECT_EQ(search(R"({"name_full":"张伟"})")["customers"].size(), 1U);
  EXPECT_EQ(search(R"({"mobile":"13800138001"})")["customers"].size(), 0U);
  EXPECT_EQ(JsonText(search(R"({"city":"Shanghai"})"), "code"), "invalid_input");
  EXPECT_EQ(JsonText(search(R"({"mobile":"13800138000"})", "analyst"), "code"), "role_refused");
}

TEST(AccessTest, AChangeNeedsTheVersionItWasMadeOn) {
  World world;
  const std::string id = world.AddCustomer(kAna);
  const std::string path = "/api/v1/customers/" + id;
  const std::string body = R"({"fields":{"mobile":["13900139000"],"city":null},"source":"shop"})";
  EXPECT_EQ(world.Send("agent", "PATCH", path, "service", body).status, 428);
  EXPECT_EQ(world.Send("agent", "PATCH", path, "service", body, {{"if-match", "\"7\""}}).status,
            412);
  const auto changed = world.Send("agent", "PATCH", path, "service", body, {{"if-match", "\"1\""}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(Body(changed)["version"], 2);
  EXPECT_EQ(world.Send("agent", "PATCH", path, "service", body, {{"if-match", "\"1\""}}).status,
            412);
  const auto search = [&](const std::string& number) {
    return Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                           R"({"where":{"mobile":")" + number + "\"}}"))["customers"]
        .size();
  };
  EXPECT_EQ(search("13900139000"), 1U);
  EXPECT_EQ(search("13800138000"), 0U);
  const Json customer = Body(world.Send("agent", "GET", path, "service"));
  EXPECT_EQ(AccessOf(customer, "city"), "withheld");
  // Writing a field above the role's reach changes nothing.
  const auto income =
      world.Send("agent", "PATCH", path, "service", R"({"fields":{"income":"10"},"source":"shop"})",
                 {{"if-match", "\"2\""}});
  EXPECT_EQ(income.status, 403);
  EXPECT_EQ(Body(world.Send("agent", "GET", path, "service"))["version"], 2);
}

TEST(AccessTest, ARepeatedRequestUnderOneKeyDoesNothingTwice) {
  World world;
  const std::string body =
      R"({"kind":"person","fields":{"name_full":"Ana"},"source":"shop","basis":"contract"})";
  const std::map<std::string, std::string> key = {{"idempotency-key", "abc-1"}};
  const auto first = world.Send("operator", "POST", "/api/v1/customers", "service", body, key);
  const auto again = world.Send("operator", "POST", "/api/v1/customers", "service", body, key);
  ASSERT_EQ(first.status, 201);
  ASSERT_EQ(again.status, 201);
  EXPECT_EQ(JsonText(Body(first), "id"), JsonText(Body(again), "id"));
  const auto other = world.Send(
      "operator", "POST", "/api/v1/customers", "service",
      R"({"kind":"person","fields":{"name_full":"Bo"},"source":"shop","basis":"contract"})", key);
  EXPECT_EQ(other.status, 409);
}

TEST(AccessTest, OrdersAndComplaintsStandOnTheTimeline) {
  testing::Covers("A3");
  testing::Covers("A4");
  World world;
  const std::string path = "/api/v1/customers/" + world.AddCustomer(kAna) + "/timeline";
  for (int day = 1; day <= 3; ++day) {
    const auto added = world.Send(
        "agent", "POST", path, "service",
        R"({"kind":"transaction","occurred_at":"2026-11-0)" + std::to_string(day) +
            R"(T10:00:00+08:00","fields":{"order":"O-1","amount":"12.50 CNY"},"source":"shop"})");
    ASSERT_EQ(added.status, 201) << added.body;
  }
  ASSERT_EQ(
      world
          .Send(
              "agent", "POST", path, "service",
              R"({"kind":"interaction","occurred_at":"2026-11-09T10:00:00Z","fields":{"complaint_text":"The parcel was late."},"source":"shop"})")
          .status,
      201);
  const Json page = Body(world.Send("agent", "GET", path + "?limit=2", "service"));
  ASSERT_EQ(page["events"].size(), 2U);
  EXPECT_EQ(JsonText(page["events"][0], "kind"), "interaction");
  EXPECT_EQ(JsonText(page["events"][0]["fields"]["complaint_text"][0], "access"), "masked");
  EXPECT_EQ(JsonText(page["events"][1], "occurred_at"), "2026-11-03T02:00:00.000Z");
  EXPECT_EQ(JsonText(page["events"][1]["fields"]["amount"][0], "value"), "12.50 CNY");
  const Json rest = Body(
      world.Send("agent", "GET", path + "?limit=2&cursor=" + JsonText(page, "next"), "service"));
  EXPECT_EQ(rest["events"].size(), 2U);
  EXPECT_TRUE(rest["next"].is_null());
}

TEST(AccessTest, LineageTellsSourceCollectorBasisAndTime) {
  testing::Covers("A9");
  testing::Covers("I1");
  World world;
  const std::string id = world.AddCustomer(kAna);
  const Json lineage = Body(world.Send("privacy_officer", "GET",
                                       "/api/v1/customers/" + id + "/lineage", "legal_compliance"));
  ASSERT_EQ(lineage["values"].size(), kAna.size());
  for (const Json& value : lineage["values"]) {
    EXPECT_EQ(JsonText(value, "source"), "shop");
    EXPECT_EQ(JsonText(value, "basis"), "contract");
    EXPECT_EQ(JsonText(value, "collector"), world.instance().operator_id().Text());
    EXPECT_EQ(JsonText(value, "collected_at"), "2026-11-24T12:00:00.000Z");
  }
  EXPECT_EQ(JsonText(lineage["bases"][0], "purpose"), "service");
}

TEST(AccessTest, OrganizationsAreCustomersToo) {
  testing::Covers("A8");
  World world;
  const auto made = world.Local(
      "POST", "/api/v1/customers", "service",
      R"({"kind":"organization","fields":{"name_full":"恒通贸易有限公司","tax_invoice_id":"91350100M000100Y43"},"source":"shop","basis":"contract"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json customer = Body(
      world.Send("agent", "GET", "/api/v1/customers/" + JsonText(Body(made), "id"), "service"));
  EXPECT_EQ(JsonText(customer, "kind"), "organization");
}

TEST(AccessTest, ARevokedOrExpiredKeyIsDeadAtOnce) {
  testing::Covers("F2");
  World world;
  EXPECT_EQ(world.Send("agent", "GET", "/api/v1/catalog").status, 200);
  world.clock().Advance(int64_t{31} * 86400000);
  EXPECT_EQ(world.Send("agent", "GET", "/api/v1/catalog").status, 401);
  const auto made = Body(world.Local("POST", "/api/v1/keys", "", R"({"role":"agent"})"));
  const std::map<std::string, std::string> bearer = {
      {"authorization", "Bearer " + JsonText(made, "key")}};
  EXPECT_EQ(world.Send("", "GET", "/api/v1/catalog", "", "", bearer).status, 200);
  EXPECT_EQ(world.Local("DELETE", "/api/v1/keys/" + JsonText(made, "id")).status, 204);
  EXPECT_EQ(world.Send("", "GET", "/api/v1/catalog", "", "", bearer).status, 401);
}

http::Response SendWith(World& world, const std::string& key, const std::string& path,
                        const std::string& purpose) {
  return world.Send("", "GET", path, purpose, "", {{"authorization", "Bearer " + key}});
}

std::string NarrowKey(World& world, const Json& body) {
  const auto made = world.Send("admin", "POST", "/api/v1/keys", "", WriteJson(body));
  EXPECT_EQ(made.status, 201) << made.body;
  return JsonText(Body(made), "key");
}

TEST(AccessTest, AKeyOpensOnlyWhatItsServiceIsFor) {
  testing::Covers("G9");
  World world;
  const std::string path = "/api/v1/customers/" + world.AddCustomer(kAna);
  const std::string narrow = NarrowKey(
      world, {{"role", "agent"}, {"purposes", {"order_fulfilment"}}, {"level_max", "L2"}});
  const auto other = SendWith(world, narrow, path, "service");
  EXPECT_EQ(other.status, 403);
  EXPECT_EQ(JsonText(Body(other), "code"), "role_refused");
  const std::string low = NarrowKey(world, {{"role", "agent"}, {"level_max", "L1"}});
  const auto read = SendWith(world, low, path, "service");
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_TRUE(testing::Lacks(read.body, "Ana"));

  const Json bad[] = {{{"role", "agent"}, {"purposes", {"fraud_prevention"}}},
                      {{"role", "agent"}, {"classes", {"health"}}},
                      {{"role", "agent"}, {"networks", {"10.0.0.0/33"}}},
                      {{"role", "agent"}, {"networks", {"10.0.0.0/"}}},
                      {{"role", "agent"}, {"networks", {"10.0.0.0/ 8"}}},
                      {{"role", "agent"}, {"networks", {"office"}}},
                      {{"role", "agent"}, {"per_minute", 0}},
                      {{"role", "agent"}, {"level_max", "L9"}}};
  for (const Json& body : bad) {
    EXPECT_EQ(world.Send("admin", "POST", "/api/v1/keys", "", WriteJson(body)).status, 400)
        << WriteJson(body);
  }
}

TEST(AccessTest, AKeyWorksFromItsNetworksAndAtItsRate) {
  testing::Covers("G9");
  World world;
  const std::string path = "/api/v1/customers/" + world.AddCustomer(kAna);
  const std::string elsewhere =
      NarrowKey(world, {{"role", "agent"}, {"networks", {"10.0.0.0/8", "2001:db8::/32"}}});
  EXPECT_EQ(SendWith(world, elsewhere, path, "service").status, 401);
  const std::string here =
      NarrowKey(world, {{"role", "agent"}, {"networks", {"127.0.0.0/30"}}, {"per_minute", 2}});
  EXPECT_EQ(SendWith(world, here, path, "service").status, 200);
  EXPECT_EQ(SendWith(world, here, path, "service").status, 200);
  EXPECT_EQ(SendWith(world, here, path, "service").status, 429);
  world.Reopen();  // what a key is narrowed to is kept
  EXPECT_EQ(SendWith(world, elsewhere, path, "service").status, 401);
  world.clock().Advance(60000);
  EXPECT_EQ(SendWith(world, here, path, "service").status, 200);
  EXPECT_TRUE(guard::InNetworks("2001:db8::7", {"2001:db8::/32"}));
  EXPECT_TRUE(guard::InNetworks("::ffff:10.1.2.3", {"10.0.0.0/8"}));
  EXPECT_FALSE(guard::InNetworks("2001:db9::7", {"2001:db8::/32"}));
  EXPECT_FALSE(guard::InNetworks("10.0.0.1", {"2001:db8::/32"}));
}

TEST(AccessTest, WhatOthersWouldSeeOfACustomerIsToldWithoutAValue) {
  testing::Covers("F4");
  World world;
  const std::string id = world.AddCustomer(
      {{"name_full", "Canary Person"}, {"mobile", "13800138000"}, {"language", "en"}});
  const std::string path = "/api/v1/customers/" + id + "/explain";
  const auto ask = [&](const std::string& role, const std::string& purpose) {
    std::map<std::string, std::string> seen;
    const auto answer = world.Send("privacy_officer", "POST", path, "legal_compliance",
                                   WriteJson({{"role", role}, {"purpose", purpose}}));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(testing::Lacks(answer.body, "Canary"));
    EXPECT_TRUE(testing::Lacks(answer.body, "13800138000"));
    const Json told = Body(answer);
    for (const Json& field : told["fields"]) {
      seen[JsonText(field, "field")] = JsonText(field, "access");
    }
    return seen;
  };
  const std::map<std::string, std::string> agent = ask("agent", "service");
  EXPECT_EQ(agent, (std::map<std::string, std::string>{
                       {"name_full", "clear"}, {"mobile", "masked"}, {"language", "clear"}}));
  for (const auto& [field, seen] : ask("marketer", "marketing_email")) {
    EXPECT_EQ(seen, "refused") << field;  // no basis is on record for it
  }
  // The answer is about a person: on record, and not for those who try the policy alone.
  EXPECT_EQ(
      world.Send("engineer", "POST", path, "service", R"({"role":"agent","purpose":"service"})")
          .status,
      403);
  EXPECT_EQ(
      world.Send("privacy_officer", "POST", path, "", R"({"role":"agent","purpose":"service"})")
          .status,
      403);
  EXPECT_EQ(world
                .Send("privacy_officer", "POST", path, "legal_compliance",
                      R"({"role":"ghost","purpose":"service"})")
                .status,
            400);
  const auto accesses = Body(world.Send(
      "privacy_officer", "GET", "/api/v1/customers/" + id + "/accesses", "legal_compliance"));
  int told = 0;
  for (const Json& one : accesses["accesses"]) {
    told += JsonText(one, "operation") == "explain" ? 1 : 0;
  }
  EXPECT_EQ(told, 2);
}

TEST(AccessTest, ARestrictedRecordIsUsedForNothingButWhatTheLawDemands) {
  testing::Covers("G8");
  World world;
  const std::string id = world.AddCustomer({{"name_full", "Customer"}, {"mobile", "13800138000"}});
  const std::string path = "/api/v1/customers/" + id;
  const auto restrict = [&](const std::string& role, const Json& body) {
    return world.Send(role, "POST", path + "/restriction", "legal_compliance", WriteJson(body));
  };
  const Json on = {{"kind", "dispute"}, {"restricted", true}, {"reason", "the address is wrong"}};
  const Json off = {{"kind", "dispute"}, {"restricted", false}, {"reason", "it was corrected"}};
  EXPECT_EQ(restrict("agent", on).status, 403);
  EXPECT_EQ(restrict("privacy_officer", {{"kind", "dispute"}, {"restricted", true}}).status, 400);
  EXPECT_EQ(restrict("privacy_officer", {{"kind", "mood"}, {"restricted", true}, {"reason", "x y"}})
                .status,
            400);
  EXPECT_EQ(restrict("privacy_officer", off).status, 409);
  ASSERT_EQ(restrict("privacy_officer", on).status, 201);
  EXPECT_EQ(restrict("privacy_officer", on).status, 409);
  // At the next use: reading, searching, listing.
  EXPECT_EQ(JsonText(Body(world.Send("agent", "GET", path, "service")), "code"), "restricted");
  EXPECT_EQ(Body(world.Send("agent", "POST", "/api/v1/customers/search", "service",
                            R"({"where":{"mobile":"13800138000"}})"))["customers"]
                .size(),
            0U);
  EXPECT_EQ(Body(world.Send("agent", "POST", "/api/v1/customers/list", "service",
                            R"({"limit":10})"))["customers"]
                .size(),
            0U);
  const auto lawful = world.Send("privacy_officer", "GET", path, "legal_compliance");
  EXPECT_EQ(Body(lawful)["restrictions"], Json({"dispute"}));
  // A second reason keeps it restricted when the first is lifted; all of it outlives a restart.
  ASSERT_EQ(restrict("privacy_officer",
                     {{"kind", "hold"}, {"restricted", true}, {"reason", "a claim is pending"}})
                .status,
            201);
  ASSERT_EQ(restrict("privacy_officer", off).status, 201);
  // What is kept for a claim is not erased under it.
  EXPECT_EQ(world.Send("privacy_officer", "DELETE", path, "legal_compliance").status, 409);
  world.Reopen();
  EXPECT_EQ(JsonText(Body(world.Send("agent", "GET", path, "service")), "code"), "restricted");
  ASSERT_EQ(restrict("privacy_officer",
                     {{"kind", "hold"}, {"restricted", false}, {"reason", "the claim is settled"}})
                .status,
            201);
  EXPECT_EQ(world.Send("agent", "GET", path, "service").status, 200);
  EXPECT_EQ(world.HeldInClear({"the address is wrong", "a claim is pending"}), "");
  EXPECT_EQ(world.Local("POST", "/api/v1/system/fsck", "", "{}").status, 200);
}

}  // namespace

}  // namespace fiducia
