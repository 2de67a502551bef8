// One connection to one database, seen the same from every engine. Statements are constants of
// store/, prepared once per session, with `$1`, `$2` … in ascending order for their parameters.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"

namespace fiducia::db {

enum class Tag {
  kSingleBucket,  // touches one bucket: the hot path
  kFanoutAdmin,   // walks buckets: reports and recovery only
  kReference,     // a small table without buckets
};

// Registered in store/registry.cc; identity is the address.
struct Statement {
  std::string_view name;
  Tag tag;
  std::string_view sql;
};

// A borrowed parameter; what it points to must outlive the call.
class Param {
 public:
  enum class Kind { kNull, kInt, kText, kBlob };
  // NOLINTBEGIN(google-explicit-constructor): parameters are meant to convert.
  Param(int64_t v) : kind_(Kind::kInt), number_(v) {}
  Param(int v) : kind_(Kind::kInt), number_(v) {}
  Param(uint32_t v) : kind_(Kind::kInt), number_(v) {}
  Param(const Uuid& id) : kind_(Kind::kBlob), view_(id.bytes()) {}
  // NOLINTEND(google-explicit-constructor)
  static Param Text(std::string_view v) { return {Kind::kText, v}; }
  static Param Blob(BytesView v) { return {Kind::kBlob, v}; }
  static Param Null() { return {Kind::kNull, {}}; }
  Kind kind() const { return kind_; }
  int64_t number() const { return number_; }
  BytesView view() const { return view_; }

 private:
  Param(Kind kind, BytesView view) : kind_(kind), view_(view) {}
  Kind kind_;
  int64_t number_ = 0;
  BytesView view_;
};

// The current row; views are valid until the next row.
class Row {
 public:
  virtual ~Row() = default;
  virtual int64_t Int(int column) const = 0;
  virtual BytesView Bytes(int column) const = 0;  // text or blob; empty for NULL
  Uuid Id(int column) const { return Uuid::FromBytes(Bytes(column)).value_or(Uuid()); }
};

using EachRow = std::function<Status(const Row&)>;

// Told, inside a write transaction, of every record of a subject that appears or goes. `place`
// names the record, `content` is its sealed bytes or their MAC.
class RowWatch {
 public:
  virtual ~RowWatch() = default;
  virtual void Appeared(uint32_t bucket, BytesView place, BytesView content) = 0;
  virtual void Gone(uint32_t bucket, BytesView place, BytesView content) = 0;
};

class RowWatches : public RowWatch {
 public:
  void Add(RowWatch& watch) { all_.push_back(&watch); }
  void Remove(RowWatch& watch) { std::erase(all_, &watch); }
  bool empty() const { return all_.empty(); }
  void Appeared(uint32_t bucket, BytesView place, BytesView content) override {
    for (RowWatch* watch : all_) {
      watch->Appeared(bucket, place, content);
    }
  }
  void Gone(uint32_t bucket, BytesView place, BytesView content) override {
    for (RowWatch* watch : all_) {
      watch->Gone(bucket, place, content);
    }
  }

 private:
  std::vector<RowWatch*> all_;
};

// Used by one thread at a time. Errors: kConflict for a broken constraint, kUnavailable for a full
// disk or a lost connection, kCorrupt for a damaged file.
class Session {
 public:
  virtual ~Session() = default;
  // Gives the number of rows changed.
  virtual Result<int64_t> Execute(const Statement& statement, std::span<const Param> params) = 0;
  virtual Status Query(const Statement& statement, std::span<const Param> params,
                       const EachRow& each) = 0;
  // Executes where the number of rows does not matter. An engine need not wait for the outcome: an
  // error may show with a later statement of the same phase, or at its end.
  virtual Status Post(const Statement& statement, std::span<const Param> params) {
    const auto changed = Execute(statement, params);
    return changed ? Status() : Status(std::unexpected(changed.error()));
  }

  Result<int64_t> Execute(const Statement& statement, std::initializer_list<Param> params) {
    return Execute(statement, std::span<const Param>(params.begin(), params.size()));
  }
  Status Query(const Statement& statement, std::initializer_list<Param> params,
               const EachRow& each) {
    return Query(statement, std::span<const Param>(params.begin(), params.size()), each);
  }
  Status Post(const Statement& statement, std::initializer_list<Param> params) {
    return Post(statement, std::span<const Param>(params.begin(), params.size()));
  }

  // Null where nobody listens: on connections that only read.
  RowWatch* watch() const { return watch_; }
  void set_watch(RowWatch* watch) { watch_ = watch; }

 private:
  RowWatch* watch_ = nullptr;
};

// A connection that can change the schema too.
class SchemaSession : public Session {
 public:
  // Runs fixed text of this module and of the migrations: one statement or several.
  virtual Status Run(const std::string& sql) = 0;
  // All that `work` posts, or nothing.
  virtual Status InTransaction(const std::function<Status(Session&)>& work) = 0;
};

}  // namespace fiducia::db
