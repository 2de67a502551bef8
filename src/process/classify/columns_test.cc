#include "process/classify/columns.h"

#include <string>

#include <gtest/gtest.h>

#include "process/classify/column_names.h"
#include "testing/covers.h"

namespace fiducia::process {

namespace {

using Kind = ColumnKind;

std::string Of(std::string_view name, const std::vector<std::string>& values) {
  const std::vector<std::string_view> views(values.begin(), values.end());
  return std::string(Name(ClassifyColumn(name, views).kind));
}

TEST(ColumnsTest, ValuesTellWithoutAName) {
  testing::Covers("C3");
  EXPECT_EQ(Of("c1", {"a.b@example.com", "c@example.org", "", "d@example.cn"}), "email");
  EXPECT_EQ(Of("c2", {"13800138000", "13911112222", "18266375112"}), "phone");
  EXPECT_EQ(Of("c3", {"11010519491231002X", "360731197902099246", ""}), "national_id");
  EXPECT_EQ(Of("c4", {"4485421519226702", "4532063379896779", "5494902843118711"}), "card_number");
  EXPECT_EQ(Of("c5", {"张瑜岩", "陈玉兰", "丁女士", "邢丹欣"}), "full_name");
  EXPECT_EQ(Of("c6", {"广西壮族自治区南宁市兴宁区迎宾街149号", "江西省赣州市于都县和平大道387号"}),
            "address");
  EXPECT_EQ(Of("c7", {"1954-05-05", "1979-02-09", "1948-10-07", "1992-01-01"}), "birth_date");
  EXPECT_EQ(Of("c8", {"2026-01-05", "2026-02-09", "2025-10-07", "2025-01-01"}), "none");
  EXPECT_EQ(Of("c9", {"male", "female", "female"}), "sex");
  EXPECT_EQ(
      Of("c10", {"bfb4be71-3710-4ffa-baaf-5af6aa4b339e", "d39f58d7-7bb7-4f77-9956-9b505f8a4cc8"}),
      "record_id");
  EXPECT_EQ(Of("c11", {"YES", "NO", "YES"}), "none");
  EXPECT_EQ(Of("c12", {"19.95", "5.00", "7.10"}), "none");
}

TEST(ColumnsTest, ANameCountsUnlessTheValuesDenyIt) {
  testing::Covers("C3");
  EXPECT_EQ(Of("Customer E-Mail", {"a@example.com", ""}), "email");
  EXPECT_EQ(Of("email", {"19", "21"}), "none");
  EXPECT_EQ(Of("title", {"Mr.", "Ms.", "Mr."}), "title");
  EXPECT_EQ(Of("title", {"Payroll clerk", "Clinical manager", "Desk clerk"}), "occupation");
  EXPECT_EQ(Of("联系电话", {"13800138000", "010-75110541"}), "phone");
  EXPECT_EQ(Of("remark", {"11010519491231002X", "360731197902099246"}), "national_id");
  EXPECT_EQ(Of("status", {"4485421519226702", "4532063379896779"}), "card_number")
      << "a name that speaks of something else does not hide a card";
}

TEST(ColumnsTest, NothingAndNonsenseAreNothing) {
  testing::Covers("C3");
  EXPECT_EQ(Of("", {}), "none");
  EXPECT_EQ(Of("c1", {"", " ", "\t"}), "none");
  EXPECT_EQ(Of("c1", {"\xff\xfe", "\xff"}), "none");
  EXPECT_EQ(Of("c1", {std::string(1000000, 'x')}), "none");
  EXPECT_EQ(Of(std::string(100000, '_'), {"1"}), "none");
}

TEST(ColumnsTest, NamesAreReadInTheirManyForms) {
  testing::Covers("C3");
  for (const char* name :
       {"first_name", "FirstName", "FIRSTNAME", "first name", "cust_first_name"}) {
    EXPECT_EQ(KindByName(name), Kind::kGivenName) << name;
  }
  EXPECT_EQ(KindByName("客户手机号"), Kind::kPhone);
  EXPECT_EQ(KindByName("payment_due_date"), Kind::kNone);
  EXPECT_EQ(KindByName("c17"), std::nullopt);
}

}  // namespace

}  // namespace fiducia::process
