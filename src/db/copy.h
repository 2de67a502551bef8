// Copies a whole store to another engine, table by table, and compares what arrived.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/engine.h"

namespace fiducia::db {

struct CopiedTable {
  std::string name;
  int64_t rows = 0;
};

// `to` must have the schema and no rows. Errors: kConflict if a table there has rows, kCorrupt if
// what arrived differs from what was sent.
Result<std::vector<CopiedTable>> CopyStore(
    ReadLease& from, const StoreAddress& to, std::span<const Migration> migrations,
    const std::function<void(const std::string& table, int64_t rows)>& progress);

}  // namespace fiducia::db
