#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "process/anonymize/lattice.h"
#include "process/anonymize/recoding.h"
#include "process/anonymize/risk.h"
#include "process/anonymize/small_cells.h"
#include "testing/covers.h"
#include "testing/shared_data.h"

namespace fiducia::process {

namespace {

// Made-up rows: age in steps, region in two levels, sex; a sensitive value.
Microdata Made(uint32_t rows) {
  std::vector<std::vector<std::string>> ages;
  ages.reserve(80);
  for (int age = 0; age < 80; ++age) {
    ages.push_back(
        {std::to_string(age), std::to_string(age / 5 * 5), std::to_string(age / 20 * 20), "*"});
  }
  std::vector<std::vector<std::string>> places;
  places.reserve(12);
  for (int place = 0; place < 12; ++place) {
    places.push_back({"p" + std::to_string(place), "r" + std::to_string(place / 4), "*"});
  }
  Microdata data;
  data.hierarchies = {Hierarchy::From(ages).value(), Hierarchy::From(places).value(),
                      Hierarchy::Flat({"f", "m"})};
  data.values.resize(3);
  data.sensitive.resize(2);
  data.sensitive[0].kinds = 4;
  data.sensitive[1].kinds = 3;
  uint64_t state = 5;
  const auto next = [&](uint64_t most) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<uint32_t>((state >> 33) % most);
  };
  for (uint32_t row = 0; row < rows; ++row) {
    data.values[0].push_back(next(80));
    data.values[1].push_back(next(12));
    data.values[2].push_back(next(2));
    data.sensitive[0].values.push_back(next(3) + (next(10) == 0 ? 1 : 0));
    data.sensitive[1].values.push_back(next(3));
  }
  return data;
}

// What a reader of the release sees, checked without any of the code that made it.
struct Release {
  std::map<std::string, std::vector<uint32_t>> groups;
  uint32_t left_out = 0;
};
Release WrittenOut(const Microdata& data, const std::vector<std::vector<uint8_t>>& levels,
                   const std::vector<bool>& dropped) {
  Release release;
  for (uint32_t row = 0; row < data.rows(); ++row) {
    if (dropped[row]) {
      ++release.left_out;
      continue;
    }
    std::string text;
    for (size_t c = 0; c < data.hierarchies.size(); ++c) {
      const Hierarchy& one = data.hierarchies[c];
      text += one.Name(levels[c][row], one.At(levels[c][row], data.values[c][row])) + ";";
    }
    release.groups[text].push_back(row);
  }
  return release;
}
Release WrittenOut(const Microdata& data, const Generalization& found) {
  std::vector<std::vector<uint8_t>> levels;
  levels.reserve(found.levels.size());
  for (const uint8_t level : found.levels) {
    levels.emplace_back(data.rows(), level);
  }
  return WrittenOut(data, levels, found.dropped);
}
Release WrittenOut(const Microdata& data, const Recoding& made) {
  std::vector<bool> dropped;
  dropped.reserve(made.group.size());
  for (const uint32_t group : made.group) {
    dropped.push_back(group == UINT32_MAX);
  }
  return WrittenOut(data, made.levels, dropped);
}

TEST(LatticeTest, FindsTheOptimaThatArxAsserts) {
  testing::Covers("C6");
  const Microdata data = testing::ReadAdult(testing::SharedData("adult"));
  if (data.rows() == 0) {
    GTEST_SKIP() << "the Adult table is not here";
  }
  struct Known {
    uint32_t k;
    double suppressed;
    LossMetric metric;
    std::vector<uint8_t> levels;
    double loss;
  };
  const std::vector<Known> kKnown = {
      {5, 0.04, LossMetric::kEntropy, {1, 0, 1, 1, 3, 2, 2, 0, 1}, 255559.85455731067},
      {100, 0.04, LossMetric::kEntropy, {1, 1, 1, 1, 3, 2, 2, 1, 1}, 379417.3460570988},
      {5, 0, LossMetric::kEntropy, {1, 2, 1, 1, 3, 2, 2, 1, 1}, 407289.5388925293},
      {100, 0, LossMetric::kEntropy, {0, 4, 1, 1, 3, 2, 2, 1, 1}, 453196.8932458743},
      {5, 1, LossMetric::kLoss, {0, 3, 0, 0, 2, 1, 1, 1, 0}, 0.22041192847984292}};
  for (const Known& known : kKnown) {
    PrivacyModel model;
    model.k = known.k;
    model.suppressed = known.suppressed;
    const auto found = SearchLattice(data, model, known.metric);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->levels, known.levels);
    EXPECT_NEAR(found->loss, known.loss, 1e-9 * std::max(1.0, known.loss));
    const Release release = WrittenOut(data, *found);
    EXPECT_EQ(release.left_out, found->suppressed);
    for (const auto& [text, rows] : release.groups) {
      EXPECT_GE(rows.size(), known.k) << text;
    }
  }
}

TEST(LatticeTest, AgreesWithASearchThroughEverything) {
  testing::Covers("C6");
  const Microdata data = Made(600);
  for (const LossMetric metric : {LossMetric::kEntropy, LossMetric::kLoss}) {
    for (const double suppressed : {0.0, 0.05, 1.0}) {
      PrivacyModel model;
      model.k = 4;
      model.suppressed = suppressed;
      const auto found = SearchLattice(data, model, metric);
      ASSERT_TRUE(found);
      // Every node, one by one: as a model of one node each.
      double least = 1e300;
      for (uint8_t a = 0; a < 4; ++a) {
        for (uint8_t p = 0; p < 3; ++p) {
          for (uint8_t s = 0; s < 2; ++s) {
            Generalization node;
            node.levels = {a, p, s};
            node.dropped.assign(data.rows(), false);
            const Release all = WrittenOut(data, node);
            uint32_t out = 0;
            for (const auto& [text, rows] : all.groups) {
              for (const uint32_t row : rows) {
                node.dropped[row] = rows.size() < model.k;
              }
              out += rows.size() < model.k ? static_cast<uint32_t>(rows.size()) : 0;
            }
            if (out > suppressed * data.rows()) {
              continue;
            }
            double loss = metric == LossMetric::kEntropy ? 0 : 1;
            for (size_t c = 0; c < 3; ++c) {
              const Hierarchy& one = data.hierarchies[c];
              std::map<uint32_t, double> exact;
              std::map<uint32_t, double> shown;
              double share = 0;
              for (uint32_t row = 0; row < data.rows(); ++row) {
                ++exact[data.values[c][row]];
                ++shown[one.At(node.levels[c], data.values[c][row])];
                share += node.dropped[row]
                             ? 1
                             : static_cast<double>(one.Leaves(
                                   node.levels[c], one.At(node.levels[c], data.values[c][row]))) /
                                   one.values();
              }
              double bits = 0;
              for (const auto& [value, count] : exact) {
                bits += count * std::log2(shown[one.At(node.levels[c], value)] / count);
              }
              const double floor = 1.0 / one.values();
              loss = metric == LossMetric::kEntropy
                         ? loss + bits
                         : loss * (1 + (share / data.rows() - floor) / (1 - floor));
            }
            loss = metric == LossMetric::kEntropy ? loss : std::cbrt(loss) - 1;
            least = std::min(least, loss);
          }
        }
      }
      EXPECT_NEAR(found->loss, least, 1e-9 * std::max(1.0, least));
    }
  }
}

TEST(RecodingTest, ReachesWhatNobodyReachedOnAdult) {
  testing::Covers("C6");
  const Microdata data = testing::ReadAdult(testing::SharedData("adult"));
  if (data.rows() == 0) {
    GTEST_SKIP() << "the Adult table is not here";
  }
  for (const auto& [k, least] :
       std::vector<std::pair<uint32_t, double>>{{2, 0.968}, {5, 0.92}, {10, 0.875}, {50, 0.80}}) {
    PrivacyModel model;
    model.k = k;
    const auto made = RecodeLocally(data, model);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->suppressed, 0U);
    EXPECT_GE(1 - made->loss, least) << "k " << k;
    for (const auto& [text, rows] : WrittenOut(data, *made).groups) {
      EXPECT_GE(rows.size(), k) << text;
    }
  }
}

TEST(RecodingTest, DiversityAndClosenessHoldInWhatIsWritten) {
  testing::Covers("C6");
  const Microdata data = Made(2000);
  PrivacyModel model;
  model.k = 4;
  model.l = 3;
  model.t = 0.35;
  const auto made = RecodeLocally(data, model);
  ASSERT_TRUE(made);
  EXPECT_GT(made->groups, 10U);
  const auto found = SearchLattice(data, model, LossMetric::kLoss);
  ASSERT_TRUE(found);
  EXPECT_LT(made->loss, 1);
  for (const Release& release : {WrittenOut(data, *made), WrittenOut(data, *found)}) {
    for (const auto& [text, rows] : release.groups) {
      EXPECT_GE(rows.size(), 4U);
      for (const SensitiveColumn& column : data.sensitive) {
        std::map<uint32_t, double> counts;
        std::map<uint32_t, double> all;
        for (const uint32_t row : rows) {
          counts[column.values[row]] += 1.0 / static_cast<double>(rows.size());
        }
        for (const uint32_t value : column.values) {
          all[value] += 1.0 / data.rows();
        }
        double distance = 0;
        for (uint32_t s = 0; s < column.kinds; ++s) {
          distance += std::abs(counts[s] - all[s]) / 2;
        }
        EXPECT_GE(
            std::count_if(counts.begin(), counts.end(), [](const auto& c) { return c.second > 0; }),
            3)
            << text;
        EXPECT_LE(distance, 0.35 + 1e-9) << text;
      }
    }
  }
}

TEST(SmallCellsTest, NoneIsToldAndNoneCanBeWorkedOut) {
  testing::Covers("C6");
  const auto held = [](std::vector<int64_t> counts) { return TooSmall(counts); };
  using Bits = std::vector<bool>;
  EXPECT_EQ(held({}), Bits());
  EXPECT_EQ(held({0, 5, 100}), Bits({false, false, false}));
  EXPECT_EQ(held({1, 4, 100}), Bits({true, true, false}));
  EXPECT_EQ(held({100, 4, 7, 0}), Bits({false, true, true, false})) << "the total less the rest";
  EXPECT_EQ(held({3}), Bits({true}));
  EXPECT_EQ(held({3, 0}), Bits({true, false}));
}

TEST(HierarchyTest, RefusesWhatIsNone) {
  testing::Covers("C6");
  EXPECT_FALSE(Hierarchy::From({}));
  EXPECT_FALSE(Hierarchy::From({{"a", "x"}, {"b"}})) << "levels differ";
  EXPECT_FALSE(Hierarchy::From({{"a", "x"}, {"a", "y"}})) << "twice";
  EXPECT_FALSE(Hierarchy::From({{"a", "x", "1"}, {"b", "x", "2"}})) << "parts what was one";
  const auto good = Hierarchy::From({{"a", "x"}, {"b", "x"}});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->Find("c").error().code(), Code::kNotFound) << "not covered, not guessed";
  Microdata nothing;
  EXPECT_FALSE(SearchLattice(nothing, {}, LossMetric::kLoss));
  EXPECT_FALSE(RecodeLocally(nothing, {}));
  PrivacyModel too_much;
  too_much.k = 1000;
  EXPECT_EQ(RecodeLocally(Made(100), too_much).error().code(), Code::kNotFound);
  EXPECT_EQ(SearchLattice(Made(100), too_much, LossMetric::kEntropy).error().code(),
            Code::kNotFound);
}

TEST(LinkRiskTest, CountsGroupsAndThoseWhoStandAlone) {
  testing::Covers("C6");
  const LinkRisk risk = LinkRiskOf({7, 1, 7, 2, 7, 7, 7, 2});
  EXPECT_EQ(risk.rows, 8);
  EXPECT_EQ(risk.groups, 3);
  EXPECT_EQ(risk.smallest, 1);
  EXPECT_EQ(risk.unique, 1);
  EXPECT_EQ(risk.under_five, 3);
  EXPECT_DOUBLE_EQ(risk.average, 3.0 / 8);
  EXPECT_EQ(LinkRiskOf({}).smallest, 0);
  EXPECT_EQ(LinkRiskOf({}).average, 0);
}

}  // namespace

}  // namespace fiducia::process
