// An engine owns three databases (keys, index, data) and commits writes in groups: what queued
// while one group was being made durable is the next group.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "db/page_stream.h"
#include "db/session.h"

namespace fiducia::db {

enum class Which { kKeys = 0, kIndex = 1, kData = 2 };
constexpr size_t kDatabaseCount = 3;

using Phase = std::move_only_function<Status(Session&)>;

// One write. Phases run in the order keys, index, data, each in that database's group transaction;
// the write is acknowledged by `done` once the data phase is durable. A phase that fails undoes
// itself only. Rows left in keys or index by a later failure are orphans that readers ignore. A
// phase may be run again, after its first run was undone: it leaves no trace outside the session
// but through a participant.
struct Job {
  Phase keys;
  Phase index;
  Phase data;
  std::move_only_function<void(const Status&)> done;  // on the writer's thread: must not block
  bool append_only = false;  // data phase cannot fail halfway: no savepoint is needed
  // Its rows lie in several buckets: a sharded engine commits it in two phases. Imports, pages of a
  // search, and lists whose rows stand for themselves; never the change of one subject.
  bool spans_buckets = false;
};

// State kept in memory beside the data database, such as the head of the audit log. Called on the
// writer's thread.
class Participant {
 public:
  virtual ~Participant() = default;
  virtual void Mark() = 0;      // a job starts
  virtual void Rollback() = 0;  // back to the mark
  // The last chance to write what this group has changed.
  virtual Status BeforeCommit(Session& /*data*/) { return {}; }
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
  // Before the first job that concerns it, and after the last.
  void Join(Participant& participant) { participants_.push_back(&participant); }
  void Leave(Participant& participant) { std::erase(participants_, &participant); }
  // Who is told of records in the data database, beside others. Before the first job, and after
  // the last.
  void AddWatch(RowWatch& watch) { watches_.Add(watch); }
  void RemoveWatch(RowWatch& watch) { watches_.Remove(watch); }
  // Copies the write-ahead logs into the database files. Errors: kUnavailable.
  virtual Status Checkpoint() = 0;

  // The database as a stream, for backups. Errors: kNotImplemented where the server has ways of
  // its own.
  virtual Result<std::unique_ptr<PageStream>> Stream(Which which) = 0;
  // How many threads reading at once this engine keeps busy: more than one a core where a read
  // waits for another machine.
  virtual int read_threads() const = 0;

  Status SubmitAndWait(Job job);

 protected:
  std::vector<Participant*> participants_;
  // Null where nobody listens.
  RowWatch* watch() { return watches_.empty() ? nullptr : &watches_; }

 private:
  RowWatches watches_;
};

struct Migration {
  Which which;
  int number;
  std::string name;
  std::string sql;
};

// Where an installation keeps its three databases.
struct StoreAddress {
  std::string folder;              // must exist; holds keys.db, index.db and data.db, and the lock
  std::string data;                // a PostgreSQL connection string; empty: SQLite in `folder`
  std::string keys;                // the same, for the keys
  std::string schema = "fiducia";  // prefix of the schemas in PostgreSQL
  Uuid owner;                      // this installation, told from others that write there
  bool partitioned = false;        // PostgreSQL: tables partitioned by bucket
};

// Opens the store and brings its schema up to date. `detail` receives the driver's own words, which
// hold no personal data. Errors: kUnavailable if it cannot be reached or is in use, kCorrupt if a
// file is damaged or a migration differs from the one applied, kConflict if it is of a newer
// version, kDenied if a privilege is missing.
Result<std::unique_ptr<Engine>> OpenStore(const StoreAddress& address,
                                          std::span<const Migration> migrations,
                                          std::string* detail = nullptr);

// One database by itself, beside a running server or without one: for verification and for tests.
enum class Access { kRead, kWrite };
Result<std::unique_ptr<SchemaSession>> OpenBare(const StoreAddress& address, Which which,
                                                Access access);

}  // namespace fiducia::db
