#include <algorithm>
#include <array>
#include <optional>
#include <thread>

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "db/engines.h"
#include "db/group_queue.h"
#include "db/migrator.h"
#include "db/pg_caps.h"
#include "db/pg_dialect.h"
#include "db/pg_error.h"
#include "db/pg_session.h"

namespace fiducia::db {

namespace {

constexpr int64_t kLeaseMs = 15000;     // how long a silent writer keeps others out
constexpr int64_t kPatienceMs = 30000;  // how long a group waits for a server that is gone
constexpr int kConflictTries = 8;
constexpr size_t kIdleReaders = 64;

// Labels of what is not a job's.
constexpr int64_t kOfOpening = -1;
constexpr int64_t kOfClosing = -2;

// One row a writer, changed by every group: it fences out a writer that was replaced, and tells
// after a lost connection whether the group's commit went through.
constexpr const char* kWritersTable =
    "CREATE TABLE IF NOT EXISTS engine_writers(writer BIGINT PRIMARY KEY, home BYTEA NOT NULL, "
    "owner BYTEA NOT NULL, until_ms BIGINT NOT NULL, last BIGINT NOT NULL)";
constexpr Statement kClaim{
    "writer.claim", Tag::kReference,
    "INSERT INTO engine_writers(writer, home, owner, until_ms, last) VALUES(0, $1, $2, $3, 0) "
    "ON CONFLICT(writer) DO UPDATE SET home=excluded.home, owner=excluded.owner, "
    "until_ms=excluded.until_ms WHERE engine_writers.home=$4 OR engine_writers.until_ms<$5"};
// A foreign owner makes NULL of a column that takes none: the transaction fails as a whole.
constexpr Statement kMark{"writer.mark", Tag::kReference,
                          "UPDATE engine_writers SET last=$1, until_ms=$2, "
                          "owner=CASE WHEN owner=$3 THEN owner END WHERE writer=0"};
constexpr Statement kLast{"writer.last", Tag::kReference,
                          "SELECT last FROM engine_writers WHERE writer=0"};
constexpr Statement kBegin{"writer.begin", Tag::kReference, "BEGIN"};
// For what no data will follow: the destruction of a key is durable by itself.
constexpr Statement kWait{"writer.wait", Tag::kReference, "SET LOCAL synchronous_commit = on"};
constexpr Statement kCommit{"writer.commit", Tag::kReference, "COMMIT"};

std::string SchemaOf(const StoreAddress& address, Which which) {
  static constexpr std::array<const char*, kDatabaseCount> kNames = {"_keys", "_index", "_data"};
  return address.schema + kNames[static_cast<size_t>(which)];
}

using Connectors = std::array<std::unique_ptr<PgConnector>, kDatabaseCount>;

Connectors ConnectorsOf(const StoreAddress& address) {
  Connectors connectors;
  for (const Which which : {Which::kKeys, Which::kIndex, Which::kData}) {
    connectors[static_cast<size_t>(which)] = std::make_unique<PgConnector>(
        which == Which::kKeys ? address.keys : address.data, SchemaOf(address, which));
  }
  return connectors;
}

using Sessions = std::array<std::unique_ptr<PgSession>, kDatabaseCount>;

Sessions SessionsOn(const Connectors& connectors) {
  Sessions sessions;
  for (size_t i = 0; i < kDatabaseCount; ++i) {
    sessions[i] = std::make_unique<PgSession>(*connectors[i]);
  }
  return sessions;
}

class PgReaders {
 public:
  explicit PgReaders(const Connectors& connectors) : connectors_(connectors) {}
  Sessions Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      return SessionsOn(connectors_);
    }
    Sessions sessions = std::move(idle_.back());
    idle_.pop_back();
    return sessions;
  }
  void Give(Sessions sessions) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleReaders) {
      idle_.push_back(std::move(sessions));
    }
  }

 private:
  const Connectors& connectors_;
  std::mutex mutex_;
  std::vector<Sessions> idle_;
};

class PgLease final : public ReadLease {
 public:
  explicit PgLease(PgReaders& readers) : readers_(readers), sessions_(readers.Take()) {}
  ~PgLease() override { readers_.Give(std::move(sessions_)); }
  PgLease(const PgLease&) = delete;
  PgLease& operator=(const PgLease&) = delete;
  Session& session(Which which) override { return *sessions_[static_cast<size_t>(which)]; }

 private:
  PgReaders& readers_;
  Sessions sessions_;
};

// The number of the last group that was committed.
Result<int64_t> LastOf(PgSession& session) {
  int64_t last = -1;
  FID_TRY(session.Query(kLast, {}, [&](const Row& row) -> Status {
    last = row.Int(0);
    return {};
  }));
  return last;
}

// How one try of a group's transaction ended.
enum class End {
  kCommitted,
  kCulprit,   // one job is at fault, the others are not
  kConflict,  // another transaction was in the way
  kLost,      // the connection went before the commit was sent
  kUnknown,   // … or after
  kFailed,
};
struct Attempt {
  End end = End::kFailed;
  Error error{Code::kInternal, ""};
  size_t culprit = 0;
};

class PgEngine : public Engine {
 public:
  PgEngine(Connectors connectors, Sessions writers, Uuid owner,
           std::array<int64_t, kDatabaseCount> last, int lock_fd)
      : lock_fd_(lock_fd),
        owner_(owner),
        connectors_(std::move(connectors)),
        writers_(std::move(writers)),
        readers_(connectors_),
        last_(last),
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
  Sessions writers_;
  PgReaders readers_;
  std::array<int64_t, kDatabaseCount> last_{};     // the last group's number
  std::array<bool, kDatabaseCount> unresolved_{};  // whether its commit is in doubt
  bool unsure_ = false;                            // whether what the data needs is still there
  GroupQueue queue_;
};

// Up to a millisecond, so that two writers do not meet again and again.
int64_t Jitter() {
  std::array<char, 1> bytes{};
  SystemRng().Fill(bytes);
  return static_cast<uint8_t>(bytes[0]) * 4;
}

Phase& PhaseOf(Job& job, Which which) {
  return which == Which::kKeys ? job.keys : which == Which::kIndex ? job.index : job.data;
}

void PgEngine::RunGroup(std::vector<Job>& jobs) {
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

// All jobs go into one transaction. If one of them is at fault, those before it are committed
// without it, and those after it follow in the next.
void PgEngine::RunPhase(Which which, std::vector<Job>& jobs, std::vector<Status>& statuses) {
  std::vector<size_t> chosen;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (statuses[i] && PhaseOf(jobs[i], which)) {
      chosen.push_back(i);
    }
  }
  std::vector<Span> waiting;
  if (!chosen.empty()) {
    waiting.emplace_back(chosen);
  }
  while (!waiting.empty()) {
    const Span span = waiting.back();
    waiting.pop_back();
    const Attempt attempt = Commit(which, jobs, span);
    if (attempt.end == End::kCommitted) {
      continue;
    }
    if (attempt.end == End::kCulprit) {
      statuses[span[attempt.culprit]] = std::unexpected(attempt.error);
      const Span after = span.subspan(attempt.culprit + 1);
      if (!after.empty()) {
        waiting.push_back(after);
      }
      if (attempt.culprit > 0) {
        waiting.push_back(span.first(attempt.culprit));
      }
      continue;
    }
    LogError("a group of writes failed", attempt.error);
    for (const size_t i : span) {
      statuses[i] = std::unexpected(attempt.error);
    }
  }
}

// Another server may have become the one that takes writes. A reader that stayed with the old one
// would miss what is written from here on, the withdrawal of a consent for example.
Status PgEngine::Connect(Which which) {
  bool fresh = false;
  FID_TRY(writer(which).EnsureConnected(&fresh));
  if (fresh) {
    connectors_[static_cast<size_t>(which)]->StartGeneration();
    writer(which).AdoptGeneration();
    unsure_ = unsure_ || which == Which::kData;
  }
  return {};
}

// Keys and tokens may have been committed without waiting for the disk, to be flushed with the
// data. If the server went in between, they went with it.
Status PgEngine::Reassure(std::vector<Job>& jobs, Span span) {
  for (const Which which : {Which::kKeys, Which::kIndex}) {
    const auto at = static_cast<size_t>(which);
    FID_TRY(Connect(which));
    FID_ASSIGN(const int64_t last, LastOf(writer(which)));
    if (last == last_[at]) {
      continue;
    }
    last_[at] = last;
    std::vector<size_t> again;
    for (const size_t i : span) {
      if (PhaseOf(jobs[i], which)) {
        again.push_back(i);
      }
    }
    if (again.empty()) {
      continue;
    }
    const Attempt attempt = Commit(which, jobs, again);
    if (attempt.end != End::kCommitted) {
      return std::unexpected(attempt.error);
    }
  }
  return {};
}

Result<bool> PgEngine::WentThrough(Which which) {
  const auto at = static_cast<size_t>(which);
  FID_TRY(Connect(which));
  FID_ASSIGN(const int64_t last, LastOf(writer(which)));
  unresolved_[at] = false;
  const bool committed = last == last_[at];
  Tell(which, committed ? &Participant::Committed : &Participant::Failed);
  return committed;
}

Attempt PgEngine::Commit(Which which, std::vector<Job>& jobs, Span span) {
  const auto at = static_cast<size_t>(which);
  const int64_t deadline = SystemClock().MonotonicMs() + kPatienceMs;
  bool ours_in_doubt = false;
  Attempt attempt;
  for (int conflicts = 0; conflicts < kConflictTries;) {
    if (unresolved_[at]) {
      const auto went = WentThrough(which);
      if (went && *went && ours_in_doubt) {
        return {End::kCommitted};
      }
      if (!went) {
        attempt = {End::kUnknown, went.error()};
      }
      ours_in_doubt = ours_in_doubt && !went;
    }
    if (!unresolved_[at]) {
      attempt = Ready(which, jobs, span);
      if (attempt.end == End::kCommitted) {
        attempt = TryOnce(which, jobs, span);
      }
      ours_in_doubt = unresolved_[at] = attempt.end == End::kUnknown;
      if (!unresolved_[at]) {
        Tell(which,
             attempt.end == End::kCommitted ? &Participant::Committed : &Participant::Failed);
      }
    }
    switch (attempt.end) {
      case End::kCommitted:
      case End::kCulprit:
      case End::kFailed:
        return attempt;
      case End::kConflict:
        ++conflicts;
        std::this_thread::sleep_for(
            std::chrono::microseconds((500 << conflicts) + conflicts * Jitter()));
        break;
      case End::kLost:
      case End::kUnknown:
        if (SystemClock().MonotonicMs() >= deadline) {
          return attempt;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        break;
    }
  }
  return attempt;
}

// Connects if need be. Gives kCommitted if the transaction may start.
Attempt PgEngine::Ready(Which which, std::vector<Job>& jobs, Span span) {
  if (const Status connected = Connect(which); !connected) {
    return {writer(which).lost() ? End::kLost : End::kFailed, connected.error()};
  }
  if (unsure_ && which == Which::kData) {
    if (const Status status = Reassure(jobs, span); !status) {
      return {End::kFailed, status.error()};
    }
    unsure_ = false;
  }
  return {End::kCommitted};
}

// `job`: the place in the span of the job whose phase gave the error, if one did.
Attempt PgEngine::Judge(Which which, Error error, bool commit_sent, std::optional<size_t> job) {
  PgSession& session = writer(which);
  const int64_t label = session.failed_label();
  const bool from_server = label != PgSession::kNoLabel;
  const std::string sqlstate = session.sqlstate();
  if (session.lost()) {
    return {commit_sent ? End::kUnknown : End::kLost, error};
  }
  (void)session.Run("ROLLBACK");
  if (!from_server) {
    return {job ? End::kCulprit : End::kFailed, error, job.value_or(0)};
  }
  if (IsConflictOfTransactions(sqlstate)) {
    return {End::kConflict, error};
  }
  if (IsLostServer(sqlstate)) {
    session.Disconnect();
    return {commit_sent ? End::kUnknown : End::kLost, error};
  }
  if (label == kOfOpening && sqlstate == "23502") {
    return {End::kFailed, {Code::kUnavailable, "another installation has taken over this store"}};
  }
  if (label >= 0 && IsFaultOfRequest(sqlstate)) {
    return {End::kCulprit, error, static_cast<size_t>(label)};
  }
  return {End::kFailed, error};
}

Attempt PgEngine::TryOnce(Which which, std::vector<Job>& jobs, Span span) {
  PgSession& session = writer(which);
  const auto at = static_cast<size_t>(which);
  const int64_t number = last_[at] + 1;
  if (const Status started = session.StartPipeline(); !started) {
    return {session.lost() ? End::kLost : End::kFailed, started.error()};
  }
  session.set_watch(which == Which::kData ? watch_ : nullptr);
  session.Label(kOfOpening);
  Status status = session.Post(kBegin, {});
  const bool alone = std::any_of(span.begin(), span.end(), [&](size_t i) { return !jobs[i].data; });
  if (status && alone && which != Which::kData) {
    status = session.Post(kWait, {});
  }
  if (status) {
    status = session.Post(kMark, {number, SystemClock().NowMs() + kLeaseMs, owner_});
  }
  std::optional<size_t> faulty;
  for (size_t i = 0; status && i < span.size(); ++i) {
    session.Label(static_cast<int64_t>(i));
    status = PhaseOf(jobs[span[i]], which)(session);
    if (!status) {
      faulty = i;
    }
  }
  session.Label(kOfClosing);
  if (which == Which::kData) {
    for (Participant* participant : participants_) {
      status = status ? participant->BeforeCommit(session) : status;
    }
  }
  bool commit_sent = false;
  if (status) {
    commit_sent = true;
    last_[at] = number;
    status = session.Post(kCommit, {});
  }
  const Status finished = session.FinishPipeline();
  if (status && finished) {
    return {End::kCommitted};
  }
  const Attempt attempt =
      Judge(which, status ? finished.error() : status.error(), commit_sent, faulty);
  if (attempt.end != End::kUnknown) {
    last_[at] = number - 1;
  }
  return attempt;
}

void PgEngine::RenewLeases() {
  std::vector<Job> none;
  for (const Which which : {Which::kKeys, Which::kIndex, Which::kData}) {
    bool& unresolved = unresolved_[static_cast<size_t>(which)];
    if (unresolved) {
      (void)WentThrough(which);
      continue;
    }
    if (!Connect(which)) {
      continue;  // the next group will tell
    }
    const Attempt attempt = TryOnce(which, none, {});
    unresolved = attempt.end == End::kUnknown;
    if (attempt.end != End::kCommitted) {
      LogError("the lease on the store could not be renewed", attempt.error);
    }
  }
}

// Brings one schema up to date and takes its lease. Gives the number of its last group.
Result<int64_t> Prepare(PgSession& session, const std::string& schema, const StoreAddress& address,
                        const PgCaps& caps, const Uuid& owner, Which which,
                        std::span<const Migration> migrations) {
  bool exists = false;
  static constexpr Statement kSchema{"pg.schema", Tag::kReference,
                                     "SELECT 1 FROM pg_namespace WHERE nspname=$1"};
  FID_TRY(session.Query(kSchema, {Param::Text(schema)}, [&](const Row&) -> Status {
    exists = true;
    return {};
  }));
  if (!exists) {
    if (!caps.can_create) {
      return Fail(Code::kDenied,
                  "the database user may not create schemas: GRANT CREATE ON DATABASE to it");
    }
    FID_TRY(session.Run("CREATE SCHEMA \"" + schema + "\""));
  }
  const PgLayout layout = caps.kind == PgKind::kCitus ? PgLayout::kCitus
                          : address.partitioned       ? PgLayout::kPartitioned
                                                      : PgLayout::kPlain;
  const Dialect dialect{"BEGIN; LOCK TABLE schema_migrations IN EXCLUSIVE MODE",
                        [layout](const std::string& sql) { return ToPostgres(sql, layout); }};
  FID_TRY(Migrate(session, dialect, which, migrations));
  FID_TRY(session.Run(kWritersTable));
  const int64_t now = SystemClock().NowMs();
  FID_ASSIGN(const int64_t claimed,
             session.Execute(kClaim, {address.owner, owner, now + kLeaseMs, address.owner, now}));
  if (claimed != 1) {
    return Fail(Code::kUnavailable,
                "another installation writes to this store; its lease has not run out");
  }
  return LastOf(session);
}

struct Opened {
  Connectors connectors;
  Sessions writers;
  Uuid owner;
  std::array<int64_t, kDatabaseCount> last{};
};

Status Open(const StoreAddress& address, std::span<const Migration> migrations, Opened& opened) {
  opened.connectors = ConnectorsOf(address);
  std::array<PgCaps, kDatabaseCount> caps;
  for (size_t i = 0; i < kDatabaseCount; ++i) {
    PgSession session(*opened.connectors[i]);
    FID_ASSIGN(caps[i], Probe(session));
  }
  const PgCaps& keys = caps[static_cast<size_t>(Which::kKeys)];
  const PgCaps& data = caps[static_cast<size_t>(Which::kData)];
  const bool one_instance = !keys.system.empty() && keys.system == data.system;
  if (one_instance && keys.database == data.database) {
    return Fail(Code::kInvalidInput,
                "the keys need a database of their own, or every backup of the data would hold "
                "them: name another with --keys-store");
  }
  if (!data.fsync || !keys.fsync) {
    Log(LogLevel::kWarning, "fsync is off in PostgreSQL: acknowledged writes can be lost");
  }
  opened.owner = Uuid::V7(SystemClock(), SystemRng());
  for (const Which which : {Which::kKeys, Which::kIndex, Which::kData}) {
    const auto at = static_cast<size_t>(which);
    // Keys and tokens are committed before the data, in the same write-ahead log if it is the same
    // instance: making the data durable makes them durable too.
    const bool leads = which == Which::kIndex || (which == Which::kKeys && one_instance);
    const char* setup = leads                  ? "; SET synchronous_commit = off"
                        : caps[at].synchronous ? ""
                                               : "; SET synchronous_commit = on";
    opened.writers[at] = std::make_unique<PgSession>(*opened.connectors[at], setup);
    FID_ASSIGN(opened.last[at], Prepare(*opened.writers[at], SchemaOf(address, which), address,
                                        caps[at], opened.owner, which, migrations));
  }
  return {};
}

// A session that brings its own way to the database.
class LoneSession final : public PgSession {
 public:
  LoneSession(std::unique_ptr<PgConnector> connector, std::string setup)
      : PgSession(*connector, std::move(setup)), connector_(std::move(connector)) {}

 private:
  std::unique_ptr<PgConnector> connector_;
};

}  // namespace

Result<std::unique_ptr<Engine>> OpenPostgres(const StoreAddress& address, int lock_fd,
                                             std::span<const Migration> migrations,
                                             std::string* detail) {
  Opened opened;
  if (const Status status = Open(address, migrations, opened); !status) {
    for (const auto& connector : opened.connectors) {
      if (detail != nullptr && !connector->last_words().empty()) {
        *detail = connector->last_words();
      }
    }
    close(lock_fd);
    return std::unexpected(status.error());
  }
  return std::make_unique<PgEngine>(std::move(opened.connectors), std::move(opened.writers),
                                    opened.owner, opened.last, lock_fd);
}

Result<std::unique_ptr<SchemaSession>> OpenBarePostgres(const StoreAddress& address, Which which,
                                                        Access access) {
  auto connectors = ConnectorsOf(address);
  auto session = std::make_unique<LoneSession>(
      std::move(connectors[static_cast<size_t>(which)]),
      access == Access::kRead ? "; SET default_transaction_read_only = on" : "");
  FID_TRY(session->EnsureConnected());
  return session;
}

}  // namespace fiducia::db
