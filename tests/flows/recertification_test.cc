// Every quarter each grant and key is confirmed by somebody else, or ends.
#include <gtest/gtest.h>

#include "base/clock.h"
#include "testing/person.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::Person;
using testing::World;

constexpr int64_t kDayMs = 86400000;
constexpr const char* kList = "/api/v1/recertifications";

class RecertificationTest : public ::testing::Test {
 protected:
  RecertificationTest() {
    world_.Local("POST", "/api/v1/departments", "",
                 R"({"code":"shop","name_zh":"门店","name_en":"Shop"})");
    world_.Local(
        "POST", "/api/v1/departments", "",
        R"({"code":"shop-north","name_zh":"北店","name_en":"North shop","parent":"shop"})");
    world_.Local("POST", "/api/v1/departments", "",
                 R"({"code":"web","name_zh":"网店","name_en":"Web shop"})");
  }
  // For 80 days: longer than to the next quarter and through its two weeks.
  Person Make(const std::string& login, const std::string& role, const std::string& department) {
    Person person(world_, login, department);
    person.SetUp();
    Json more = {{"until", FormatTime(world_.clock().NowMs() + 80 * kDayMs)}};
    if (!department.empty()) {
      more["department"] = department;
    }
    person.Give(role, more);
    return person;
  }
  void Days(int days) {
    world_.clock().Advance(days * kDayMs);
    world_.instance().Housekeep();
  }
  static Json Newest(Person& person) {
    const auto list = person.Send("GET", kList);
    EXPECT_EQ(list.status, 200) << list.body;
    const Json all = Body(list)["recertifications"];
    return all.empty() ? Json() : all[0];
  }
  static Json ItemOf(const Json& one, const Person& holder) {
    for (const Json& item : one.value("items", Json::array())) {
      if (item["holder"] == holder.id()) {
        return item;
      }
    }
    return {};
  }
  static std::string PathOf(const Json& one, const Json& item) {
    return std::string(kList) + "/" + JsonText(one, "id") + "/items/" + JsonText(item, "object");
  }
  static std::string CodeOf(const http::Response& response) {
    return JsonText(Body(response), "code");
  }
  int Leaves(const std::string& op) { return world_.Leaves(op); }

  World world_;
};

TEST_F(RecertificationTest, WhatSomebodyElseConfirmsStaysAndTheRestEnds) {
  testing::Covers("F7");
  Person mona = Make("mona", "manager", "shop");
  Person olga = Make("olga", "privacy_officer", "");
  Person north = Make("north", "agent", "shop-north");
  Person shop = Make("shopper", "agent", "shop");
  Person web = Make("web-agent", "agent", "web");
  ASSERT_FALSE(world_.Key("engineer").empty());
  Days(0);
  EXPECT_TRUE(Newest(olga).is_null());  // all of it is of this quarter
  Days(38);                             // 2027-01-01
  Days(0);
  mona.SignIn();
  olga.SignIn();
  const Json seen = Newest(olga);
  EXPECT_EQ(JsonText(seen, "quarter"), "2027-Q1");
  EXPECT_EQ(seen["items"].size(), 6U);  // with the first key; the engineer's 30 days were over
  EXPECT_EQ(JsonText(seen, "due_at"), FormatTime(world_.clock().NowMs() - 31000 * 2 + 14 * kDayMs));
  // A manager answers for the departments below, and no other.
  const Json by_mona = Newest(mona);
  EXPECT_EQ(by_mona["items"].size(), 3U);
  EXPECT_TRUE(ItemOf(by_mona, web).is_null());
  EXPECT_TRUE(ItemOf(by_mona, north)["may_decide"].get<bool>());
  EXPECT_FALSE(ItemOf(by_mona, mona)["may_decide"].get<bool>());
  EXPECT_EQ(CodeOf(mona.Send("POST", PathOf(seen, ItemOf(seen, web)), "", {{"keep", true}})),
            "not_found");
  EXPECT_EQ(CodeOf(mona.Send("POST", PathOf(seen, ItemOf(seen, mona)), "", {{"keep", true}})),
            "denied");
  EXPECT_EQ(CodeOf(mona.Send("POST", PathOf(seen, ItemOf(seen, north)), "", Json::object())),
            "invalid_input");
  const auto kept = mona.Send("POST", PathOf(seen, ItemOf(seen, north)), "", {{"keep", true}});
  EXPECT_EQ(kept.status, 200) << kept.body;
  EXPECT_EQ(CodeOf(mona.Send("POST", PathOf(seen, ItemOf(seen, north)), "", {{"keep", false}})),
            "conflict");
  // What is ended is ended at once.
  const auto ended = mona.Send("POST", PathOf(seen, ItemOf(seen, shop)), "", {{"keep", false}});
  EXPECT_EQ(JsonText(Body(ended), "state"), "ended");
  shop.SignIn();
  EXPECT_EQ(Body(shop.Send("GET", "/api/v1/session"))["purposes"], Json::array());
  EXPECT_EQ(olga.Send("POST", PathOf(seen, ItemOf(seen, mona)), "", {{"keep", true}}).status, 200);
  // Nobody looked at these in two weeks.
  world_.Reopen();
  Days(13);
  web.SignIn();
  EXPECT_NE(Body(web.Send("GET", "/api/v1/session"))["purposes"], Json::array());
  Days(1);
  web.SignIn();
  north.SignIn();
  mona.SignIn();
  EXPECT_EQ(Body(web.Send("GET", "/api/v1/session"))["purposes"], Json::array());
  EXPECT_NE(Body(north.Send("GET", "/api/v1/session"))["purposes"], Json::array());
  const Json closed = Newest(mona);
  EXPECT_FALSE(closed["closed_at"].is_null());
  EXPECT_EQ(JsonText(ItemOf(closed, north), "state"), "kept");
  EXPECT_EQ(CodeOf(mona.Send("POST", PathOf(seen, ItemOf(seen, north)), "", {{"keep", false}})),
            "conflict");
  Days(1);
  EXPECT_EQ(Leaves("recertification.open"), 1);
  EXPECT_EQ(Leaves("recertification.close"), 1);
  EXPECT_EQ(Leaves("recertification.keep"), 2);
  EXPECT_EQ(Leaves("grant.end"), 1);
  EXPECT_EQ(Leaves("grant.lapse"), 2);  // web-agent's and olga's
  EXPECT_EQ(Leaves("key.lapse"), 1);    // of the set-up
  EXPECT_EQ(world_.Local("POST", "/api/v1/system/fsck", "", "{}").status, 200);
}

TEST_F(RecertificationTest, KeysAreLookedAtTooAndOneCanBeStartedByHand) {
  Person mona = Make("mona", "manager", "shop");
  Person olga = Make("olga", "privacy_officer", "");
  Person agent = Make("agent", "agent", "shop");
  ASSERT_FALSE(world_.Key("engineer").empty());
  EXPECT_EQ(CodeOf(agent.Send("GET", kList)), "role_refused");
  EXPECT_EQ(CodeOf(agent.Send("POST", kList)), "role_refused");
  EXPECT_EQ(CodeOf(mona.Send("POST", kList)), "role_refused");
  ASSERT_EQ(olga.Send("POST", kList).status, 201);
  EXPECT_EQ(CodeOf(olga.Send("POST", kList)), "conflict");
  const Json one = Newest(olga);
  EXPECT_EQ(JsonText(one, "quarter"), "");
  Json key;
  for (const Json& item : one["items"]) {
    if (JsonText(item, "kind") == "key" && JsonText(item, "role") == "engineer") {
      key = item;
    }
  }
  ASSERT_FALSE(key.is_null());
  EXPECT_EQ(CodeOf(mona.Send("POST", PathOf(one, key), "", {{"keep", false}})), "not_found");
  world_.clock().Advance(14 * 60000);
  EXPECT_EQ(olga.Send("GET", "/api/v1/session").status, 200);
  world_.clock().Advance(2 * 60000);
  EXPECT_EQ(CodeOf(olga.Send("POST", PathOf(one, key), "", {{"keep", false}})), "step_up_required");
  ASSERT_EQ(olga.Code().status, 200);
  EXPECT_EQ(olga.Send("POST", PathOf(one, key), "", {{"keep", false}}).status, 200);
  EXPECT_EQ(world_.Send("engineer", "GET", "/api/v1/catalog").status, 401);
  // What ended in another way is told apart, and nothing is left to decide.
  const Json item = ItemOf(one, agent);
  EXPECT_EQ(world_.Local("POST", "/api/v1/people/" + agent.id() + "/disable", "", "{}").status,
            200);
  EXPECT_EQ(JsonText(ItemOf(Newest(olga), agent), "state"), "gone");
  EXPECT_EQ(CodeOf(olga.Send("POST", PathOf(one, item), "", {{"keep", true}})), "conflict");
  for (const char* wrong : {"/items/x", "/items/00000000-0000-7000-8000-000000000000"}) {
    EXPECT_EQ(CodeOf(olga.Send("POST", std::string(kList) + "/" + JsonText(one, "id") + wrong, "",
                               {{"keep", true}})),
              "not_found");
  }
}

TEST_F(RecertificationTest, WhoGaveAGrantDoesNotConfirmIt) {
  Person ada = Make("ada", "admin", "");
  Person olga = Make("olga", "privacy_officer", "");
  Person eve(world_, "eve");
  eve.SetUp();
  const auto given = ada.Send("POST", "/api/v1/grants", "",
                              {{"person", eve.id()},
                               {"role", "key_custodian"},
                               {"until", FormatTime(world_.clock().NowMs() + 10 * kDayMs)}});
  ASSERT_EQ(given.status, 201) << given.body;
  ASSERT_EQ(olga.Send("POST", kList).status, 201);
  const Json one = Newest(ada);
  const Json item = ItemOf(one, eve);
  EXPECT_FALSE(item["may_decide"].get<bool>());
  EXPECT_EQ(CodeOf(ada.Send("POST", PathOf(one, item), "", {{"keep", true}})), "denied");
  EXPECT_EQ(olga.Send("POST", PathOf(one, item), "", {{"keep", true}}).status, 200);
}

}  // namespace

}  // namespace fiducia
