// Opening PostgreSQL: what is there, whether it will do, the schema, the lease.
#include <array>

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "db/engines.h"
#include "db/migrator.h"
#include "db/pg_caps.h"
#include "db/pg_dialect.h"
#include "db/pg_engine.h"

namespace fiducia::db {

namespace {

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

std::string SchemaOf(const StoreAddress& address, Which which) {
  static constexpr std::array<const char*, kDatabaseCount> kNames = {"_keys", "_index", "_data"};
  return address.schema + kNames[static_cast<size_t>(which)];
}

Connectors ConnectorsOf(const StoreAddress& address) {
  Connectors connectors;
  for (const Which which : {Which::kKeys, Which::kIndex, Which::kData}) {
    connectors[static_cast<size_t>(which)] = std::make_unique<PgConnector>(
        which == Which::kKeys ? address.keys : address.data, SchemaOf(address, which));
  }
  return connectors;
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

// The way to the servers that own the buckets of one database; null where they have no owners.
std::unique_ptr<PgRouter> RouterOf(const StoreAddress& address, Which which, const PgCaps& caps) {
  static constexpr std::array<const char*, kDatabaseCount> kTables = {"subject_keys", "tokens",
                                                                      "subjects"};
  if (caps.kind != PgKind::kCitus) {
    return nullptr;
  }
  const std::string& dsn = which == Which::kKeys ? address.keys : address.data;
  const std::string schema = SchemaOf(address, which);
  const std::string table = schema + "." + kTables[static_cast<size_t>(which)];
  return std::make_unique<PgRouter>(dsn, schema, [dsn, schema, table, kind = caps.kind] {
    PgConnector connector(dsn, schema);
    PgSession session(connector);
    return LoadPlacement(session, kind, table);
  });
}

Status Open(const StoreAddress& address, std::span<const Migration> migrations,
            PgEngine::Opened& opened) {
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
    opened.routers[at] = RouterOf(address, which, caps[at]);
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
  PgEngine::Opened opened;
  if (const Status status = Open(address, migrations, opened); !status) {
    for (const auto& connector : opened.connectors) {
      if (detail != nullptr && !connector->last_words().empty()) {
        *detail = connector->last_words();
      }
    }
    close(lock_fd);
    return std::unexpected(status.error());
  }
  return std::make_unique<PgEngine>(std::move(opened), lock_fd);
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
