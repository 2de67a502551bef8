// Who is the same as whom: the model of Fellegi and Sunter, its weights found without labels, and
// groups in which every member belongs to the whole.
//
// Blocking: keys of values and pairs of keys find likely partners; which ones are used follows from
// how often values repeat. Weights: how levels of likeness fall out for strangers is counted on
// random pairs; for the same it is estimated (EM) on the pairs of each key, on the columns that are
// not in that key. Rare values weigh more. Groups: links above a low weight, then average linkage.
#pragma once

#include <cstdint>
#include <vector>

#include "process/resolve/weights.h"

namespace fiducia::process {

struct ResolveOptions {
  double link = -4;  // log2 odds from which two are looked at together
  double pair = 0;   // log2 odds at which two alone are the same
  // How much less will do within a group, in log2 odds for each doubling of copies a person has.
  double slack = 2;
  unsigned threads = 1;
  uint32_t block_most = 64;      // records under one key
  double pairs_per_record = 40;  // looked at, in all
};

struct MatchLink {
  uint32_t a = 0;
  uint32_t b = 0;
  float weight = 0;
};

struct Resolution {
  std::vector<uint32_t> group;  // by record: the smallest record of its group
  std::vector<MatchLink> links;
  MatchWeights weights;
  std::vector<Pass> passes;  // the keys that were used
  double cut = 0;            // log2 odds at which parts of a group hold together
  uint64_t pairs = 0;        // looked at
};

Resolution Resolve(const MatchTable& table, const ResolveOptions& options);

}  // namespace fiducia::process
