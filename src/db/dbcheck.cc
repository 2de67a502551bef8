#include "db/dbcheck.h"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include "base/clock.h"
#include "base/rng.h"
#include "db/migrator.h"
#include "db/pg_caps.h"
#include "db/pg_dialect.h"

namespace fiducia::db {

namespace {

constexpr std::array<const char*, kDatabaseCount> kParts = {"_keys", "_index", "_data"};

class Conformance {
 public:
  Conformance(const std::string& dsn, const std::string& prefix, EngineReport& report)
      : report_(report) {
    for (size_t i = 0; i < kDatabaseCount; ++i) {
      connectors_[i] = std::make_unique<PgConnector>(dsn, prefix + kParts[i]);
      sessions_[i] = std::make_unique<PgSession>(*connectors_[i]);
    }
  }
  ~Conformance() {
    for (size_t i = 0; i < kDatabaseCount; ++i) {
      (void)sessions_[i]->Run("DROP SCHEMA IF EXISTS \"" + connectors_[i]->schema() + "\" CASCADE");
    }
  }
  Conformance(const Conformance&) = delete;
  Conformance& operator=(const Conformance&) = delete;

  std::string words() const { return connectors_[0]->last_words(); }
  Status Prepare(std::span<const Migration> migrations);
  void CheckSettings();
  void CheckStatements(std::span<const StatementToCheck> statements);
  void CheckRules();

 private:
  void Say(std::string name, bool good, std::string note = {}, bool needed = true) {
    report_.traits.push_back({std::move(name), good, needed, std::move(note)});
  }
  // The values of a one-column query, joined by commas; "error" if it fails.
  std::string Ask(const std::string& sql) {
    const Statement statement{"check", Tag::kReference, sql};
    PgSession session(*connectors_[2]);
    std::string text;
    const Status status = session.Session::Query(statement, {}, [&](const Row& row) -> Status {
      text += (text.empty() ? "" : ",") + std::string(row.Bytes(0));
      return {};
    });
    return status ? text : "error";
  }
  size_t PartitionsOf(PgSession& session, const Statement& statement);

  EngineReport& report_;
  PgCaps caps_;
  std::array<std::unique_ptr<PgConnector>, kDatabaseCount> connectors_;
  std::array<std::unique_ptr<PgSession>, kDatabaseCount> sessions_;
};

Status Conformance::Prepare(std::span<const Migration> migrations) {
  FID_ASSIGN(caps_, Probe(*sessions_[0]));
  static constexpr std::array<const char*, 3> kNames = {"PostgreSQL", "Citus", "YugabyteDB"};
  report_.engine = kNames[static_cast<size_t>(caps_.kind)];
  report_.version = caps_.version;
  if (!caps_.can_create) {
    return Fail(Code::kDenied,
                "the database user may not create schemas: GRANT CREATE ON DATABASE to it");
  }
  // Plain PostgreSQL is held to what a sharded engine would refuse.
  const PgLayout layout = caps_.kind == PgKind::kCitus ? PgLayout::kCitus : PgLayout::kPartitioned;
  const Dialect dialect{"BEGIN",
                        [layout](const std::string& sql) { return ToPostgres(sql, layout); }};
  for (size_t i = 0; i < kDatabaseCount; ++i) {
    FID_TRY(sessions_[i]->Run("CREATE SCHEMA \"" + connectors_[i]->schema() + "\""));
    FID_TRY(Migrate(*sessions_[i], dialect, static_cast<Which>(i), migrations));
  }
  Say("schema", true, "made, with every key led by the bucket");
  return {};
}

void Conformance::CheckSettings() {
  Say("fsync", caps_.fsync, caps_.fsync ? "" : "off: acknowledged writes can be lost");
  Say("synchronous_commit", caps_.synchronous,
      caps_.synchronous ? "" : "Fiducia sets it for its own writes", false);
  Say("synchronous standby", caps_.standby,
      caps_.standby ? "" : "none: a lost server loses what it had not sent on", false);
  Say("hint bits in the log",
      Ask("SHOW wal_log_hints") == "on" || Ask("SHOW data_checksums") == "on",
      "pg_rewind needs one of wal_log_hints and data checksums", false);
}

size_t Conformance::PartitionsOf(PgSession& session, const Statement& statement) {
  const std::string sql(statement.sql);
  if (!session.Run("DEALLOCATE ALL; PREPARE it AS " + sql)) {
    return SIZE_MAX;
  }
  const auto count = std::count(sql.begin(), sql.end(), '$');
  std::string explain = "EXPLAIN (COSTS OFF) EXECUTE it";
  for (int64_t i = 0; i < count; ++i) {
    explain += i == 0 ? "('5'" : ", '5'";
  }
  explain += count > 0 ? ")" : "";
  const Statement asked{"check.plan", Tag::kReference, explain};
  std::set<std::string> seen;
  static const std::regex kScan(R"(Scan[^\n]* on \w+_p(\d+)\b)");
  const Status status = session.Session::Query(asked, {}, [&](const Row& row) -> Status {
    const std::string line(row.Bytes(0));
    std::smatch match;
    if (std::regex_search(line, match, kScan)) {
      seen.insert(match[1]);
    }
    return {};
  });
  return status ? seen.size() : SIZE_MAX;
}

void Conformance::CheckStatements(std::span<const StatementToCheck> statements) {
  std::string refused;
  std::string fanned;
  for (const StatementToCheck& one : statements) {
    PgSession session(*connectors_[static_cast<size_t>(one.which)]);
    const size_t partitions = PartitionsOf(session, *one.statement);
    if (partitions == SIZE_MAX) {
      refused += " " + std::string(one.statement->name);
    } else if (partitions > 1 && one.statement->tag == Tag::kSingleBucket) {
      fanned += " " + std::string(one.statement->name);
    }
  }
  Say("statements", refused.empty(),
      refused.empty() ? std::to_string(statements.size()) + " of them" : "refused:" + refused);
  Say("one bucket each", fanned.empty(), fanned.empty() ? "" : "walk several:" + fanned);
}

void Conformance::CheckRules() {
  PgSession& data = *sessions_[2];
  constexpr const char* kPut =
      "INSERT INTO erasure_intents(bucket, tenant, subject, intent_ms) VALUES(1, 0, '\\x01', 1)";
  Say("unique keys", data.Run(kPut).has_value() && !data.Run(kPut).has_value());
  const Status undone = data.InTransaction([](Session& session) -> Status {
    static constexpr Statement kMore{"check.more", Tag::kSingleBucket,
                                     "INSERT INTO erasure_intents(bucket, tenant, subject, "
                                     "intent_ms) VALUES(1, 0, '\\x02', 1)"};
    FID_TRY(session.Post(kMore, {}));
    return Fail(Code::kConflict, "on purpose");
  });
  Say("transactions", !undone && Ask("SELECT COUNT(*)::text FROM erasure_intents") == "1");
  Say("bytes in order",
      Ask("SELECT encode(b, 'hex') FROM (VALUES ('\\xff'::bytea), ('\\x01'), ('\\x0100')) AS t(b) "
          "ORDER BY b") == "01,0100,ff");
  Say("text in order of bytes",
      Ask("SELECT t FROM (VALUES ('b' COLLATE \"C\"), ('B'), ('ä'), ('a')) AS v(t) ORDER BY t") ==
          "B,a,b,ä");
  Say("64-bit whole numbers",
      Ask("SELECT (9223372036854775807::bigint)::text") == "9223372036854775807" &&
          Ask("SELECT (7/2)::text") == "3");
  // Two transactions that each read what the other writes: one of them must be refused.
  PgSession first(*connectors_[2]);
  PgSession second(*connectors_[2]);
  const std::string begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
  const std::string look = "SELECT COUNT(*) FROM erasure_intents WHERE bucket=1";
  const auto put = [](int n) {
    return "INSERT INTO erasure_intents(bucket, tenant, subject, intent_ms) VALUES(1, 0, '\\x1" +
           std::to_string(n) + "', 1)";
  };
  const bool begun = first.Run(begin) && second.Run(begin) && first.Run(look) && second.Run(look);
  const bool wrote = begun && first.Run(put(1)) && second.Run(put(2));
  const bool one = wrote && first.Run("COMMIT");
  const bool two = wrote && second.Run("COMMIT");
  Say("serializable means it", begun && !(one && two), second.sqlstate());
  (void)first.Run("ROLLBACK");
  (void)second.Run("ROLLBACK");
}

}  // namespace

bool EngineReport::ok() const {
  return std::all_of(traits.begin(), traits.end(),
                     [](const CheckedTrait& t) { return t.good || !t.needed; });
}

Result<EngineReport> CheckEngine(const std::string& dsn, std::span<const Migration> migrations,
                                 std::span<const StatementToCheck> statements,
                                 std::string* detail) {
  std::string prefix = "fiducia_check_" + Uuid::V7(SystemClock(), SystemRng()).Text();
  std::erase(prefix, '-');
  EngineReport report;
  Conformance conformance(dsn, prefix, report);
  if (const Status ready = conformance.Prepare(migrations); !ready) {
    if (detail != nullptr) {
      *detail = conformance.words();
    }
    return std::unexpected(ready.error());
  }
  conformance.CheckSettings();
  conformance.CheckStatements(statements);
  conformance.CheckRules();
  return report;
}

}  // namespace fiducia::db
