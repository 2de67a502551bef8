#include "process/clean/cleaner.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "process/clean/parts.h"
#include "testing/covers.h"

namespace fiducia::process {

namespace {

const rules::Policy& ThePolicy() {
  static const rules::Policy policy = *rules::LoadPolicy();
  return policy;
}

// What cleaning makes of a value: its form, or "!" and the reason.
std::string Clean(const char* field, const char* raw, const std::string& region = "CN",
                  DateOrder order = DateOrder::kUnknown) {
  static const Cleaner cleaner;
  Hints hints;
  hints.region = region;
  hints.date_order = order;
  hints.today_days = DaysFromCivil(2026, 11, 24);
  const auto cleaned =
      cleaner.Clean(*ThePolicy().catalog.Find(field), model::Sensitive::CopyOf(raw), hints);
  return cleaned ? std::string(cleaned->value.Reveal()) : "!" + std::string(cleaned.error().text());
}

TEST(CleanerTest, BringsValuesToOneForm) {
  testing::Covers("C1");
  struct Case {
    const char* field;
    const char* raw;
    const char* clean;
    const char* region = "CN";
  };
  const Case cases[] = {
      {"mobile", "138 0013 8000", "+8613800138000"},
      {"mobile", "+86-138-0013-8000", "+8613800138000"},
      {"mobile", "１３８００１３８０００", "+8613800138000"},
      {"mobile", "010-12345678", "+861012345678"},
      {"mobile", "+1-604-438-9279", "+16044389279"},
      {"mobile", "+1-202-555-0100", "+12025550100"},
      {"mobile", "020 7946 0958", "+442079460958", "GB"},
      {"email", "Ana.Lopez@EXAMPLE.com", "Ana.Lopez@example.com"},
      {"name_full", "  Ana   López ", "Ana López"},
      {"name_full", "张　伟", "张 伟"},
      {"sex", "女", "F"},
      {"sex", "Male", "M"},
      {"sex", "Non-Binary", "X"},
      {"birth_date", "19750728", "1975-07-28"},
      {"birth_date", "1975年7月28日", "1975-07-28"},
      {"birth_date", "28 Jul 1975", "1975-07-28"},
      {"birth_date", "July 28, 1975", "1975-07-28"},
      {"birth_date", "1975/7/28 00:00:00", "1975-07-28"},
      {"birth_date", "28/07/1975", "1975-07-28"},
      {"birth_date", "1975-07-28T00:00:00Z", "1975-07-28"},
      {"national_id_no", "11010519491231002x", "11010519491231002X"},
      {"national_id_no", "110105491231002", "11010519491231002X"},
      {"national_id_no", "6988048", "6988048", "AU"},
      {"card_number", "4111 1111 1111 1111", "4111111111111111"},
      {"bank_account", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"},
      {"tax_invoice_id", "91350100M000100Y43", "91350100M000100Y43"},
      {"postcode", "N9S 0A1", "N9S0A1", "CA"},
      {"country", "中国", "CN"},
      {"country", "Canada", "CA"},
      {"country", "gbr", "GB"},
      {"income", "¥12,345.60", "12345.60 CNY"},
      {"income", "USD 1,000", "1000 USD"},
      {"ip_address", "2001:db8::1", "2001:db8::1"},
      {"geo_precise", "31.23,121.47", "31.23,121.47"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Clean(c.field, c.raw, c.region), c.clean) << c.field << " " << c.raw;
  }
}

TEST(CleanerTest, RefusesWhatIsWrongAndSaysWhy) {
  struct Case {
    const char* field;
    const char* raw;
    const char* part;
    const char* region = "CN";
  };
  const Case cases[] = {
      {"mobile", "138****8000", "masked"},
      {"mobile", "1380013800", "11 digits"},
      {"mobile", "12800138000", "11 digits"},
      {"mobile", "call me", "do not belong"},
      {"email", "ana@", "not an e-mail"},
      {"email", "ana example.com", "not an e-mail"},
      {"email", "a@b..com", "not an e-mail"},
      {"name_full", "R2D2", "no digits"},
      {"sex", "sometimes", "sex is M"},
      {"birth_date", "03/04/1975", "cannot be told apart"},
      {"birth_date", "28-07-75", "two digits"},
      {"birth_date", "1987-02-30", "no such day"},
      {"birth_date", "2031-01-01", "future"},
      {"birth_date", "tomorrow", "not a date"},
      {"national_id_no", "110105194912310021", "check character"},
      {"national_id_no", "1101051949****002X", "masked"},
      {"national_id_no", "6988048", "18 characters"},
      {"card_number", "4111111111111112", "check digit"},
      {"bank_account", "GB82WEST12345698765433", "bank account"},
      {"tax_invoice_id", "91350100M000100Y44", "check character"},
      {"postcode", "12345", "postcode"},
      {"country", "Atlantis", "no country"},
      {"income", "a lot", "not an amount"},
      {"ip_address", "300.1.1.1", "not an IP"},
      {"sex", "", "empty"},
  };
  for (const Case& c : cases) {
    const std::string result = Clean(c.field, c.raw, c.region);
    EXPECT_TRUE(result.starts_with("!")) << c.raw << " gave " << result;
    EXPECT_NE(result.find(c.part), std::string::npos) << c.raw << ": " << result;
  }
}

TEST(CleanerTest, TheDeclaredOrderDecidesAnAmbiguousDate) {
  EXPECT_EQ(Clean("birth_date", "03/04/1975", "CN", DateOrder::kDayFirst), "1975-04-03");
  EXPECT_EQ(Clean("birth_date", "03/04/1975", "CN", DateOrder::kMonthFirst), "1975-03-04");
}

TEST(CleanerTest, NamesShareASoundAcrossScriptsAndOrder) {
  EXPECT_EQ(NameSound("张伟"), NameSound("Zhang Wei"));
  EXPECT_EQ(NameSound("Wei ZHANG"), NameSound("张 伟"));
  EXPECT_NE(NameSound("张伟"), NameSound("李伟"));
}

TEST(CleanerTest, RecognizesMainlandRegions) {
  EXPECT_EQ(RegionCodeOf("福建省福州市鼓楼区五四路1号"), "350102");
  EXPECT_EQ(RegionCodeOf("北京市朝阳区"), "110105");
  EXPECT_EQ(RegionCodeOf("内蒙古自治区呼和浩特市新城区"), "150102");
  EXPECT_FALSE(RegionCodeOf("10 Downing Street"));
}

TEST(CleanerTest, AnAddressHasOneFormWhateverWayItIsWritten) {
  testing::Covers("C1");
  const auto key = [](const char* text, const char* region = "CN") {
    Hints hints;
    hints.region = region;
    return CleanAddress(text, hints).key;
  };
  // Mainland: script, width, numbers of floors and houses, the country before it.
  EXPECT_EQ(key("福建省福州市鼓楼区五四路１号三楼"), key("中国福建省福州市鼓樓區五四路1號3樓"));
  EXPECT_EQ(key("北京市朝阳区建国路八十八号十二层"), key("北京市朝阳区建国路88号12层"));
  EXPECT_NE(key("福州市五四路1号"), key("福州市54路1号"));
  // Hong Kong, Macau, Taiwan.
  EXPECT_EQ(key("香港特別行政區灣仔軒尼詩道三號十二樓", "HK"),
            key("香港湾仔轩尼诗道3号12楼", "HK"));
  EXPECT_EQ(key("臺北市信義區市府路45號3樓之2", "TW"), key("台北市信义区市府路45号3楼-2", "TW"));
  EXPECT_EQ(key("澳門氹仔官也街二十一號", "MO"), key("澳门氹仔官也街21号", "MO"));
  EXPECT_EQ(key("Flat B, 12/F, Tower 1, 8 Queen's Rd Central", "HK"),
            key("flat b 12F tower 1 8 queen's road central", "HK"));
  // Elsewhere; a saint is no street.
  EXPECT_EQ(key("12 N. Main St., Apt. 5", "US"), key("12 North Main Street #5", "US"));
  EXPECT_EQ(key("St James Sq 3", "GB"), key("st. james square 3", "GB"));
  EXPECT_NE(key("12 Main Street", "US"), key("12 Main Road", "US"));
  const auto sure = [](const char* text, const char* region) {
    Hints hints;
    hints.region = region;
    return CleanAddress(text, hints).confidence;
  };
  EXPECT_EQ(sure("福建省福州市鼓楼区五四路1号", "CN"), 100);
  EXPECT_EQ(sure("高雄市前金區中正四路211號", "TW"), 95);
  EXPECT_EQ(sure("澳門新馬路", "MO"), 80);
  EXPECT_EQ(sure("10 Downing Street", "GB"), 80);
  EXPECT_EQ(sure("somewhere", "GB"), 50);
  EXPECT_EQ(sure("\xff\xfe", "GB"), 50);
}

TEST(MaskTest, ShowsWhatItsKindAllows) {
  testing::Covers("C6");
  const auto mask = [](const char* kind, const char* value) {
    return Mask(kind, model::Sensitive::CopyOf(value));
  };
  EXPECT_EQ(mask("phone", "+8613800138000"), "138****8000");
  EXPECT_EQ(mask("name", "张伟"), "张*");
  EXPECT_EQ(mask("name", "Ana López"), "A*** L***");
  EXPECT_EQ(mask("email", "ana@example.com"), "a***@example.com");
  EXPECT_EQ(mask("id", "11010519491231002X"), "1****************X");
  EXPECT_EQ(mask("card", "4111111111111111"), "************1111");
  EXPECT_EQ(mask("date", "1975-07-28"), "1975-**-**");
  EXPECT_EQ(mask("address", "福建省福州市鼓楼区五四路1号"), "福建省福州市***");
  EXPECT_EQ(mask("phone", "12345"), "***");
  EXPECT_EQ(mask("all", "M"), "***");
  EXPECT_EQ(mask("ip", "192.168.10.20"), "192.168.*.*");
}

}  // namespace

}  // namespace fiducia::process
