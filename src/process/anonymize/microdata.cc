#include "process/anonymize/microdata.h"

#include <cmath>

namespace fiducia::process {

std::vector<double> SensitiveShares(const Microdata& data) {
  std::vector<double> shares(data.sensitive_values, 0);
  for (const uint32_t value : data.sensitive) {
    shares[value] += 1.0 / data.rows();
  }
  return shares;
}

bool AsksForDiversity(const Microdata& data, const PrivacyModel& model) {
  return !data.sensitive.empty() && (model.l > 0 || model.t > 0);
}

bool Admits(const PrivacyModel& model, size_t rows, std::span<const uint32_t> counts,
            const std::vector<double>& all) {
  if (rows < model.k) {
    return false;
  }
  if (counts.empty()) {
    return true;
  }
  uint32_t distinct = 0;
  double distance = 0;
  for (size_t s = 0; s < counts.size(); ++s) {
    distinct += counts[s] > 0 ? 1 : 0;
    distance += std::abs(counts[s] / static_cast<double>(rows) - all[s]) / 2;
  }
  return (model.l == 0 || distinct >= model.l) && (model.t == 0 || distance <= model.t + 1e-12);
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
