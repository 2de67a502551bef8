// Figures about customers: noisy, charged before they are drawn, and never over budget.
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "testing/world.h"

namespace fiducia {

namespace {

using testing::Body;
using testing::World;

class StatisticsTest : public ::testing::Test {
 protected:
  StatisticsTest() {
    world_.Local("POST", "/api/v1/sources", "",
                 R"({"id":"shop","channel":"import","owner":"ops"})");
    for (int i = 0; i < 60; ++i) {
      const std::string id =
          world_.AddCustomer({{"name_full", {"Ana"}}, {"sex", {i < 58 ? "F" : "M"}}});
      world_.Local("POST", "/api/v1/customers/" + id + "/basis", "legal_compliance",
                   R"({"action":"given","purpose":"analytics","basis":"consent","source":"shop"})");
    }
  }

  http::Response Ask(const Json& body, const std::string& role = "analyst") {
    return world_.Send(role, "POST", "/api/v1/statistics", "analytics", WriteJson(body));
  }
  Json Budget() {
    return Body(world_.Send("privacy_officer", "GET", "/api/v1/statistics"))["budgets"].at(0);
  }

  World world_;
};

TEST_F(StatisticsTest, ACountIsNearAndCostsItsPart) {
  testing::Covers("C6");
  const Json answer = Body(Ask({{"measure", "count"}, {"epsilon", 1}}));
  ASSERT_EQ(answer["figures"].size(), 1U) << answer;
  EXPECT_NEAR(answer["figures"][0]["value"].get<double>(), 60, 25);
  EXPECT_NEAR(answer["figures"][0]["margin"].get<double>(), 3, 0.1) << "ln 20";
  EXPECT_EQ(Budget()["spent"].get<double>(), 1);
  // The same question again costs nothing and says the same.
  const Json again = Body(Ask({{"measure", "count"}, {"epsilon", 1}}));
  EXPECT_TRUE(again["from_ledger"].get<bool>());
  EXPECT_EQ(again["figures"], answer["figures"]);
  EXPECT_EQ(Budget()["spent"].get<double>(), 1);
  world_.Reopen();
  EXPECT_EQ(Body(Ask({{"measure", "count"}, {"epsilon", 1}}))["figures"], answer["figures"]);
}

TEST_F(StatisticsTest, GroupsOfAFewDoNotShow) {
  testing::Covers("C6");
  const Json answer = Body(Ask({{"measure", "histogram"}, {"field", "sex"}, {"epsilon", 2}}));
  ASSERT_EQ(answer["figures"].size(), 1U) << answer;
  EXPECT_EQ(JsonText(answer["figures"][0], "group"), "F");
  EXPECT_GT(answer["threshold"].get<int>(), 5);
  // An answer in which no group is large enough is an answer too: it is not paid for twice.
  const Json none = {{"measure", "histogram"}, {"field", "country"}, {"epsilon", 0.1}};
  EXPECT_EQ(Body(Ask(none))["figures"].size(), 0U);
  EXPECT_TRUE(Body(Ask(none))["from_ledger"].get<bool>());
  EXPECT_NEAR(Budget()["spent"].get<double>(), 2.1, 1e-9);
}

TEST_F(StatisticsTest, ABudgetIsSpentToTheLastAndNoFurther) {
  testing::Covers("C6");
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(Ask({{"measure", "count"}, {"epsilon", 0.1}, {"anew", true}}).status, 200) << i;
  }
  EXPECT_EQ(Budget()["spent"].get<double>(), 3) << "thirty tenths are three";
  const auto refused = Ask({{"measure", "count"}, {"epsilon", 0.001}, {"anew", true}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(JsonText(Body(refused), "code"), "budget_spent");
  EXPECT_EQ(Ask({{"measure", "count"}, {"epsilon", 0.5}, {"recipient", "partner-7"}}).status, 200)
      << "another recipient has a budget of its own";
  const auto granted = [&](const std::string& role, double total) {
    return world_
        .Send(role, "POST", "/api/v1/statistics/budget", "legal_compliance",
              WriteJson({{"purpose", "analytics"}, {"total", total}}))
        .status;
  };
  EXPECT_EQ(granted("analyst", 4), 403);
  EXPECT_EQ(granted("privacy_officer", 1), 400) << "less than was spent";
  EXPECT_EQ(granted("privacy_officer", 4), 200);
  EXPECT_EQ(Ask({{"measure", "count"}, {"epsilon", 1}, {"anew", true}}).status, 200);
}

TEST_F(StatisticsTest, ManyAtOnceDoNotOverspend) {
  testing::Covers("C6");
  world_.Key("analyst");
  std::atomic<int> given{0};
  std::vector<std::thread> threads;
  threads.reserve(20);
  for (int t = 0; t < 20; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) {
        given +=
            Ask({{"measure", "count"}, {"epsilon", 0.1}, {"anew", true}}).status == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(given, 30);
  EXPECT_EQ(Budget()["spent"].get<double>(), 3);
}

TEST_F(StatisticsTest, BadQuestionsCostNothing) {
  testing::Covers("C6");
  for (const Json& body : std::vector<Json>{
           {{"measure", "median"}, {"epsilon", 1}},
           {{"measure", "count"}},
           {{"measure", "count"}, {"epsilon", 0}},
           {{"measure", "count"}, {"epsilon", -1}},
           {{"measure", "count"}, {"epsilon", 1e9}},
           {{"measure", "count"}, {"epsilon", 1}, {"field", "sex"}},
           {{"measure", "histogram"}, {"epsilon", 1}},
           {{"measure", "histogram"}, {"field", "no"}, {"epsilon", 1}},
           {{"measure", "mean"}, {"field", "sex"}, {"epsilon", 1}, {"low", 5}, {"high", 5}},
           {{"measure", "count"}, {"epsilon", 1}, {"recipient", "Ana Lopez, 5 Elm Street"}}}) {
    EXPECT_EQ(Ask(body).status, 400) << body;
  }
  EXPECT_EQ(Ask({{"measure", "count"}, {"epsilon", 1}}, "agent").status, 403);
  EXPECT_EQ(Body(world_.Send("privacy_officer", "GET", "/api/v1/statistics"))["budgets"].size(),
            0U);
}

}  // namespace

}  // namespace fiducia
