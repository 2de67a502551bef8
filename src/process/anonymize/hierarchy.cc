#include "process/anonymize/hierarchy.h"

namespace fiducia::process {

Result<Hierarchy> Hierarchy::From(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty() || rows[0].empty()) {
    return Fail(Code::kInvalidInput, "a hierarchy needs a value");
  }
  Hierarchy made;
  const size_t levels = rows[0].size();
  made.codes_.resize(levels);
  made.names_.resize(levels);
  made.leaves_.resize(levels);
  std::vector<std::unordered_map<std::string, uint32_t>> known(levels);
  for (const std::vector<std::string>& row : rows) {
    if (row.size() != levels) {
      return Fail(Code::kInvalidInput, "every value of a hierarchy has the same number of levels");
    }
    if (known[0].contains(row[0])) {
      return Fail(Code::kInvalidInput, "a value stands in the hierarchy twice");
    }
    for (size_t level = 0; level < levels; ++level) {
      const auto [at, fresh] =
          known[level].try_emplace(row[level], static_cast<uint32_t>(made.names_[level].size()));
      if (fresh) {
        made.names_[level].push_back(row[level]);
        made.leaves_[level].push_back(0);
      }
      made.codes_[level].push_back(at->second);
      ++made.leaves_[level][at->second];
    }
  }
  // Who is one at a level is one at every coarser level.
  for (size_t level = 0; level + 1 < levels; ++level) {
    std::vector<uint32_t> above(made.names_[level].size(), UINT32_MAX);
    for (uint32_t value = 0; value < made.values(); ++value) {
      uint32_t& parent = above[made.codes_[level][value]];
      const uint32_t next = made.codes_[level + 1][value];
      if (parent != UINT32_MAX && parent != next) {
        return Fail(Code::kInvalidInput,
                    "a coarser level of a hierarchy parts what a finer one holds together");
      }
      parent = next;
    }
  }
  made.places_ = std::move(known[0]);
  return made;
}

Hierarchy Hierarchy::Flat(const std::vector<std::string>& values) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(values.size());
  for (const std::string& value : values) {
    rows.push_back({value, "*"});
  }
  auto made = From(rows);
  FID_CHECK(made.has_value());
  return std::move(*made);
}

Result<uint32_t> Hierarchy::Find(std::string_view value) const {
  const auto found = places_.find(std::string(value));
  if (found == places_.end()) {
    return Fail(Code::kNotFound, "the hierarchy does not cover a value of the data");
  }
  return found->second;
}

size_t Hierarchy::Join(uint32_t a, uint32_t b) const {
  size_t level = 0;
  while (level + 1 < levels() && codes_[level][a] != codes_[level][b]) {
    ++level;
  }
  return level;
}

}  // namespace fiducia::process
