#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "process/resolve/resolver.h"
#include "process/resolve/similarity.h"
#include "testing/covers.h"
#include "testing/shared_data.h"

namespace fiducia::process {

namespace {

using Kind = MatchKind;

const std::vector<MatchColumn> kPeople = {{"name", Kind::kFullName}, {"birth", Kind::kDate},
                                          {"id", Kind::kIdNumber},   {"phone", Kind::kPhone},
                                          {"email", Kind::kEmail},   {"address", Kind::kAddress}};
using Row = std::vector<std::string>;

MatchTable TableOf(const std::vector<MatchColumn>& columns, const std::vector<Row>& rows) {
  MatchTable table(columns);
  for (const Row& row : rows) {
    const std::vector<std::string_view> views(row.begin(), row.end());
    table.Add(views);
  }
  table.Finish();
  return table;
}

// Enough strangers for weights to be found: Chinese people, each with an address of their own.
std::vector<Row> Crowd(int people) {
  static const std::vector<std::string> kFamily = {"张", "王", "李", "赵", "陈", "杨", "周", "吴",
                                                   "徐", "孙", "马", "朱", "胡", "郭", "何", "高"};
  static const std::vector<std::string> kGiven = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊",
                                                  "军", "洋", "勇", "艳", "杰", "娟", "涛", "明"};
  std::vector<Row> rows;
  uint64_t state = 7;
  const auto next = [&](uint64_t most) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % most;
  };
  for (int i = 0; i < people; ++i) {
    const std::string name = kFamily[next(16)] + kGiven[next(16)] + kGiven[next(16)];
    const std::string birth = std::to_string(1950 + next(55)) + "-0" + std::to_string(1 + next(9)) +
                              "-" + std::to_string(10 + next(18));
    const std::string phone = "13" + std::to_string(100000000 + next(899999999));
    const std::string id = "1101" + std::to_string(10000000000000 + next(89999999999999));
    const std::string mail = "u" + std::to_string(next(1000000)) + "@example.com";
    const std::string address = "和平路" + std::to_string(1 + next(400)) + "号" +
                                std::to_string(1 + next(30)) + "号楼" +
                                std::to_string(100 + next(2900)) + "室";
    rows.push_back({name, birth, id, phone, mail, address});
    if (next(2) == 0) {
      rows.push_back({name, next(3) == 0 ? "" : birth, next(2) == 0 ? "" : id, phone, "", address});
    }
  }
  return rows;
}

bool Together(const Resolution& result, size_t a, size_t b) {
  return result.group[a] == result.group[b];
}

TEST(SimilarityTest, GivesThePublishedFigures) {
  testing::Covers("C2");
  EXPECT_NEAR(JaroWinkler("martha", "marhta"), 0.9611, 1e-4);
  EXPECT_NEAR(JaroWinkler("dwayne", "duane"), 0.84, 1e-4);
  EXPECT_NEAR(JaroWinkler("dixon", "dicksonx"), 0.8133, 1e-4);
  EXPECT_NEAR(JaroWinkler(U"欧阳修", U"欧阳修"), 1, 1e-9);
  EXPECT_EQ(JaroWinkler("abc", "xyz"), 0);
  EXPECT_EQ(JaroWinkler("", ""), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting", 9), 3);
  EXPECT_EQ(EditDistance("ca", "abc", 9), 3) << "optimal string alignment";
  EXPECT_EQ(EditDistance("13800138000", "13800183000", 9), 1) << "neighbors swapped";
  EXPECT_EQ(EditDistance("abcdef", "", 3), 4);
  EXPECT_EQ(EditDistance(U"张伟", U"张炜", 2), 1);
}

// Against the textbook's table.
int Textbook(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

TEST(SimilarityTest, EditsAgreeWithTheTextbookOnRandomTexts) {
  testing::Covers("C2");
  uint64_t state = 11;
  const auto next = [&](uint64_t most) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % most;
  };
  for (int i = 0; i < 20000; ++i) {
    std::string a;
    std::string b;
    for (uint64_t n = next(12); n > 0; --n) {
      a += static_cast<char>('a' + next(4));
    }
    for (uint64_t n = next(12); n > 0; --n) {
      b += static_cast<char>('a' + next(4));
    }
    const int real = Textbook(a, b);
    EXPECT_EQ(EditDistance(a, b, 20), real) << a << " " << b;
    EXPECT_EQ(EditDistance(a, b, 2), std::min(real, 3)) << a << " " << b;
  }
}

int Level(Kind kind, const std::string& a, const std::string& b) {
  return CompareValues(kind, MakeMatchValue(kind, a), MakeMatchValue(kind, b));
}

TEST(LevelsTest, OneValueInManyForms) {
  testing::Covers("C2");
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"陈國強", "陈国强"}, {" 王 婷璐", "王婷璐"}, {"MARY  Ann Smith", "mary ann smith"}}) {
    EXPECT_EQ(Level(Kind::kFullName, a, b), kSame) << a << " " << b;
  }
  EXPECT_EQ(Level(Kind::kFullName, "郭宁文", "Ningwen Guo"), kSound);
  EXPECT_EQ(Level(Kind::kFullName, "郭宁文", "GUO Ningwen"), kSound);
  EXPECT_EQ(Level(Kind::kFullName, "李建华", "李建花"), kSound) << "the same sound";
  EXPECT_EQ(Level(Kind::kFullName, "欧阳先生", "欧阳锋"), 3) << "the family name is the same";
  EXPECT_LE(Level(Kind::kFullName, "王伟", "李娜"), 1);
  for (const auto& [a, b] :
       std::vector<std::pair<std::string, std::string>>{{"1975-07-28", "1975年7月28日"},
                                                        {"19750728", "1975/7/28"},
                                                        {"28.07.1975", "1975-07-28"}}) {
    EXPECT_EQ(Level(Kind::kDate, a, b), kSame) << a << " " << b;
  }
  EXPECT_EQ(Level(Kind::kDate, "1975-07-08", "1975-08-07"), 5) << "day and month";
  EXPECT_EQ(Level(Kind::kPhone, "+86 138 0013 8000", "138-0013-8000"), kSame);
  EXPECT_GE(Level(Kind::kPhone, "138****8000", "13800138000"), 5) << "masked";
  EXPECT_EQ(Level(Kind::kPhone, "138****8001", "13800138000"), 0);
  EXPECT_EQ(Level(Kind::kIdNumber, "110105491231002", "11010519491231002X"), 6) << "fifteen digits";
  EXPECT_EQ(Level(Kind::kAddress, "哈尔滨市平房区迎宾路２６５号世纪花园19号楼2单元2601室",
                  "黑龙江省哈尔滨市平房区迎宾路265号世纪花园19-2-2601"),
            6);
  EXPECT_LE(Level(Kind::kAddress, "和平路265号19号楼2601室", "和平路11号3号楼101室"), 2);
  EXPECT_GE(Level(Kind::kOrganization, "华远软件网络有限公司", "华远软件网络"), 6);
}

TEST(ResolverTest, HouseholdsStayApart) {
  testing::Covers("C3");
  std::vector<Row> rows = Crowd(400);
  const size_t first = rows.size();
  const std::string home = "幸福路88号6号楼1201室";
  rows.push_back({"林国栋", "1958-02-11", "", "13911112222", "", home});
  rows.push_back({"林晓梅", "1986-09-30", "", "13911112222", "", home});
  rows.push_back({"林晓东", "", "", "13911112222", "", home});
  rows.push_back({"Lin Xiaomei", "1986-09-30", "", "", "", home});
  const MatchTable table = TableOf(kPeople, rows);
  const Resolution result = Resolve(table, {});
  EXPECT_FALSE(Together(result, first, first + 1));
  EXPECT_FALSE(Together(result, first, first + 2));
  EXPECT_FALSE(Together(result, first + 1, first + 2));
  EXPECT_TRUE(Together(result, first + 1, first + 3)) << "the same person in Latin letters";
}

TEST(ResolverTest, ASharedPlaceholderUnitesNobody) {
  testing::Covers("C3");
  std::vector<Row> rows = Crowd(400);
  for (Row& row : rows) {
    if (row[3].back() == '7') {
      row[3] = "13800138000";
      row[4] = "test@example.com";
    }
  }
  const MatchTable table = TableOf(kPeople, rows);
  const Resolution result = Resolve(table, {});
  std::map<uint32_t, int> sizes;
  for (const uint32_t group : result.group) {
    EXPECT_LE(++sizes[group], 4);
  }
}

TEST(ResolverTest, ThreadsChangeNothingAndReasonsAddUp) {
  testing::Covers("C3");
  const MatchTable table = TableOf(kPeople, Crowd(600));
  ResolveOptions two;
  two.threads = 2;
  const Resolution one_thread = Resolve(table, {});
  const Resolution two_threads = Resolve(table, two);
  EXPECT_EQ(one_thread.group, two_threads.group);
  ASSERT_FALSE(one_thread.links.empty());
  Scale scale(table, one_thread.weights);
  for (size_t i = 0; i < std::min<size_t>(50, one_thread.links.size()); ++i) {
    const MatchLink& link = one_thread.links[i];
    std::vector<MatchReason> reasons;
    const double weight = scale.Weigh(link.a, link.b, &reasons);
    EXPECT_NEAR(weight, link.weight, 1e-3);
    EXPECT_EQ(reasons.size(), kPeople.size());
    double sum = one_thread.weights.prior;
    for (const MatchReason& reason : reasons) {
      sum += reason.weight;
    }
    EXPECT_NEAR(sum, weight, 1e-6) << "links of a household are not among them";
  }
}

TEST(ResolverTest, OddInputHasAClearOutcome) {
  testing::Covers("C3");
  const auto groups = [](const std::vector<Row>& rows) {
    const MatchTable table = TableOf(kPeople, rows);
    return Resolve(table, {}).group;
  };
  EXPECT_TRUE(groups({}).empty());
  EXPECT_EQ(groups({{"张伟", "", "", "", "", ""}}), std::vector<uint32_t>{0});
  EXPECT_EQ(groups({{"", "", "", "", "", ""}, {"", "", "", "", "", ""}}),
            (std::vector<uint32_t>{0, 1}))
      << "nothing is not the same as nothing";
  // All the same, more than a block holds.
  const std::vector<Row> same(300, Row{"张伟", "1975-07-28", "", "13800138000", "", ""});
  EXPECT_EQ(groups(same).size(), 300U);
  // Letters that cannot be seen, or look like others.
  EXPECT_EQ(Level(Kind::kFullName, "Ana\u200b Lopez", "Ana Lopez"), kSame);
  EXPECT_EQ(Level(Kind::kFullName, "\u202eAna Lopez\u202c", "Ana Lopez"), kSame);
  EXPECT_LT(Level(Kind::kFullName, "Аnа Lopez", "Xi Wang"), 3) << "Cyrillic letters";
  EXPECT_TRUE(MakeMatchValue(Kind::kFullName, "\xff\xfe broken").text.empty());
  const std::string longest(1 << 20, 'x');
  EXPECT_EQ(Level(Kind::kText, longest, longest), kSame);
  EXPECT_LT(Level(Kind::kAddress, longest, "y"), kSame);
}

// Beside the shared data, where it is: the whole configuration on sets with known truth.
TEST(ResolverTest, FindsThePeopleOfFebrlWithoutConfiguration) {
  testing::Covers("C3");
  std::ifstream file(testing::SharedData("febrl/dataset1.csv"));
  std::string line;
  if (!std::getline(file, line)) {
    GTEST_SKIP() << "the labeled data is not here";
  }
  const std::vector<MatchColumn> columns = {
      {"given_name", Kind::kGivenName},   {"surname", Kind::kFamilyName},
      {"street_number", Kind::kPostcode}, {"address_1", Kind::kText},
      {"address_2", Kind::kText},         {"suburb", Kind::kPlace},
      {"postcode", Kind::kPostcode},      {"state", Kind::kCategory},
      {"date_of_birth", Kind::kDate},     {"soc_sec_id", Kind::kIdNumber}};
  std::vector<Row> rows;
  std::vector<std::string> truth;
  while (std::getline(file, line)) {
    Row row(1);
    for (const char c : line) {
      if (c == ',') {
        row.emplace_back();
      } else if (c != '\r' && (c != ' ' || !row.back().empty())) {
        row.back() += c;
      }
    }
    truth.push_back(row[0].substr(4, row[0].find('-', 4) - 4));
    rows.emplace_back(row.begin() + 1, row.end());
  }
  const MatchTable table = TableOf(columns, rows);
  const Resolution result = Resolve(table, {});
  int wrong = 0;
  for (size_t a = 0; a < rows.size(); ++a) {
    for (size_t b = a + 1; b < rows.size(); ++b) {
      wrong += Together(result, a, b) == (truth[a] == truth[b]) ? 0 : 1;
    }
  }
  EXPECT_LE(wrong, 2) << "of 500 pairs";
}

}  // namespace

}  // namespace fiducia::process
