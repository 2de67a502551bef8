// An impact assessment of a purpose: what the law calls for before the work starts, from a draft to
// a signature, tied to what the purpose does by a hash.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "govern/lawful/recipient.h"

namespace fiducia::govern {

enum class AssessmentState { kDraft, kOpinion, kConsult, kDecide, kSign, kSigned, kRefused };
std::string_view Name(AssessmentState state);

// One of the three things people have to fear, as CNIL's method has them: 1 negligible, 2 limited,
// 3 important, 4 maximum; before the measures and after.
struct AssessedRisk {
  std::string event;  // illegitimate_access, unwanted_change, disappearance
  int severity = 0;
  int likelihood = 0;
  int severity_after = 0;
  int likelihood_after = 0;
  std::string measures;
  bool IsHigh() const { return severity_after >= 3 && likelihood_after >= 3; }
};
constexpr std::array<std::string_view, 3> kFearedEvents = {"illegitimate_access", "unwanted_change",
                                                           "disappearance"};

struct AssessmentStep {
  std::string what;  // start, write, submit, opinion, consult, decide, sign
  Uuid by;
  int64_t at_ms = 0;
  bool yes = true;  // of an opinion, a decision
  std::string text;
};

struct Assessment {
  Uuid id;
  uint32_t version = 0;
  std::string purpose;
  std::set<std::string> kinds;  // pipia, dpia, ca_risk, us_dpa
  std::set<std::string> rules;  // of the law, that call for it
  AssessmentState state = AssessmentState::kDraft;
  Json snapshot;  // what the purpose does
  std::string snapshot_hash;
  std::string necessity;
  std::string proportionality;
  std::string measures;
  std::string authority;  // the prior consultation, where a high risk remains
  std::vector<AssessedRisk> risks;
  std::vector<AssessmentStep> steps;
  int64_t created_ms = 0;
  int64_t signed_ms = 0;

  const AssessmentStep* Last(std::string_view what) const;
  bool IsOpen() const {
    return state != AssessmentState::kSigned && state != AssessmentState::kRefused;
  }
};

Json ToJson(const Assessment& one);
// Errors: kCorrupt.
Result<Assessment> AssessmentFrom(const Uuid& id, uint32_t version, const Json& json);

// What a purpose does, as far as an assessment depends on it. `clause` is of the notice in force.
Json PurposeSnapshot(const rules::Policy& policy, const rules::Purpose& purpose, const Json& clause,
                     const std::vector<Recipient>& recipients);
// Which of the activities that laws name a purpose comes to: sensitive, automated_decision,
// entrust, provide, export, target.
std::set<std::string> ActivitiesOf(const rules::Policy& policy, const rules::Purpose& purpose,
                                   const Json& clause, const std::vector<Recipient>& recipients,
                                   const std::string& home);

}  // namespace fiducia::govern
