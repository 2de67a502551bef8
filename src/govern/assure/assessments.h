// Impact assessments: opened where a rule calls for one, prefilled from what runs, taken through
// opinion, consultation and decision to a signature, outdated when the purpose changes. A purpose
// that has to be assessed does not run before.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "govern/assure/assessment.h"
#include "govern/lawful/recipients.h"

namespace fiducia::govern {

// What a purpose needs, and what there is.
struct AssessmentNeed {
  std::string purpose;
  std::set<std::string> activities;
  std::set<std::string> kinds;
  std::set<std::string> rules;
  bool required = false;  // it does not run without; else the law advises
  std::string state;      // none, draft … signed, outdated
  Uuid current;           // nil if there is none
};

struct AssessmentText {
  std::string necessity;
  std::string proportionality;
  std::string measures;
  std::string authority;
  std::vector<AssessedRisk> risks;
};

// Thread safe. All parts must outlive it.
class Assessments {
 public:
  struct Parts {
    const Notices& notices;
    const Recipients& recipients;
    gate::Gate& gate;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
    std::string home;
  };
  // Tells the gate what does not run.
  static Result<std::unique_ptr<Assessments>> Open(Parts parts);

  // Of every purpose that a rule or the house wants one for. Errors: kRoleRefused.
  Result<std::vector<AssessmentNeed>> Needs(const model::Access& access) const;
  std::vector<AssessmentNeed> NeedsNow() const;
  // Newest first.
  Result<std::vector<Assessment>> List(const model::Access& access) const;
  Result<Assessment> Find(const model::Access& access, const Uuid& id) const;
  // Prefilled. Errors: kUnknownPurpose, kConflict if one is open.
  Result<Assessment> Start(const model::Access& access, const std::string& purpose);
  // Of a draft only. Errors: kConflict, kInvalidInput.
  Result<Assessment> Write(const model::Access& access, const Uuid& id, AssessmentText text);
  // submit, opinion, consult, decide, sign, each in its turn; none but `submit` by who drafted it.
  // Errors: kConflict out of turn, while a high risk remains without a prior consultation of the
  // authority, or if the purpose has changed meanwhile; kDenied; kReasonRequired.
  Result<Assessment> Step(const model::Access& access, const Uuid& id, const std::string& what,
                          bool yes, const std::string& text);
  // Looks again at what may run. Call when something has changed, and now and then.
  void Refresh() const;

 private:
  explicit Assessments(Parts parts) : parts_(std::move(parts)) {}
  AssessmentNeed NeedOf(const rules::Purpose& purpose) const;
  Json ClauseOf(const std::string& purpose) const;
  std::string HashNow(const std::string& purpose) const;
  std::vector<Assessment> All() const;
  Result<Assessment> Known(const Uuid& id) const;
  Status Save(Assessment& one, const model::Access& access, const std::string& what, bool yes,
              const std::string& text);

  Parts parts_;
  std::mutex changing_;  // one change at a time
  mutable std::mutex mutex_;
  std::map<Uuid, Assessment> known_;
};

}  // namespace fiducia::govern
