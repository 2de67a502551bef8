// A table of somebody else's database, read row by row in the order of its key, and never written.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace fiducia::db {

struct ForeignSpec {
  std::string url;                 // postgresql://user@host/database or mysql://user@host/database
  std::string table;               // name, or schema.name
  std::vector<std::string> order;  // columns of a key that only grows: updated_at, id
  std::string password;
  std::string ca_pem;  // of MariaDB and MySQL: authorities; empty: the connection is local
};

// Column and text; none is NULL.
using ForeignRow = std::vector<std::pair<std::string, std::optional<std::string>>>;

class ForeignTable {
 public:
  virtual ~ForeignTable() = default;
  // Rows after the one whose key this is (empty: from the first), at most `most`. Errors:
  // kUnavailable, kDenied, kInvalidInput for a table or column that is not there.
  virtual Result<std::vector<ForeignRow>> Read(const std::vector<std::string>& after, int most) = 0;
};

// Connects at the first Read, and again after a failure. Errors: kInvalidInput.
Result<std::unique_ptr<ForeignTable>> OpenPostgresTable(const ForeignSpec& spec);
Result<std::unique_ptr<ForeignTable>> OpenMysqlTable(const ForeignSpec& spec);

// Of the spec: "a.b" in the quotes of the dialect. Errors: kInvalidInput.
Result<std::string> QuotedName(const std::string& name, char quote);

}  // namespace fiducia::db
