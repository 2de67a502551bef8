// Private to db: a SQLite database as a page stream, read from its write-ahead log. Only one
// connection writes and checkpoints (sqlite_engine.cc), so frames up to its last commit do not
// change until it starts the log anew; it does not while a stream holds it.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "db/group_queue.h"
#include "db/page_stream.h"
#include "db/sqlite_session.h"

namespace fiducia::db {

constexpr int kCheckpointFrames = 32000;  // 125 MiB: a page that many commits change is copied once

// The log of one database, as its writer sees it. Lives as long as the engine.
struct WalState {
  std::string file;  // of the database
  SqliteSession* writer = nullptr;
  std::atomic<int> frames{0};  // committed, in the log as it is now
  std::atomic<int> holders{0};
};

// Called after each commit on the writing connection: the moment to copy the log into the file.
void OnCommit(WalState& state, int frames);

class WalStream : public PageStream {
 public:
  // Takes hold of the log. `queue` and `state` must outlive the stream.
  static Result<std::unique_ptr<PageStream>> Open(GroupQueue& queue, WalState& state);
  ~WalStream() override;
  WalStream(const WalStream&) = delete;
  WalStream& operator=(const WalStream&) = delete;

  Status Base(const std::function<Status(BytesView piece)>& each) override;
  Status Next(const std::function<Status(const PageBatch& batch)>& each) override;
  int64_t waiting() const override;

 private:
  WalStream(GroupQueue& queue, WalState& state) : queue_(queue), state_(state) {}
  Status ReadUpTo(int frames, bool between_groups,
                  const std::function<Status(const PageBatch& batch)>& each);

  GroupQueue& queue_;
  WalState& state_;
  std::array<char, 8> salt_{};  // of the log that `next_` counts in
  int next_ = 0;                // the first frame not given yet
};

}  // namespace fiducia::db
