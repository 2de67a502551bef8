// The schema is written once, in the words of SQLite; here it becomes PostgreSQL's.
#pragma once

#include <string>

namespace fiducia::db {

enum class PgLayout {
  kPlain,
  kPartitioned,  // every table with a bucket is partitioned by its hash, as a sharded engine does
  kCitus,        // distributed by bucket, co-located; tables without one are reference tables
};

// Of one migration: CREATE TABLE and CREATE INDEX statements. Empty if it says in its first line
// that it is for SQLite alone.
std::string ToPostgres(const std::string& sql, PgLayout layout);

}  // namespace fiducia::db
