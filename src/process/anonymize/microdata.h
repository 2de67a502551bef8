// Rows to be anonymized: the columns that could point to a person, as numbers of values, and those
// that are sensitive.
#pragma once

#include <span>
#include <vector>

#include "process/anonymize/hierarchy.h"

namespace fiducia::process {

struct SensitiveColumn {
  std::vector<uint32_t> values;  // by row, below `kinds`
  uint32_t kinds = 0;
};

struct Microdata {
  std::vector<Hierarchy> hierarchies;         // of the columns that could point to a person
  std::vector<std::vector<uint32_t>> values;  // by column, then row: numbers at level 0
  std::vector<SensitiveColumn> sensitive;

  uint32_t rows() const { return values.empty() ? 0 : static_cast<uint32_t>(values[0].size()); }
};

// What a release must have. Groups: rows that look alike in all the columns.
struct PrivacyModel {
  uint32_t k = 5;  // rows of a group
  uint32_t l = 0;  // distinct values of each sensitive column in a group; 0: not asked
  // How far a group's sensitive values may be from those of all (equal distance); 0: not asked.
  double t = 0;
  double suppressed = 0;  // share of rows that may be left out
};

// Judges groups by a model. Both must outlive it.
class Judge {
 public:
  Judge(const Microdata& data, const PrivacyModel& model);
  // How many numbers are kept of each group beside its size.
  size_t counts() const { return shares_.size(); }
  void Count(uint32_t row, std::span<uint32_t> counts) const;
  // Whether a group of so many rows, with these counts, is what the model asks for.
  bool Admits(size_t rows, std::span<const uint32_t> counts) const;

 private:
  const Microdata& data_;
  const PrivacyModel& model_;
  // Of all rows, column after column; empty if nothing is asked of sensitive values.
  std::vector<double> shares_;
};

// How much is lost: 0 nothing, 1 all. ARX calls 1 minus this granularity. `released` is by column,
// then row: the level it is shown at; a row with `dropped` counts as lost.
double LossOf(const Microdata& data, const std::vector<std::vector<uint8_t>>& released,
              const std::vector<bool>& dropped);

}  // namespace fiducia::process
