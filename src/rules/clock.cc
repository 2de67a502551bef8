#include "rules/clock.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/clock.h"
#include "base/text.h"
#include "base/zone.h"

namespace fiducia::rules {

namespace {

constexpr int64_t kHourMs = 3600000;
constexpr int64_t kDayMs = 86400000;

int DaysInMonth(int year, int month) {
  return static_cast<int>(
      month == 12 ? 31 : DaysFromCivil(year, month + 1, 1) - DaysFromCivil(year, month, 1));
}

const Calendar* CalendarOf(const Calendars& calendars, const std::string& id) {
  const auto found = calendars.find(id);
  return found == calendars.end() ? nullptr : &found->second;
}

bool IsPaused(const ClockState& state) {
  return !state.pauses.empty() && state.pauses.back().to_ms == 0;
}

Result<int64_t> PausedDays(const ClockState& state, const Calendar& calendar, int64_t now_ms) {
  int64_t days = 0;
  for (const Pause& pause : state.pauses) {
    FID_ASSIGN(const LocalTime from, ToLocal(pause.from_ms, calendar.zone));
    FID_ASSIGN(const LocalTime to, ToLocal(pause.to_ms == 0 ? now_ms : pause.to_ms, calendar.zone));
    days += to.day - from.day;
  }
  return days;
}

int64_t PausedMs(const ClockState& state, int64_t now_ms) {
  int64_t ms = 0;
  for (const Pause& pause : state.pauses) {
    ms += (pause.to_ms == 0 ? now_ms : pause.to_ms) - pause.from_ms;
  }
  return ms;
}

int64_t Add(const Calendar& calendar, int64_t day, const Length& length) {
  switch (length.unit) {
    case Unit::kWorkingDays:
      return calendar.AddWorkingDays(day, length.number);
    case Unit::kMonths:
      return AddMonths(day, length.number);
    default:
      return day + length.number;
  }
}

// The end of the term with (`extended`) or without what it was lengthened by.
Result<int64_t> EndOf(const ClockRule& rule, const ClockState& state, const Calendars& calendars,
                      int64_t now_ms, bool extended) {
  const Calendar* calendar = CalendarOf(calendars, rule.calendar);
  if (calendar == nullptr) {
    return Fail(Code::kInvalidInput, "the calendar is not declared");
  }
  if (rule.length.unit == Unit::kHours) {
    const int more = extended && rule.extension ? rule.extension->number : 0;
    return state.started_ms + (rule.length.number + more) * kHourMs + PausedMs(state, now_ms);
  }
  FID_ASSIGN(const LocalTime start, ToLocal(state.started_ms, calendar->zone));
  FID_ASSIGN(const int64_t paused, PausedDays(state, *calendar, now_ms));
  Length length = rule.length;
  int64_t end = 0;
  if (extended && rule.extension && rule.extension->unit == length.unit) {
    length.number += rule.extension->number;
    end = Add(*calendar, start.day, length);
  } else {
    end = Add(*calendar, start.day, length);
    if (extended && rule.extension) {
      end = Add(*calendar, end, *rule.extension);
    }
  }
  end += paused;
  if (rule.rolls) {
    end = calendar->WorkingDayFrom(end);
  }
  return FromLocal({end, kDayMs - 1}, calendar->zone);
}

}  // namespace

int64_t AddMonths(int64_t day, int months) {
  const CivilDate date = CivilFromDays(day);
  const int count = date.year * 12 + date.month - 1 + months;
  const int year = count / 12;
  const int month = count % 12 + 1;
  return DaysFromCivil(year, month, std::min(date.day, DaysInMonth(year, month)));
}

Result<Length> ParseLength(std::string_view text) {
  Length length;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length.number);
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  bool good = error == std::errc() && length.number >= 0 && length.number <= 10000;
  if (unit == "h") {
    length.unit = Unit::kHours;
  } else if (unit == "cd") {
    length.unit = Unit::kDays;
  } else if (unit == "bd") {
    length.unit = Unit::kWorkingDays;
  } else if (unit == "mo") {
    length.unit = Unit::kMonths;
  } else {
    good = false;
  }
  if (!good) {
    return Fail(Code::kInvalidInput, "a length is written as 72h, 45cd, 10bd or 1mo");
  }
  return length;
}

std::string FormatLength(const Length& length) {
  constexpr std::array<std::string_view, 4> kUnits = {"h", "cd", "bd", "mo"};
  return std::to_string(length.number) + std::string(kUnits[static_cast<size_t>(length.unit)]);
}

std::string_view Name(ClockPhase phase) {
  constexpr std::array<std::string_view, 6> kNames = {"green",   "amber",  "red",
                                                      "overdue", "paused", "met"};
  return kNames[static_cast<size_t>(phase)];
}

Result<int64_t> DueOf(const ClockRule& rule, const ClockState& state, const Calendars& calendars,
                      int64_t now_ms) {
  return EndOf(rule, state, calendars, now_ms, state.extension.has_value());
}

Status PauseClock(const ClockRule& rule, ClockState& state, const std::string& reason,
                  int64_t now_ms) {
  if (!rule.pauses.contains(reason)) {
    return Fail(Code::kConflict, "the law does not stop this clock for such a reason");
  }
  if (IsPaused(state) || state.met_ms != 0) {
    return Fail(Code::kConflict, "the clock does not run");
  }
  state.pauses.push_back({now_ms, 0, reason});
  return {};
}

Status ResumeClock(ClockState& state, int64_t now_ms) {
  if (!IsPaused(state)) {
    return Fail(Code::kConflict, "the clock is not paused");
  }
  state.pauses.back().to_ms = std::max(now_ms, state.pauses.back().from_ms);
  return {};
}

Status ExtendClock(const ClockRule& rule, ClockState& state, const Calendars& calendars,
                   const Extension& extension) {
  if (!rule.extension) {
    return Fail(Code::kConflict, "the law does not lengthen this clock");
  }
  if (state.extension || state.met_ms != 0) {
    return Fail(Code::kConflict, "the clock was lengthened already, or is met");
  }
  if (rule.extension_needs.contains("reason") && !SaysWhy(extension.reason)) {
    return Fail(Code::kReasonRequired, "say why, in at least three letters");
  }
  if (rule.extension_needs.contains("notice_to_subject") && !extension.subject_told) {
    return Fail(Code::kConflict, "the person must be told of it first, and why");
  }
  FID_ASSIGN(const int64_t first, EndOf(rule, state, calendars, extension.at_ms, false));
  if (extension.at_ms > first) {
    return Fail(Code::kConflict, "the first term is over: it can be lengthened no more");
  }
  state.extension = extension;
  return {};
}

Result<ClockPhase> PhaseOf(const ClockRule& rule, const ClockState& state,
                           const Calendars& calendars, int64_t now_ms) {
  if (state.met_ms != 0) {
    return ClockPhase::kMet;
  }
  if (IsPaused(state)) {
    return ClockPhase::kPaused;
  }
  FID_ASSIGN(const int64_t due, DueOf(rule, state, calendars, now_ms));
  if (now_ms > due) {
    return ClockPhase::kOverdue;
  }
  const int64_t whole = std::max<int64_t>(1, due - state.started_ms);
  const int64_t used = (now_ms - state.started_ms) * 100 / whole;
  return used >= 80 ? ClockPhase::kRed : used >= 60 ? ClockPhase::kAmber : ClockPhase::kGreen;
}

}  // namespace fiducia::rules
