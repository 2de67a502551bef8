#include "testing/shared_data.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fiducia::testing {

namespace {

namespace fs = std::filesystem;

std::vector<std::vector<std::string>> ReadRows(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::vector<std::string> row(1);
    for (const char c : line) {
      if (c == ';') {
        row.emplace_back();
      } else if (c != '\r') {
        row.back() += c;
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string SharedData(const std::string& name) {
  const char* named = std::getenv("FIDUCIA_DATA");
  for (const std::string base : {named == nullptr ? "" : named, "../shared/data",
                                 "../../shared/data", "../../../shared/data"}) {
    const std::string path = std::string(base).append("/").append(name);
    std::error_code error;
    if (!base.empty() && fs::exists(path, error)) {
      return path;
    }
  }
  return {};
}

process::Microdata ReadAdult(const std::string& folder) {
  process::Microdata data;
  auto rows = ReadRows(folder + "/adult.csv");
  if (rows.empty()) {
    return data;
  }
  const std::vector<std::string> head = rows[0];
  rows.erase(rows.begin());
  for (size_t c = 0; c < head.size(); ++c) {
    auto hierarchy = process::Hierarchy::From(
        ReadRows(std::string(folder).append("/adult_hierarchy_").append(head[c]).append(".csv")));
    FID_CHECK(hierarchy.has_value());
    std::vector<uint32_t> values;
    values.reserve(rows.size());
    for (const auto& row : rows) {
      values.push_back(hierarchy->Find(row[c]).value());
    }
    data.hierarchies.push_back(std::move(*hierarchy));
    data.values.push_back(std::move(values));
  }
  return data;
}

}  // namespace fiducia::testing
