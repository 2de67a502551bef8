// Counts in a report that so few stand behind that they may point to somebody.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fiducia::process {

constexpr int64_t kFewest = 5;
constexpr bool IsFew(int64_t count) { return count > 0 && count < kFewest; }

// Which counts are held back; if that is one only, the smallest of the others too: the total would
// give it away.
std::vector<bool> TooSmall(std::span<const int64_t> counts);

}  // namespace fiducia::process
