// Noise for differentially private figures, drawn exactly: integers only, no rounding that could
// leak (Canonne, Kamath, Steinke 2020). Parameters are fractions.
#pragma once

#include <array>
#include <cstdint>

#include "base/rng.h"

namespace fiducia::process {

// A positive fraction.
struct Fraction {
  uint64_t over = 1;
  uint64_t under = 1;
};

// For one thread. The generator must be a secure one and outlive it.
class Noise {
 public:
  explicit Noise(Rng& rng) : rng_(rng) {}

  // 0 to below - 1, each as likely. `below` is at least 1.
  uint64_t Below(uint64_t below);
  // With probability e^-x.
  bool Exponential(Fraction x);
  // The discrete Laplace law: P(n) falls by e^(-1/scale) with every step from 0. For a figure that
  // one person moves by `sensitivity`, and epsilon, the scale is sensitivity / epsilon. Parts of
  // the fraction up to 2^31.
  int64_t Laplace(Fraction scale);
  // The discrete Gaussian law with this variance parameter: over up to 2^31, under up to 2^16.
  int64_t Gaussian(Fraction variance);

 private:
  __extension__ using Wide = unsigned __int128;
  uint64_t Word();
  Wide BelowWide(Wide below);
  bool ExponentialWide(Wide over, Wide under);
  bool Coin();

  Rng& rng_;
  std::array<uint64_t, 512> words_{};
  size_t left_ = 0;
  uint64_t bits_ = 0;
  int bits_left_ = 0;
};

}  // namespace fiducia::process
