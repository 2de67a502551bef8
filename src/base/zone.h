// Local time in a named zone of the IANA data base: what day it is depends on where one asks.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace fiducia {

struct LocalTime {
  int64_t day = 0;        // since 1970-01-01
  int64_t ms_of_day = 0;  // 0 … 86,399,999
};

bool IsZone(std::string_view zone);
// Errors: kInvalidInput for an unknown zone.
Result<LocalTime> ToLocal(int64_t ms, std::string_view zone);
// The instant at which the zone's clocks show this; the later one where they show it twice, the one
// after the gap where they never do.
Result<int64_t> FromLocal(const LocalTime& local, std::string_view zone);

}  // namespace fiducia
