#include "process/anonymize/small_cells.h"

#include <algorithm>

namespace fiducia::process {

std::vector<bool> TooSmall(std::span<const int64_t> counts) {
  std::vector<bool> held(counts.size());
  size_t next = counts.size();
  for (size_t i = 0; i < counts.size(); ++i) {
    held[i] = IsFew(counts[i]);
    if (counts[i] >= kFewest && (next == counts.size() || counts[i] < counts[next])) {
      next = i;
    }
  }
  if (std::count(held.begin(), held.end(), true) == 1 && next < counts.size()) {
    held[next] = true;
  }
  return held;
}

}  // namespace fiducia::process
