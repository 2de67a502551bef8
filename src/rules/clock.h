// Legal clocks: how long, from when, what may stop them, what may lengthen them once. The law
// decides that, not the one whose time is running out.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/calendar.h"

namespace fiducia::rules {

enum class Unit { kHours, kDays, kWorkingDays, kMonths };

struct Length {
  int number = 0;
  Unit unit = Unit::kDays;
  bool operator==(const Length&) const = default;
};

// "72h", "45cd" (calendar days), "10bd" (working days), "1mo". Errors: kInvalidInput.
Result<Length> ParseLength(std::string_view text);
std::string FormatLength(const Length& length);

struct ClockRule {
  std::string task;   // what is to be done in time: answer, confirm, notify_regulator …
  std::string start;  // the moment it runs from: received_at, aware_at …
  Length length;
  std::string calendar;          // id of rules::Calendar
  bool rolls = false;            // an end on a free day moves to the next working day
  std::set<std::string> pauses;  // the reasons that stop it
  std::optional<Length> extension;
  std::set<std::string> extension_needs;  // reason, notice_to_subject
  bool operator==(const ClockRule&) const = default;
};

struct Pause {
  int64_t from_ms = 0;
  int64_t to_ms = 0;  // 0: still running
  std::string reason;
};

struct Extension {
  int64_t at_ms = 0;
  std::string reason;
  bool subject_told = false;
};

// One running clock.
struct ClockState {
  int64_t started_ms = 0;
  std::vector<Pause> pauses;
  std::optional<Extension> extension;
  int64_t met_ms = 0;  // 0: not yet
};

// The same day of a later month, or that month's last (Regulation 1182/71 Art. 3(2)(c)).
int64_t AddMonths(int64_t day, int months);

enum class ClockPhase { kGreen, kAmber, kRed, kOverdue, kPaused, kMet };
std::string_view Name(ClockPhase phase);

// The last instant that is in time. While it is paused, as if the pause ended at `now_ms`.
// Errors: kInvalidInput if the calendar is not known.
Result<int64_t> DueOf(const ClockRule& rule, const ClockState& state, const Calendars& calendars,
                      int64_t now_ms);
// Errors: kConflict if the law knows no such pause, or one is running.
Status PauseClock(const ClockRule& rule, ClockState& state, const std::string& reason,
                  int64_t now_ms);
// Errors: kConflict if none is running.
Status ResumeClock(ClockState& state, int64_t now_ms);
// Errors: kConflict if the law knows none, it was used, or the first term is over; kReasonRequired.
Status ExtendClock(const ClockRule& rule, ClockState& state, const Calendars& calendars,
                   const Extension& extension);
// Amber from 60 % of the time on, red from 80 %.
Result<ClockPhase> PhaseOf(const ClockRule& rule, const ClockState& state,
                           const Calendars& calendars, int64_t now_ms);

}  // namespace fiducia::rules
