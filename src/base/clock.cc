#include "base/clock.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace fiducia {

namespace {

class RealClock : public Clock {
 public:
  int64_t NowMs() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  int64_t MonotonicMs() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

// Reads `width` digits at `at`; -1 if there are fewer.
int Digits(std::string_view text, size_t at, size_t width) {
  if (at + width > text.size()) {
    return -1;
  }
  int value = 0;
  for (const char c : text.substr(at, width)) {
    if (c < '0' || c > '9') {
      return -1;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

int64_t DaysFromCivil(int year, int month, int day) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  return sys_days(date).time_since_epoch().count();
}

CivilDate CivilFromDays(int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

bool IsValidDate(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1 || year > 9999) {
    return false;
  }
  return std::chrono::year_month_day{std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))}
      .ok();
}

std::string FormatTime(int64_t ms) {
  int64_t days = ms / 86400000;
  int64_t rest = ms % 86400000;
  if (rest < 0) {
    rest += 86400000;
    --days;
  }
  const CivilDate date = CivilFromDays(days);
  std::array<char, 48> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                              date.year, date.month, date.day, static_cast<int>(rest / 3600000),
                              static_cast<int>(rest / 60000 % 60),
                              static_cast<int>(rest / 1000 % 60), static_cast<int>(rest % 1000));
  return {buffer.data(), static_cast<size_t>(n)};
}

Result<int64_t> ParseTime(std::string_view text) {
  const auto bad = [] { return Fail(Code::kInvalidInput, "not an RFC 3339 time"); };
  const int year = Digits(text, 0, 4);
  const int month = Digits(text, 5, 2);
  const int day = Digits(text, 8, 2);
  const int hour = Digits(text, 11, 2);
  const int minute = Digits(text, 14, 2);
  const int second = Digits(text, 17, 2);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':' ||
      !IsValidDate(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60) {
    return bad();
  }
  size_t at = 19;
  int64_t ms = 0;
  if (text[at] == '.') {
    int64_t scale = 100;
    size_t digits = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      ms += scale * (text[at] - '0');
      scale /= 10;
    }
    if (digits == 0) {
      return bad();
    }
  }
  int64_t offset_minutes = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
    const int hours = Digits(text, at + 1, 2);
    const int minutes = Digits(text, at + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return bad();
    }
    offset_minutes = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
    at += 6;
  }
  if (at != text.size()) {
    return bad();
  }
  const int64_t day_ms = DaysFromCivil(year, month, day) * 86400000;
  return day_ms + (hour * 3600 + minute * 60 + second) * 1000LL + ms - offset_minutes * 60000;
}

int64_t WholeYears(int64_t from_day, int64_t to_day) {
  const CivilDate from = CivilFromDays(from_day);
  const CivilDate to = CivilFromDays(to_day);
  const bool before = to.month < from.month || (to.month == from.month && to.day < from.day);
  return to.year - from.year - (before ? 1 : 0);
}

}  // namespace fiducia
