// Which column becomes which field: read from a TOML file, or proposed from names and contents.
#pragma once

#include <string>
#include <vector>

#include "collect/imports/table_reader.h"
#include "process/classify/columns.h"
#include "process/clean/cleaner.h"
#include "rules/policy.h"

namespace fiducia::collect {

enum class OnInvalid { kQuarantine, kDrop };

struct ColumnMap {
  std::vector<std::string> columns;  // joined by `joiner` where there are several
  std::string joiner = " ";
  const rules::Field* field = nullptr;
  OnInvalid on_invalid = OnInvalid::kQuarantine;
  process::DateOrder date_order = process::DateOrder::kUnknown;
  double confidence = 1.0;  // of a proposal
};

struct Mapping {
  model::SubjectKind kind = model::SubjectKind::kPerson;
  std::string region;        // ISO 3166, "ZZ" for unknown; empty: from the jurisdiction
  std::string jurisdiction;  // empty: the installation's
  std::string currency;
  std::vector<std::string> key;  // columns that identify a record within its source
  std::vector<ColumnMap> columns;
  std::vector<std::string> ignored;  // columns left out, in a proposal
};

// Errors name the file and line.
rules::Loaded<Mapping> ParseMapping(const std::string& file, std::string_view toml,
                                    const rules::Catalog& catalog);
std::string WriteMapping(const Mapping& mapping);

// Looks at the header and up to 1,000 rows. Reads `table` only that far.
Result<Mapping> SuggestMapping(TableReader& table, const rules::Policy& policy,
                               const process::Cleaner& cleaner);

struct ColumnReport {
  std::string column;
  process::ColumnFinding finding;
};
// What each column holds, from its name and up to 1,000 rows.
Result<std::vector<ColumnReport>> DescribeColumns(TableReader& table);

}  // namespace fiducia::collect
