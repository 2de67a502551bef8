// Brings an installation back from a backup: the newest keys with the data of the chosen moment,
// the erasures done again, the index made anew.
#pragma once

#include "recovery/archive.h"
#include "recovery/fsck.h"

namespace fiducia::recovery {

struct RestoreChoice {
  std::string from;      // the backup's folder
  int64_t until_ms = 0;  // data as of the last segment at or before it; 0: the newest
};

struct RestoredFiles {
  int64_t data_ms = 0;  // all that was acknowledged before is there
  int64_t keys_ms = 0;
  int64_t newest_ms = 0;  // of the data in the backup
  int64_t bytes = 0;
  std::string witness;  // the newest checkpoint that the backup has seen
};

// Writes keys.db and data.db into `folder`, which must exist and hold neither. Errors: kCorrupt if
// anything of the backup does not fit, kNotFound if nothing is old enough.
Result<RestoredFiles> RestoreFiles(const RestoreChoice& choice, const crypto::Key256& key,
                                   const std::string& folder, const Progress& progress = {});

struct ReplayReport {
  int64_t erasures = 0;  // in the ledger
  int64_t removed = 0;   // records that the data still held
  int64_t opened = 0;    // of them, those whose key was still to be had: must be 0
  int64_t refusals = 0;  // taken back, refused or used up since, and so again now
  int64_t customers = 0;
  int64_t tokens = 0;
};
// On the opened store, before it serves: what the ledger says was erased goes, what people took
// back since the data's moment is taken back again, and the index is made anew. Safe to run again.
Result<ReplayReport> Replay(const Parts& parts, const Progress& progress = {});

// The same without the index, for a database that was brought back by its own tools.
Result<ReplayReport> ReplayAnswers(const Parts& parts);

}  // namespace fiducia::recovery
