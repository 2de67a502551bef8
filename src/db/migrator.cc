#include "db/migrator.h"

#include <map>

namespace fiducia::db {

namespace {

constexpr Statement kApplied{"schema.applied", Tag::kReference,
                             "SELECT number, checksum FROM schema_migrations"};
constexpr Statement kRecord{"schema.record", Tag::kReference,
                            "INSERT INTO schema_migrations(number, checksum) VALUES($1, $2)"};

// FNV-1a: finds an edited file, which is all that is asked of it.
int64_t Checksum(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
  }
  return static_cast<int64_t>(hash >> 1);
}

// The migrations of one database that are not applied yet. Errors as Migrate.
Result<std::vector<const Migration*>> Missing(SchemaSession& session, Which which,
                                              std::span<const Migration> migrations) {
  std::map<int64_t, int64_t> applied;
  FID_TRY(session.Session::Query(kApplied, {}, [&](const Row& row) -> Status {
    applied[row.Int(0)] = row.Int(1);
    return {};
  }));
  std::vector<const Migration*> missing;
  for (const Migration& migration : migrations) {
    if (migration.which != which) {
      continue;
    }
    const auto found = applied.find(migration.number);
    if (found == applied.end()) {
      missing.push_back(&migration);
      continue;
    }
    if (found->second != Checksum(migration.sql)) {
      return Fail(Code::kCorrupt, "a migration differs from the one applied here",
                  migration.number);
    }
    if (!missing.empty()) {
      return Fail(Code::kCorrupt, "the schema is incomplete: a migration is missing in between",
                  missing.front()->number);
    }
    applied.erase(found);
  }
  if (!applied.empty()) {
    return Fail(Code::kConflict, "the database was written by a newer version of Fiducia",
                applied.begin()->first);
  }
  return missing;
}

}  // namespace

Status Migrate(SchemaSession& session, const Dialect& dialect, Which which,
               std::span<const Migration> migrations) {
  FID_TRY(
      session.Run(dialect.translate("CREATE TABLE IF NOT EXISTS schema_migrations("
                                    "number INTEGER PRIMARY KEY, checksum INTEGER NOT NULL)")));
  FID_ASSIGN(const auto missing, Missing(session, which, migrations));
  for (const Migration* migration : missing) {
    const std::string sql = dialect.translate(migration->sql);
    FID_TRY(session.Run(dialect.begin));
    Status status = sql.empty() ? Status() : session.Run(sql);
    if (status) {
      status =
          session.Session::Post(kRecord, {int64_t{migration->number}, Checksum(migration->sql)});
    }
    if (!status) {
      (void)session.Run("ROLLBACK");
      return status;
    }
    FID_TRY(session.Run("COMMIT"));
  }
  return {};
}

}  // namespace fiducia::db
