// A recipient: somebody outside of the house who is given personal data, and what has to be in
// order before and while that is so.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/types.h"
#include "rules/policy.h"

namespace fiducia::govern {

enum class RecipientState { kActive, kSuspended, kEnded };
std::string_view Name(RecipientState state);

// Somebody the recipient works with in turn.
struct Subprocessor {
  std::string name;
  std::string country;
  std::string service;
  bool approved = false;  // by us
  bool operator==(const Subprocessor&) const = default;
};

enum class AuditResult { kPass, kMinor, kMajor, kFail };
std::string_view Name(AuditResult result);

struct RecipientAudit {
  int64_t day = 0;
  AuditResult result = AuditResult::kPass;
  std::string note;
  Uuid by;
};

struct Recipient {
  Uuid id;
  uint32_t version = 0;
  std::string code;  // as in the clauses of notices: a-z, 0-9 and _
  std::string name;
  // processor: works on our orders. controller: decides by itself, so each person is asked.
  std::string kind = "processor";
  std::string services;
  std::string contact;  // of the company, not of a person
  std::string owner;    // who answers for it in the house: a person's id or a role
  std::vector<std::string> countries;
  std::vector<std::string> fields;
  std::vector<std::string> purposes;
  std::string agreement;  // where it lies
  int64_t signed_day = 0;
  int64_t ends_day = 0;           // 0: no end
  std::set<std::string> clauses;  // that the agreement has
  std::string way;                // of sending data abroad; empty: none
  std::vector<Subprocessor> subprocessors;
  std::string audit_every = "P12M";  // ISO 8601
  std::vector<RecipientAudit> audits;
  std::vector<std::string> keys;  // service keys it works with
  RecipientState state = RecipientState::kActive;
  std::string state_reason;
  int64_t state_ms = 0;
  int64_t created_ms = 0;

  // The day from which an audit is overdue; 0 without an agreement.
  int64_t AuditDue() const;
  bool IsAbroad(const rules::Pack* home) const;
};

Json ToJson(const Recipient& recipient);
// Errors: kCorrupt.
Result<Recipient> RecipientFrom(const Uuid& id, uint32_t version, const Json& json);
// Errors: kInvalidInput, kUnknownField, kUnknownPurpose.
Status CheckRecipient(const Recipient& recipient, const rules::Policy& policy);

// What stands against giving something.
struct Obstacle {
  std::string code;  // suspended, ended, agreement_missing, agreement_lapsed, audit_overdue,
                     // audit_failed, purpose_out_of_scope, field_out_of_scope, not_in_notice,
                     // way_missing, clauses_missing, subprocessor_not_approved
  std::vector<std::string> ids;
  bool blocks = true;  // false: it advises
  std::string rule;    // of the law, where one says so
};

// What is to be given, for a look at it beforehand.
struct Giving {
  std::string purpose;              // empty: none in particular
  std::vector<std::string> fields;  // empty: none in particular
  // Recipients whom customers were told of, by purpose.
  const std::map<std::string, std::set<std::string>>* told = nullptr;
};
// `home` is where the company is established; `day` is today.
std::vector<Obstacle> ObstaclesOf(const Recipient& recipient, const rules::Policy& policy,
                                  const std::string& home, const Giving& giving, int64_t day);
// 100 is the best: what is overdue, lapsed, missing or found takes away from it.
int ScoreOf(const Recipient& recipient, const std::vector<Obstacle>& obstacles);

}  // namespace fiducia::govern
