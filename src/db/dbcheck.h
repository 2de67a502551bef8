// Whether an engine that speaks PostgreSQL's language can carry Fiducia: tried, not believed.
#pragma once

#include <string>
#include <vector>

#include "db/engine.h"

namespace fiducia::db {

struct CheckedTrait {
  std::string name;
  bool good = false;
  bool needed = true;
  std::string note;
};
struct EngineReport {
  std::string engine;  // PostgreSQL, Citus, YugabyteDB
  int version = 0;     // 150018
  std::vector<CheckedTrait> traits;
  bool ok() const;
};
struct StatementToCheck {
  Which which;
  const Statement* statement;
};

// Works in schemas of its own, which it makes and drops. Errors: those of connecting; kConflict for
// an engine that is not supported; kDenied where it may not make schemas.
Result<EngineReport> CheckEngine(const std::string& dsn, std::span<const Migration> migrations,
                                 std::span<const StatementToCheck> statements,
                                 std::string* detail = nullptr);

}  // namespace fiducia::db
