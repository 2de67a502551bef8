// Where a PostgreSQL database is and how to get there: checks the connection string, connects with
// time limits, and waits longer after each failure.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

struct pg_conn;  // libpq's PGconn

namespace fiducia::db {

struct PgClose {
  void operator()(pg_conn* connection) const;
};
using PgConnection = std::unique_ptr<pg_conn, PgClose>;

// One server of a distributed engine.
struct PgNode {
  std::string host;
  int port = 0;
  bool operator==(const PgNode&) const = default;
};

// Thread safe.
class PgConnector {
 public:
  // `dsn` may name several hosts: the one that takes writes is used. `schema` comes first in the
  // search path.
  PgConnector(std::string dsn, std::string schema);
  // The same, at `node` instead of the hosts named.
  PgConnector(std::string dsn, std::string schema, PgNode node);

  // Errors: kInvalidInput for a malformed string, kDenied for a refused user or database,
  // kUnavailable where nobody answers, at once where somebody just failed.
  Result<PgConnection> Connect();
  // The driver's words about the last failure: host, user and database names, no data.
  std::string last_words() const;
  const std::string& schema() const { return schema_; }
  // Which server writes go to may have changed: connections made before are not to be used again.
  void StartGeneration() { ++generation_; }
  int generation() const { return generation_; }

 private:
  std::string dsn_;
  std::string schema_;
  std::optional<PgNode> node_;
  std::atomic<int> generation_{0};
  std::atomic<int> failures_{0};
  std::atomic<int64_t> not_before_ms_{0};
  mutable std::mutex mutex_;
  std::string last_words_;
};

}  // namespace fiducia::db
