// Moves an installation from SQLite to PostgreSQL.
#pragma once

#include "db/copy.h"
#include "recovery/fsck.h"
#include "server/instance.h"

namespace fiducia::server {

struct MigrateResult {
  std::vector<db::CopiedTable> tables;
  recovery::FsckReport fsck;  // of the store it moved to
};

// The server must not be running. Until everything has arrived and was checked, the home stays with
// its old store; the old files are left for the operator to remove.
Outcome<MigrateResult> Migrate(
    const Home& home, const OpenOptions& options, const std::string& store,
    const std::string& keys_store, const std::string& schema,
    const std::function<void(const std::string& table, int64_t rows)>& progress = {});

}  // namespace fiducia::server
