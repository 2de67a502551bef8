// The decision as masks: compiled when the policy is loaded, then a handful of ANDs for a whole
// dossier.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gate/told.h"
#include "rules/policy.h"
#include "store/dossier.h"

namespace fiducia::gate {

enum class Reason : uint8_t {
  kAllowed,
  kMasked,       // held back to a mask: the level asks for a reveal, or for more than this role has
  kRole,         // the role does not work with such fields
  kPurpose,      // the field is not needed for the purpose
  kNoBasis,      // no lawful basis is live for this person and purpose
  kRestricted,   // use of the record is restricted
  kLevel,        // the level is out of this role's reach
  kSeparate,     // an L4 field without a separate authorization
  kGrant,        // the role would, but no grant in term reaches so far
  kTraining,     // a course or an agreement is overdue
  kWithdrawn,    // the person withdrew it, refused or objected
  kScope,        // outside of what the person authorized
  kNotTold,      // customers were not told: no clause of the notice says so
  kNotAssessed,  // the purpose waits for an impact assessment
};
std::string_view Name(Reason reason);

// All a decision about one subject depends on, beside the compiled policy.
struct Situation {
  std::span<const model::Lease> leases;
  std::string_view purpose;
  model::Op op = model::Op::kRead;
  const store::Standing* standing = nullptr;
  int64_t now_ms = 0;
  std::string_view case_id;
  bool trained = true;
  // A read of one record by itself, which may use up an authorization of so many uses.
  bool may_use_up = false;
  std::shared_ptr<const Told> told;  // none: everything was
  bool child = false;                // under a law that takes all of a child's data for sensitive
  // Keeps `standing` where it was put together from several records.
  std::shared_ptr<const store::Standing> united;
};

// Fills in what a lease's classes and level come to.
void Compile(model::Lease& lease, const rules::Catalog& catalog);
// Whether it is in term, and for this case.
bool InTerm(const model::Lease& lease, std::string_view case_id, int64_t now_ms);

// What a value holds may be of a higher level than its field: a card number in a complaint.
struct Masks {
  model::FieldSet clear;
  model::FieldSet masked;
  model::FieldSet clear_l3;  // of `clear`: where a value of L3 is clear too
  model::FieldSet clear_l4;
  const rules::Purpose* purpose = nullptr;  // decided for; its policy's

  Masks Of(const model::FieldSet& wanted) const {
    return {clear & wanted, masked & wanted, clear_l3 & wanted, clear_l4 & wanted, purpose};
  }
  // Beside the other fields that the purpose is about.
  model::Level LevelOf(const rules::Field& field) const {
    return purpose == nullptr ? field.level : purpose->LevelOf(field);
  }
  // The highest level that is shown in clear in a field that is.
  model::Level ClearUpTo(const rules::Field& field) const;
};

struct Refusal {
  model::FieldNo field;
  Reason reason;
};

// Thread safe once compiled.
class Decider {
 public:
  explicit Decider(const rules::Policy& policy);  // `policy` must outlive it

  // Fields outside both masks are refused.
  Masks Decide(const Situation& situation) const;
  // Whether some lease in term works for the purpose at all.
  bool MayWorkFor(std::span<const model::Lease> leases, std::string_view purpose,
                  std::string_view case_id, int64_t now_ms, model::Op op = model::Op::kRead) const;
  // The first rule that clears the field.
  Reason Explain(const Situation& situation, model::FieldNo field) const;
  // Whether the record's restrictions stop the purpose.
  bool IsRestricted(const Situation& situation) const;
  // Whether a lawful basis of the subject is live for the purpose, and which.
  const store::BasisState* LiveBasis(const Situation& situation) const;
  // The authorization (its seq) of so many uses that this takes one of; 0: none.
  uint32_t UsedUpBy(const Situation& situation) const;
  // Whether the person said no to the purpose, or to a part of it.
  static bool SaidNo(const Situation& situation);

 private:
  struct Reach {
    model::FieldSet clear;
    model::FieldSet masked;
    model::FieldSet separate;           // of an authorization: what it covers by itself
    std::optional<model::Level> up_to;  // of a role: the level that `clear` is up to
    model::FieldSet clear_l3;
    model::FieldSet clear_l4;
  };
  struct CompiledRole {
    const rules::Role* role = nullptr;
    model::FieldSet classes;
    std::array<Reach, model::kOpCount> reach;
  };
  const CompiledRole* FindRole(std::string_view id) const;
  // The role of a lease that counts in this situation; nullptr if it does not.
  const CompiledRole* RoleOf(const model::Lease& lease, const Situation& situation) const;
  // What the leases reach together, each as far as the person's authorizations go for its
  // department.
  Reach ReachOf(const Situation& situation, const rules::Purpose& purpose) const;
  // What the person's authorizations cover for a department.
  Reach CoverOf(const Situation& situation, const rules::Purpose& purpose,
                std::string_view department) const;
  bool Fits(const store::BasisState& basis, const Situation& situation,
            const rules::Purpose& purpose) const;

  const rules::Policy& policy_;
  std::map<std::string, CompiledRole, std::less<>> roles_;
};

}  // namespace fiducia::gate
