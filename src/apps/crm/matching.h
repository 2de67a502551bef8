// Looks for records of one person among all: opens what tells people apart inside the vault
// boundary, compares, and keeps pairs with their weights. No value leaves the memory of the run.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "process/record/reader.h"
#include "store/merges.h"

namespace fiducia::apps {

struct MatchingStatus {
  std::string state = "idle";  // idle, reading, comparing, writing, done, stopped, failed
  int64_t started_ms = 0;
  int64_t finished_ms = 0;
  int64_t records = 0;  // read so far
  int64_t of = 0;       // in all, about
  int64_t pairs = 0;    // kept
};

// One run at a time. Thread safe. All collaborators must outlive it.
class Matching {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    const Clock& clock;
  };
  explicit Matching(Parts parts) : parts_(parts) {}
  ~Matching();
  Matching(const Matching&) = delete;
  Matching& operator=(const Matching&) = delete;

  // Errors: kConflict while one runs.
  Status Start(const model::Access& access);
  // The run ends soon, and what it found is not kept.
  Status Stop(const model::Access& access);
  Result<MatchingStatus> Now(const model::Access& access) const;
  // Until the run is over. For tests and the command line.
  void Wait();

 private:
  Status Run(const model::Access& access);
  Status ReadAll(class MatchReader& reader);
  void Say(const std::function<void(MatchingStatus&)>& change);

  Parts parts_;
  mutable std::mutex mutex_;  // guards status_ and thread_
  MatchingStatus status_;
  std::thread thread_;
  std::atomic<bool> stop_{false};
};

}  // namespace fiducia::apps
