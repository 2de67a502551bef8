#include "process/anonymize/noise.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "testing/covers.h"

namespace fiducia::process {

namespace {

constexpr int kDraws = 1000000;

// How unlikely a chi-square this large is (Wilson and Hilferty).
double Unlikely(double chi_square, double degrees) {
  const double a = 2.0 / (9 * degrees);
  const double z = (std::cbrt(chi_square / degrees) - (1 - a)) / std::sqrt(a);
  return 0.5 * std::erfc(z / std::sqrt(2));
}

using Law = std::function<double(int64_t)>;

// The chi-square of draws against a law; what is rare is put together.
double Fit(const std::map<int64_t, int>& counts, const Law& law, double draws) {
  double chi_square = 0;
  double rest_seen = draws;
  double rest_expected = draws;
  int cells = 0;
  for (int64_t n = -20000; n <= 20000; ++n) {
    const double expected = law(n) * draws;
    if (expected < 20) {
      continue;
    }
    const auto at = counts.find(n);
    const double seen = at == counts.end() ? 0 : at->second;
    chi_square += (seen - expected) * (seen - expected) / expected;
    rest_seen -= seen;
    rest_expected -= expected;
    ++cells;
  }
  if (rest_expected > 5) {
    chi_square += (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
    ++cells;
  }
  return Unlikely(chi_square, cells - 1);
}

Law LaplaceLaw(double scale) {
  const double q = std::exp(-1 / scale);
  return [q](int64_t n) { return (1 - q) / (1 + q) * std::pow(q, std::abs(n)); };
}

Law GaussianLaw(double variance) {
  double sum = 0;
  for (int64_t n = -5000; n <= 5000; ++n) {
    sum += std::exp(-static_cast<double>(n) * static_cast<double>(n) / (2 * variance));
  }
  return [variance, sum](int64_t n) {
    return std::exp(-static_cast<double>(n) * static_cast<double>(n) / (2 * variance)) / sum;
  };
}

TEST(NoiseTest, LaplaceFollowsTheExactLaw) {
  testing::Covers("C6");
  Noise noise(SystemRng());
  for (const Fraction scale :
       {Fraction{1, 10}, Fraction{1, 1}, Fraction{10, 1}, Fraction{1000, 7}}) {
    std::map<int64_t, int> counts;
    for (int i = 0; i < kDraws; ++i) {
      ++counts[noise.Laplace(scale)];
    }
    const double exact = static_cast<double>(scale.over) / static_cast<double>(scale.under);
    EXPECT_GT(Fit(counts, LaplaceLaw(exact), kDraws), 1e-6) << "scale " << exact;
  }
}

TEST(NoiseTest, GaussianFollowsTheExactLaw) {
  testing::Covers("C6");
  Noise noise(SystemRng());
  for (const Fraction variance : {Fraction{1, 2}, Fraction{4, 1}, Fraction{2500, 3}}) {
    std::map<int64_t, int> counts;
    const int draws = kDraws / 4;
    for (int i = 0; i < draws; ++i) {
      ++counts[noise.Gaussian(variance)];
    }
    const double exact = static_cast<double>(variance.over) / static_cast<double>(variance.under);
    EXPECT_GT(Fit(counts, GaussianLaw(exact), draws), 1e-6) << "variance " << exact;
  }
}

TEST(NoiseTest, HasThePublishedMoments) {
  testing::Covers("C6");
  Noise noise(SystemRng());
  double zeros = 0;
  double sizes = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto drawn = static_cast<double>(noise.Laplace({1, 1}));
    zeros += drawn == 0 ? 1 : 0;
    sizes += std::abs(drawn);
    squares += drawn * drawn;
  }
  EXPECT_NEAR(zeros / kDraws, 0.4621, 0.003);
  EXPECT_NEAR(sizes / kDraws, 0.8509, 0.006);
  EXPECT_NEAR(squares / kDraws, 1.8414, 0.03);
}

// The largest gap between what was drawn and an independent sampler of the same law: geometric
// variables by inversion.
TEST(NoiseTest, AgreesWithAnIndependentSampler) {
  testing::Covers("C6");
  Noise noise(SystemRng());
  SeededRandom random(20261126);
  const double scale = 10;
  std::vector<int64_t> ours;
  std::vector<int64_t> theirs;
  const auto geometric = [&] {
    const double u = (static_cast<double>(random.Next() >> 11) + 0.5) / 9007199254740992.0;
    return static_cast<int64_t>(std::floor(-std::log(u) * scale));
  };
  for (int i = 0; i < kDraws; ++i) {
    ours.push_back(noise.Laplace({10, 1}));
    theirs.push_back(geometric() - geometric());  // of two geometric ones: the same law
  }
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  double gap = 0;
  for (int64_t n = -200; n <= 200; ++n) {
    const auto share = [n](const std::vector<int64_t>& drawn) {
      return static_cast<double>(std::upper_bound(drawn.begin(), drawn.end(), n) - drawn.begin()) /
             kDraws;
    };
    gap = std::max(gap, std::abs(share(ours) - share(theirs)));
  }
  // The critical gap at one in a million (Kolmogorov and Smirnov).
  EXPECT_LT(gap, std::sqrt(-0.5 * std::log(0.5e-6)) * std::sqrt(2.0 / kDraws));
}

// Two tables that differ by one person: no outcome is likelier under one than e^epsilon times under
// the other, as far as a million draws can tell.
TEST(NoiseTest, NeighborsCannotBeToldApart) {
  testing::Covers("C6");
  Noise noise(SystemRng());
  const double epsilon = 0.5;
  std::map<int64_t, double> with;
  std::map<int64_t, double> without;
  for (int i = 0; i < kDraws; ++i) {
    ++with[100 + noise.Laplace({2, 1})];
    ++without[99 + noise.Laplace({2, 1})];
  }
  for (const auto& [outcome, count] : with) {
    const double other = without[outcome];
    if (count < 1000 || other < 1000) {
      continue;
    }
    const double margin = 5 * std::sqrt(1 / count + 1 / other);
    EXPECT_LT(std::abs(std::log(count / other)), epsilon + margin) << outcome;
  }
}

TEST(NoiseTest, BelowIsFairAndStaysBelow) {
  testing::Covers("C6");
  Noise noise(SystemRng());
  std::map<uint64_t, int> counts;
  for (int i = 0; i < 700000; ++i) {
    const uint64_t drawn = noise.Below(7);
    ASSERT_LT(drawn, 7U);
    ++counts[drawn];
  }
  for (const auto& [number, count] : counts) {
    EXPECT_NEAR(count, 100000, 1600) << number;
  }
  EXPECT_EQ(noise.Below(1), 0U);
}

// No floating point in what draws the noise: its low bits would tell.
TEST(NoiseTest, NoFloatStandsInTheSource) {
  testing::Covers("C6");
  for (const std::string root : {"", "../", "../../"}) {
    std::ifstream file(root + "src/process/anonymize/noise.cc");
    if (!file.is_open()) {
      continue;
    }
    std::string line;
    while (std::getline(file, line)) {
      EXPECT_EQ(line.find("double"), std::string::npos) << line;
      EXPECT_EQ(line.find("float"), std::string::npos) << line;
    }
    return;
  }
  GTEST_SKIP() << "the source is not here";
}

}  // namespace

}  // namespace fiducia::process
