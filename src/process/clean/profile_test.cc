#include "process/clean/profile.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "testing/covers.h"

namespace fiducia::process {

namespace {

using Rows = std::vector<std::vector<std::string_view>>;

// "row column kind[>suggested]"
std::set<std::string> Found(const std::vector<std::string>& names, const Rows& rows) {
  std::set<std::string> found;
  for (const Defect& defect : ProfileTable(names, rows).defects) {
    std::string one = std::to_string(defect.row) + " " + std::to_string(defect.column) + " " +
                      std::string(Name(defect.kind));
    if (defect.certain) {
      one += ">" + std::string(defect.suggested.Reveal());
    }
    found.insert(one);
  }
  return found;
}

Rows Many(std::string_view value, size_t count) { return Rows(count, {value}); }

TEST(ProfileTest, EachKindOfTroubleIsFound) {
  testing::Covers("C1");
  Rows numbers;
  static const std::vector<std::string> kNumbers = [] {
    std::vector<std::string> made;
    made.reserve(100);
    for (int i = 0; i < 100; ++i) {
      made.push_back(std::to_string(20 + i % 50));
    }
    return made;
  }();
  numbers.reserve(kNumbers.size() + 5);
  for (const std::string& number : kNumbers) {
    numbers.push_back({number});
  }
  for (const char* value : {"ERR5", "NaN", "", "-9000", " 33 "}) {
    numbers.push_back({value});
  }
  EXPECT_EQ(Found({"n"}, numbers),
            (std::set<std::string>{"100 0 not_a_number", "101 0 not_a_number>", "102 0 missing",
                                   "103 0 far_outlier", "104 0 blanks>33"}));
  Rows words = Many("Mortgage", 60);
  const Rows cars = Many("Car loan", 50);
  words.insert(words.end(), cars.begin(), cars.end());
  words.push_back({"MCrtgage"});
  words.push_back({"1.0"});
  words.push_back({"\xc2\xa0Mortgage\xc2\xa0"});
  EXPECT_EQ(Found({"loan"}, words),
            (std::set<std::string>{"110 0 not_in_set>Mortgage", "111 0 number_in_text",
                                   "112 0 blanks>Mortgage"}));
}

TEST(ProfileTest, RowsThatRepeatAnEarlierOneAreFound) {
  testing::Covers("C1");
  const Rows rows = {{"Ana Lopez", "ana@example.com", "Madrid", "1980"},
                     {"Bo Chan", "bo@example.com", "Hull", "1991"},
                     {"Ana Lopez", "ana@example.com", "Madrid", "1980"}};
  EXPECT_TRUE(Found({"name", "mail", "city", "year"}, rows).contains("2 0 duplicate_row"));
}

TEST(ProfileTest, WhatIsRightIsLeftAlone) {
  testing::Covers("C1");
  Rows names;
  for (const char* name : {"张伟", "Ana Lopez", "O'Neil", "王芳", "Jo Ann", "李娜", "Zoë", "Bo"}) {
    names.push_back({name});
  }
  EXPECT_EQ(Found({"name"}, names), std::set<std::string>());
  EXPECT_EQ(Found({"flag"}, Many("True", 50)), std::set<std::string>()) << "truth values alone";
  EXPECT_EQ(Found({"none"}, {}), std::set<std::string>());
  EXPECT_EQ(ProfileTable({}, {}).score, 1);
}

TEST(ProfileTest, HostileTablesEndSoon) {
  testing::Covers("C1");
  const std::string huge(5000000, 'x');
  const std::string broken = "\xff\xfe\xe7\x8e";
  Rows rows = Many(huge, 3);
  rows.push_back({broken});
  rows.push_back({"\xe2\x80\x8b\xe2\x80\x8b"});
  EXPECT_TRUE(Found({"c"}, rows).contains("4 0 missing")) << "nothing but marks without width";
  Rows same = Many("all the same", 20000);
  EXPECT_LE(ProfileTable({"c"}, same).defects.size(), 20000U);
}

}  // namespace

}  // namespace fiducia::process
