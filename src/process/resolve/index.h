// Matching one new record against all that are known, without going through them again: the keys
// and weights of a run over all are kept, and the new record joins a group or starts one. Ids of
// groups stay what they are.
#pragma once

#include <unordered_map>
#include <vector>

#include "process/resolve/resolver.h"

namespace fiducia::process {

// For one thread.
class MatchIndex {
 public:
  // `table` was finished to grow; `resolution` is of it.
  MatchIndex(MatchTable table, Resolution resolution, const ResolveOptions& options);
  MatchIndex(const MatchIndex&) = delete;
  MatchIndex& operator=(const MatchIndex&) = delete;

  struct Match {
    uint32_t record = 0;
    double weight = 0;  // log2 odds that they are the same
  };
  struct Added {
    uint32_t record = 0;
    uint32_t group = 0;          // its own number if it stands alone
    std::vector<Match> matches;  // that stand above options.link, the likeliest first
  };
  Added Add(std::span<const std::string_view> values);

  // Log2 odds of two records, and why.
  double Weigh(uint32_t a, uint32_t b, std::vector<MatchReason>& reasons) {
    return scale_.Weigh(a, b, &reasons);
  }
  uint32_t group(uint32_t record) const { return group_[record]; }
  const MatchTable& table() const { return table_; }

 private:
  struct Keyed {
    uint32_t key = 0;
    uint32_t record = 0;
  };
  void Candidates(uint32_t record, std::vector<uint32_t>& found);
  void Keep(uint32_t record);
  double Average(uint32_t record, uint32_t group);

  MatchTable table_;
  Resolution resolution_;
  ResolveOptions options_;
  Scale scale_;
  std::vector<std::vector<Keyed>> first_;                         // by pass, sorted: of the run
  std::vector<std::unordered_multimap<uint32_t, uint32_t>> new_;  // by pass: added since
  std::vector<uint32_t> group_;
  std::vector<uint32_t> next_;  // another record of the group, or kNone
};

}  // namespace fiducia::process
