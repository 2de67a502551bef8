// Which pairs are looked at: records that share a key of one column, or of two together.
#pragma once

#include <algorithm>
#include <vector>

#include "process/resolve/table.h"

namespace fiducia::process {

// A key of one column's values, or of two together.
struct KeyPart {
  size_t column = 0;
  size_t slot = 0;
};
struct Pass {
  std::vector<KeyPart> parts;
  double expected = 0;  // pairs of strangers

  bool Uses(size_t column) const {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const KeyPart& p) { return p.column == column; });
  }
};

// The record's key in this pass; 0: none.
uint32_t KeyOf(const MatchTable& table, const Pass& pass, uint32_t record);

// The keys of every record, pass by pass, beside each other: for each pair they are asked for again
// and again. A key that too many records share is none.
class Blocks {
 public:
  // Keys that find partners at a price that can be paid: of one column, or of two together.
  // `pairs_per_record`: of strangers that are looked at, in all; `block_most`: records of one key.
  Blocks(const MatchTable& table, double pairs_per_record, uint32_t block_most);

  const std::vector<Pass>& passes() const { return passes_; }
  // Every pair that the pass finds, as `found(a, b)` with a < b.
  template <typename F>
  void ForPairs(size_t pass, F found) const {
    const std::vector<Keyed> keyed = Sorted(pass);
    for (size_t from = 0; from < keyed.size();) {
      size_t to = from + 1;
      while (to < keyed.size() && keyed[to].key == keyed[from].key) {
        ++to;
      }
      for (size_t i = from; i < to; ++i) {
        for (size_t j = i + 1; j < to; ++j) {
          found(keyed[i].record, keyed[j].record);
        }
      }
      from = to;
    }
  }
  // Whether a pass before this one finds the pair too.
  bool FoundBefore(size_t pass, uint32_t a, uint32_t b) const {
    const uint32_t* x = keys_.data() + a * passes_.size();
    const uint32_t* y = keys_.data() + b * passes_.size();
    for (size_t q = 0; q < pass; ++q) {
      if (x[q] == y[q] && x[q] != 0) {
        return true;
      }
    }
    return false;
  }

 private:
  struct Keyed {
    uint32_t key = 0;
    uint32_t record = 0;
  };
  // Those that have a key, by key, then record.
  std::vector<Keyed> Sorted(size_t pass) const;
  void DropLarge(size_t pass, uint32_t block_most);

  uint32_t records_;
  std::vector<Pass> passes_;
  std::vector<uint32_t> keys_;  // by record, then pass; 0: none
};

}  // namespace fiducia::process
