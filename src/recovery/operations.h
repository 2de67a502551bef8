// What the owner of an installation asks of it while it runs: check, back up.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "recovery/backup.h"

namespace fiducia::recovery {

// Thread safe.
class Operations {
 public:
  // All must outlive it.
  Operations(const Parts& parts, const crypto::Key256& root, Rng& rng)
      : parts_(parts), key_(BackupKey(root)), rng_(rng) {}

  Result<FsckReport> Fsck(const model::Actor& actor) const;
  // Backs up to `folder` now, and every `every_ms` from then on if that is not 0. One folder at a
  // time: another one ends the stream to the first.
  Result<BackupReport> BackUp(const model::Actor& actor, const std::string& folder,
                              int64_t every_ms);
  // Errors: kNotFound before the first.
  Result<BackupReport> LastBackup() const;
  // How the keys stand: which epochs there are, and whether some keys still depend on an old one.
  struct KeysReport {
    std::vector<std::pair<uint32_t, int64_t>> epochs;  // number, and when it was made; oldest first
    bool rewrap_unfinished = false;
  };
  Result<KeysReport> Keys() const;

 private:
  Status Record(const model::Actor& actor, const std::string& op) const;

  Parts parts_;
  crypto::Key256 key_;
  Rng& rng_;
  mutable std::mutex mutex_;
  std::unique_ptr<Backup> backup_;
};

}  // namespace fiducia::recovery
