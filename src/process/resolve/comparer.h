// What two records show beside each other, column by column, and the rule of the household.
#pragma once

#include <vector>

#include "process/resolve/levels.h"
#include "process/resolve/table.h"

namespace fiducia::process {

using Pattern = uint64_t;  // levels, three bits a column
constexpr uint64_t kMix = 0x9e3779b97f4a7c15ULL;
constexpr size_t kColumnsMost = 20;

struct Observation {
  Pattern levels = 0;
  uint32_t missing = 0;  // a bit a column
  auto operator<=>(const Observation&) const = default;
};

inline int LevelIn(Pattern levels, size_t column) {
  return static_cast<int>(levels >> (3 * column) & 7U);
}

// Compares records; what was compared lately is remembered. For one thread.
class Comparer {
 public:
  explicit Comparer(const MatchTable& table);
  Observation Compare(uint32_t a, uint32_t b);

 private:
  struct Entry {
    uint64_t key = 0;
    int level = 0;
  };
  int Level(size_t column, ValueNo x, ValueNo y);
  // Addresses are made of names. Two of one name choose the same local part at two providers, and
  // similar ones: beside a name that agrees, a local part that spells it says nothing.
  void Spelled(uint32_t a, Observation& seen) const;
  bool SpellsName(uint32_t record) const;
  // Given and family name changed places, perhaps with a typing error on top.
  void Cross(uint32_t a, uint32_t b, Observation& seen) const;
  // One of the two has a single name: it may be the other's family name.
  void HalfCross(uint32_t a, uint32_t b, Observation& seen) const;

  const MatchTable& table_;
  int full_ = -1;
  int given_ = -1;
  int family_ = -1;
  int email_ = -1;
  std::vector<Entry> memory_;
};

// People of one household, and tenants of one house, share phone and address: under another name,
// without the same birth date, number or mail, that says nothing.
class Household {
 public:
  explicit Household(const std::vector<MatchColumn>& columns);

  // Whether there is anything that a household shares.
  bool Matters() const { return shared_ != 0; }
  bool Shares(size_t column) const { return (shared_ >> column & 1U) != 0; }
  bool OnlyThat(const Observation& seen) const;

 private:
  uint32_t names_ = 0;
  uint32_t shared_ = 0;
  uint32_t proofs_ = 0;
  uint32_t births_ = 0;
  int other_ = 1;  // up to this level it is another name
};

}  // namespace fiducia::process
