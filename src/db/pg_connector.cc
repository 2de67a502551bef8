#include "db/pg_connector.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include "base/clock.h"

namespace fiducia::db {

namespace {

constexpr int kOldest = 150000;  // PostgreSQL 15
constexpr int64_t kLongestWaitMs = 1000;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// Libpq gives no code for a failed connection, only words; these are stable since version 9.
Error WhyNot(std::string_view words) {
  const auto says = [&](std::string_view part) { return words.find(part) != words.npos; };
  if (says("password") || says("authentication failed") || says("no pg_hba.conf entry") ||
      says("role \"")) {
    return {Code::kDenied, "the database server refuses this user"};
  }
  if (says("database \"") && says("does not exist")) {
    return {Code::kDenied, "there is no such database on the server"};
  }
  if (says("session is read-only") || says("in recovery")) {
    return {Code::kUnavailable, "no database server takes writes: all are standbys"};
  }
  return {Code::kUnavailable, "the database server does not answer"};
}

}  // namespace

void PgClose::operator()(pg_conn* connection) const { PQfinish(connection); }

PgConnector::PgConnector(std::string dsn, std::string schema)
    : dsn_(std::move(dsn)), schema_(std::move(schema)) {}

PgConnector::PgConnector(std::string dsn, std::string schema, PgNode node)
    : dsn_(std::move(dsn)), schema_(std::move(schema)), node_(std::move(node)) {}

Result<PgConnection> PgConnector::Connect() {
  const int64_t now = SystemClock().MonotonicMs();
  if (now < not_before_ms_) {
    return Fail(Code::kUnavailable, "the database server does not answer");
  }
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(dsn_.c_str(), &complaint));
  if (options == nullptr) {
    const std::lock_guard lock(mutex_);
    last_words_ = complaint == nullptr ? "" : complaint;
    PQfreemem(complaint);
    return Fail(Code::kInvalidInput, "the address of the database is malformed");
  }
  std::vector<const char*> keys = {"dbname"};
  std::vector<const char*> values = {dsn_.c_str()};
  const auto add_unless_given = [&](const char* key, const char* value) {
    for (const PQconninfoOption* o = options.get(); o->keyword != nullptr; ++o) {
      if (std::string_view(o->keyword) == key && o->val != nullptr) {
        return;
      }
    }
    keys.push_back(key);
    values.push_back(value);
  };
  add_unless_given("connect_timeout", "3");
  add_unless_given("application_name", "fiducia");
  add_unless_given("target_session_attrs", "read-write");
  add_unless_given("tcp_user_timeout", "15000");
  add_unless_given("client_encoding", "UTF8");
  const std::string port = node_ ? std::to_string(node_->port) : "";
  if (node_) {
    keys.insert(keys.end(), {"host", "port"});
    values.insert(values.end(), {node_->host.c_str(), port.c_str()});
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PgConnection connection(PQconnectdbParams(keys.data(), values.data(), 1));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    const std::string words = PQerrorMessage(connection.get());
    const std::lock_guard lock(mutex_);
    last_words_ = words;
    const int64_t wait = std::min<int64_t>(kLongestWaitMs, 25LL << std::min(6, failures_++));
    not_before_ms_ = SystemClock().MonotonicMs() + wait;
    return std::unexpected(WhyNot(words));
  }
  failures_ = 0;
  // Remarks of the server may quote values: they go nowhere.
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  if (PQserverVersion(connection.get()) < kOldest) {
    return Fail(Code::kConflict, "PostgreSQL 15 or newer is needed",
                PQserverVersion(connection.get()) / 10000);
  }
  return connection;
}

std::string PgConnector::last_words() const {
  const std::lock_guard lock(mutex_);
  return last_words_;
}

}  // namespace fiducia::db
