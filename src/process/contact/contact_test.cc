// What a contact is about, who said what in a chat, and what the desk does not keep.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "process/contact/sift.h"
#include "process/contact/transcript.h"
#include "testing/covers.h"

namespace fiducia::process {

namespace {

struct Sorted {
  std::string_view text;
  Matter matter;
};
// Our own sentences, written apart from the list of words.
constexpr Sorted kSentences[] = {
    {"I want to file a complaint about the driver who shouted at me.", Matter::kComplaint},
    {"This is unacceptable, I have called three times and nobody answers.", Matter::kComplaint},
    {"You overcharged me for the second month in a row.", Matter::kComplaint},
    {"Really disappointed with how the shop treated my mother.", Matter::kComplaint},
    {"I am still waiting for my refund, this is ridiculous!", Matter::kComplaint},
    {"我要投诉你们的配送员，态度太差。", Matter::kComplaint},
    {"已经打了第三次电话了，一直没有人回复，非常失望。", Matter::kComplaint},
    {"你们多收了我一个月的费用。", Matter::kComplaint},
    {"The kettle stopped working after two days. How do I send it back?", Matter::kAfterSales},
    {"My parcel has not arrived, the tracking says it was delivered.", Matter::kAfterSales},
    {"Please send me the invoice for order 7711.", Matter::kAfterSales},
    {"I need a replacement, the lid came broken.", Matter::kAfterSales},
    {"Can I exchange the shoes? It is the wrong size.", Matter::kAfterSales},
    {"昨天收到的杯子破损了，想换货。", Matter::kAfterSales},
    {"发票抬头写错了，请重新开发票。", Matter::kAfterSales},
    {"快递三天没动了，请帮忙查一下物流。", Matter::kAfterSales},
    {"What are your opening hours on Sunday?", Matter::kInquiry},
    {"Do you have this tea in a larger tin?", Matter::kInquiry},
    {"How much is the shipping to Norway?", Matter::kInquiry},
    {"Can my account be used on two phones", Matter::kInquiry},
    {"请问你们周日营业吗？", Matter::kInquiry},
    {"会员积分怎么兑换？", Matter::kInquiry},
    {"想了解一下企业采购的价格。", Matter::kInquiry},
    {"Thank you so much, the lady at the counter was excellent.", Matter::kPraise},
    {"Just a compliment: great service every time.", Matter::kPraise},
    {"服务很好，非常满意，给小李点赞！", Matter::kPraise},
    {"上次的客服小王态度很好，特意来表扬。", Matter::kPraise},
};

TEST(MatterTest, SortsWhatCustomersWrite) {
  testing::Covers("B5");
  int right = 0;
  for (const Sorted& one : kSentences) {
    right += MatterOf(one.text) == one.matter ? 1 : 0;
  }
  // 27 sentences; one or two may go astray, for a person to correct.
  EXPECT_GE(right, 25) << right << " of " << std::size(kSentences);
  EXPECT_EQ(MatterOf(""), Matter::kInquiry);
  EXPECT_EQ(MatterOf("completely unrelated"), Matter::kInquiry);
  for (size_t i = 0; i < kMatters; ++i) {
    EXPECT_EQ(MatterNamed(Name(static_cast<Matter>(i))), static_cast<Matter>(i));
  }
}

std::vector<std::string> SaidBy(const Transcript& transcript, bool customer) {
  std::vector<std::string> said;
  for (const Turn& turn : transcript.turns) {
    if (turn.of_customer == customer && !turn.speaker.empty()) {
      said.push_back(turn.text);
    }
  }
  return said;
}

using Said = std::vector<std::string>;

TEST(TranscriptTest, ReadsWhatChatProgramsWrite) {
  testing::Covers("B5");
  struct Form {
    const char* text;
    Said customer;
    Said house;
  };
  const Form forms[] = {
      {"[10:02] Ana Bell: the lid is broken\n[10:03] Support: sorry to hear\n[10:03:30] Ana Bell: "
       "now what?\n",
       {"the lid is broken", "now what?"},
       {"sorry to hear"}},
      {"01/11/2026, 10:02 - Ana: hello\n01/11/2026, 10:03 - Shop Agent: hi\nhow can I help\n",
       {"hello"},
       {"hi\nhow can I help"}},
      {"2026-11-01 10:02:33 Ana: hello: there\n2026-11-01 10:02:40 Bot: hi\n",
       {"hello: there"},
       {"hi"}},
      {"Visitor: is it open\nsee you at 10:02\nAgent 7: yes\n",
       {"is it open\nsee you at 10:02"},
       {"yes"}},
      {"Visitor: is it open?\nAgent 7: yes\n", {"is it open?"}, {"yes"}},
      {"客服小王：您好，请问有什么可以帮您\n张三：杯子坏了\n客服小王：马上处理\n",
       {"杯子坏了"},
       {"您好，请问有什么可以帮您", "马上处理"}},
      {"张三 2026-11-01 10:02:33\n杯子坏了\n想换货\n\n客服小王 2026-11-01 10:03:01\n好的\n",
       {"杯子坏了\n想换货"},
       {"好的"}},
      {"2026-11-01 10:02:33 张三(12345)\n在吗\n2026-11-01 10:02:50 客服(1)\n在的\n",
       {"在吗"},
       {"在的"}},
      {R"([{"role":"user","content":"where is it"},{"role":"assistant","content":"on its way"}])",
       {"where is it"},
       {"on its way"}},
      {R"([{"from":"Ana","text":"hi"},{"from":"Tom","message":"hello"}])", {"hi"}, {"hello"}},
  };
  for (const Form& form : forms) {
    const Transcript transcript = ReadTranscript(form.text, "");
    EXPECT_EQ(SaidBy(transcript, true), form.customer) << form.text;
    EXPECT_EQ(SaidBy(transcript, false), form.house) << form.text;
  }
}

TEST(TranscriptTest, WhoIsTheCustomerCanBeSaid) {
  testing::Covers("B5");
  const char* text = "Tom: hello\nAna: the lid is broken\n";
  EXPECT_EQ(SaidBy(ReadTranscript(text, ""), true), Said{"hello"});
  EXPECT_EQ(SaidBy(ReadTranscript(text, "Ana"), true), Said{"the lid is broken"});
  EXPECT_EQ(ReadTranscript(text, "Ana").speakers, (Said{"Tom", "Ana"}));
  EXPECT_EQ(Rendered(ReadTranscript(text, "Ana"), false),
            "Desk: hello\nCustomer: the lid is broken");
  EXPECT_EQ(Rendered(ReadTranscript(text, "Ana"), true), "客服：hello\n客户：the lid is broken");
}

TEST(TranscriptTest, WhatIsNoConversationHasNoTurns) {
  testing::Covers("B5");
  for (const char* text :
       {"", "called about the order, will call back", "see https://shop.example/a: it is there",
        "Order: 12\nColor: red\nSize: 9\nPrice: 10\nShop: east\n", "[1, 2]", "[]", "[{}]", ":",
        "：", "::::\n：：\n", "10:02", "[10:02]", "[[[[", "{\"a\":1}"}) {
    EXPECT_TRUE(ReadTranscript(text, "").turns.empty()) << text;
  }
}

TEST(SiftTest, TakesOutWhatHasAFieldOfItsOwn) {
  testing::Covers("B5");
  testing::Covers("B10");
  const Sifted sifted = Sift(
      "Emma Smith called from +44 20 7946 0958, card 4111 1111 1111 1111, order 7711 is late, mail "
      "to emma@example.com",
      {});
  for (const char* gone : {"Emma", "7946", "4111", "emma@"}) {
    EXPECT_EQ(sifted.text.find(gone), std::string::npos) << sifted.text;
  }
  for (const char* stays : {"[phone]", "[bank_card]", "[email]", "order 7711 is late"}) {
    EXPECT_NE(sifted.text.find(stays), std::string::npos) << sifted.text;
  }
  EXPECT_EQ(sifted.level, model::Level::kL1);
  const Sifted zh = Sift("王芳，电话13912345678，身份证11010519491231002X，杯子破损，想换货", {});
  EXPECT_EQ(zh.text.find("139"), std::string::npos) << zh.text;
  EXPECT_EQ(zh.text.find("1101"), std::string::npos) << zh.text;
  EXPECT_NE(zh.text.find("杯子破损，想换货"), std::string::npos) << zh.text;
  EXPECT_EQ(zh.matter, Matter::kAfterSales);
}

TEST(SiftTest, WhatTheMatterIsAboutMayStayButNumbersThatOpenAnAccountNever) {
  testing::Covers("B5");
  const std::string text = "Her diabetes makes the sugar in it a danger. Card 4111 1111 1111 1111.";
  EXPECT_EQ(Sift(text, {}).text.find("diabetes"), std::string::npos);
  const Sifted kept = Sift(text, {Channel::kPhone, "", {"health", "bank_card"}});
  EXPECT_NE(kept.text.find("diabetes"), std::string::npos);
  EXPECT_EQ(kept.text.find("4111"), std::string::npos);
  EXPECT_EQ(kept.level, model::Level::kL4);
  ASSERT_EQ(kept.kinds.size(), 2U);
  EXPECT_TRUE(kept.kinds[0].kept);
  EXPECT_FALSE(kept.kinds[0].never);
  EXPECT_FALSE(kept.kinds[1].kept);
  EXPECT_TRUE(kept.kinds[1].never);
}

TEST(SiftTest, OfAChatOnlyTheCustomerSaysWhatItIsAbout) {
  testing::Covers("B5");
  const Sifted sifted =
      Sift("Support: was everything excellent?\nAna Bell: no, I want to complain\nSupport: sorry\n",
           {Channel::kChat, "", {}});
  EXPECT_EQ(sifted.matter, Matter::kComplaint);
  EXPECT_EQ(sifted.speakers, (Said{"Support", "Ana Bell"}));
  EXPECT_EQ(sifted.text.find("Ana"), std::string::npos) << sifted.text;
  EXPECT_NE(sifted.text.find("Customer: no, I want to complain"), std::string::npos);
}

// FUZZ=10000000 for the long run.
TEST(SiftFuzzTest, NoTextMadeByChanceUpsetsIt) {
  testing::Covers("B5");
  const char* rounds = std::getenv("FUZZ");
  SeededRandom random(13);
  const std::string seeds[] = {
      "[10:02] Ana: card 4111 1111 1111 1111\n[10:03] Support: ok\n",
      "张三 2026-11-01 10:02:33\n杯子坏了13912345678\n客服：好的\n",
      R"([{"from":"Ana","text":"a@b.example"},{"role":"assistant","content":"ok"}])"};
  for (int i = 0; i < (rounds == nullptr ? 5000 : std::atoi(rounds)); ++i) {
    std::string text = seeds[random.Below(3)];
    for (size_t n = random.Below(6); n > 0; --n) {
      const size_t at = random.Below(text.size() + 1);
      random.Chance(500) ? void(text.insert(at, 1, static_cast<char>(random.Below(256))))
                         : void(text.erase(std::min(at, text.size()), random.Below(6)));
    }
    const Transcript transcript = ReadTranscript(text, "Ana");
    EXPECT_LE(Rendered(transcript, true).size(), text.size() * 8 + 64);
    if (i % 50 == 0 || rounds != nullptr) {
      (void)MatterOf(text);
    }
    if (i % 50 == 0) {
      (void)Sift(text, {Channel::kChat, "", {}});
    }
  }
}

}  // namespace

}  // namespace fiducia::process
