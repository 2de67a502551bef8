#include <mutex>

#include <unistd.h>

#include "base/log.h"
#include "db/engines.h"
#include "db/group_queue.h"
#include "db/migrator.h"
#include "db/sqlite_session.h"
#include "db/wal_stream.h"

namespace fiducia::db {

namespace {

constexpr std::array<const char*, kDatabaseCount> kFiles = {"keys.db", "index.db", "data.db"};

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
  SqliteEngine(const std::string& folder, int lock_fd, Sessions writers)
      : lock_fd_(lock_fd),
        writers_(std::move(writers)),
        readers_(folder),
        queue_([this](std::vector<Job>& jobs) { RunGroup(jobs); }) {
    for (size_t i = 0; i < kDatabaseCount; ++i) {
      logs_[i].file = folder + "/" + kFiles[i];
      logs_[i].writer = writers_[i].get();
      writers_[i]->SetCommitHook([this, i](int frames) { OnCommit(logs_[i], frames); });
    }
  }
  ~SqliteEngine() override {
    queue_.Stop();
    (void)CheckpointNow();
    close(lock_fd_);
  }
  SqliteEngine(const SqliteEngine&) = delete;
  SqliteEngine& operator=(const SqliteEngine&) = delete;

  Result<std::unique_ptr<ReadLease>> Read() override {
    FID_ASSIGN(Sessions sessions, readers_.Take());
    return std::make_unique<SqliteLease>(readers_, std::move(sessions));
  }
  void Submit(Job job) override { queue_.Submit(std::move(job)); }
  Status Checkpoint() override {
    return queue_.RunBetween([this] { return CheckpointNow(); });
  }
  Result<std::unique_ptr<PageStream>> Stream(Which which) override {
    return WalStream::Open(queue_, logs_[static_cast<size_t>(which)]);
  }
  int read_threads() const override { return 0; }

 private:
  void RunGroup(std::vector<Job>& jobs);
  void RunPhase(Which which, std::vector<Job>& jobs, std::vector<Status>& statuses);
  Status RunJob(Which which, SqliteSession& session, Job& job);
  Status CheckpointNow() {
    for (WalState& log : logs_) {
      if (log.holders == 0) {
        FID_TRY(log.writer->CheckpointAll());
      }
    }
    return {};
  }
  // Tells every participant, of a group in the data database.
  void Tell(Which which, void (Participant::*what)()) const {
    if (which == Which::kData) {
      for (Participant* participant : participants_) {
        (participant->*what)();
      }
    }
  }

  int lock_fd_;
  Sessions writers_;
  ReaderPool readers_;
  std::array<WalState, kDatabaseCount> logs_;
  GroupQueue queue_;
};

Phase& PhaseOf(Job& job, Which which) {
  return which == Which::kKeys ? job.keys : which == Which::kIndex ? job.index : job.data;
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
  Session& prepared = session;
  FID_TRY(prepared.Execute(kSavepoint, {}));
  Tell(which, &Participant::Mark);
  Status status = PhaseOf(job, which)(session);
  if (!status) {
    Tell(which, &Participant::Rollback);
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
  session.set_watch(which == Which::kData ? watch() : nullptr);
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
  if (which == Which::kData) {
    for (Participant* participant : participants_) {
      group = group ? participant->BeforeCommit(session) : group;
    }
  }
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
  Tell(which, group ? &Participant::Committed : &Participant::Failed);
}

}  // namespace

Result<std::unique_ptr<SchemaSession>> OpenBareSqlite(const std::string& folder, Which which,
                                                      Access access) {
  FID_ASSIGN(auto session,
             SqliteSession::Open(folder + "/" + kFiles[static_cast<size_t>(which)],
                                 access == Access::kRead ? SqliteMode::kRead : SqliteMode::kWrite));
  return session;
}

Result<std::unique_ptr<Engine>> OpenSqlite(const std::string& folder, int lock_fd,
                                           std::span<const Migration> migrations) {
  auto opened = OpenAll(folder, SqliteMode::kWrite);
  Status status = opened ? Status() : Status(std::unexpected(opened.error()));
  for (size_t i = 0; status && i < kDatabaseCount; ++i) {
    status = Migrate(*(*opened)[i], {"BEGIN IMMEDIATE", [](const std::string& sql) { return sql; }},
                     static_cast<Which>(i), migrations);
  }
  if (!status) {
    close(lock_fd);
    return std::unexpected(status.error());
  }
  return std::make_unique<SqliteEngine>(folder, lock_fd, std::move(*opened));
}

}  // namespace fiducia::db
