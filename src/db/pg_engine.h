// Private to db: PostgreSQL as an engine. Reads on connections of their own; writes by one thread,
// a group in one pipelined transaction (docs/decisions/0007).
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <unistd.h>

#include "db/engine.h"
#include "db/group_queue.h"
#include "db/pg_router.h"

namespace fiducia::db {

constexpr int64_t kLeaseMs = 15000;  // how long a silent writer keeps others out
constexpr size_t kIdleReaders = 64;

using Connectors = std::array<std::unique_ptr<PgConnector>, kDatabaseCount>;
using PgSessions = std::array<std::unique_ptr<PgSession>, kDatabaseCount>;
PgSessions SessionsOn(const Connectors& connectors);

// The number of the last group that was committed.
Result<int64_t> LastOf(PgSession& session);

// One reader's connections: to the server that knows all of a database, and, where buckets have
// owners, past it to them.
struct PgReader {
  PgSessions whole;
  std::array<std::unique_ptr<PgRoutedSession>, kDatabaseCount> routed;
  Session& session(Which which) {
    const auto at = static_cast<size_t>(which);
    return routed[at] != nullptr ? static_cast<Session&>(*routed[at]) : *whole[at];
  }
};

// Null where buckets have no owners.
using PgRouters = std::array<std::unique_ptr<PgRouter>, kDatabaseCount>;

class PgReaders {
 public:
  PgReaders(const Connectors& connectors, const PgRouters& routers)
      : connectors_(connectors), routers_(routers) {}
  PgReader Take();
  void Give(PgReader reader);

 private:
  const Connectors& connectors_;
  const PgRouters& routers_;
  std::mutex mutex_;
  std::vector<PgReader> idle_;
};

class PgLease final : public ReadLease {
 public:
  explicit PgLease(PgReaders& readers) : readers_(readers), reader_(readers.Take()) {}
  ~PgLease() override { readers_.Give(std::move(reader_)); }
  PgLease(const PgLease&) = delete;
  PgLease& operator=(const PgLease&) = delete;
  Session& session(Which which) override { return reader_.session(which); }

 private:
  PgReaders& readers_;
  PgReader reader_;
};

// How one try of a group's transaction ended.
enum class End {
  kCommitted,
  kCulprit,    // one job is at fault, the others are not
  kOneOfMany,  // rows went together, and one of them is at fault: which?
  kConflict,   // another transaction was in the way
  kLost,       // the connection went before the commit was sent
  kUnknown,    // … or after
  kFailed,
};
struct Attempt {
  End end = End::kFailed;
  Error error{Code::kInternal, ""};
  size_t culprit = 0;
};

class PgEngine : public Engine {
 public:
  // What opening has made ready.
  struct Opened {
    Connectors connectors;
    PgRouters routers;
    PgSessions writers;
    Uuid owner;
    std::array<int64_t, kDatabaseCount> last{};
  };
  PgEngine(Opened opened, int lock_fd)
      : lock_fd_(lock_fd),
        owner_(opened.owner),
        connectors_(std::move(opened.connectors)),
        routers_(std::move(opened.routers)),
        writers_(std::move(opened.writers)),
        readers_(connectors_, routers_),
        last_(opened.last),
        queue_([this](std::vector<Job>& jobs) { RunGroup(jobs); }, [this] { RenewLeases(); }) {}
  ~PgEngine() override {
    queue_.Stop();
    close(lock_fd_);
  }
  PgEngine(const PgEngine&) = delete;
  PgEngine& operator=(const PgEngine&) = delete;

  Result<std::unique_ptr<ReadLease>> Read() override { return std::make_unique<PgLease>(readers_); }
  void Submit(Job job) override { queue_.Submit(std::move(job)); }
  Status Checkpoint() override { return {}; }  // the server's own business
  Result<std::unique_ptr<PageStream>> Stream(Which /*which*/) override {
    return Fail(Code::kNotImplemented,
                "PostgreSQL is backed up by its own tools: see the guide on pgBackRest and Barman");
  }
  int read_threads() const override { return 16; }

 private:
  using Span = std::span<const size_t>;
  void RunGroup(std::vector<Job>& jobs);
  void RunPhase(Which which, std::vector<Job>& jobs, std::vector<Status>& statuses);
  Attempt Commit(Which which, std::vector<Job>& jobs, Span span);
  Attempt Ready(Which which, std::vector<Job>& jobs, Span span);
  Attempt TryOnce(Which which, std::vector<Job>& jobs, Span span);
  Attempt Judge(Which which, Error error, bool commit_sent, std::optional<size_t> job);
  Status Connect(Which which);
  // After a new connection: whether what was committed ahead of the data is still there, and if
  // not, commits it again.
  Status Reassure(std::vector<Job>& jobs, Span span);
  // Finds out what became of a commit whose answer was lost.
  Result<bool> WentThrough(Which which);
  void RenewLeases();
  void Tell(Which which, void (Participant::*what)()) const {
    if (which == Which::kData) {
      for (Participant* participant : participants_) {
        (participant->*what)();
      }
    }
  }
  PgSession& writer(Which which) { return *writers_[static_cast<size_t>(which)]; }

  int lock_fd_;
  Uuid owner_;
  Connectors connectors_;
  PgRouters routers_;
  PgSessions writers_;
  PgReaders readers_;
  std::array<int64_t, kDatabaseCount> last_{};     // the last group's number
  std::array<bool, kDatabaseCount> unresolved_{};  // whether its commit is in doubt
  bool unsure_ = false;                            // whether what the data needs is still there
  GroupQueue queue_;
};

}  // namespace fiducia::db
