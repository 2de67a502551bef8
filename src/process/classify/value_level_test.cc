#include "process/classify/value_level.h"

#include <gtest/gtest.h>

#include "process/classify/topics.h"
#include "testing/covers.h"

namespace fiducia::process {
namespace {

using model::Level;

TEST(ValueLevelTest, TopicsAreWholeWordsAndKnowBothLanguages) {
  testing::Covers("C3");
  const std::string text =
      "She has Diabetes; 我对花生过敏。 The diabeteslike word and 系统瘫痪了 say nothing.";
  const auto found = FindTopics(text);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(text.substr(found[0].from, found[0].to - found[0].from), "Diabetes");
  EXPECT_EQ(text.substr(found[1].from, found[1].to - found[1].from), "过敏");
  EXPECT_TRUE(FindTopics("").empty());
  EXPECT_TRUE(FindTopics("\xff\xfe\xe7").empty());
  for (size_t i = 0; i < kTopics; ++i) {
    EXPECT_EQ(TopicNamed(Name(static_cast<Topic>(i))), static_cast<Topic>(i));
  }
}

TEST(ValueLevelTest, TheHighestFindCounts) {
  EXPECT_EQ(LevelOf(FindSensitive("The parcel came late.")), Level::kL1);
  EXPECT_EQ(LevelOf(FindSensitive("Call me at +44 20 7946 0958.")), Level::kL3);
  EXPECT_EQ(LevelOf(FindSensitive("我的身份证号是11010519491231002X，请核对")), Level::kL4);
  EXPECT_EQ(LevelOf(FindSensitive("最近确诊糖尿病，想退掉甜点套餐")), Level::kL4);
}

TEST(ValueLevelTest, OnlyWhatIsAboveIsHidden) {
  const std::string text = "电话13912345678，身份证11010519491231002X，还在透析";
  const auto found = FindSensitive(text);
  EXPECT_EQ(RedactedAbove(Level::kL3, text, found),
            "电话13912345678，身份证[national_id]，还在[health]");
  EXPECT_EQ(RedactedAbove(Level::kL2, text, found),
            "电话[phone]，身份证[national_id]，还在[health]");
  EXPECT_EQ(RedactedAbove(Level::kL4, text, found), text);
}

}  // namespace
}  // namespace fiducia::process
