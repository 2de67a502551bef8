#include "db/pg_error.h"

namespace fiducia::db {

Error PgError(std::string_view sqlstate) {
  const std::string_view family = sqlstate.substr(0, 2);
  if (family == "23") {
    return {Code::kConflict, "a row with this key exists already"};
  }
  if (IsConflictOfTransactions(sqlstate)) {
    return {Code::kUnavailable, "other writes were in the way, again and again"};
  }
  if (sqlstate == "42501") {
    return {Code::kDenied, "the database user lacks a privilege"};
  }
  if (sqlstate == "53100") {
    return {Code::kUnavailable, "the disk of the database server is full"};
  }
  if (sqlstate == "25006") {
    return {Code::kUnavailable, "the database server does not take writes"};
  }
  if (sqlstate.starts_with("XX00")) {
    return {Code::kCorrupt, "the database server reports damage"};
  }
  if (family == "53" || family == "58" || IsLostServer(sqlstate)) {
    return {Code::kUnavailable, "the database server cannot serve now"};
  }
  return {Code::kInternal, "the database refused a statement"};
}

bool IsConflictOfTransactions(std::string_view sqlstate) {
  return sqlstate == "40001" || sqlstate == "40P01";
}

bool IsLostServer(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P0") ||
         sqlstate == "25006";
}

bool IsFaultOfRequest(std::string_view sqlstate) {
  const std::string_view family = sqlstate.substr(0, 2);
  return family == "22" || family == "23" || family == "42";
}

}  // namespace fiducia::db
