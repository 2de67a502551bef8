// An engine owns three databases (keys, index, data) and commits writes in groups: what queued
// while one group was being made durable is the next group.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "db/session.h"

namespace fiducia::db {

enum class Which { kKeys = 0, kIndex = 1, kData = 2 };
constexpr size_t kDatabaseCount = 3;

using Phase = std::move_only_function<Status(Session&)>;

// One write. Phases run in the order keys, index, data, each in that database's group transaction;
// the write is acknowledged by `done` once the data phase is durable. A phase that fails undoes
// itself only. Rows left in keys or index by a later failure are orphans that readers ignore.
struct Job {
  Phase keys;
  Phase index;
  Phase data;
  std::move_only_function<void(const Status&)> done;  // on the writer's thread: must not block
  bool append_only = false;  // data phase cannot fail halfway: no savepoint is needed
};

// State kept in memory beside the data database, such as the head of the audit log. Called on the
// writer's thread.
class Participant {
 public:
  virtual ~Participant() = default;
  virtual void Mark() = 0;      // a job starts
  virtual void Rollback() = 0;  // back to the mark
  virtual void Committed() = 0;
  virtual void Failed() = 0;  // back to the last commit
};

// A reader's three connections, returned to the engine when it goes.
class ReadLease {
 public:
  virtual ~ReadLease() = default;
  virtual Session& session(Which which) = 0;
};

// Thread safe.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<ReadLease>> Read() = 0;
  virtual void Submit(Job job) = 0;
  virtual void SetParticipant(Participant* participant) = 0;
  // Copies the write-ahead logs into the database files. Errors: kUnavailable.
  virtual Status Checkpoint() = 0;

  Status SubmitAndWait(Job job);
};

struct Migration {
  Which which;
  int number;
  std::string name;
  std::string sql;
};

struct SqliteOptions {
  std::string folder;  // must exist; holds keys.db, index.db and data.db
  std::vector<Migration> migrations;
};

// Errors: kUnavailable if the folder is in use by another process or cannot be written, kCorrupt if
// a file is damaged or a migration differs from the one that was applied.
Result<std::unique_ptr<Engine>> OpenSqlite(SqliteOptions options);

// One database for reading beside a running server: for verification.
Result<std::unique_ptr<Session>> OpenSqliteReadOnly(const std::string& file);

}  // namespace fiducia::db
