#include "db/pg_dialect.h"

#include <regex>
#include <string_view>
#include <vector>

namespace fiducia::db {

namespace {

constexpr int kPartitions = 16;

std::vector<std::string> Statements(const std::string& sql) {
  const std::string bare = std::regex_replace(sql, std::regex("--[^\n]*"), "");
  std::vector<std::string> statements;
  size_t from = 0;
  for (size_t end = bare.find(';'); end != std::string::npos; end = bare.find(';', from)) {
    statements.push_back(bare.substr(from, end - from));
    from = end + 1;
  }
  if (bare.find_first_not_of(" \n\t", from) != std::string::npos) {
    statements.push_back(bare.substr(from));
  }
  return statements;
}

// The table a CREATE TABLE makes; empty for other statements.
std::string TableOf(const std::string& statement) {
  std::smatch match;
  static const std::regex kCreate(R"(CREATE TABLE (?:IF NOT EXISTS )?(\w+))");
  return std::regex_search(statement, match, kCreate) ? match[1].str() : std::string();
}

}  // namespace

std::string ToPostgres(const std::string& sql, PgLayout layout) {
  std::string out;
  if (sql.starts_with("-- SQLite alone")) {
    return out;
  }
  for (std::string statement : Statements(sql)) {
    statement = std::regex_replace(statement, std::regex(R"(\bBLOB\b)"), "BYTEA");
    statement = std::regex_replace(statement, std::regex(R"(\bINTEGER\b)"), "BIGINT");
    // Text is compared byte by byte in every engine, whatever the language of the server.
    statement = std::regex_replace(statement, std::regex(R"(\bTEXT\b)"), "TEXT COLLATE \"C\"");
    statement = std::regex_replace(statement, std::regex(R"(\)\s*WITHOUT ROWID)"), ")");
    const std::string table = TableOf(statement);
    const bool has_bucket = statement.find("bucket BIGINT") != std::string::npos;
    if (layout == PgLayout::kPartitioned && !table.empty() && has_bucket) {
      statement += " PARTITION BY HASH (bucket)";
    }
    out += statement + ";\n";
    if (table.empty()) {
      continue;
    }
    if (layout == PgLayout::kPartitioned && has_bucket) {
      for (int i = 0; i < kPartitions; ++i) {
        const std::string number = std::to_string(i);
        for (const std::string& part :
             {std::string("CREATE TABLE "), table, std::string("_p"), number,
              std::string(" PARTITION OF "), table, std::string(" FOR VALUES WITH (MODULUS "),
              std::to_string(kPartitions), std::string(", REMAINDER "), number,
              std::string(");\n")}) {
          out += part;
        }
      }
    }
    if (layout == PgLayout::kCitus) {
      out += has_bucket ? "SELECT create_distributed_table('" + table + "', 'bucket');\n"
                        : "SELECT create_reference_table('" + table + "');\n";
    }
  }
  return out;
}

}  // namespace fiducia::db
