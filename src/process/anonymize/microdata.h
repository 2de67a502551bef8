// Rows to be anonymized: the columns that could point to a person, as numbers of values, and those
// that are sensitive.
#pragma once

#include <span>
#include <vector>

#include "process/anonymize/hierarchy.h"

namespace fiducia::process {

struct Microdata {
  std::vector<Hierarchy> hierarchies;         // of the columns that could point to a person
  std::vector<std::vector<uint32_t>> values;  // by column, then row: numbers at level 0
  std::vector<uint32_t> sensitive;            // by row; empty: no column is sensitive
  uint32_t sensitive_values = 0;

  uint32_t rows() const { return values.empty() ? 0 : static_cast<uint32_t>(values[0].size()); }
};

// What a release must have. Groups: rows that look alike in all the columns.
struct PrivacyModel {
  uint32_t k = 5;  // rows of a group
  uint32_t l = 0;  // distinct sensitive values of a group; 0: not asked
  double t =
      0;  // how far a group's sensitive values may be from all (equal distance); 0: not asked
  double suppressed = 0;  // share of rows that may be left out
};

// How often each sensitive value stands in all rows, as a share.
std::vector<double> SensitiveShares(const Microdata& data);
// Whether a group of so many rows, with these counts of sensitive values, is what the model asks
// for. `all`: SensitiveShares.
bool Admits(const PrivacyModel& model, size_t rows, std::span<const uint32_t> counts,
            const std::vector<double>& all);
// Whether the model asks anything of sensitive values.
bool AsksForDiversity(const Microdata& data, const PrivacyModel& model);

// How much is lost: 0 nothing, 1 all. ARX calls 1 minus this granularity. `released` is by column,
// then row: the level it is shown at; a row with `dropped` counts as lost.
double LossOf(const Microdata& data, const std::vector<std::vector<uint8_t>>& released,
              const std::vector<bool>& dropped);

}  // namespace fiducia::process
