// A request of a person: one case, one process for each right, each with its own state, clocks and
// outcome.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/sensitive.h"
#include "model/types.h"
#include "rules/jurisdictions.h"

namespace fiducia::govern {

enum class Right { kAccess, kPortability, kRectify, kErase, kRestrict, kObject, kHumanReview };
std::string_view Name(Right right);
Result<Right> ParseRight(std::string_view word);

enum class CaseState {
  kIdentity,   // who asks is not established well enough
  kReview,     // somebody looks at it
  kDecided,    // waits to be carried out
  kOnHold,     // approved; carried out by itself once the hold is lifted
  kDelivered,  // ready for the person to fetch
  kDone,
  kRefused,
  kWithdrawn,  // by the person
};
std::string_view Name(CaseState state);

enum class Outcome { kOpen, kFull, kPartial, kRefused };
std::string_view Name(Outcome outcome);
Result<Outcome> ParseOutcome(std::string_view word);

// What is to become of one class of data.
struct CaseItem {
  std::string data_class;
  std::string action;  // erase, restrict_until
  std::string law;     // the rule that keeps it
  int64_t until_day = 0;
};

struct CaseClock {
  std::string rule;
  rules::ClockState state;
};

// One wish to change a value.
struct Correction {
  std::string field;
  model::Sensitive value;
};

struct CaseProcess {
  Right right = Right::kAccess;
  CaseState state = CaseState::kReview;
  Outcome outcome = Outcome::kOpen;
  std::string reason;      // of a partial answer or a refusal: one of a fixed list
  model::Sensitive words;  // to the person
  std::vector<CaseClock> clocks;
  std::vector<CaseItem> items;
  Uuid decided_by;
  int64_t decided_ms = 0;
  int64_t done_ms = 0;
  int64_t removed_ms = 0;      // of an erasure: all but what a law keeps is gone
  int64_t fetch_until_ms = 0;  // of a delivery
  std::string receipt;         // of an erasure
};

struct CaseStep {
  int64_t at_ms = 0;
  Uuid by;  // nil: the person, or the system
  std::string what;
  std::string right;  // may be empty
};

// A recipient who was given something of the person is told what became of it.
struct CaseTask {
  Uuid recipient;
  std::string code;
  std::string right;  // erase, rectify, restrict
  int64_t made_ms = 0;
  int64_t done_ms = 0;
  Uuid by;
  std::string evidence;  // where the proof is kept
};

struct RightsCase {
  Uuid id;
  uint32_t version = 0;
  std::string number;   // R-2026-00017, for people to say on the phone
  Uuid customer;        // nil until it is known
  std::string channel;  // portal, desk, phone, mail
  model::Sensitive text;
  std::set<std::string> regimes;
  int tier = 9;        // of identity: 0 best, 4 least; 9 none yet
  std::string method;  // how it was established
  int64_t received_ms = 0;
  int64_t closed_ms = 0;
  std::vector<Correction> corrections;
  std::vector<CaseProcess> processes;
  std::vector<CaseStep> steps;
  std::vector<CaseTask> tasks;

  CaseProcess* Find(Right right);
  bool IsOpen() const { return closed_ms == 0; }
};

Json ToJson(const RightsCase& one);
// Errors: kCorrupt.
Result<RightsCase> CaseFrom(const Uuid& id, uint32_t version, const Json& json);

// The reasons there are for a partial answer or a refusal, by law.
bool IsRefusalReason(std::string_view word);
// The least tier of identity that a right needs; 9: none.
int TierNeeded(Right right, bool sensitive);

}  // namespace fiducia::govern
