// Sends a read of one bucket to the server that owns it; everything else, and every read whose
// owner does not answer, goes to the server that knows all.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "db/pg_placement.h"

namespace fiducia::db {

// The placement of one database and the ways to its servers. Thread safe.
class PgRouter {
 public:
  using Load = std::function<Result<Placement>()>;
  // `dsn` and `schema` are those of the server that knows all; the owners differ in host and port.
  PgRouter(std::string dsn, std::string schema, Load load);

  struct Map {
    Placement placement;
    std::vector<std::unique_ptr<PgConnector>> connectors;  // of placement.nodes
    int64_t loaded_ms = 0;
  };
  // Loads it at first, and again a minute later or after Doubt.
  std::shared_ptr<Map> map();
  // An owner did not answer: the next map is a new one.
  void Doubt() { doubted_ = true; }

 private:
  std::string dsn_;
  std::string schema_;
  Load load_;
  std::atomic<bool> doubted_{false};
  std::mutex mutex_;
  std::shared_ptr<Map> map_;
};

// A reader's session over all servers of one database.
class PgRoutedSession final : public Session {
 public:
  // Both must outlive it.
  PgRoutedSession(PgRouter& router, Session& whole) : router_(router), whole_(whole) {}

  using Session::Execute;
  using Session::Query;
  Result<int64_t> Execute(const Statement& statement, std::span<const Param> params) override {
    return whole_.Execute(statement, params);
  }
  Status Query(const Statement& statement, std::span<const Param> params,
               const EachRow& each) override;
  // Reads that an owner answered.
  int64_t routed() const { return routed_; }

 private:
  PgSession* OwnerOf(const Statement& statement, std::span<const Param> params);

  PgRouter& router_;
  Session& whole_;
  std::shared_ptr<PgRouter::Map> map_;
  std::vector<std::unique_ptr<PgSession>> sessions_;  // of the map's nodes, made when needed
  int64_t routed_ = 0;
};

}  // namespace fiducia::db
