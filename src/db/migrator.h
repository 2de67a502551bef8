// Brings a database to the newest schema. Forward only; each step is checksummed and never edited.
#pragma once

#include <span>

#include "db/engine.h"
#include "db/sqlite_session.h"

namespace fiducia::db {

// Errors: kCorrupt if an applied migration differs from ours, kConflict if the database is newer.
Status Migrate(SqliteSession& session, Which which, std::span<const Migration> migrations);

}  // namespace fiducia::db
