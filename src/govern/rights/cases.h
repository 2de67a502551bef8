// Requests of people under the law: taken in at any door, identity established, clocks kept as the
// laws have them, decided by a person, carried out, proven.
#pragma once

#include <functional>
#include <mutex>

#include "govern/portal/feedback.h"
#include "govern/portal/redactions.h"
#include "govern/portal/self_service.h"
#include "govern/rights/case.h"

namespace fiducia::govern {

struct Intake {
  Uuid customer;  // nil: not known yet
  std::vector<Right> rights;
  std::string channel;
  model::Sensitive text;
  std::vector<Correction> corrections;
  int64_t received_ms = 0;  // when the person said it; 0: just now
};

// Where something about a person is kept, and how much.
struct Found {
  std::string place;
  int64_t count = 0;
  bool goes = true;  // with the erasure
};

// A first reading of a message: what it asks for, and the customers whose contacts stand in it.
struct Reading {
  std::vector<Right> rights;
  std::vector<Uuid> customers;
};

// Free text that is held about a person, with what in it looks like somebody else's.
struct HeldText {
  Uuid event;  // nil: on the record itself
  int64_t at_ms = 0;
  std::string field;
  model::Sensitive text;
  std::vector<model::Sensitive> suggestions;
};
struct TextReview {
  std::vector<HeldText> texts;          // newest first
  std::vector<model::Sensitive> words;  // hidden from the person now
};

// Thread safe. All parts must outlive it.
class RightsCases {
 public:
  // What this module asks others to do.
  struct Hands {
    std::function<Result<std::string>(const model::Access&, const model::SubjectRef&)> erase;
    std::function<Status(const model::Access&, const model::SubjectRef&,
                         const std::vector<Correction>&)>
        rectify;
    std::function<Status(const model::Access&, const model::SubjectRef&)> restrict;
    // Who outside of the house was given something of the person: id and code.
    std::function<Result<std::vector<std::pair<Uuid, std::string>>>(const model::SubjectRef&)>
        recipients;
    // The customers who have this mail address or phone number.
    std::function<Result<std::vector<Uuid>>(const model::Sensitive&)> whose;
    // Drops what other registers hold of a person who was erased.
    std::function<void(const Uuid& customer)> forget;
  };
  struct Parts {
    const Authorizations& authorizations;
    const SelfService& self_service;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
    Redactions& redactions;
    Hands hands;
  };
  static Result<std::unique_ptr<RightsCases>> Open(Parts parts);

  // By the person in the portal; `fresh`: with a link used just now. Errors: kTooManyRequests if
  // three are open, kInvalidInput.
  Result<RightsCase> Ask(const Self& self, Intake intake, bool fresh);
  // By staff for a person. Errors: kRoleRefused, kInvalidInput.
  Result<RightsCase> TakeIn(const model::Access& access, Intake intake);
  // What somebody at the service desk was told, handed on by who may keep tickets: its time runs
  // from when it was said. Errors as TakeIn.
  Result<RightsCase> HandIn(const model::Access& access, Intake intake);
  // Reads a message that came by mail or was noted down. Nothing is kept. Errors: kRoleRefused,
  // kInvalidInput.
  Result<Reading> Read(const model::Access& access, const model::Sensitive& text) const;
  // The person changes their mind. Errors: kNotFound, kConflict.
  Result<RightsCase> Withdraw(const Self& self, const Uuid& id);

  // Open ones first, the most urgent first. Errors: kRoleRefused.
  Result<std::vector<RightsCase>> List(const model::Access& access) const;
  std::vector<RightsCase> Of(const Uuid& customer) const;
  Result<RightsCase> Find(const model::Access& access, const Uuid& id) const;

  // Who asks has been recognized. Errors: kConflict for another customer than the case has.
  Result<RightsCase> Identify(const model::Access& access, const Uuid& id, int tier,
                              const std::string& method, const Uuid& customer);
  // pause, resume or extend, as far as the law allows. Errors: kConflict, kReasonRequired.
  Result<RightsCase> TurnClock(const model::Access& access, const Uuid& id, Right right,
                               const std::string& act, const std::string& reason, bool told);
  // What is held, place by place, and what would become of each class. Errors: kConflict without a
  // customer.
  Result<std::vector<Found>> Search(const model::Access& access, const Uuid& id) const;
  Result<std::vector<CaseItem>> Plan(const model::SubjectRef& subject) const;
  // The free texts about the person, opened under the case's number, for somebody to look through
  // for other people. Errors: kConflict without a customer; those of Gate::Ask.
  Result<TextReview> Texts(const model::Access& access, const Uuid& id) const;
  // Hides these words, and no others, from the person. Errors: kConflict, kInvalidInput.
  Result<RightsCase> Redact(const model::Access& access, const Uuid& id,
                            std::vector<model::Sensitive> words);
  // Errors: kConflict, kInvalidInput without a reason from the list.
  Result<RightsCase> Decide(const model::Access& access, const Uuid& id, Right right,
                            Outcome outcome, const std::string& reason, model::Sensitive words);
  // Carries out what was decided. An erasure is carried out by somebody else than who decided it.
  Result<RightsCase> Execute(const model::Access& access, const Uuid& id, Right right);
  // A recipient was told, and here is the proof. Errors: kNotFound, kReasonRequired.
  Result<RightsCase> CloseTask(const model::Access& access, const Uuid& id, const Uuid& recipient,
                               const std::string& evidence);
  // Whether there is something for the person to fetch. Errors: kNotFound, kErased.
  Status MayFetch(const model::SubjectRef& subject, const Uuid& id, Right right) const;
  // The person has fetched a delivery.
  Result<RightsCase> Fetched(const Self& self, const Uuid& id, Right right);
  // What was asked and what came of it, signed. Errors: kConflict while it is open.
  Result<std::string> Certificate(const model::Access& access, const Uuid& id) const;
  Result<std::string> CertificateFor(const Uuid& customer, const Uuid& id) const;

  // Erasures whose hold was lifted, deliveries out of date. Call now and then.
  Status Tick();

  // When the earliest clock that is not met ends, and how far it has run.
  struct Deadline {
    int64_t due_ms = 0;  // 0: none
    rules::ClockPhase phase = rules::ClockPhase::kGreen;
    std::string rule;
    std::string task;
  };
  Deadline DeadlineOf(const CaseProcess& process) const;
  const rules::Jurisdictions& laws() const {
    return parts_.authorizations.parts().gate.policy().laws;
  }

 private:
  explicit RightsCases(Parts parts) : parts_(std::move(parts)) {}
  Result<RightsCase> Make(Intake intake, int tier, const std::string& method,
                          const audit::Leaf& leaf);
  Result<RightsCase> Load(const Uuid& id) const;
  Status Save(RightsCase& one, const audit::Leaf& leaf, const Uuid& by, const std::string& what,
              std::string_view right = {}, std::vector<guard::DocumentChange> with = {});
  void StartClocks(CaseProcess& process, const std::set<std::string>& regimes, int64_t at_ms) const;
  void Meet(CaseProcess& process, std::initializer_list<std::string_view> tasks) const;
  void SettleIdentity(RightsCase& one) const;
  audit::Leaf LeafFor(const model::Access& access, const RightsCase& one,
                      std::string_view op) const;
  Status Carry(const model::Access& access, RightsCase& one, CaseProcess& process);
  Status CarryObjection(const model::Access& access, const model::SubjectRef& subject);
  Status CarryErasure(const model::Access& access, RightsCase& one, CaseProcess& process);
  Status AddTasks(RightsCase& one, Right right) const;
  Status RemoveWhatMayGo(const model::Access& access, const process::LoadedRecord& record,
                         CaseProcess& process) const;
  void CloseIfDone(RightsCase& one) const;
  std::string CertificateOf(const RightsCase& one) const;

  Parts parts_;
  mutable std::mutex mutex_;
  std::mutex changing_;  // one change at a time
  std::map<Uuid, RightsCase> known_;
};

struct CertificateFacts {
  std::string number;
  std::string verifier;
  Json record;
};
// Offline. `verifier` empty: the one in the certificate. Errors: kInvalidInput, kCorrupt.
Result<CertificateFacts> CheckRightsCertificate(std::string_view text, std::string_view verifier);

}  // namespace fiducia::govern
