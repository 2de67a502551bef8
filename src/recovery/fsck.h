// Looks at every record of the store: whether it opens, whether it is the newest, whether one is
// missing or too many, and whether each can be found.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gate/state_digest.h"
#include "process/record/record.h"

namespace fiducia::recovery {

// What the work of this module needs. All must outlive it.
struct Parts {
  store::Engine& engine;
  const vault::Vault& vault;
  const process::RecordBuilder& builder;
  audit::Log& log;
  gate::StateDigest& state;
  const Clock& clock;
};

struct Finding {
  std::string what;     // record_altered, record_missing, record_rolled_back, record_not_ours …
  std::string subject;  // the customer's id, where one is at fault
  int64_t bucket = -1;
};

struct FsckReport {
  int64_t customers = 0;
  int64_t basis_events = 0;
  int64_t timeline = 0;
  int64_t tickets = 0;
  int64_t registers = 0;
  int64_t keys = 0;
  int64_t erased = 0;
  int64_t erasures_pending = 0;  // the key is gone, the record goes with the next erasure or start
  int64_t keys_without_record = 0;  // left by a creation that did not finish: harmless
  uint64_t mark = 0;                // the leaf of the last mark
  std::vector<Finding> findings;
  bool ok() const { return findings.empty(); }
};

using Progress = std::function<void(int64_t done, int64_t of)>;

// Reads only. While others write, a difference is looked at again before it is reported.
Result<FsckReport> Fsck(const Parts& parts, const Progress& progress = {});

}  // namespace fiducia::recovery
