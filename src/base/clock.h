// Time comes in by interface, so that a test can hold it, jump it and replay it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fiducia {

// Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMs() const = 0;        // wall time, ms since 1970-01-01T00:00:00Z
  virtual int64_t MonotonicMs() const = 0;  // never goes back; unrelated to the wall
};

const Clock& SystemClock();

std::string FormatTime(int64_t ms);                   // RFC 3339, UTC, milliseconds
Result<int64_t> ParseTime(std::string_view rfc3339);  // accepts an offset; errors: kInvalidInput

// Days since 1970-01-01 of a proleptic Gregorian date, and back.
int64_t DaysFromCivil(int year, int month, int day);
struct CivilDate {
  int year;
  int month;
  int day;
};
CivilDate CivilFromDays(int64_t days);
// Birthdays between two days: an age.
int64_t WholeYears(int64_t from_day, int64_t to_day);
bool IsValidDate(int year, int month, int day);

}  // namespace fiducia
