#include "db/sqlite_session.h"

namespace fiducia::db {

namespace {

class SqliteRow : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* stmt) : stmt_(stmt) {}
  int64_t Int(int column) const override { return sqlite3_column_int64(stmt_, column); }
  BytesView Bytes(int column) const override {
    const void* data = sqlite3_column_blob(stmt_, column);
    const int size = sqlite3_column_bytes(stmt_, column);
    return data == nullptr ? BytesView()
                           : BytesView(static_cast<const char*>(data), static_cast<size_t>(size));
  }

 private:
  sqlite3_stmt* stmt_;
};

// Leaves a statement ready for its next use, whatever happened.
class Resetter {
 public:
  explicit Resetter(sqlite3_stmt* stmt) : stmt_(stmt) {}
  ~Resetter() { sqlite3_reset(stmt_); }
  Resetter(const Resetter&) = delete;
  Resetter& operator=(const Resetter&) = delete;

 private:
  sqlite3_stmt* stmt_;
};

int Bind(sqlite3_stmt* stmt, int at, const Param& param) {
  const auto size = static_cast<int>(param.view().size());
  switch (param.kind()) {
    case Param::Kind::kInt:
      return sqlite3_bind_int64(stmt, at, param.number());
    case Param::Kind::kText:
      return sqlite3_bind_text(stmt, at, param.view().data(), size, SQLITE_STATIC);
    case Param::Kind::kBlob:
      return size == 0 ? sqlite3_bind_zeroblob(stmt, at, 0)
                       : sqlite3_bind_blob(stmt, at, param.view().data(), size, SQLITE_STATIC);
    case Param::Kind::kNull:
      return sqlite3_bind_null(stmt, at);
  }
  return SQLITE_MISUSE;
}

}  // namespace

Error SqliteError(int rc) {
  switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
      return {Code::kConflict, "a row with this key exists already"};
    case SQLITE_FULL:
      return {Code::kUnavailable, "the disk is full", rc};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::kUnavailable, "the database is in use", rc};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return {Code::kUnavailable, "the disk cannot be read or written", rc};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::kCorrupt, "the database file is damaged", rc};
    default:
      return {Code::kInternal, "the database refused a statement", rc};
  }
}

Result<std::unique_ptr<SqliteSession>> SqliteSession::Open(const std::string& path,
                                                           SqliteMode mode) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
                    (mode == SqliteMode::kWrite ? SQLITE_OPEN_CREATE : 0);
  const int rc = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  std::unique_ptr<SqliteSession> session(new SqliteSession(db));
  if (rc != SQLITE_OK) {
    return std::unexpected(SqliteError(rc));
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, 5000);
  // Only the writing connection checkpoints: SQLite before 3.51.3 can corrupt a file when two do.
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, mode == SqliteMode::kRead ? 1 : 0,
                    nullptr);
  if (mode == SqliteMode::kWrite) {
    FID_TRY(
        session->Run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                     "PRAGMA secure_delete=ON; PRAGMA cache_size=-24576; "
                     "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=167772160; "
                     "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY"));
  } else {
    FID_TRY(
        session->Run("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; "
                     "PRAGMA cache_size=-4096; PRAGMA temp_store=MEMORY"));
  }
  return session;
}

SqliteSession::~SqliteSession() {
  for (const auto& [statement, stmt] : prepared_) {
    sqlite3_finalize(stmt);
  }
  sqlite3_close_v2(db_);
}

Result<sqlite3_stmt*> SqliteSession::Prepare(const Statement& statement,
                                             std::span<const Param> params) {
  sqlite3_stmt*& stmt = prepared_[&statement];
  if (stmt == nullptr) {
    const int rc =
        sqlite3_prepare_v3(db_, statement.sql.data(), static_cast<int>(statement.sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
    if (rc != SQLITE_OK) {
      return std::unexpected(SqliteError(rc));
    }
  }
  if (sqlite3_bind_parameter_count(stmt) != static_cast<int>(params.size())) {
    return Fail(Code::kInternal, "a statement got the wrong number of parameters");
  }
  for (size_t i = 0; i < params.size(); ++i) {
    const int rc = Bind(stmt, static_cast<int>(i) + 1, params[i]);
    if (rc != SQLITE_OK) {
      return std::unexpected(SqliteError(rc));
    }
  }
  return stmt;
}

Result<int64_t> SqliteSession::Execute(const Statement& statement, std::span<const Param> params) {
  FID_ASSIGN(sqlite3_stmt* const stmt, Prepare(statement, params));
  const Resetter resetter(stmt);
  int rc = sqlite3_step(stmt);
  while (rc == SQLITE_ROW) {
    rc = sqlite3_step(stmt);
  }
  if (rc != SQLITE_DONE) {
    return std::unexpected(SqliteError(rc));
  }
  return sqlite3_changes64(db_);
}

Status SqliteSession::Query(const Statement& statement, std::span<const Param> params,
                            const EachRow& each) {
  FID_ASSIGN(sqlite3_stmt* const stmt, Prepare(statement, params));
  const Resetter resetter(stmt);
  const SqliteRow row(stmt);
  int rc = sqlite3_step(stmt);
  for (; rc == SQLITE_ROW; rc = sqlite3_step(stmt)) {
    FID_TRY(each(row));
  }
  if (rc != SQLITE_DONE) {
    return std::unexpected(SqliteError(rc));
  }
  return {};
}

Status SqliteSession::Run(const std::string& sql) {
  const int rc = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) {
    return std::unexpected(SqliteError(rc));
  }
  return {};
}

Status SqliteSession::InTransaction(const std::function<Status(Session&)>& work) {
  FID_TRY(Run("BEGIN IMMEDIATE"));
  Status status = work(*this);
  status = status ? Run("COMMIT") : status;
  if (!status && in_transaction()) {
    (void)Run("ROLLBACK");
  }
  return status;
}

int SqliteSession::CheckpointSome() {
  int frames = 0;
  const int rc =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, nullptr);
  return rc == SQLITE_OK && frames > 0 ? frames : 0;
}

void SqliteSession::SetCommitHook(std::function<void(int frames)> hook) {
  hook_ = std::move(hook);
  const auto call = [](void* session, sqlite3*, const char*, int frames) {
    static_cast<SqliteSession*>(session)->hook_(frames);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_, call, this);
}

Status SqliteSession::CheckpointAll() {
  const int rc =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (rc != SQLITE_OK && rc != SQLITE_BUSY) {
    return std::unexpected(SqliteError(rc));
  }
  return {};
}

}  // namespace fiducia::db
