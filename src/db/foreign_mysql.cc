#include <algorithm>
#include <memory>

#include <mysql.h>

#include "db/foreign_table.h"

namespace fiducia::db {

namespace {

struct Close {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
  void operator()(MYSQL_RES* rows) const { mysql_free_result(rows); }
};

struct Place {
  std::string user;
  std::string host;
  unsigned port = 3306;
  std::string database;
};

Result<Place> PlaceOf(std::string_view url) {
  constexpr std::string_view kScheme = "mysql://";
  const auto wrong = [] {
    return Fail(Code::kInvalidInput, "a MySQL table is at mysql://user@host:port/database");
  };
  if (!url.starts_with(kScheme)) {
    return wrong();
  }
  url.remove_prefix(kScheme.size());
  const size_t at = url.find('@');
  const size_t slash = url.find('/', at == std::string_view::npos ? 0 : at);
  if (at == std::string_view::npos || slash == std::string_view::npos) {
    return wrong();
  }
  Place place{std::string(url.substr(0, at)), std::string(url.substr(at + 1, slash - at - 1)), 3306,
              std::string(url.substr(slash + 1))};
  if (const size_t colon = place.host.rfind(':'); colon != std::string::npos) {
    const std::string port = place.host.substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos) {
      return wrong();
    }
    place.port = static_cast<unsigned>(std::stoul(port));
    place.host.resize(colon);
  }
  return place;
}

class MysqlTable : public ForeignTable {
 public:
  MysqlTable(ForeignSpec spec, Place place, std::string select, std::string key)
      : spec_(std::move(spec)),
        place_(std::move(place)),
        select_(std::move(select)),
        key_(std::move(key)) {}

  Result<std::vector<ForeignRow>> Read(const std::vector<std::string>& after, int most) override {
    FID_TRY(Connect());
    std::string sql = select_;
    if (!after.empty()) {
      sql += " WHERE (" + key_ + ") > (";
      for (size_t i = 0; i < after.size(); ++i) {
        std::string escaped(after[i].size() * 2 + 1, '\0');
        escaped.resize(mysql_real_escape_string(connection_.get(), escaped.data(), after[i].c_str(),
                                                after[i].size()));
        sql += (i == 0 ? "'" : ", '") + escaped + "'";
      }
      sql += ")";
    }
    sql += " ORDER BY " + key_ + " LIMIT " + std::to_string(most);
    if (mysql_real_query(connection_.get(), sql.data(), sql.size()) != 0) {
      // 1142 and 1143: no right; 2006 and 2013: gone.
      const unsigned why = mysql_errno(connection_.get());
      connection_.reset();
      return why == 2006 || why == 2013 ? Fail(Code::kUnavailable, "the database does not answer")
             : why == 1142 || why == 1143
                 ? Fail(Code::kDenied, "the database does not let us read the table")
                 : Fail(Code::kInvalidInput, "the table cannot be read in this order");
    }
    const std::unique_ptr<MYSQL_RES, Close> rows(mysql_store_result(connection_.get()));
    if (rows == nullptr) {
      connection_.reset();
      return Fail(Code::kUnavailable, "the database does not answer");
    }
    const unsigned columns = mysql_num_fields(rows.get());
    const MYSQL_FIELD* fields = mysql_fetch_fields(rows.get());
    std::vector<ForeignRow> read;
    while (MYSQL_ROW values = mysql_fetch_row(rows.get())) {
      const unsigned long* sizes = mysql_fetch_lengths(rows.get());
      ForeignRow row;
      for (unsigned c = 0; c < columns; ++c) {
        row.emplace_back(fields[c].name, values[c] == nullptr
                                             ? std::nullopt
                                             : std::optional(std::string(values[c], sizes[c])));
      }
      read.push_back(std::move(row));
    }
    return read;
  }

 private:
  Status Connect() {
    if (connection_ != nullptr) {
      return {};
    }
    std::unique_ptr<MYSQL, Close> connection(mysql_init(nullptr));
    const unsigned connect_s = 8;
    const unsigned read_s = 30;
    const my_bool verify = spec_.ca_pem.empty() ? 0 : 1;
    mysql_options(connection.get(), MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_options(connection.get(), MYSQL_OPT_READ_TIMEOUT, &read_s);
    mysql_options(connection.get(), MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    if (!spec_.ca_pem.empty()) {
      // A path: the library takes nothing else.
      mysql_options(connection.get(), MYSQL_OPT_SSL_CA, spec_.ca_pem.c_str());
    }
    // A server must not ask for files of ours.
    const unsigned local_files = 0;
    mysql_options(connection.get(), MYSQL_OPT_LOCAL_INFILE, &local_files);
    mysql_options(connection.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(connection.get(), place_.host.c_str(), place_.user.c_str(),
                           spec_.password.c_str(), place_.database.c_str(), place_.port, nullptr,
                           0) == nullptr) {
      const unsigned why = mysql_errno(connection.get());
      return why == 1045 || why == 1044 ? Fail(Code::kDenied, "the database does not let us in")
                                        : Fail(Code::kUnavailable, "the database does not answer");
    }
    mysql_query(connection.get(), "SET SESSION TRANSACTION READ ONLY");
    connection_ = std::move(connection);
    return {};
  }

  ForeignSpec spec_;
  Place place_;
  std::string select_;
  std::string key_;
  std::unique_ptr<MYSQL, Close> connection_;
};

}  // namespace

Result<std::unique_ptr<ForeignTable>> OpenMysqlTable(const ForeignSpec& spec) {
  FID_ASSIGN(Place place, PlaceOf(spec.url));
  FID_ASSIGN(const std::string table, QuotedName(spec.table, '`'));
  std::string key;
  for (const std::string& column : spec.order) {
    FID_ASSIGN(const std::string quoted, QuotedName(column, '`'));
    key += (key.empty() ? "" : ", ") + quoted;
  }
  return std::make_unique<MysqlTable>(spec, std::move(place), "SELECT * FROM " + table, key);
}

}  // namespace fiducia::db
