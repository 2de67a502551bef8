#include "gate/decision.h"

#include <algorithm>

namespace fiducia::gate {

namespace {

using model::FieldSet;
using model::Level;
using model::Op;

FieldSet UpTo(const rules::Catalog& catalog, std::optional<Level> level) {
  return level ? catalog.UpTo(*level) : FieldSet();
}

std::optional<Level> AtMost(std::optional<Level> level, Level cap) {
  return level ? std::optional(std::min(*level, cap)) : std::nullopt;
}

}  // namespace

std::string_view Name(Reason reason) {
  switch (reason) {
    case Reason::kAllowed:
      return "allowed";
    case Reason::kMasked:
      return "masked_by_level";
    case Reason::kRole:
      return "role_refused";
    case Reason::kPurpose:
      return "not_needed_for_purpose";
    case Reason::kNoBasis:
      return "no_basis";
    case Reason::kRestricted:
      return "restricted";
    case Reason::kLevel:
      return "level_refused";
    case Reason::kSeparate:
      return "separate_authorization_needed";
    case Reason::kGrant:
      return "outside_grant";
    case Reason::kTraining:
      return "training_overdue";
  }
  return "refused";
}

Decider::Decider(const rules::Policy& policy) : policy_(policy) {
  const rules::Catalog& catalog = policy.catalog;
  for (const auto& [id, role] : policy.roles) {
    CompiledRole compiled;
    compiled.role = &role;
    for (const std::string& data_class : role.classes) {
      compiled.classes = compiled.classes | catalog.OfClass(data_class);
    }
    FieldSet masked = UpTo(catalog, role.masked);
    for (const std::string& field : role.masked_fields) {
      masked.Add(catalog.Find(field)->number);
    }
    const auto set = [&](Op op, const FieldSet& clear, const FieldSet& mask) {
      compiled.reach[static_cast<size_t>(op)] = {clear & compiled.classes, mask & compiled.classes};
    };
    // Reading shows L3 and above masked, whatever the role: to see it is an act of its own.
    const FieldSet read = UpTo(catalog, AtMost(role.read, Level::kL2));
    set(Op::kRead, read, masked);
    set(Op::kReveal, read | UpTo(catalog, role.reveal), masked);
    set(Op::kWrite, UpTo(catalog, role.write), {});
    set(Op::kSearch, UpTo(catalog, role.search) & catalog.indexed(), {});
    set(Op::kExport, read, masked);
    roles_[id] = compiled;
  }
}

const Decider::CompiledRole* Decider::FindRole(std::string_view id) const {
  const auto found = roles_.find(id);
  return found == roles_.end() ? nullptr : &found->second;
}

const store::BasisState* Decider::LiveBasis(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  if (purpose == nullptr || s.bases == nullptr) {
    return nullptr;
  }
  for (const store::BasisState& basis : *s.bases) {
    const bool in_term = basis.live && (basis.until_ms == 0 || s.now_ms < basis.until_ms);
    const bool fits = basis.purpose == s.purpose || purpose->overriding;
    if (in_term && fits && purpose->AllowsBasis(basis.basis)) {
      return &basis;
    }
  }
  return nullptr;
}

void Compile(model::Lease& lease, const rules::Catalog& catalog) {
  lease.fields = catalog.UpTo(lease.level_max);
  if (lease.classes) {
    FieldSet classes;
    for (const std::string& data_class : *lease.classes) {
      classes = classes | catalog.OfClass(data_class);
    }
    lease.fields = lease.fields & classes;
  }
}

bool InTerm(const model::Lease& lease, std::string_view case_id, int64_t now_ms) {
  return lease.from_ms <= now_ms && (lease.until_ms == 0 || now_ms < lease.until_ms) &&
         (lease.case_id.empty() || lease.case_id == case_id);
}

const Decider::CompiledRole* Decider::RoleOf(const model::Lease& lease, const Situation& s) const {
  const CompiledRole* role = FindRole(lease.role);
  const std::string purpose(s.purpose);
  const bool counts =
      role != nullptr && (s.op != Op::kExport || role->role->exports) &&
      InTerm(lease, s.case_id, s.now_ms) && role->role->purposes.contains(purpose) &&
      (!lease.purposes ||
       std::find(lease.purposes->begin(), lease.purposes->end(), purpose) != lease.purposes->end());
  return counts ? role : nullptr;
}

bool Decider::MayWorkFor(std::span<const model::Lease> leases, std::string_view purpose,
                         std::string_view case_id, int64_t now_ms, model::Op op) const {
  Situation s{leases, purpose, op};
  s.case_id = case_id;
  s.now_ms = now_ms;
  return std::any_of(leases.begin(), leases.end(),
                     [&](const model::Lease& lease) { return RoleOf(lease, s) != nullptr; });
}

Decider::Reach Decider::ReachOf(const Situation& s) const {
  Reach all;
  for (const model::Lease& lease : s.leases) {
    if (const CompiledRole* role = RoleOf(lease, s); role != nullptr) {
      const Reach& reach = role->reach[static_cast<size_t>(s.op)];
      all.clear = all.clear | (reach.clear & lease.fields);
      all.masked = all.masked | (reach.masked & lease.fields);
    }
  }
  return all;
}

bool Decider::IsRestricted(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  return s.restrictions != 0 && (purpose == nullptr || !purpose->overriding);
}

Masks Decider::Decide(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  const store::BasisState* basis = LiveBasis(s);
  if (purpose == nullptr || basis == nullptr || IsRestricted(s)) {
    return {};
  }
  const Reach reach = ReachOf(s);
  Masks masks{reach.clear & purpose->fields, reach.masked & purpose->fields};
  // Writing and searching show nothing; showing an L4 field in clear needs a separate
  // authorization.
  const bool shows = s.op != Op::kWrite && s.op != Op::kSearch;
  if (shows && !basis->separate) {
    masks.clear = masks.clear - policy_.catalog.AtLevel(Level::kL4);
  }
  if (shows && !s.trained) {
    const FieldSet ordinary = policy_.catalog.UpTo(Level::kL2);
    masks.masked = masks.masked | (masks.clear - ordinary);
    masks.clear = masks.clear & ordinary;
  }
  masks.masked = masks.masked - masks.clear;
  return masks;
}

Reason Decider::Explain(const Situation& s, model::FieldNo field) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  bool any_role = false;
  bool in_class = false;
  bool granted = false;
  for (const model::Lease& lease : s.leases) {
    if (const CompiledRole* role = RoleOf(lease, s); role != nullptr) {
      any_role = true;
      in_class = in_class || role->classes.Has(field);
      granted = granted || (role->classes.Has(field) && lease.fields.Has(field));
    }
  }
  if (purpose == nullptr || !any_role) {
    return Reason::kRole;
  }
  if (!purpose->fields.Has(field)) {
    return Reason::kPurpose;
  }
  if (!in_class) {
    return Reason::kRole;
  }
  if (!granted) {
    return Reason::kGrant;
  }
  const store::BasisState* basis = LiveBasis(s);
  if (basis == nullptr) {
    return Reason::kNoBasis;
  }
  if (IsRestricted(s)) {
    return Reason::kRestricted;
  }
  const Masks masks = Decide(s);
  if (masks.clear.Has(field)) {
    return Reason::kAllowed;
  }
  const bool shows = s.op != Op::kWrite && s.op != Op::kSearch;
  if (shows && !s.trained && policy_.catalog.Find(field)->level > Level::kL2) {
    Situation in_order = s;
    in_order.trained = true;
    if (Decide(in_order).clear.Has(field)) {
      return Reason::kTraining;
    }
  }
  if (masks.masked.Has(field)) {
    return Reason::kMasked;
  }
  const bool level4 = policy_.catalog.AtLevel(Level::kL4).Has(field);
  return level4 && !basis->separate && shows ? Reason::kSeparate : Reason::kLevel;
}

}  // namespace fiducia::gate
