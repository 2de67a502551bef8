#include "rules/calendar.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/clock.h"
#include "base/zone.h"

namespace fiducia::rules {

namespace {

bool Number(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

void ReadDays(const TomlTable& table, std::string_view key, std::set<int64_t>& days) {
  for (const std::string& text : table.Words(key)) {
    const auto day = ParseDay(text);
    if (!day) {
      table.Refuse(key, "'" + text + "' is no date such as 2027-01-31");
    }
    days.insert(*day);
  }
}

}  // namespace

Result<int64_t> ParseDay(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  const bool good = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                    Number(text.substr(0, 4), year) && Number(text.substr(5, 2), month) &&
                    Number(text.substr(8, 2), day) && IsValidDate(year, month, day);
  if (!good) {
    return Fail(Code::kInvalidInput, "a date is written as 2027-01-31");
  }
  return DaysFromCivil(year, month, day);
}

std::string FormatDay(int64_t day) {
  const CivilDate date = CivilFromDays(day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", date.year, date.month, date.day);
  return text.data();
}

bool Calendar::IsWorkingDay(int64_t day) const {
  if (working.contains(day)) {
    return true;
  }
  // 1970-01-01 was a Thursday.
  const int weekday = static_cast<int>(((day + 3) % 7 + 7) % 7) + 1;
  return !weekend.contains(weekday) && !holidays.contains(day);
}

int64_t Calendar::WorkingDayFrom(int64_t day) const {
  while (!IsWorkingDay(day)) {
    ++day;
  }
  return day;
}

int64_t Calendar::AddWorkingDays(int64_t day, int n) const {
  for (; n > 0; --n) {
    day = WorkingDayFrom(day + 1);
  }
  return day;
}

Calendar ReadCalendar(const TomlTable& file) {
  file.AllowOnly({"id", "zone", "weekend", "source", "year"});
  Calendar calendar;
  calendar.id = file.Text("id");
  calendar.zone = file.Text("zone");
  if (!IsZone(calendar.zone)) {
    file.Refuse("zone", "there is no time zone '" + calendar.zone + "'");
  }
  if (file.Text("source").size() < 3) {
    file.Refuse("source", "say where the holidays are published");
  }
  calendar.weekend.clear();
  for (const std::string& word : file.Words("weekend")) {
    int day = 0;
    if (!Number(word, day) || day < 1 || day > 7 || calendar.weekend.size() == 6) {
      file.Refuse("weekend", "a weekend has at most six days, 1 (Monday) to 7 (Sunday)");
    }
    calendar.weekend.insert(day);
  }
  for (const TomlTable& year : file.Tables("year")) {
    year.AllowOnly({"year", "holidays", "working"});
    calendar.years.insert(static_cast<int>(year.Number("year")));
    ReadDays(year, "holidays", calendar.holidays);
    ReadDays(year, "working", calendar.working);
  }
  return calendar;
}

}  // namespace fiducia::rules
