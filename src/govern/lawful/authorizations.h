// Authorizations: what customers allow, and the other lawful bases beside it. Every answer is an
// event of an append-only ledger; what holds at any moment follows from the events before it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/answer.h"
#include "govern/lawful/guardians.h"
#include "govern/lawful/person.h"
#include "govern/lawful/population.h"
#include "govern/lawful/source_terms.h"
#include "guard/people.h"

namespace fiducia::govern {

// A rule of law that bears on an answer and is not met. Rules without a reviewer advise only.
struct Advice {
  std::string rule;
  std::string cite;
  rules::Texts text;
};

struct Recorded {
  model::SubjectRef subject;
  uint32_t version = 0;  // of the record
  uint32_t seq = 0;      // of the first event
  int events = 0;        // with those that followed from it
  std::vector<Advice> advice;
};

struct LedgerView {
  int64_t at_ms = 0;
  store::Standing standing;  // at that moment
  std::vector<model::BasisEvent> events;
};

// "Could we e-mail her on 3 May?"
struct StandingQuestion {
  std::string purpose;
  model::Operation operation = model::kView;
  std::string field;       // empty: any
  std::string department;  // empty: any
  int64_t at_ms = 0;
};
struct StandingAnswer {
  bool yes = false;
  std::string reason;  // allowed, no_basis, withdrawn, restricted, outside_authorization, expired
  std::optional<store::BasisState> basis;
};
// Reads it off the events alone.
StandingAnswer AnswerOf(const rules::Policy& policy, const std::vector<model::BasisEvent>& events,
                        const StandingQuestion& question);

// Thread safe. All parts must outlive it.
class Authorizations {
 public:
  struct Parts {
    const process::RecordReader& records;
    const gate::Gate& gate;
    const guard::People& people;
    const Clock& clock;
    std::string jurisdiction;  // where the company is established
    const Guardians& guardians;
    const SourceRegister& sources;
  };
  explicit Authorizations(Parts parts) : parts_(std::move(parts)) {}

  // Puts an event on record, and with a withdrawal, refusal or objection the same for every purpose
  // below. A yes comes only from a source that may bring something; a no from any. Errors:
  // kUnknownPurpose, kPurposeRefused, kUnknownSource, kInvalidInput, kConflict.
  void Put(const model::Access& access, const model::SubjectRef& subject, model::BasisEvent event,
           gate::Done<Recorded> done) const;
  // Something has happened (a case was closed): what was to last until then ends. Errors:
  // kNotFound.
  void EndUntil(const model::Access& access, const model::SubjectRef& subject,
                const std::string& until_event, gate::Done<Recorded> done) const;
  // The ledger, and what it amounted to at `at_ms` (0: now).
  void Read(const model::Access& access, const model::SubjectRef& subject, int64_t at_ms,
            gate::Done<LedgerView> done) const;
  void Check(const model::Access& access, const model::SubjectRef& subject,
             const StandingQuestion& question, gate::Done<StandingAnswer> done) const;
  // The receipt of one event, signed. Errors: kNotFound.
  void Receipt(const model::Access& access, const model::SubjectRef& subject, uint32_t seq,
               gate::Done<std::string> done) const;

  // What stands against this event, and what the laws have to say. For callers that write it
  // themselves: the portal.
  Result<std::vector<Advice>> Judge(const process::LoadedRecord& record,
                                    const model::BasisEvent& event) const;
  // The event, and those that follow from it down the tree of purposes.
  std::vector<model::BasisEvent> WithWhatFollows(const model::BasisEvent& event) const;
  // Writes events with their leaf.
  void Write(const model::Access& access, const process::LoadedRecord& record,
             std::vector<model::BasisEvent> events, std::vector<Advice> advice,
             gate::Done<Recorded> done) const;
  // The receipt's text.
  std::string ReceiptOf(const model::SubjectRef& subject, const model::BasisEvent& event) const;

  Result<govern::Population> Population() const {
    return CountPeople(parts_.records, parts_.gate.policy(), parts_.jurisdiction);
  }
  const Parts& parts() const { return parts_; }

 private:
  Status JudgeGiven(const process::LoadedRecord& record, const model::BasisEvent& event) const;
  Status JudgeScope(const model::BasisEvent& event) const;
  Status JudgeTerm(const model::BasisEvent& event) const;

  Parts parts_;
};

}  // namespace fiducia::govern
