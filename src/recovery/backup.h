// Backs up a running installation: a base of keys and data, then what changed, again and again. The
// writer never waits for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "recovery/archive.h"
#include "recovery/fsck.h"

namespace fiducia::recovery {

struct BackupReport {
  std::string folder;
  int64_t time_ms = 0;  // all that was acknowledged before is in it
  int64_t bytes = 0;    // written by this stream so far
  int64_t segments = 0;
  int64_t milliseconds = 0;
  int64_t every_ms = 0;  // 0: not by itself
  int64_t failures = 0;  // in a row
};

// One stream to one folder. Thread safe.
class Backup {
 public:
  // Keys kept for a week, data for five weeks; counted from the newest stream that replaced them.
  struct Retention {
    int64_t keys_ms = 7LL * 86400000;
    int64_t data_ms = 35LL * 86400000;
  };
  // `parts` and `rng` must outlive it.
  Backup(const Parts& parts, crypto::Key256 key, std::string folder, Rng& rng);
  ~Backup();
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  // The base the first time, then what changed since. Errors: kNotImplemented on PostgreSQL,
  // kUnavailable if the folder cannot be written; then it is tried again from where it stopped.
  Result<BackupReport> Run();
  // Runs every `every_ms` from now on; 0: no more.
  void Repeat(int64_t every_ms);
  BackupReport report() const;

 private:
  struct Stream;
  Status RunLocked();
  Status Start(Stream& stream, store::Which which, const std::string& kind);
  Status Continue(Stream& stream, store::Which which);
  Status Prune(const std::string& kind, const std::string& newest, int64_t keep_ms) const;
  Json Facts(store::Which which) const;
  void Loop();

  Parts parts_;
  crypto::Key256 key_;
  std::string folder_;
  Rng& rng_;
  std::unique_ptr<Stream> keys_;
  std::unique_ptr<Stream> data_;
  mutable std::mutex mutex_;  // guards the streams
  mutable std::mutex report_mutex_;
  BackupReport report_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace fiducia::recovery
