// Looks for records of one person among all: opens what tells people apart inside the vault
// boundary, compares, and keeps pairs with their weights. No value leaves the memory of the run.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "guard/register_book.h"
#include "process/feed/change_feed.h"
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
    const process::ChangeFeed& changes;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  explicit Matching(Parts parts);
  ~Matching();
  Matching(const Matching&) = delete;
  Matching& operator=(const Matching&) = delete;

  // Errors: kConflict while one runs.
  Status Start(const model::Access& access);
  // The run ends soon, and what it found is not kept.
  Status Stop(const model::Access& access);
  Result<MatchingStatus> Now(const model::Access& access) const;
  // Matches what changed since the last run, each record by itself; where there is too much to keep
  // at hand, or after a restart, all is gone through again once a day. Call now and then.
  Status Tick();
  // Until the run is over. For tests and the command line.
  void Wait();

 private:
  struct Following;
  Status Begin(const model::Access& access);
  Status Run(const model::Access& access);
  Status Remember();
  Status Keep(std::vector<store::MatchPair>& pairs);
  Status Follow();
  Status ReadAll(class MatchReader& reader);
  void Say(const std::function<void(MatchingStatus&)>& change);

  Parts parts_;
  mutable std::mutex mutex_;  // guards status_ and thread_
  MatchingStatus status_;
  std::thread thread_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> last_run_ms_{0};  // 0: not looked up; -1: there was none
  std::mutex following_mutex_;
  std::unique_ptr<Following> following_;
};

}  // namespace fiducia::apps
