#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "db/engine.h"
#include "db/migrator.h"
#include "db/sqlite_session.h"

namespace fiducia::db {

namespace {

constexpr std::array<const char*, kDatabaseCount> kFiles = {"keys.db", "index.db", "data.db"};
constexpr size_t kGroupMax = 4096;  // jobs in one group commit

using Sessions = std::array<std::unique_ptr<SqliteSession>, kDatabaseCount>;

Result<Sessions> OpenAll(const std::string& folder, SqliteMode mode) {
  Sessions sessions;
  for (size_t i = 0; i < kDatabaseCount; ++i) {
    FID_ASSIGN(sessions[i], SqliteSession::Open(folder + "/" + kFiles[i], mode));
  }
  return sessions;
}

// Idle readers' connections.
class ReaderPool {
 public:
  explicit ReaderPool(std::string folder) : folder_(std::move(folder)) {}
  Result<Sessions> Take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Sessions sessions = std::move(idle_.back());
        idle_.pop_back();
        return sessions;
      }
    }
    return OpenAll(folder_, SqliteMode::kRead);
  }
  void Give(Sessions sessions) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(sessions));
  }

 private:
  std::string folder_;
  std::mutex mutex_;
  std::vector<Sessions> idle_;
};

constexpr Statement kSavepoint{"job.begin", Tag::kReference, "SAVEPOINT job"};
constexpr Statement kRelease{"job.end", Tag::kReference, "RELEASE job"};
constexpr Statement kRollbackTo{"job.undo", Tag::kReference, "ROLLBACK TO job"};

class SqliteLease final : public ReadLease {
 public:
  SqliteLease(ReaderPool& pool, Sessions sessions) : pool_(pool), sessions_(std::move(sessions)) {}
  ~SqliteLease() override { pool_.Give(std::move(sessions_)); }
  SqliteLease(const SqliteLease&) = delete;
  SqliteLease& operator=(const SqliteLease&) = delete;
  Session& session(Which which) override { return *sessions_[static_cast<size_t>(which)]; }

 private:
  ReaderPool& pool_;
  Sessions sessions_;
};

class SqliteEngine : public Engine {
 public:
  SqliteEngine(std::string folder, int lock_fd, Sessions writers)
      : lock_fd_(lock_fd), writers_(std::move(writers)), readers_(std::move(folder)) {
    thread_ = std::thread([this] { Loop(); });
  }
  ~SqliteEngine() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
    (void)CheckpointNow();
    close(lock_fd_);
  }
  SqliteEngine(const SqliteEngine&) = delete;
  SqliteEngine& operator=(const SqliteEngine&) = delete;

  Result<std::unique_ptr<ReadLease>> Read() override {
    FID_ASSIGN(Sessions sessions, readers_.Take());
    return std::make_unique<SqliteLease>(readers_, std::move(sessions));
  }

  void Submit(Job job) override {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(job));
      if (queue_.size() > 1) {
        return;  // the writer was told already
      }
    }
    wake_.notify_one();
  }

  void SetParticipant(Participant* participant) override { participant_ = participant; }

  Status Checkpoint() override {
    std::promise<Status> done;
    std::future<Status> result = done.get_future();
    {
      const std::lock_guard lock(mutex_);
      checkpoints_.push_back(std::move(done));
    }
    wake_.notify_one();
    return result.get();
  }

 private:
  void Loop();
  void RunGroup(std::vector<Job>& jobs);
  void RunPhase(Which which, std::vector<Job>& jobs, std::vector<Status>& statuses);
  Status RunJob(Which which, SqliteSession& session, Job& job);
  Status CheckpointNow() {
    for (const auto& writer : writers_) {
      FID_TRY(writer->CheckpointAll());
    }
    return {};
  }

  int lock_fd_;
  Sessions writers_;
  ReaderPool readers_;
  Participant* participant_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> queue_;
  std::vector<std::promise<Status>> checkpoints_;
  bool stop_ = false;
  std::thread thread_;
};

Phase& PhaseOf(Job& job, Which which) {
  return which == Which::kKeys ? job.keys : which == Which::kIndex ? job.index : job.data;
}

void SqliteEngine::Loop() {
  std::vector<Job> group;
  while (true) {
    std::vector<std::promise<Status>> checkpoints;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !queue_.empty() || !checkpoints_.empty(); });
      if (stop_ && queue_.empty()) {
        return;
      }
      group.clear();
      if (queue_.size() <= kGroupMax) {
        group.swap(queue_);
      } else {
        group.assign(std::make_move_iterator(queue_.begin()),
                     std::make_move_iterator(queue_.begin() + kGroupMax));
        queue_.erase(queue_.begin(), queue_.begin() + kGroupMax);
      }
      checkpoints.swap(checkpoints_);
    }
    if (!group.empty()) {
      RunGroup(group);
    }
    for (std::promise<Status>& done : checkpoints) {
      done.set_value(CheckpointNow());
    }
  }
}

void SqliteEngine::RunGroup(std::vector<Job>& jobs) {
  std::vector<Status> statuses(jobs.size());
  for (const Which which : {Which::kKeys, Which::kIndex, Which::kData}) {
    RunPhase(which, jobs, statuses);
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].done) {
      jobs[i].done(statuses[i]);
    }
  }
}

Status SqliteEngine::RunJob(Which which, SqliteSession& session, Job& job) {
  if (job.append_only) {
    return PhaseOf(job, which)(session);
  }
  const bool with_participant = which == Which::kData && participant_ != nullptr;
  Session& prepared = session;
  FID_TRY(prepared.Execute(kSavepoint, {}));
  if (with_participant) {
    participant_->Mark();
  }
  Status status = PhaseOf(job, which)(session);
  if (!status) {
    if (with_participant) {
      participant_->Rollback();
    }
    if (session.in_transaction()) {
      FID_TRY(prepared.Execute(kRollbackTo, {}));
    }
  }
  if (session.in_transaction()) {
    FID_TRY(prepared.Execute(kRelease, {}));
  }
  return status;
}

void SqliteEngine::RunPhase(Which which, std::vector<Job>& jobs, std::vector<Status>& statuses) {
  SqliteSession& session = *writers_[static_cast<size_t>(which)];
  std::vector<size_t> chosen;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (statuses[i] && PhaseOf(jobs[i], which)) {
      chosen.push_back(i);
    }
  }
  if (chosen.empty()) {
    return;
  }
  Status group = session.Run("BEGIN IMMEDIATE");
  for (const size_t i : chosen) {
    if (!group) {
      break;
    }
    statuses[i] = RunJob(which, session, jobs[i]);
    // A full disk or a lost file can end the whole transaction under us; and a job without a
    // savepoint may have done half its work.
    if (!statuses[i] && (!session.in_transaction() || jobs[i].append_only)) {
      group = statuses[i];
    }
  }
  const bool with_participant = which == Which::kData && participant_ != nullptr;
  if (group) {
    group = session.Run("COMMIT");
  }
  if (!group) {
    if (session.in_transaction()) {
      (void)session.Run("ROLLBACK");
    }
    LogError("a group of writes failed", group.error());
    for (const size_t i : chosen) {
      statuses[i] = group;
    }
  }
  if (with_participant) {
    group ? participant_->Committed() : participant_->Failed();
  }
}

}  // namespace

Status Engine::SubmitAndWait(Job job) {
  std::promise<Status> promise;
  std::future<Status> result = promise.get_future();
  auto then = std::move(job.done);
  job.done = [&promise, &then](const Status& status) {
    if (then) {
      then(status);
    }
    promise.set_value(status);
  };
  Submit(std::move(job));
  return result.get();
}

Result<std::unique_ptr<Session>> OpenSqliteReadOnly(const std::string& file) {
  FID_ASSIGN(auto session, SqliteSession::Open(file, SqliteMode::kRead));
  return session;
}

Result<std::unique_ptr<Engine>> OpenSqlite(SqliteOptions options) {
  const std::string lock_path = options.folder + "/lock";
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Fail(Code::kUnavailable, "the data folder cannot be written");
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return Fail(Code::kUnavailable, "another process is using this data folder");
  }
  auto opened = OpenAll(options.folder, SqliteMode::kWrite);
  Status status = opened ? Status() : Status(std::unexpected(opened.error()));
  for (size_t i = 0; status && i < kDatabaseCount; ++i) {
    status = Migrate(*(*opened)[i], static_cast<Which>(i), options.migrations);
  }
  if (!status) {
    close(fd);
    return std::unexpected(status.error());
  }
  return std::make_unique<SqliteEngine>(options.folder, fd, std::move(*opened));
}

}  // namespace fiducia::db
