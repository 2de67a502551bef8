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

}  // namespace

Status Migrate(SqliteSession& session, Which which, std::span<const Migration> migrations) {
  FID_TRY(
      session.Run("CREATE TABLE IF NOT EXISTS schema_migrations("
                  "number INTEGER PRIMARY KEY, checksum INTEGER NOT NULL)"));
  std::map<int64_t, int64_t> applied;
  FID_TRY(session.Query(kApplied, {}, [&](const Row& row) -> Status {
    applied[row.Int(0)] = row.Int(1);
    return {};
  }));
  for (const Migration& migration : migrations) {
    if (migration.which != which) {
      continue;
    }
    const int64_t checksum = Checksum(migration.sql);
    const auto found = applied.find(migration.number);
    if (found != applied.end()) {
      if (found->second != checksum) {
        return Fail(Code::kCorrupt, "a migration differs from the one applied here",
                    migration.number);
      }
      applied.erase(found);
      continue;
    }
    FID_TRY(session.Run("BEGIN IMMEDIATE"));
    Status status = session.Run(migration.sql);
    if (status) {
      const auto recorded = session.Execute(kRecord, {int64_t{migration.number}, checksum});
      status = recorded ? Status() : Status(std::unexpected(recorded.error()));
    }
    if (!status) {
      (void)session.Run("ROLLBACK");
      return status;
    }
    FID_TRY(session.Run("COMMIT"));
  }
  if (!applied.empty()) {
    return Fail(Code::kConflict, "the database was written by a newer version",
                applied.begin()->first);
  }
  return {};
}

}  // namespace fiducia::db
