#include <algorithm>
#include <memory>

#include <libpq-fe.h>

#include "base/text.h"
#include "db/foreign_table.h"
#include "db/pg_connector.h"

namespace fiducia::db {

namespace {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, ClearResult>;

class PostgresTable : public ForeignTable {
 public:
  PostgresTable(ForeignSpec spec, std::string select, std::string key)
      : spec_(std::move(spec)), select_(std::move(select)), key_(std::move(key)) {}

  Result<std::vector<ForeignRow>> Read(const std::vector<std::string>& after, int most) override {
    FID_TRY(Connect());
    std::string sql = select_;
    std::vector<const char*> values;
    if (!after.empty()) {
      sql += " WHERE (" + key_ + ") > (";
      for (size_t i = 0; i < after.size(); ++i) {
        sql += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
        values.push_back(after[i].c_str());
      }
      sql += ")";
    }
    sql += " ORDER BY " + key_ + " LIMIT " + std::to_string(most);
    const Rows rows(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                 nullptr, values.data(), nullptr, nullptr, 0));
    if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) {
      const bool lost = PQstatus(connection_.get()) != CONNECTION_OK;
      const char* state = PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE);
      const bool denied = state != nullptr && std::string(state) == "42501";
      connection_.reset();
      return lost     ? Fail(Code::kUnavailable, "the database does not answer")
             : denied ? Fail(Code::kDenied, "the database does not let us read the table")
                      : Fail(Code::kInvalidInput, "the table cannot be read in this order");
    }
    std::vector<ForeignRow> read;
    for (int r = 0; r < PQntuples(rows.get()); ++r) {
      ForeignRow row;
      for (int c = 0; c < PQnfields(rows.get()); ++c) {
        std::optional<std::string> value;
        if (PQgetisnull(rows.get(), r, c) == 0) {
          value = std::string(PQgetvalue(rows.get(), r, c),
                              static_cast<size_t>(PQgetlength(rows.get(), r, c)));
        }
        row.emplace_back(PQfname(rows.get(), c), std::move(value));
      }
      read.push_back(std::move(row));
    }
    return read;
  }

 private:
  Status Connect() {
    if (connection_ != nullptr && PQstatus(connection_.get()) == CONNECTION_OK) {
      return {};
    }
    std::vector<const char*> names = {"dbname", "connect_timeout", "application_name", "options"};
    std::vector<const char*> values = {spec_.url.c_str(), "8", "fiducia connector",
                                       "-c default_transaction_read_only=on "
                                       "-c statement_timeout=30000"};
    if (!spec_.password.empty()) {
      names.push_back("password");
      values.push_back(spec_.password.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      const std::string words = PQerrorMessage(connection_.get());
      connection_.reset();
      const bool denied = words.find("authentication") != std::string::npos ||
                          words.find("permission denied") != std::string::npos;
      return denied ? Fail(Code::kDenied, "the database does not let us in")
                    : Fail(Code::kUnavailable, "the database does not answer");
    }
    return {};
  }

  ForeignSpec spec_;
  std::string select_;
  std::string key_;
  PgConnection connection_;
};

}  // namespace

Result<std::string> QuotedName(const std::string& name, char quote) {
  std::string quoted;
  for (const std::string_view part : Split(name, '.')) {
    if (part.empty() || part.size() > 63 ||
        part.find_first_of(std::string_view("\0\"`\\", 4)) != std::string_view::npos) {
      return Fail(Code::kInvalidInput, "a table or a column has a plain name");
    }
    quoted += (quoted.empty() ? "" : ".") + std::string(1, quote) + std::string(part) + quote;
  }
  return quoted;
}

Result<std::unique_ptr<ForeignTable>> OpenPostgresTable(const ForeignSpec& spec) {
  if (!spec.url.starts_with("postgresql://") && !spec.url.starts_with("postgres://")) {
    return Fail(Code::kInvalidInput, "a PostgreSQL table is at postgresql://user@host/database");
  }
  FID_ASSIGN(const std::string table, QuotedName(spec.table, '"'));
  std::string key;
  for (const std::string& column : spec.order) {
    FID_ASSIGN(const std::string quoted, QuotedName(column, '"'));
    key += (key.empty() ? "" : ", ") + quoted;
  }
  return std::make_unique<PostgresTable>(spec, "SELECT * FROM " + table, key);
}

}  // namespace fiducia::db
