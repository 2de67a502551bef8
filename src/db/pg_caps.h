// Which PostgreSQL, or which engine that speaks its language, answers at an address.
#pragma once

#include <string>

#include "db/pg_session.h"

namespace fiducia::db {

enum class PgKind { kPostgres, kCitus, kYugabyte };

struct PgCaps {
  PgKind kind = PgKind::kPostgres;
  int version = 0;     // 150018: 15.18
  std::string system;  // tells instances apart; empty if it will not say
  std::string database;
  bool fsync = true;        // acknowledged means durable
  bool synchronous = true;  // synchronous_commit is on
  bool standby = false;     // a synchronous standby is named
  bool can_create = false;  // may make schemas in this database
};

// Errors: kConflict for an engine that is not supported.
Result<PgCaps> Probe(PgSession& session);

}  // namespace fiducia::db
