// Bringing an installation back, trying that out, and carrying on where a log had to be cut back.
#pragma once

#include "recovery/restore.h"
#include "server/instance.h"

namespace fiducia::server {

struct RestoreOptions {
  std::string from;      // the backup's folder
  std::string root_key;  // a copy of the installation's root key file
  std::string passphrase;
  int64_t until_ms = 0;  // 0: the newest
};

struct RestoreResult {
  recovery::RestoredFiles files;
  recovery::ReplayReport replay;
  uint64_t leaves = 0;
  bool behind = false;  // the log is older than a checkpoint the backup has seen
  int64_t milliseconds = 0;
};

// Into a missing or empty folder. What fails leaves nothing behind.
Outcome<RestoreResult> Restore(const Home& home, const RestoreOptions& options,
                               const recovery::Progress& progress = {});

// Where a log is behind its witnessed checkpoint, signs a statement of why, puts it on record and
// lets the installation start again. Gives the statement's file.
Outcome<std::string> Recover(const Home& home, const OpenOptions& options,
                             const std::string& reason);

struct DrillResult {
  RestoreResult restored;
  recovery::FsckReport fsck;
  audit::VerifyReport audit;
  uint32_t keys_epoch = 0;  // that the restored keys are in
  int64_t rpo_ms = 0;       // what the newest backup lacks, at the time of the drill
  int64_t rto_ms = 0;       // until it could have served
  bool ok() const { return fsck.ok() && audit.ok() && restored.replay.opened == 0; }
};
// Restores into `scratch`, checks everything there, and removes it.
Outcome<DrillResult> Drill(const std::string& scratch, const RestoreOptions& options,
                           const recovery::Progress& progress = {});

}  // namespace fiducia::server
