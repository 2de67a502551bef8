// Customers: create, read, reveal, change, search, erase. Every use goes through the gate; every
// answer waits until its audit leaf is durable.
#pragma once

#include <atomic>
#include <functional>
#include <map>

#include "apps/answer.h"
#include "apps/crm/views.h"
#include "govern/lawful/source_terms.h"
#include "process/record/event.h"
#include "process/record/reader.h"
#include "store/config_rows.h"

namespace fiducia::apps {

struct CreateCommand {
  model::SubjectKind kind = model::SubjectKind::kPerson;
  std::vector<std::pair<std::string, std::vector<model::Sensitive>>> fields;
  std::string source;
  model::BasisKind basis = model::BasisKind::kConsent;
  std::string jurisdiction;  // empty: the installation's
  std::string region;        // for phones and ids; empty: from the jurisdiction
  bool separate = false;     // the basis covers L4 fields too
  bool returned = false;     // was erased once and comes back of their own will
  std::string channel = "api";
};

struct PatchCommand {
  model::SubjectRef subject;
  uint32_t expected_version = 0;
  // A field set to no values is removed.
  std::vector<std::pair<std::string, std::vector<model::Sensitive>>> fields;
  std::string source;
  std::string region;
};

struct SearchCommand {
  model::TenantId tenant = 0;
  std::string field;
  model::Sensitive value;
  int limit = 20;
  std::string cursor;
  std::string region;
};

struct EventCommand {
  model::SubjectRef subject;
  std::string kind;  // transaction or interaction
  int64_t at_ms = 0;
  std::vector<std::pair<std::string, std::vector<model::Sensitive>>> fields;
  std::string source;
  std::string region;
};

constexpr const char* kDecisionKind = "decision";
constexpr const char* kReviewKind = "decision_review";
// A decision of the register, or, with `reviews`, what a person came to who looked at one.
struct DecisionCommand {
  model::SubjectRef subject;
  std::string model;
  std::string outcome;
  std::vector<std::string> reasons;  // the weightiest first
  std::string source;
  Uuid reviews;  // the entry of the timeline
};

struct ListCommand {
  int limit = 20;
  std::string cursor;
  model::Op op = model::Op::kRead;
  model::FieldSet fields = model::FieldSet::All();
};

struct RestrictionCommand {
  model::SubjectRef subject;
  model::Restriction restriction = model::kRestrictedBySubject;
  bool restricted = true;  // false lifts it
  std::string channel = "desk";
};

struct Place {
  model::SubjectRef subject;
  int limit = 50;
  std::string cursor;
};

// Thread safe. All collaborators must outlive it.
class CustomerService {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordBuilder& builder;
    const process::RecordReader& records;
    const Clock& clock;
    Rng& rng;
    std::string jurisdiction;  // where the company is established
    govern::SourceRegister& sources;
  };
  explicit CustomerService(Parts parts) : parts_(std::move(parts)) {}

  void Create(const model::Access& access, CreateCommand command, const Idempotency& idempotency,
              Done<Written> done) const;
  void Read(const model::Access& access, const model::SubjectRef& subject,
            Done<CustomerView> done) const;
  // Shows named fields in clear, against a reason. Errors also: kReasonRequired, kUnknownField.
  void Reveal(const model::Access& access, const model::SubjectRef& subject,
              const std::vector<std::string>& fields, Done<CustomerView> done) const;
  void Patch(const model::Access& access, PatchCommand command, Done<Written> done) const;
  // Puts on record that the values of these fields were found right just now. Errors as Patch.
  void Verify(const model::Access& access, const model::SubjectRef& subject,
              const std::vector<std::string>& fields, Done<Written> done) const;
  void Search(const model::Access& access, SearchCommand command, Done<SearchView> done) const;
  // All customers whom the purpose reaches, a page at a time; no more is shown than in a search.
  void List(const model::Access& access, const ListCommand& command, Done<SearchView> done) const;
  struct ExportCommand {
    model::FieldSet fields;
    int rows_max = 0;
    model::Op op = model::Op::kExport;  // kShare: to somebody who decides what becomes of it
    std::string detail;                 // for the leaf: to whom
  };
  // Gives up to `rows_max` customers with what of the fields may leave. Waits for the leaves.
  Status Export(const model::Access& access, const ExportCommand& what,
                const std::function<Status(CustomerView& view)>& each) const;
  // Stops, or allows again, all but legal purposes, from the next use on. Errors: kReasonRequired,
  // kConflict if it is so already.
  void Restrict(const model::Access& access, const RestrictionCommand& command,
                Done<Written> done) const;
  // Intent, tokens, key, rows, in this order; durable at each step and resumed after a crash. With
  // `suppress` the person's identifiers are not taken in again unawares. Gives the receipt.
  Result<std::string> Erase(const model::Access& access, const model::SubjectRef& subject,
                            bool suppress = true) const;
  // One record alone, also one that is joined to another: when its own time is over.
  Result<std::string> EraseRecord(const model::Access& access, const model::SubjectRef& subject,
                                  bool suppress) const;
  // The receipt again. Errors: kNotFound.
  Result<std::string> ErasureReceipt(const model::Access& access,
                                     const model::SubjectRef& subject) const;
  Status ResumeErasures() const;

  void AddEvent(const model::Access& access, EventCommand command, const Idempotency& idempotency,
                Done<Written> done) const;
  // Errors: kInvalidInput for what the register of decisions does not name, kPurposeRefused,
  // kNotFound for a review of nothing.
  void RecordDecision(const model::Access& access, const DecisionCommand& command,
                      const Idempotency& idempotency, Done<Written> done) const;
  void Timeline(const model::Access& access, const Place& place, Done<TimelineView> done) const;
  // One entry of the timeline, opened as far as a reveal reaches, against a reason. Errors also:
  // kReasonRequired, kNotFound.
  void RevealEvent(const model::Access& access, const model::SubjectRef& subject, const Uuid& event,
                   Done<TimelineView> done) const;
  void Accesses(const model::Access& access, const Place& place, Done<AccessesView> done) const;
  void Lineage(const model::Access& access, const model::SubjectRef& subject,
               Done<LineageView> done) const;
  // What somebody else would see of this customer, and why: names of fields, no value. On record.
  void Explain(const model::Access& access, const model::SubjectRef& subject,
               const gate::Question& question, Done<gate::Gate::Explanation> done) const;

 private:
  void WriteEvent(const model::Access& access, EventCommand command, const Idempotency& idempotency,
                  Done<Written> done) const;
  Status CheckReviewed(const DecisionCommand& command) const;
  using Loaded = process::LoadedRecord;
  Result<CustomerView> View(const model::Permit& permit, const gate::Masks& masks,
                            const std::vector<gate::Refusal>& refusals, const Loaded& loaded) const;
  struct Shown {
    CustomerView view;
    audit::Receipt receipt;
    uint32_t takes_use_of = 0;
    Loaded loaded;
  };
  // `wanted` null: all that the record holds.
  Result<Shown> Show(const model::Access& access, model::Op op, const model::SubjectRef& subject,
                     const model::FieldSet* wanted) const;
  void Answer(Shown shown, std::move_only_function<void(Done<CustomerView>)> again,
              Done<CustomerView> done) const;
  Result<std::vector<store::Token>> AllTokens(const Loaded& loaded) const;
  Result<const rules::Field*> FieldOf(std::string_view id) const;
  process::Hints HintsFor(const std::string& region) const;
  Result<std::vector<process::EventField>> CleanEvent(const EventCommand& command) const;
  Result<std::shared_ptr<const process::BuiltRecord>> BuildNew(const model::Access& access,
                                                               CreateCommand& command,
                                                               const Bytes& near) const;
  Result<bool> Suppressed(const process::BuiltRecord& built) const;
  void LiftSuppression(const process::BuiltRecord& built,
                       std::move_only_function<void(const Status&)> then) const;
  Result<std::string> EraseNow(const model::Access& access, const model::SubjectRef& subject,
                               bool suppress) const;
  Status Unlink(const Loaded& loaded, bool suppress) const;
  Status FinishErasure(const model::ErasureOrder& order, audit::Leaf leaf) const;
  Result<std::string> ReceiptOf(const model::SubjectRef& subject) const;

  struct Hit;
  Result<std::pair<SearchView, audit::Receipt>> ShowSet(const model::Access& access,
                                                        const std::vector<Hit>& hits,
                                                        const std::string& op,
                                                        const std::string& detail) const;
  Result<std::vector<Hit>> ListHits(const model::Access& access, const ListCommand& command,
                                    std::string& next) const;
  Result<std::vector<Hit>> FindHits(const model::Access& access, const SearchCommand& command,
                                    std::string& next) const;

  Parts parts_;
  mutable std::atomic<bool> unfinished_erasures_{false};
  // Whether there is any fingerprint of an erased person: only this process writes to the store.
  enum class Known { kNo, kNone, kSome };
  mutable std::atomic<Known> suppressions_{Known::kNo};
};

}  // namespace fiducia::apps
