#include "process/resolve/similarity.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace fiducia::process {

namespace {

constexpr size_t kLongest = 64;
constexpr double kPrefixScale = 0.1;
constexpr size_t kPrefixMost = 4;

// Which characters of the other are taken stands in one word, so that nothing is allocated.
template <typename View>
double Jaro(View a, View b) {
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.empty()) {
    return 1;
  }
  const size_t window = std::max<size_t>(b.size() / 2, 1) - 1;
  uint64_t taken_a = 0;
  uint64_t taken_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const size_t from = i > window ? i - window : 0;
    const size_t to = std::min(b.size(), i + window + 1);
    for (size_t j = from; j < to; ++j) {
      if (a[i] == b[j] && (taken_b >> j & 1U) == 0) {
        taken_a |= uint64_t{1} << i;
        taken_b |= uint64_t{1} << j;
        break;
      }
    }
  }
  const int matches = std::popcount(taken_a);
  if (matches == 0) {
    return 0;
  }
  int out_of_place = 0;
  uint64_t rest = taken_b;
  for (uint64_t left = taken_a; left != 0; left &= left - 1) {
    out_of_place += a[static_cast<size_t>(std::countr_zero(left))] !=
                            b[static_cast<size_t>(std::countr_zero(rest))]
                        ? 1
                        : 0;
    rest &= rest - 1;
  }
  const double m = matches;
  return (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
          (m - out_of_place / 2.0) / m) /
         3;
}

template <typename View>
double WithPrefix(View a, View b) {
  const double jaro = Jaro(a, b);
  size_t same = 0;
  const size_t most = std::min({a.size(), b.size(), kPrefixMost});
  while (same < most && a[same] == b[same]) {
    ++same;
  }
  return jaro + static_cast<double>(same) * kPrefixScale * (1 - jaro);
}

// Optimal string alignment, all rows of a column in one word (Hyyrö 2003).
template <typename View>
int Distance(View a, View b, int most) {
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  const int difference = static_cast<int>(b.size() - a.size());
  if (difference > most) {
    return most + 1;
  }
  if (a.empty()) {
    return static_cast<int>(b.size());
  }
  const auto where = [&](auto c) {
    uint64_t bits = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      bits |= static_cast<uint64_t>(a[i] == c ? 1U : 0U) << i;
    }
    return bits;
  };
  const uint64_t last = uint64_t{1} << (a.size() - 1);
  uint64_t plus = ~uint64_t{0};
  uint64_t minus = 0;
  uint64_t zero = 0;
  uint64_t before = 0;
  int distance = static_cast<int>(a.size());
  for (const auto c : b) {
    const uint64_t here = where(c);
    const uint64_t swapped = ((~zero & here) << 1) & before;
    zero = (((here & plus) + plus) ^ plus) | here | minus | swapped;
    uint64_t up = minus | ~(zero | plus);
    uint64_t down = zero & plus;
    distance += (up & last) != 0 ? 1 : (down & last) != 0 ? -1 : 0;
    up = up << 1 | 1;
    down <<= 1;
    plus = down | ~(zero | up);
    minus = up & zero;
    before = here;
  }
  return std::min(distance, most + 1);
}

}  // namespace

double JaroWinkler(std::string_view a, std::string_view b) { return WithPrefix(a, b); }
double JaroWinkler(std::u32string_view a, std::u32string_view b) { return WithPrefix(a, b); }

int EditDistance(std::string_view a, std::string_view b, int most) { return Distance(a, b, most); }
int EditDistance(std::u32string_view a, std::u32string_view b, int most) {
  return Distance(a, b, most);
}

}  // namespace fiducia::process
