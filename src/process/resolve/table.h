// Records as matching sees them: columns of numbers that stand for distinct values. What is
// compared often is computed once.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "process/resolve/values.h"

namespace fiducia::process {

struct MatchColumn {
  std::string name;
  MatchKind kind = MatchKind::kText;
};

using ValueNo = uint32_t;  // 0: missing

class MatchTable {
 public:
  explicit MatchTable(std::vector<MatchColumn> columns);

  // Values in the order of the columns, UTF-8; empty ones are missing. Gives the record's place.
  uint32_t Add(std::span<const std::string_view> values);

  uint32_t size() const { return size_; }
  const std::vector<MatchColumn>& columns() const { return columns_; }
  ValueNo at(size_t column, uint32_t record) const { return parts_[column].of[record]; }
  const MatchValue& value(size_t column, ValueNo number) const {
    return parts_[column].values[number];
  }
  // A key of the value, 0 if it has none. After Finish.
  uint64_t key(size_t column, ValueNo number, size_t slot) const {
    return parts_[column].keys[slot][number];
  }
  // How many records have the value.
  uint32_t count(size_t column, ValueNo number) const { return parts_[column].counts[number]; }
  // How many records have a value that sounds like it (the same first key). After Finish.
  uint32_t sounding(size_t column, ValueNo number) const { return parts_[column].sounding[number]; }
  // When all records are in. With `grows`, what is needed to add more later is kept.
  void Finish(bool grows = false);
  // Adds a record to a finished table that grows. What was known stays as it was; shares follow.
  uint32_t Append(std::span<const std::string_view> values);
  size_t distinct(size_t column) const { return parts_[column].values.size() - 1; }

 private:
  struct Part {
    std::vector<ValueNo> of;  // by record
    std::vector<MatchValue> values;
    std::vector<uint32_t> counts;
    std::vector<uint32_t> sounding;
    std::array<std::vector<uint64_t>, kValueKeys> keys;  // beside each other: many are asked for
    std::unordered_map<std::string, ValueNo> raw;        // as it was written
    std::unordered_map<std::string, ValueNo> made;       // by text
    // Of a table that grows: records by first key, and by word.
    std::unordered_map<uint64_t, uint32_t> sounds;
    std::unordered_map<uint32_t, uint32_t> words;
  };
  void FillRarity(const Part& part, MatchValue& value) const;
  ValueNo Intern(size_t column, std::string_view raw);

  std::vector<MatchColumn> columns_;
  std::vector<Part> parts_;
  uint32_t size_ = 0;
};

}  // namespace fiducia::process
