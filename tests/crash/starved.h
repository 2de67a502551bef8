// A process that runs out of memory: the allocator of this program says no at a chosen call.
#pragma once

#include <cstdint>

namespace fiducia::crash {

// From now on the `at`-th allocation of this process fails, counted from 1, and `calls` in a row.
// Zero: none. Without effect where a sanitizer owns the allocator.
void StarveAt(int64_t at, int64_t calls);
// Allocations since the last StarveAt.
int64_t Allocations();

}  // namespace fiducia::crash
