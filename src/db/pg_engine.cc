#include "db/pg_engine.h"

#include <algorithm>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "db/pg_backoff.h"
#include "db/pg_error.h"

namespace fiducia::db {

namespace {

// How long a group waits for a server that is gone, and for other writes to get out of its way.
constexpr int64_t kPatienceMs = 30000;

// Labels of what is not a job's.
constexpr int64_t kOfOpening = -1;
constexpr int64_t kOfClosing = -2;

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

Phase& PhaseOf(Job& job, Which which) {
  return which == Which::kKeys ? job.keys : which == Which::kIndex ? job.index : job.data;
}

}  // namespace

PgSessions SessionsOn(const Connectors& connectors) {
  PgSessions sessions;
  for (size_t i = 0; i < kDatabaseCount; ++i) {
    sessions[i] = std::make_unique<PgSession>(*connectors[i]);
  }
  return sessions;
}

PgReader PgReaders::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      PgReader reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  PgReader reader{SessionsOn(connectors_), {}};
  for (size_t i = 0; i < kDatabaseCount; ++i) {
    if (routers_[i] != nullptr) {
      reader.routed[i] = std::make_unique<PgRoutedSession>(*routers_[i], *reader.whole[i]);
    }
  }
  return reader;
}

void PgReaders::Give(PgReader reader) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleReaders) {
    idle_.push_back(std::move(reader));
  }
}

Result<int64_t> LastOf(PgSession& session) {
  int64_t last = -1;
  FID_TRY(session.Query(kLast, {}, [&](const Row& row) -> Status {
    last = row.Int(0);
    return {};
  }));
  return last;
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
    if (PgRouter* router = routers_[static_cast<size_t>(which)].get(); router != nullptr) {
      router->Doubt();
    }
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
  bool together = true;
  Attempt attempt;
  PgBackoff backoff(kPatienceMs);
  while (true) {
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
      writer(which).Gather(together);
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
      case End::kOneOfMany:
        together = false;
        break;
      case End::kCommitted:
      case End::kCulprit:
      case End::kFailed:
        return attempt;
      case End::kConflict:
        if (!backoff.Wait()) {
          return attempt;
        }
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
  if (label == PgSession::kMixedLabel && IsFaultOfRequest(sqlstate)) {
    return {End::kOneOfMany, error};
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
  session.set_watch(which == Which::kData ? watch() : nullptr);
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

}  // namespace fiducia::db
