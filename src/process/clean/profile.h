// What is wrong in a table: found by looking at each column as a whole, without rules written for
// it. Suggests repairs; changes nothing.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "model/sensitive.h"
#include "process/classify/columns.h"

namespace fiducia::process {

enum class DefectKind : uint8_t {
  kMissing,       // empty, or a word that says so
  kBlanks,        // around or doubled inside
  kNotANumber,    // in a column of numbers
  kNumberInText,  // a number or a truth value in a column of words
  kOutlier,
  kFarOutlier,
  kNotInSet,      // in a column of few values: none of them, likely mistyped
  kForm,          // in a column of one form: another
  kDuplicateRow,  // nearly all as in an earlier row
};
constexpr size_t kDefectKinds = static_cast<size_t>(DefectKind::kDuplicateRow) + 1;
std::string_view Name(DefectKind kind);

struct Defect {
  uint32_t row = 0;     // from 0
  uint32_t column = 0;  // of kDuplicateRow: 0
  DefectKind kind = DefectKind::kMissing;
  bool certain = false;        // the suggestion can be taken without a look
  model::Sensitive suggested;  // empty: none, or to be emptied if `certain`
  uint32_t other_row = 0;      // of kDuplicateRow
};

enum class ValueType : uint8_t { kEmpty, kNumber, kSet, kForm, kText };
std::string_view Name(ValueType type);

struct ColumnProfile {
  std::string name;
  ValueType type = ValueType::kEmpty;
  ColumnFinding holds;
  size_t filled = 0;
  size_t distinct = 0;
  std::array<size_t, kDefectKinds> defects{};
  double score = 1;  // share of values with nothing wrong
};

struct TableProfile {
  size_t rows = 0;
  std::vector<ColumnProfile> columns;
  std::vector<Defect> defects;  // by row, then column
  double score = 1;
};

// Rows have as many cells as there are names; values are UTF-8 and must live as long as the call.
// Time is linear but for sorting; memory holds the defects and what is distinct in short columns.
TableProfile ProfileTable(const std::vector<std::string>& names,
                          const std::vector<std::vector<std::string_view>>& rows);

}  // namespace fiducia::process
