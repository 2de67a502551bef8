#include "process/anonymize/noise.h"

#include <bit>

#include "base/result.h"

namespace fiducia::process {

namespace {

constexpr uint64_t kPartMost = uint64_t{1} << 31;
constexpr uint64_t kUnderMost = uint64_t{1} << 16;
constexpr uint64_t kSizeMost = uint64_t{1} << 22;

// The largest whole number whose square is not above x.
uint64_t Root(uint64_t x) {
  uint64_t low = 0;
  uint64_t high = uint64_t{1} << 32;
  while (low + 1 < high) {
    const uint64_t middle = low + (high - low) / 2;
    (middle * middle <= x ? low : high) = middle;
  }
  return low;
}

}  // namespace

uint64_t Noise::Word() {
  if (left_ == 0) {
    rng_.Fill({reinterpret_cast<char*>(words_.data()), sizeof words_});
    left_ = words_.size();
  }
  return words_[--left_];
}

bool Noise::Coin() {
  if (bits_left_ == 0) {
    bits_ = Word();
    bits_left_ = 64;
  }
  const bool heads = (bits_ & 1U) != 0;
  bits_ >>= 1;
  --bits_left_;
  return heads;
}

uint64_t Noise::Below(uint64_t below) {
  FID_CHECK(below > 0);
  // Words that would favor small numbers are drawn again.
  const uint64_t unfair = (0 - below) % below;
  while (true) {
    const Wide product = static_cast<Wide>(Word()) * below;
    if (static_cast<uint64_t>(product) >= unfair) {
      return static_cast<uint64_t>(product >> 64);
    }
  }
}

bool Noise::Exponential(Fraction x) {
  for (; x.over > x.under; x.over -= x.under) {
    if (!Exponential({1, 1})) {
      return false;
    }
  }
  // e^-x for x up to 1, by the series: how far draws of x, x/2, x/3 … go on.
  uint64_t k = 1;
  while (Below(x.under) < x.over && Below(k) == 0) {
    ++k;
  }
  return k % 2 == 1;
}

Noise::Wide Noise::BelowWide(Wide below) {
  if (below <= UINT64_MAX) {
    return Below(static_cast<uint64_t>(below));
  }
  const int bits = 64 + static_cast<int>(std::bit_width(static_cast<uint64_t>(below >> 64)));
  while (true) {
    Wide drawn = static_cast<Wide>(Word()) << 64 | Word();
    drawn >>= 128 - bits;
    if (drawn < below) {
      return drawn;
    }
  }
}

bool Noise::ExponentialWide(Wide over, Wide under) {
  for (; over > under; over -= under) {
    if (!Exponential({1, 1})) {
      return false;
    }
  }
  uint64_t k = 1;
  while (BelowWide(under) < over && Below(k) == 0) {
    ++k;
  }
  return k % 2 == 1;
}

int64_t Noise::Laplace(Fraction scale) {
  FID_CHECK(scale.over > 0 && scale.under > 0 && scale.over <= kPartMost &&
            scale.under <= kPartMost);
  while (true) {
    const uint64_t rest = Below(scale.over);
    if (!Exponential({rest, scale.over})) {
      continue;
    }
    uint64_t whole = 0;
    while (Exponential({1, 1})) {
      ++whole;
    }
    const auto size = static_cast<int64_t>((rest + scale.over * whole) / scale.under);
    const bool below = Coin();
    if (below && size == 0) {
      continue;  // zero is not counted twice
    }
    return below ? -size : size;
  }
}

int64_t Noise::Gaussian(Fraction variance) {
  FID_CHECK(variance.over > 0 && variance.under > 0 && variance.over <= kPartMost &&
            variance.under <= kUnderMost);
  const uint64_t t = Root(variance.over / variance.under) + 1;
  while (true) {
    const int64_t drawn = Laplace({t, 1});
    const auto size = static_cast<uint64_t>(drawn < 0 ? -drawn : drawn);
    if (size > kSizeMost) {
      continue;  // so unlikely under either law that no count of draws would show it
    }
    // (|drawn| - variance / t)^2 / (2 variance), as a fraction of whole numbers.
    const Wide left = static_cast<Wide>(size) * variance.under * t;
    const Wide gap = left > variance.over ? left - variance.over : variance.over - left;
    const Wide over = gap * gap;
    const Wide under = static_cast<Wide>(2) * variance.over * variance.under * t * t;
    if (ExponentialWide(over, under)) {
      return drawn;
    }
  }
}

}  // namespace fiducia::process
