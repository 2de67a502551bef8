#include "process/classify/recognizers.h"

#include <string>

#include <gtest/gtest.h>

#include "testing/covers.h"

namespace fiducia::process {

namespace {

// "phone:13800138000 email:a@b.cn"
std::string Seen(const std::string& text) {
  std::string all;
  for (const Entity& entity : FindNumbered(text)) {
    all += (all.empty() ? "" : " ") + std::string(Name(entity.kind)) + ":" +
           text.substr(entity.from, entity.to - entity.from);
  }
  return all;
}

TEST(RecognizersTest, FindWhatPointsToAPerson) {
  testing::Covers("C5");
  const std::vector<std::pair<std::string, std::string>> kCases = {
      {"请联系145 5317 1691。", "phone:145 5317 1691"},
      {"电话：+86 18266375112", "phone:+86 18266375112"},
      {"座机022-28245398，谢谢", "phone:022-28245398"},
      {"身份证11010519491231002X丢了", "national_id:11010519491231002X"},
      {"卡号6222 0273 8607 1838 466", "bank_card:6222 0273 8607 1838 466"},
      {"税号91530721L2F2P9A42J", "company_code:91530721L2F2P9A42J"},
      {"护照E45972829", "passport:E45972829"},
      {"车牌沪B7GSMQ的车", "plate:沪B7GSMQ"},
      {"1984年3月22日出生", "birth_date:1984年3月22日"},
      {"登录地址121.71.237.55", "ip_address:121.71.237.55"},
      {"加我QQ 6045241032 细聊", "qq:6045241032"},
      {"微信wx_liting8024", "wechat:wx_liting8024"},
      {"Write to ana.lopez+shop@mail.example.com.", "email:ana.lopez+shop@mail.example.com"},
      {"Call (212) 555-0187 today", "phone:(212) 555-0187"},
      {"SSN 078-05-1120", "social_security:078-05-1120"},
      {"IBAN GB82 WEST 1234 5698 7654 32 please", "iban:GB82 WEST 1234 5698 7654 32"},
      {"She was born on 7/5/1981", "birth_date:7/5/1981"},
      {"see http://www.example.pl/a?b=1", "domain:http://www.example.pl/a?b=1"}};
  for (const auto& [text, wanted] : kCases) {
    EXPECT_EQ(Seen(text), wanted) << text;
  }
}

TEST(RecognizersTest, LeaveOtherNumbersAlone) {
  testing::Covers("C5");
  for (const char* text :
       {"订单7655561439868822一直没发货", "订单JD8855316314525411", "版本10.2.0.1已发布",
        "价格￥12,800.00", "条码6901234567892", "身份证110105194912310021", "锦绣12-2-2001",
        "version 1.2.3.4", "2026", "", "a@b", "@", "+", "(", "1(", "沪", "E4597282",
        "999-99-9999 is none"}) {
    EXPECT_EQ(Seen(text), "") << text;
  }
}

TEST(RecognizersTest, HostileTextsEndSoon) {
  testing::Covers("C5");
  for (const std::string piece :
       {"1 ", "(1", "a@", "1-", "京A", "GB82", "\xff", "1.1.1.1.", "@@", "wx_"}) {
    std::string text;
    while (text.size() < 200000) {
      text += piece;
    }
    size_t end = 0;
    for (const Entity& entity : FindNumbered(text)) {
      ASSERT_GE(entity.from, end) << "none overlaps another";
      ASSERT_GT(entity.to, entity.from);
      ASSERT_LE(entity.to, text.size());
      end = entity.to;
    }
  }
}

}  // namespace

}  // namespace fiducia::process
