// Groups out of links: what hangs together by a chain of links is split until every group holds
// together as a whole (average linkage).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace fiducia::process {

struct MatchLink;

// By record: the smallest record of its group. `weigh` gives the log2 odds of any two; a group
// keeps together while its parts stand to each other at `cut` or more on average.
std::vector<uint32_t> GroupByAverage(uint32_t records, const std::vector<MatchLink>& links,
                                     double pair, double cut,
                                     const std::function<double(uint32_t, uint32_t)>& weigh);

}  // namespace fiducia::process
