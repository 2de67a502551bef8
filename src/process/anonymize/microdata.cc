#include "process/anonymize/microdata.h"

#include <cmath>

namespace fiducia::process {

Judge::Judge(const Microdata& data, const PrivacyModel& model) : data_(data), model_(model) {
  if (model.l == 0 && model.t == 0) {
    return;
  }
  for (const SensitiveColumn& column : data.sensitive) {
    const size_t start = shares_.size();
    shares_.resize(start + column.kinds, 0);
    for (const uint32_t value : column.values) {
      shares_[start + value] += 1.0 / data.rows();
    }
  }
}

void Judge::Count(uint32_t row, std::span<uint32_t> counts) const {
  if (counts.empty()) {
    return;
  }
  size_t start = 0;
  for (const SensitiveColumn& column : data_.sensitive) {
    ++counts[start + column.values[row]];
    start += column.kinds;
  }
}

bool Judge::Admits(size_t rows, std::span<const uint32_t> counts) const {
  if (rows < model_.k) {
    return false;
  }
  size_t start = 0;
  for (const SensitiveColumn& column : data_.sensitive) {
    if (counts.empty()) {
      break;
    }
    uint32_t distinct = 0;
    double distance = 0;
    for (size_t s = start; s < start + column.kinds; ++s) {
      distinct += counts[s] > 0 ? 1 : 0;
      distance += std::abs(counts[s] / static_cast<double>(rows) - shares_[s]) / 2;
    }
    if (distinct < model_.l || (model_.t > 0 && distance > model_.t + 1e-12)) {
      return false;
    }
    start += column.kinds;
  }
  return true;
}

double LossOf(const Microdata& data, const std::vector<std::vector<uint8_t>>& released,
              const std::vector<bool>& dropped) {
  double mean = 0;
  double least = 0;
  const auto columns = static_cast<double>(data.hierarchies.size());
  for (size_t c = 0; c < data.hierarchies.size(); ++c) {
    const Hierarchy& one = data.hierarchies[c];
    double sum = 0;
    for (uint32_t row = 0; row < data.rows(); ++row) {
      const size_t level = released[c][row];
      sum += dropped[row]
                 ? 1.0
                 : static_cast<double>(one.Leaves(level, one.At(level, data.values[c][row]))) /
                       one.values();
    }
    mean += sum / data.rows() / columns;
    least += 1.0 / one.values() / columns;
  }
  return least >= 1 ? 0 : (mean - least) / (1 - least);
}

}  // namespace fiducia::process
