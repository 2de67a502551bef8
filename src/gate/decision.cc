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

Masks Decider::Decide(const Situation& s) const {
  const CompiledRole* role = FindRole(s.role);
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  if (role == nullptr || purpose == nullptr ||
      !role->role->purposes.contains(std::string(s.purpose))) {
    return {};
  }
  const store::BasisState* basis = LiveBasis(s);
  if (basis == nullptr || (s.restrictions != 0 && !purpose->overriding)) {
    return {};
  }
  const Reach& reach = role->reach[static_cast<size_t>(s.op)];
  Masks masks{reach.clear & purpose->fields, reach.masked & purpose->fields};
  // Writing and searching show nothing; showing an L4 field in clear needs a separate
  // authorization.
  const bool shows = s.op != Op::kWrite && s.op != Op::kSearch;
  if (shows && !basis->separate) {
    masks.clear = masks.clear - policy_.catalog.AtLevel(Level::kL4);
  }
  masks.masked = masks.masked - masks.clear;
  return masks;
}

Reason Decider::Explain(const Situation& s, model::FieldNo field) const {
  const CompiledRole* role = FindRole(s.role);
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  if (role == nullptr || purpose == nullptr ||
      !role->role->purposes.contains(std::string(s.purpose))) {
    return Reason::kRole;
  }
  if (!purpose->fields.Has(field)) {
    return Reason::kPurpose;
  }
  if (!role->classes.Has(field)) {
    return Reason::kRole;
  }
  const store::BasisState* basis = LiveBasis(s);
  if (basis == nullptr) {
    return Reason::kNoBasis;
  }
  if (s.restrictions != 0 && !purpose->overriding) {
    return Reason::kRestricted;
  }
  const Masks masks = Decide(s);
  if (masks.clear.Has(field)) {
    return Reason::kAllowed;
  }
  if (masks.masked.Has(field)) {
    return Reason::kMasked;
  }
  const bool level4 = policy_.catalog.AtLevel(Level::kL4).Has(field);
  return level4 && !basis->separate && s.op != Op::kWrite && s.op != Op::kSearch ? Reason::kSeparate
                                                                                 : Reason::kLevel;
}

}  // namespace fiducia::gate
