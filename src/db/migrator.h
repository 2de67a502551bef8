// Brings a database to the newest schema. Forward only; each step is checksummed and never edited.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "db/engine.h"

namespace fiducia::db {

// What an engine's SQL needs to be told apart for.
struct Dialect {
  std::string begin;  // starts a transaction that keeps other writers out
  std::function<std::string(const std::string& sql)> translate;
};

// Errors: kCorrupt if an applied migration differs from ours or one is missing in between,
// kConflict if the database is newer.
Status Migrate(SchemaSession& session, const Dialect& dialect, Which which,
               std::span<const Migration> migrations);

}  // namespace fiducia::db
