#include <set>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/uuid.h"

namespace fiducia {

namespace {

TEST(BytesTest, HexAndBase64AreReadBackAndRefuseOthers) {
  for (size_t n = 0; n < 40; ++n) {
    Bytes bytes(n, '\0');
    SystemRng().Fill(bytes);
    EXPECT_EQ(*FromHex(ToHex(bytes)), bytes);
    EXPECT_EQ(*FromBase64(ToBase64(bytes)), bytes);
  }
  EXPECT_EQ(ToBase64("foobar"), "Zm9vYmFy");  // RFC 4648
  EXPECT_EQ(ToBase64("fooba"), "Zm9vYmE=");
  for (const char* bad : {"a", "abc", "a===", "====", "ab=c", "ab c", "abcd="}) {
    EXPECT_FALSE(FromBase64(bad)) << bad;
  }
  EXPECT_FALSE(FromHex("0g"));
  EXPECT_FALSE(FromHex("0"));
}

TEST(BytesTest, AReaderPastTheEndGivesZerosAndSaysSo) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.U32(7);
  out.Short("abc");
  ByteReader in(bytes);
  EXPECT_EQ(in.U32(), 7U);
  EXPECT_EQ(in.Short(), "abc");
  EXPECT_TRUE(in.done());
  EXPECT_EQ(in.U64(), 0U);
  EXPECT_FALSE(in.ok());
}

TEST(ClockTest, TimesAreReadBackAndBadOnesRefused) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(*ParseTime("2026-11-24T20:00:00.5+08:00"), *ParseTime("2026-11-24T12:00:00.500Z"));
  for (const char* bad : {"", "2026-11-24", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                          "2026-11-24T25:00:00Z", "2026-11-24T12:00:00", "2026-11-24T12:00:00+8",
                          "2026-11-24 12:00:00Z", "2026-11-24T12:00:00.Z"}) {
    EXPECT_FALSE(ParseTime(bad)) << bad;
  }
}

TEST(UuidTest, VersionSevenIsOrderedByTimeAndUnique) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = Uuid::V7(SystemClock(), SystemRng());
    EXPECT_EQ(id.Text()[14], '7');
    EXPECT_EQ(*Uuid::Parse(id.Text()), id);
    EXPECT_TRUE(seen.insert(id.Text()).second);
  }
  EXPECT_FALSE(Uuid::Parse("not-an-id"));
  EXPECT_FALSE(Uuid::Parse("01a20d74xc6d1-7926-b19b-fe5619a659a3"));
}

TEST(JsonTest, RefusesWhatParsersDisagreeOn) {
  EXPECT_TRUE(ParseJson(R"({"a":[1,2,{"b":null}]})"));
  for (const char* bad : {"", "{", "{\"a\":1,\"a\":2}", "[1,]", "nan", "{\"a\":1}x", "\"\xff\"",
                          "\"\\ud800\"", "1e999", "{'a':1}", "/*c*/1"}) {
    EXPECT_FALSE(ParseJson(bad)) << bad;
  }
  EXPECT_FALSE(ParseJson(std::string(100000, '[')));
  EXPECT_FALSE(ParseJson("[1,2,3]", {.depth_max = 3, .values_max = 2}));
}

TEST(TextTest, FoldsWidthCaseAndBlanks) {
  EXPECT_EQ(FoldWidth("  Ａｎａ　 Ｌópez  "), "Ana López");
  EXPECT_EQ(FoldCase("STRASSE"), FoldCase("straße"));
  EXPECT_EQ(Pinyin("张伟"), "zhang wei");
  EXPECT_TRUE(HasHan("abc张"));
  EXPECT_FALSE(HasHan("ひらがな"));
  EXPECT_EQ(CountCharacters("张伟a"), 3U);
  for (const char* reason : {"why", "T-1 2", "投诉", "été", "  complaint  "}) {
    EXPECT_TRUE(SaysWhy(reason)) << reason;
  }
  for (const char* none : {"", "   ", "...", "。。。", "a b", "查", "--- !", "\xff\xff\xff"}) {
    EXPECT_FALSE(SaysWhy(none)) << none;
  }
}

TEST(TextTest, KnowsBrokenUtf8) {
  EXPECT_TRUE(IsUtf8("plain"));
  EXPECT_TRUE(IsUtf8("\xEF\xBF\xBD"));
  for (const char* bad :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe5\xbc", "a\x80"}) {
    EXPECT_FALSE(IsUtf8(bad));
    EXPECT_EQ(FoldWidth(bad), "");
  }
}

// An error takes compile-time text only. This would not compile:
//   char buffer[8]; Fail(Code::kInternal, buffer);
static_assert(!std::is_constructible_v<Error, Code, std::string>);
static_assert(!std::is_constructible_v<Error, Code, const char*>);
static_assert(!std::is_constructible_v<Error, Code, std::string_view>);

}  // namespace

}  // namespace fiducia
