#include "process/classify/entities.h"

#include <string>

#include <gtest/gtest.h>

#include "process/classify/redact.h"
#include "testing/covers.h"

namespace fiducia::process {

namespace {

std::string Hidden(const std::string& text) { return Redacted(text, FindEntities(text)); }

TEST(EntitiesTest, NamesAddressesAndOrganizationsOfTwoLanguages) {
  testing::Covers("C3");
  const std::vector<std::pair<std::string, std::string>> kCases = {
      {"My name is Margaret Doyle and I live in Dublin.",
       "My name is [person] and I live in [place]."},
      {"Mr. Hansen works for Brightwater Systems Ltd.",
       "[title] [person] works for [organization]."},
      {"Please send it to 27 Larkspur Avenue, Springfield, IL 62704.",
       "Please send it to [address]."},
      {"请问郭英飞在吗？", "请问[person]在吗？"},
      {"投诉人敖先生反映咖啡机有质量问题。", "投诉人[person]先生反映咖啡机有质量问题。"},
      {"收件人陈晓梅，地址浙江省杭州市西湖区文三路138号东方大厦12楼1203室，电话13800138000。",
       "收件人[person]，地址[address]，电话[phone]。"},
      {"我在杭州云栖科技有限公司上班。", "我在[organization]上班。"},
      // In the traditional script, by the same words.
      {"聯絡人陳曉梅，電話13800138000。", "聯絡人[person]，電話[phone]。"}};
  for (const auto& [text, wanted] : kCases) {
    EXPECT_EQ(Hidden(text), wanted);
  }
}

TEST(EntitiesTest, OrdinarySentencesStayAsTheyAre) {
  testing::Covers("C3");
  for (const std::string text :
       {"What are my options?", "The screen is broken and the charger does not work.",
        "Frequently Asked Questions", "订单7655561439868822一直没有发货，什么时候能到？",
        "方法很简单，按一下就行。", "该商品条码13067564081，版本8.17.1，售价2944.28元。", "", " ",
        "\n\n", "。"}) {
    EXPECT_EQ(Hidden(text), text);
  }
}

// What may hide a name from the eye or the machine: marks without width, of direction, letters that
// look like others, broken bytes. Nothing may break, and finds stay inside of the text.
TEST(EntitiesTest, HostileTextsEndSoonAndStayInBounds) {
  testing::Covers("C3");
  for (const std::string piece :
       {"\xe2\x80\x8b", "\xe2\x80\xae", "Ann", "А", "王", "王小明", "\xff", "\xe7\x8e", "9",
        "a\xcc\x81\xcc\x81", "Mr. ", "路", "\n", "，", "\xf0\x9f\x98\x80"}) {
    std::string text;
    while (text.size() < 300000) {
      text += piece;
    }
    size_t end = 0;
    for (const Entity& entity : FindEntities(text)) {
      ASSERT_GE(entity.from, end);
      ASSERT_GT(entity.to, entity.from);
      ASSERT_LE(entity.to, text.size());
      end = entity.to;
    }
  }
  EXPECT_EQ(Hidden("收件人王小\xe2\x80\x8b明，电话13800138000"), "收件人[person]，电话[phone]");
}

TEST(EntitiesTest, TheModelThatShipsIsWholeAndAnyOtherIsRefused) {
  testing::Covers("C3");
  const TaggerModel& model = TaggerModel::Shipped();
  const std::string bytes = model.Written();
  EXPECT_TRUE(TaggerModel::Read(bytes).has_value());
  EXPECT_FALSE(TaggerModel::Read(bytes.substr(1)).has_value());
  EXPECT_FALSE(TaggerModel::Read("").has_value());
  size_t used = 0;
  for (const int8_t weight : model.weights) {
    used += weight != 0 ? 1 : 0;
  }
  EXPECT_GT(used, 100000U) << "an empty model would find nothing";
}

TEST(EntitiesTest, EveryKindHasANameThatLeadsBack) {
  testing::Covers("C3");
  for (size_t i = 0; i < kEntityKinds; ++i) {
    const auto kind = static_cast<EntityKind>(i);
    EXPECT_EQ(EntityKindNamed(Name(kind)), kind);
  }
  EXPECT_EQ(EntityKindNamed("nobody"), std::nullopt);
}

}  // namespace

}  // namespace fiducia::process
