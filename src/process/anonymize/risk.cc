#include "process/anonymize/risk.h"

#include <algorithm>

namespace fiducia::process {

LinkRisk LinkRiskOf(std::vector<uint64_t> rows) {
  std::sort(rows.begin(), rows.end());
  LinkRisk risk;
  risk.rows = static_cast<int64_t>(rows.size());
  for (size_t from = 0; from < rows.size();) {
    size_t to = from + 1;
    while (to < rows.size() && rows[to] == rows[from]) {
      ++to;
    }
    const auto size = static_cast<int64_t>(to - from);
    risk.smallest = risk.groups == 0 ? size : std::min(risk.smallest, size);
    risk.unique += size == 1 ? 1 : 0;
    risk.under_five += size < 5 ? size : 0;
    ++risk.groups;
    from = to;
  }
  risk.average =
      rows.empty() ? 0 : static_cast<double>(risk.groups) / static_cast<double>(risk.rows);
  return risk;
}

}  // namespace fiducia::process
