// A store whose buckets lie on three PostgreSQL servers that know nothing of each other: a double
// for a sharded engine, stricter than any. A write that touches two of them fails, but for imports,
// which say that they do.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/engine.h"

namespace fiducia::testing {

// One of the servers, as addresses of its two databases.
struct SplitNode {
  std::string host;
  int port = 5432;
  std::string data;
  std::string keys;
};

// The schemas named by `address` are made where they are missing. Its reads take the product's own
// way to the owner of a bucket.
Result<std::unique_ptr<db::Engine>> OpenSplit(const db::StoreAddress& address,
                                              std::span<const SplitNode> nodes,
                                              std::span<const db::Migration> migrations);

// Statements that crossed from one server to another inside one write and were refused, and reads
// that the router sent to an owner, since the program started.
struct SplitCounts {
  int64_t crossed = 0;
  int64_t routed = 0;
};
SplitCounts CountsOfSplit();

}  // namespace fiducia::testing
