// Which server of a distributed engine holds which bucket, so that a read can go straight there.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "db/pg_caps.h"

namespace fiducia::db {

constexpr size_t kPlacedBuckets = 4096;

// Empty `nodes`: one server holds all, or the engine does not tell.
struct Placement {
  std::vector<PgNode> nodes;
  std::array<uint16_t, kPlacedBuckets> node_of{};
};

// What the engine behind `session` says about `table`; with PostgreSQL and YugabyteDB that is
// nothing: any server answers for all buckets. Errors: kCorrupt if a bucket is nowhere.
Result<Placement> LoadPlacement(PgSession& session, PgKind kind, const std::string& table);

// The place, from 0, of the parameter that is the statement's bucket; nothing if it has none.
std::optional<size_t> BucketParameter(const Statement& statement);

}  // namespace fiducia::db
