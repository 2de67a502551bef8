// The gate: every use of personal data asks here. It decides from role, purpose, lawful basis,
// restrictions and level, puts the audit leaf on its way, and is the only maker of permits.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>

#include "audit/log.h"
#include "base/clock.h"
#include "gate/decision.h"
#include "model/permit.h"
#include "vault/vault.h"

namespace fiducia::gate {

// A verified record as it was read: the decision and the data come from one snapshot.
struct Subject {
  const store::Dossier& dossier;
  const vault::SubjectKey& key;
  BytesView guardian = {};  // pseudonym of who speaks for the person; empty: the person
};

// What may be shown of the fields asked for.
struct Shown {
  model::Permit permit;
  Masks masks;
  std::vector<Refusal> refusals;
};

struct Granted : Shown {
  audit::Receipt receipt;  // what is answered waits for this
  // The authorization (its seq) of which this takes one use; 0: none. The use is put on record
  // before the answer leaves.
  uint32_t takes_use_of = 0;
};

struct WriteGranted {
  model::Permit permit;   // to compare with what is there; clear() may be written
  audit::LeafDraft leaf;  // goes into the same transaction as the change
};

// A situation made up, to try the policy.
struct Question {
  model::Lease lease;
  std::string purpose;
  model::Op op = model::Op::kRead;
  std::optional<model::BasisKind> basis;  // of the customer; none: nothing is on record
  bool separate = false;
  bool restricted = false;
  bool trained = true;
};

class Gate {
 public:
  // All must outlive the gate. `home`: the jurisdiction in which the company is established.
  Gate(const rules::Policy& policy, audit::Log& log, const vault::Vault& vault, std::string home,
       const Clock& clock);

  // Whether the role may call the feature at all. Errors: kRoleRefused.
  Status Require(const model::Actor& actor, std::string_view capability) const;
  // Errors: kPurposeRequired, kUnknownPurpose, kRoleRefused if the role has no such purpose,
  // kInvalidInput for a malformed case id.
  Status CheckAccess(const model::Access& access) const;

  // The same for taking data out in a file.
  Status CheckExport(const model::Access& access) const;

  // Decides read, reveal or search-result display of `wanted` fields. A refusal of everything is an
  // error and is recorded too. Errors: those above, kNoBasis, kRestricted, kPurposeRefused.
  Result<Granted> Ask(const model::Access& access, model::Op op, const Subject& subject,
                      const model::FieldSet& wanted) const;

  // What was granted of a record, for one that is joined to it. Errors: kNotFound if it is not.
  Result<model::Permit> PermitFor(const Shown& granted, const store::Dossier& record,
                                  const model::SubjectRef& joined) const;

  // The person asks for what is held about them: all of it, what tells of third persons and, unless
  // `fresh`, L4 masked. `op` names what they do, for the leaf.
  Result<Granted> AskAsSubject(const Subject& subject, std::string_view op, bool fresh) const;
  // A leaf about what the person does.
  audit::Leaf LeafOfSubject(const Subject& subject, std::string_view op) const;

  // Decides a write of `wanted`; every field must be allowed. `subject` is the record as it
  // is now; of a creation, as it will be, with the basis it brings. `detail`: for the leaf.
  Result<WriteGranted> AskWrite(const model::Access& access, std::string_view op,
                                const Subject& subject, const model::FieldSet& wanted,
                                BytesView row_mac, std::string detail = {}) const;

  // The leaf of an erasure and the order that destroys the key.
  struct Erasure {
    model::ErasureOrder order;
    audit::LeafDraft leaf;
  };
  Result<Erasure> AskErasure(const model::Access& access, const Subject& subject,
                             BytesView reason_commitment) const;
  // Carries on an erasure that was ordered and recorded already: an interrupted one, or one of many
  // under the leaf of a reverted import.
  model::ErasureOrder ResumeErasure(const model::SubjectRef& subject) const {
    return model::ErasureOrder(subject);
  }

  // Reads inside the vault boundary, for keeping data right (matching, re-indexing): nothing opened
  // here may leave in clear. Recorded once per batch by the caller through `Record`.
  model::Permit SystemPermit(const model::SubjectRef& subject) const;

  // A leaf about no single subject, or about a set.
  audit::Leaf NewLeaf(const model::Access& access, std::string_view op,
                      std::string_view decision) const;
  audit::Receipt Record(model::TenantId tenant, const audit::Leaf& leaf,
                        std::vector<audit::LeafDraft::Member> members = {}) const;
  audit::LeafDraft DraftFor(model::TenantId tenant, const audit::Leaf& leaf,
                            std::vector<audit::LeafDraft::Member> members = {}) const;
  // A leaf about one subject, in the subject's own bucket.
  audit::LeafDraft DraftOf(const audit::Leaf& leaf, const model::SubjectRef& subject) const;
  // The fields this role may write for any of `purposes` once a lawful basis is there.
  model::FieldSet Writable(const model::Access& access,
                           const std::vector<std::string>& purposes) const;
  // The leaf of a search: asked before the index is looked into.
  Status AskSearch(const model::Access& access, model::FieldNo field) const;

  // What a lease would reach of each field, for a person with this basis: nothing is read. With a
  // record, of what it holds and as its own bases and restrictions have it.
  // Errors: kInvalidInput for an unknown role, kUnknownPurpose.
  using Explanation = std::vector<std::pair<const rules::Field*, Reason>>;
  Result<Explanation> Explain(const Question& question,
                              const store::Dossier* record = nullptr) const;

  // Decides what of a search's candidate may be shown, without a leaf of its own: the page's leaf
  // names every subject shown. `beside`: what is held of the subject outside of its record. Errors
  // as Ask.
  using Shown = gate::Shown;
  Result<Shown> AskInSet(const model::Access& access, const Subject& subject, model::Op op,
                         const model::FieldSet& wanted, const model::FieldSet& beside = {}) const;

  // From now on this is what customers are told.
  void Tell(std::shared_ptr<const Told> told) { told_.store(std::move(told)); }
  std::shared_ptr<const Told> told() const { return told_.load(); }

  // From now on these purposes do not run: the impact assessment they need is not signed.
  using Barred = std::set<std::string, std::less<>>;
  void Bar(Barred purposes) { barred_.store(std::make_shared<const Barred>(std::move(purposes))); }
  bool IsBarred(std::string_view purpose) const { return barred_.load()->contains(purpose); }

  audit::Log& log() const { return log_; }
  const rules::Policy& policy() const { return policy_; }

 private:
  model::Permit MakePermit(const model::SubjectRef& subject, model::Op op,
                           const Masks& masks) const;
  Result<Situation> SituationOf(const model::Access& access, model::Op op,
                                const Subject& subject) const;
  Result<bool> IsChild(const Subject& subject) const;
  Situation Around(const model::Access& access, model::Op op,
                   const store::Standing& standing) const;
  Error WhyNothing(const Situation& situation, const model::FieldSet& wanted) const;

  const rules::Policy& policy_;
  Decider decider_;
  std::atomic<std::shared_ptr<const Told>> told_;
  std::atomic<std::shared_ptr<const Barred>> barred_;
  audit::Log& log_;
  const vault::Vault& vault_;
  std::string home_;
  const Clock& clock_;
};

}  // namespace fiducia::gate
