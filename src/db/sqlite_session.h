// SQLite behind the Session contract.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <sqlite3.h>

#include "db/session.h"

namespace fiducia::db {

enum class SqliteMode { kWrite, kRead };

class SqliteSession : public SchemaSession {
 public:
  static Result<std::unique_ptr<SqliteSession>> Open(const std::string& path, SqliteMode mode);
  ~SqliteSession() override;
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  using Session::Execute;
  using Session::Post;
  using Session::Query;
  Result<int64_t> Execute(const Statement& statement, std::span<const Param> params) override;
  Status Query(const Statement& statement, std::span<const Param> params,
               const EachRow& each) override;

  Status Run(const std::string& sql) override;
  Status InTransaction(const std::function<Status(Session&)>& work) override;
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
  Status CheckpointAll();
  // Copies what it can of the log into the file, without waiting for readers. Gives the number of
  // frames in the log.
  int CheckpointSome();
  // `hook` is told after each commit how many frames the log holds.
  void SetCommitHook(std::function<void(int frames)> hook);

 private:
  explicit SqliteSession(sqlite3* db) : db_(db) {}
  Result<sqlite3_stmt*> Prepare(const Statement& statement, std::span<const Param> params);

  sqlite3* db_;
  std::function<void(int frames)> hook_;
  std::unordered_map<const Statement*, sqlite3_stmt*> prepared_;
};

Error SqliteError(int rc);

}  // namespace fiducia::db
