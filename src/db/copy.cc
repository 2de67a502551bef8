#include "db/copy.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <regex>

namespace fiducia::db {

namespace {

constexpr size_t kBatchRows = 5000;
constexpr size_t kBatchBytes = 8 << 20;

struct Column {
  std::string name;
  Param::Kind kind = Param::Kind::kBlob;
  bool nullable = false;
};
struct Table {
  std::string name;
  std::vector<Column> columns;
};

Column ColumnOf(const std::string& name, const std::string& type, const std::string& rest) {
  return {
      name,
      type == "INTEGER" ? Param::Kind::kInt
      : type == "TEXT"  ? Param::Kind::kText
                        : Param::Kind::kBlob,
      rest.find("NOT NULL") == std::string::npos && rest.find("PRIMARY KEY") == std::string::npos};
}

Table& Named(std::vector<Table>& tables, const std::string& name) {
  const auto found = std::ranges::find(tables, name, &Table::name);
  FID_CHECK(found != tables.end());
  return *found;
}

// The tables of one database, from the text of its migrations: what they create, drop, rename and
// widen.
std::vector<Table> TablesOf(Which which, std::span<const Migration> migrations) {
  std::vector<Table> tables;
  static const std::regex kTable(R"(CREATE TABLE (\w+) \(([^;]*)\))");
  static const std::regex kColumn(R"(\n\s+([a-z_]+) (INTEGER|TEXT|BLOB)([^,\n]*))");
  static const std::regex kDropped(R"(DROP TABLE (\w+);)");
  static const std::regex kRenamed(R"(ALTER TABLE (\w+) RENAME TO (\w+);)");
  static const std::regex kWidened(
      R"(ALTER TABLE (\w+) ADD COLUMN ([a-z_]+) (INTEGER|TEXT|BLOB)([^;]*);)");
  for (const Migration& migration : migrations) {
    if (migration.which != which) {
      continue;
    }
    const std::string& sql = migration.sql;
    for (std::sregex_iterator at(sql.begin(), sql.end(), kTable); at != std::sregex_iterator();
         ++at) {
      Table table{(*at)[1], {}};
      const std::string body = (*at)[2];
      for (std::sregex_iterator c(body.begin(), body.end(), kColumn); c != std::sregex_iterator();
           ++c) {
        table.columns.push_back(ColumnOf((*c)[1], (*c)[2], (*c)[3]));
      }
      tables.push_back(std::move(table));
    }
    for (std::sregex_iterator at(sql.begin(), sql.end(), kDropped); at != std::sregex_iterator();
         ++at) {
      std::erase_if(tables, [&](const Table& table) { return table.name == (*at)[1]; });
    }
    for (std::sregex_iterator at(sql.begin(), sql.end(), kRenamed); at != std::sregex_iterator();
         ++at) {
      Named(tables, (*at)[1]).name = (*at)[2];
    }
    for (std::sregex_iterator at(sql.begin(), sql.end(), kWidened); at != std::sregex_iterator();
         ++at) {
      Named(tables, (*at)[1]).columns.push_back(ColumnOf((*at)[2], (*at)[3], (*at)[4]));
    }
  }
  return tables;
}

// Rows owned, to be bound later.
class Batch {
 public:
  explicit Batch(const Table& table) : table_(table) {}
  void Add(const Row& row) {
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      const auto at = static_cast<int>(i);
      if (table_.columns[i].kind == Param::Kind::kInt) {
        numbers_.push_back(row.Int(at));
        texts_.emplace_back();
      } else {
        numbers_.push_back(0);
        texts_.emplace_back(row.Bytes(at));
        bytes_ += texts_.back().size();
      }
    }
  }
  size_t rows() const {
    return table_.columns.empty() ? 0 : numbers_.size() / table_.columns.size();
  }
  bool full() const { return rows() >= kBatchRows || bytes_ >= kBatchBytes; }
  void Clear() {
    numbers_.clear();
    texts_.clear();
    bytes_ = 0;
  }
  std::vector<Param> Params(size_t row) const {
    std::vector<Param> params;
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      const size_t at = row * table_.columns.size() + i;
      const Column& column = table_.columns[i];
      if (column.kind == Param::Kind::kInt) {
        params.emplace_back(numbers_[at]);
      } else if (column.nullable && texts_[at].empty()) {
        params.push_back(Param::Null());
      } else {
        params.push_back(column.kind == Param::Kind::kText ? Param::Text(texts_[at])
                                                           : Param::Blob(texts_[at]));
      }
    }
    return params;
  }

 private:
  const Table& table_;
  std::vector<int64_t> numbers_;
  std::vector<std::string> texts_;
  size_t bytes_ = 0;
};

std::string ColumnList(const Table& table) {
  std::string list;
  for (const Column& column : table.columns) {
    list += (list.empty() ? "" : ", ") + column.name;
  }
  return list;
}

// A sum over rows that does not depend on their order: it finds a slip of the copy, not an attacker
// (fsck does that with its keyed sums).
struct Sum {
  int64_t rows = 0;
  uint64_t sum = 0;
  void Add(const Table& table, const Row& row) {
    uint64_t hash = 0xcbf29ce484222325ULL;
    const auto mix = [&hash](BytesView bytes) {
      for (const char c : bytes) {
        hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
      }
      hash = (hash ^ bytes.size()) * 0x100000001b3ULL;
    };
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const auto at = static_cast<int>(i);
      if (table.columns[i].kind == Param::Kind::kInt) {
        Bytes number;
        ByteWriter(number).U64(static_cast<uint64_t>(row.Int(at)));
        mix(number);
      } else {
        mix(row.Bytes(at));
      }
    }
    sum += hash;
    ++rows;
  }
  bool operator==(const Sum&) const = default;
};

// The statements of one table. A session knows a statement by its address: they outlive the
// sessions.
struct Plan {
  explicit Plan(Table t)
      : table(std::move(t)),
        select_sql("SELECT " + ColumnList(table) + " FROM " + table.name),
        insert_sql("INSERT INTO " + table.name + "(" + ColumnList(table) + ") VALUES(" +
                   Places(table.columns.size()) + ")"),
        select{"copy.select", Tag::kFanoutAdmin, select_sql},
        insert{"copy.insert", Tag::kFanoutAdmin, insert_sql} {}
  // $1, $2 …
  static std::string Places(size_t count) {
    std::string places;
    for (size_t i = 1; i <= count; ++i) {
      places += (i == 1 ? "$" : ", $") + std::to_string(i);
    }
    return places;
  }
  Table table;
  std::string select_sql;
  std::string insert_sql;
  Statement select;
  Statement insert;
};

Result<Sum> SumOf(Session& session, const Statement& all, const Table& table) {
  Sum sum;
  FID_TRY(session.Query(all, {}, [&](const Row& row) -> Status {
    sum.Add(table, row);
    return {};
  }));
  return sum;
}

Status Send(SchemaSession& to, const Statement& insert, const Batch& batch) {
  return to.InTransaction([&](Session& session) -> Status {
    for (size_t row = 0; row < batch.rows(); ++row) {
      const std::vector<Param> params = batch.Params(row);
      FID_TRY(session.Post(insert, std::span<const Param>(params)));
    }
    return {};
  });
}

Result<CopiedTable> CopyTable(Session& from, SchemaSession& to, const Plan& plan) {
  const Table& table = plan.table;
  FID_ASSIGN(const Sum before, SumOf(to, plan.select, table));
  if (before.rows != 0) {
    return Fail(Code::kConflict, "the store to move to is not empty");
  }
  Batch batch(table);
  Sum sent;
  const auto take = [&](const Row& row) -> Status {
    sent.Add(table, row);
    batch.Add(row);
    if (!batch.full()) {
      return {};
    }
    const Status status = Send(to, plan.insert, batch);
    batch.Clear();
    return status;
  };
  FID_TRY(from.Query(plan.select, {}, take));
  FID_TRY(Send(to, plan.insert, batch));
  FID_ASSIGN(const Sum arrived, SumOf(to, plan.select, table));
  if (!(arrived == sent)) {
    return Fail(Code::kCorrupt, "what arrived differs from what was sent", sent.rows);
  }
  return CopiedTable{table.name, sent.rows};
}

}  // namespace

Result<std::vector<CopiedTable>> CopyStore(
    ReadLease& from, const StoreAddress& to, std::span<const Migration> migrations,
    const std::function<void(const std::string& table, int64_t rows)>& progress) {
  std::vector<CopiedTable> copied;
  std::deque<std::unique_ptr<Plan>> plans;
  for (const Which which : {Which::kKeys, Which::kIndex, Which::kData}) {
    FID_ASSIGN(const auto target, OpenBare(to, which, Access::kWrite));
    for (Table& table : TablesOf(which, migrations)) {
      const Plan& plan = *plans.emplace_back(std::make_unique<Plan>(std::move(table)));
      FID_ASSIGN(CopiedTable one, CopyTable(from.session(which), *target, plan));
      if (progress) {
        progress(one.name, one.rows);
      }
      copied.push_back(std::move(one));
    }
  }
  return copied;
}

}  // namespace fiducia::db
