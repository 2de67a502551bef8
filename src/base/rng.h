// Random bytes come in by interface: the system source in production, a seeded one in tests and
// demos.
#pragma once

#include <cstdint>
#include <span>

namespace fiducia {

// Thread safe.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual void Fill(std::span<char> out) = 0;
};

// The kernel's generator, read in blocks per thread; handed-out bytes are wiped from the block.
Rng& SystemRng();

// Repeatable, NOT secret: demo data and tests only (SplitMix64).
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  uint64_t Below(uint64_t bound) { return bound == 0 ? 0 : Next() % bound; }
  bool Chance(unsigned per_thousand) { return Below(1000) < per_thousand; }

 private:
  uint64_t state_;
};

}  // namespace fiducia
