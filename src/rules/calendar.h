// Working days: weekends, holidays and the working days that China puts in their place, by year.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "rules/toml_reader.h"

namespace fiducia::rules {

class Calendar {
 public:
  std::string id;
  std::string zone;                // IANA
  std::set<int> weekend = {6, 7};  // 1 is Monday
  std::set<int64_t> holidays;      // days since 1970-01-01
  std::set<int64_t> working;       // weekend days on which one works
  std::set<int> years;             // those the holidays are known of

  bool IsWorkingDay(int64_t day) const;
  // The day itself if one works on it, else the next on which one does.
  int64_t WorkingDayFrom(int64_t day) const;
  // The n-th working day after `day`.
  int64_t AddWorkingDays(int64_t day, int n) const;
};

using Calendars = std::map<std::string, Calendar, std::less<>>;

Calendar ReadCalendar(const TomlTable& file);

// "2027-01-31" as days since 1970-01-01. Errors: kInvalidInput.
Result<int64_t> ParseDay(std::string_view text);
std::string FormatDay(int64_t day);

}  // namespace fiducia::rules
