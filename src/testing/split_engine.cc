#include "testing/split_engine.h"

#include <algorithm>
#include <atomic>
#include <map>

#include "base/clock.h"
#include "db/group_queue.h"
#include "db/migrator.h"
#include "db/pg_dialect.h"
#include "db/pg_router.h"

namespace fiducia::testing {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;
using db::Which;

std::atomic<int64_t> crossed{0};
std::atomic<int64_t> routed{0};

// Neighbors lie apart.
size_t NodeOf(int64_t bucket, size_t nodes) { return static_cast<size_t>(bucket * 7) % nodes; }

constexpr std::array<const char*, db::kDatabaseCount> kParts = {"_keys", "_index", "_data"};

// A row taken out of its result: every column as the server's binary bytes.
class KeptRow final : public Row {
 public:
  KeptRow(const Row& row, size_t columns) {
    for (size_t i = 0; i < columns; ++i) {
      columns_.emplace_back(row.Bytes(static_cast<int>(i)));
    }
  }
  int64_t Int(int column) const override {
    uint64_t value = 0;
    for (const char c : columns_[static_cast<size_t>(column)]) {
      value = (value << 8) | static_cast<uint8_t>(c);
    }
    return static_cast<int64_t>(value);
  }
  BytesView Bytes(int column) const override { return columns_[static_cast<size_t>(column)]; }
  bool operator<(const KeptRow& other) const { return columns_ < other.columns_; }

 private:
  std::vector<fiducia::Bytes> columns_;
};

// How many columns a query gives: the commas of its outermost list.
size_t ColumnsOf(std::string_view sql) {
  const size_t start = sql.starts_with("WITH") ? sql.find(") SELECT ") + 2 : 0;
  size_t columns = 1;
  int depth = 0;
  for (size_t at = start; at < sql.size(); ++at) {
    depth += sql[at] == '(' ? 1 : sql[at] == ')' ? -1 : 0;
    columns += sql[at] == ',' && depth == 0 ? 1 : 0;
    if (depth == 0 && sql.substr(at).starts_with(" FROM ")) {
      break;
    }
  }
  return columns;
}

// The servers of one database: sessions that this owner alone uses.
struct Servers {
  std::vector<std::unique_ptr<db::PgConnector>> connectors;
  std::vector<std::unique_ptr<db::PgSession>> sessions;
};

Servers ServersOf(const std::string& schema, std::span<const SplitNode> nodes, Which which) {
  Servers servers;
  for (const SplitNode& node : nodes) {
    servers.connectors.push_back(
        std::make_unique<db::PgConnector>(which == Which::kKeys ? node.keys : node.data,
                                          schema + kParts[static_cast<size_t>(which)]));
    servers.sessions.push_back(std::make_unique<db::PgSession>(*servers.connectors.back()));
  }
  return servers;
}

// Asks every server and puts the answers together: what is counted is added, what is a maximum is
// the largest, and pages are in the order of their columns, which are those of the key.
Status QueryAll(Servers& servers, const Statement& statement, std::span<const Param> params,
                const db::EachRow& each) {
  const size_t columns = ColumnsOf(statement.sql);
  std::vector<KeptRow> rows;
  for (const auto& session : servers.sessions) {
    FID_TRY(session->Query(statement, params, [&](const Row& row) -> Status {
      rows.emplace_back(row, columns);
      return {};
    }));
  }
  const bool maximum = statement.sql.find("COALESCE(MAX(") != std::string_view::npos;
  if (maximum || statement.sql.starts_with("SELECT COUNT(*)")) {
    int64_t total = maximum ? -1 : 0;
    for (const KeptRow& row : rows) {
      total = maximum ? std::max(total, row.Int(0)) : total + row.Int(0);
    }
    struct One final : Row {
      int64_t value = 0;
      int64_t Int(int /*column*/) const override { return value; }
      BytesView Bytes(int /*column*/) const override { return {}; }
    } one;
    one.value = total;
    return each(one);
  }
  std::sort(rows.begin(), rows.end());
  size_t limit = rows.size();
  if (statement.sql.find("LIMIT $") != std::string_view::npos) {
    limit = std::min(limit, static_cast<size_t>(params.back().number()));
  }
  for (size_t i = 0; i < limit; ++i) {
    FID_TRY(each(rows[i]));
  }
  return {};
}

// What a sharded engine would answer in one place: the way of a read that has no owner to go to.
class WholeSession final : public db::Session {
 public:
  explicit WholeSession(Servers servers) : servers_(std::move(servers)) {}
  using Session::Execute;
  using Session::Query;
  Result<int64_t> Execute(const Statement& /*statement*/,
                          std::span<const Param> /*params*/) override {
    return Fail(Code::kInternal, "a reader does not write");
  }
  Status Query(const Statement& statement, std::span<const Param> params,
               const db::EachRow& each) override {
    if (const auto at = db::BucketParameter(statement)) {
      return servers_.sessions[NodeOf(params[*at].number(), servers_.sessions.size())]->Query(
          statement, params, each);
    }
    return statement.tag == Tag::kFanoutAdmin
               ? QueryAll(servers_, statement, params, each)
               : servers_.sessions[0]->Query(statement, params, each);
  }

 private:
  Servers servers_;
};

// One write in one database: a transaction on the one server it touches.
class SplitWrite final : public db::Session {
 public:
  // `free`: each row stands for itself (tokens), or the write says that it crosses.
  SplitWrite(Servers& servers, bool free)
      : servers_(servers), open_(servers.sessions.size()), free_(free) {}
  using Session::Execute;
  using Session::Query;
  Result<int64_t> Execute(const Statement& statement, std::span<const Param> params) override {
    if (const auto at = db::BucketParameter(statement)) {
      FID_ASSIGN(db::PgSession * session, Touch(params[*at].number()));
      return session->Execute(statement, params);
    }
    // A reference table is the same everywhere.
    int64_t changed = 0;
    for (size_t node = 0; node < servers_.sessions.size(); ++node) {
      FID_TRY(Begin(node));
      FID_ASSIGN(changed, servers_.sessions[node]->Execute(statement, params));
    }
    return changed;
  }
  Status Query(const Statement& statement, std::span<const Param> params,
               const db::EachRow& each) override {
    if (const auto at = db::BucketParameter(statement)) {
      FID_ASSIGN(db::PgSession * session, Touch(params[*at].number()));
      return session->Query(statement, params, each);
    }
    return statement.tag == Tag::kFanoutAdmin
               ? QueryAll(servers_, statement, params, each)
               : servers_.sessions[0]->Query(statement, params, each);
  }
  Status End(bool commit) {
    Status status;
    for (size_t node = 0; node < open_.size(); ++node) {
      if (open_[node]) {
        const Status ended = servers_.sessions[node]->Run(commit ? "COMMIT" : "ROLLBACK");
        status = status ? ended : status;
      }
    }
    return status;
  }

 private:
  Status Begin(size_t node) {
    if (!open_[node]) {
      FID_TRY(servers_.sessions[node]->Run("BEGIN"));
      open_[node] = true;
    }
    return {};
  }
  Result<db::PgSession*> Touch(int64_t bucket) {
    const size_t node = NodeOf(bucket, open_.size());
    if (!free_ && owner_ && *owner_ != node) {
      ++crossed;
      return Fail(Code::kConflict, "a write touches two servers", bucket);
    }
    owner_ = node;
    FID_TRY(Begin(node));
    return servers_.sessions[node].get();
  }

  Servers& servers_;
  std::vector<bool> open_;
  std::optional<size_t> owner_;
  bool free_;
};

class SplitLease final : public db::ReadLease {
 public:
  SplitLease(const std::string& schema, std::span<const SplitNode> nodes,
             std::span<const std::unique_ptr<db::PgRouter>> routers) {
    for (size_t i = 0; i < db::kDatabaseCount; ++i) {
      whole_[i] = std::make_unique<WholeSession>(ServersOf(schema, nodes, static_cast<Which>(i)));
      sessions_[i] = std::make_unique<db::PgRoutedSession>(*routers[i], *whole_[i]);
    }
  }
  ~SplitLease() override {
    for (const auto& session : sessions_) {
      routed += session->routed();
    }
  }
  SplitLease(const SplitLease&) = delete;
  SplitLease& operator=(const SplitLease&) = delete;
  db::Session& session(Which which) override { return *sessions_[static_cast<size_t>(which)]; }

 private:
  std::array<std::unique_ptr<WholeSession>, db::kDatabaseCount> whole_;
  std::array<std::unique_ptr<db::PgRoutedSession>, db::kDatabaseCount> sessions_;
};

class SplitEngine final : public db::Engine {
 public:
  SplitEngine(std::string schema, std::span<const SplitNode> nodes)
      : schema_(std::move(schema)),
        nodes_(nodes.begin(), nodes.end()),
        queue_([this](std::vector<db::Job>& jobs) { RunAll(jobs); }) {
    for (size_t i = 0; i < db::kDatabaseCount; ++i) {
      const auto which = static_cast<Which>(i);
      writers_[i] = ServersOf(schema_, nodes_, which);
      routers_[i] =
          std::make_unique<db::PgRouter>(which == Which::kKeys ? nodes_[0].keys : nodes_[0].data,
                                         schema_ + kParts[i], [this] { return Place(); });
    }
  }
  ~SplitEngine() override { queue_.Stop(); }
  SplitEngine(const SplitEngine&) = delete;
  SplitEngine& operator=(const SplitEngine&) = delete;

  Result<std::unique_ptr<db::ReadLease>> Read() override {
    return std::make_unique<SplitLease>(schema_, nodes_, routers_);
  }
  void Submit(db::Job job) override { queue_.Submit(std::move(job)); }
  Status Checkpoint() override { return {}; }
  Result<std::unique_ptr<db::PageStream>> Stream(Which /*which*/) override {
    return Fail(Code::kNotImplemented, "a double is not backed up");
  }
  int read_threads() const override { return 4; }

  Status Prepare(std::span<const db::Migration> migrations) {
    const db::Dialect dialect{
        "BEGIN", [](const std::string& sql) { return db::ToPostgres(sql, db::PgLayout::kPlain); }};
    for (size_t i = 0; i < db::kDatabaseCount; ++i) {
      for (size_t node = 0; node < nodes_.size(); ++node) {
        db::PgSession& session = *writers_[i].sessions[node];
        FID_TRY(session.Run("CREATE SCHEMA IF NOT EXISTS \"" + schema_ + kParts[i] + "\""));
        FID_TRY(Migrate(session, dialect, static_cast<Which>(i), migrations));
      }
    }
    return {};
  }

 private:
  db::Placement Place() const {
    db::Placement placement;
    for (const SplitNode& node : nodes_) {
      placement.nodes.push_back({node.host, node.port});
    }
    for (size_t bucket = 0; bucket < db::kPlacedBuckets; ++bucket) {
      placement.node_of[bucket] =
          static_cast<uint16_t>(NodeOf(static_cast<int64_t>(bucket), nodes_.size()));
    }
    return placement;
  }
  void Tell(void (db::Participant::*what)()) const {
    for (db::Participant* participant : participants_) {
      (participant->*what)();
    }
  }
  Status RunPhase(Which which, db::Phase& phase, bool spans) {
    SplitWrite session(writers_[static_cast<size_t>(which)], spans || which == Which::kIndex);
    session.set_watch(which == Which::kData ? watch() : nullptr);
    if (which == Which::kData) {
      Tell(&db::Participant::Mark);
    }
    Status status = phase(session);
    if (which == Which::kData) {
      for (db::Participant* participant : participants_) {
        status = status ? participant->BeforeCommit(session) : status;
      }
    }
    const Status ended = session.End(status.has_value());
    status = status ? ended : status;
    if (which == Which::kData) {
      Tell(status ? &db::Participant::Committed : &db::Participant::Failed);
    }
    return status;
  }
  Status RunJob(db::Job& job) {
    for (const auto& [which, phase] :
         {std::pair{Which::kKeys, &job.keys}, std::pair{Which::kIndex, &job.index},
          std::pair{Which::kData, &job.data}}) {
      if (*phase) {
        FID_TRY(RunPhase(which, *phase, job.spans_buckets));
      }
    }
    return {};
  }
  void RunAll(std::vector<db::Job>& jobs) {
    for (db::Job& job : jobs) {
      const Status status = RunJob(job);
      if (job.done) {
        job.done(status);
      }
    }
  }

  std::string schema_;
  std::vector<SplitNode> nodes_;
  std::array<Servers, db::kDatabaseCount> writers_;
  std::array<std::unique_ptr<db::PgRouter>, db::kDatabaseCount> routers_;
  db::GroupQueue queue_;
};

}  // namespace

Result<std::unique_ptr<db::Engine>> OpenSplit(const db::StoreAddress& address,
                                              std::span<const SplitNode> nodes,
                                              std::span<const db::Migration> migrations) {
  auto engine = std::make_unique<SplitEngine>(address.schema, nodes);
  FID_TRY(engine->Prepare(migrations));
  return engine;
}

SplitCounts CountsOfSplit() { return {crossed, routed}; }

}  // namespace fiducia::testing
