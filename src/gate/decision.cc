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

uint8_t OperationOf(Op op) {
  switch (op) {
    case Op::kWrite:
      return model::kCollect;
    case Op::kExport:
      return model::kTakeOut;
    case Op::kShare:
      return model::kShare;
    default:
      return model::kView;
  }
}

bool Leaves(Op op) { return op == Op::kExport || op == Op::kShare; }

bool Shows(Op op) { return op != Op::kWrite && op != Op::kSearch; }

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
    case Reason::kWithdrawn:
      return "withdrawn";
    case Reason::kScope:
      return "outside_authorization";
    case Reason::kNotTold:
      return "not_in_notice";
    case Reason::kNotAssessed:
      return "assessment_missing";
  }
  return "refused";
}

Level Masks::ClearUpTo(const rules::Field& field) const {
  const Level more = clear_l4.Has(field.number)   ? Level::kL4
                     : clear_l3.Has(field.number) ? Level::kL3
                                                  : Level::kL1;
  return std::max(field.level, more);
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
    const auto set = [&](Op op, std::optional<Level> up_to, const FieldSet& mask) {
      Reach& reach = compiled.reach[static_cast<size_t>(op)];
      reach.clear = UpTo(catalog, up_to) & compiled.classes;
      reach.masked = mask & compiled.classes;
      reach.up_to = up_to;
    };
    // Reading shows L3 and above masked, whatever the role: to see it is an act of its own.
    const std::optional<Level> read = AtMost(role.read, Level::kL2);
    set(Op::kRead, read, masked);
    set(Op::kReveal, std::max(read, role.reveal), masked);
    set(Op::kWrite, role.write, {});
    set(Op::kSearch, role.search, {});
    Reach& search = compiled.reach[static_cast<size_t>(Op::kSearch)];
    search.clear = search.clear & catalog.indexed();
    set(Op::kExport, read, masked);
    set(Op::kShare, read, masked);
    roles_[id] = compiled;
  }
}

const Decider::CompiledRole* Decider::FindRole(std::string_view id) const {
  const auto found = roles_.find(id);
  return found == roles_.end() ? nullptr : &found->second;
}

bool Decider::Fits(const store::BasisState& basis, const Situation& s,
                   const rules::Purpose& purpose) const {
  const bool counts = basis.max_uses == 0 || s.may_use_up;
  return basis.InForce(s.now_ms) && counts && purpose.AllowsBasis(basis.basis) &&
         (purpose.overriding ||
          (basis.purpose == s.purpose && (basis.scope.operations & OperationOf(s.op)) != 0));
}

const store::BasisState* Decider::LiveBasis(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  if (purpose == nullptr || s.standing == nullptr) {
    return nullptr;
  }
  for (const store::BasisState& basis : s.standing->bases) {
    if (Fits(basis, s, *purpose)) {
      return &basis;
    }
  }
  return nullptr;
}

uint32_t Decider::UsedUpBy(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  for (const store::BasisState& basis : s.standing->bases) {
    if (basis.max_uses != 0 && purpose != nullptr && Fits(basis, s, *purpose)) {
      return basis.seq;
    }
  }
  return 0;
}

bool Decider::SaidNo(const Situation& s) {
  if (s.standing == nullptr) {
    return false;
  }
  const auto& bases = s.standing->bases;
  const auto& exclusions = s.standing->exclusions;
  return std::any_of(bases.begin(), bases.end(),
                     [&](const store::BasisState& b) {
                       return !b.live && b.purpose == s.purpose &&
                              b.last != model::BasisAction::kEnded;
                     }) ||
         std::any_of(exclusions.begin(), exclusions.end(),
                     [&](const store::Exclusion& e) { return e.purpose == s.purpose; });
}

Decider::Reach Decider::CoverOf(const Situation& s, const rules::Purpose& purpose,
                                std::string_view department) const {
  Reach cover;
  for (const store::BasisState& basis : s.standing->bases) {
    if (!Fits(basis, s, purpose)) {
      continue;
    }
    FieldSet fields = FieldSet::All();
    if (!purpose.overriding) {
      const auto& departments = basis.scope.departments;
      if (!departments.empty() &&
          std::find(departments.begin(), departments.end(), department) == departments.end()) {
        continue;
      }
      fields = basis.scope.fields.value_or(fields);
      for (const store::Exclusion& exclusion : s.standing->exclusions) {
        const bool here = exclusion.department.empty() || exclusion.department == department;
        if (here && exclusion.BearsOn(basis)) {
          fields = fields - exclusion.fields;
        }
      }
    }
    if (s.told != nullptr) {
      fields = fields & s.told->Now(s.purpose);
      // Who agreed under an older notice agreed to what that said.
      if (basis.basis == model::BasisKind::kConsent && !purpose.overriding) {
        fields = fields & s.told->Of(basis.notice, s.purpose);
      }
    }
    cover.masked = cover.masked | fields;
    cover.separate = basis.separate ? cover.separate | fields : cover.separate;
    // Showing an L4 field in clear needs a separate authorization; writing and searching show
    // nothing.
    cover.clear =
        cover.clear |
        (Shows(s.op) && !basis.separate ? fields - policy_.catalog.AtLevel(Level::kL4) : fields);
  }
  return cover;
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
      role != nullptr && (!Leaves(s.op) || role->role->exports) &&
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

Decider::Reach Decider::ReachOf(const Situation& s, const rules::Purpose& purpose) const {
  Reach all;
  for (const model::Lease& lease : s.leases) {
    if (const CompiledRole* role = RoleOf(lease, s); role != nullptr) {
      const Reach& reach = role->reach[static_cast<size_t>(s.op)];
      const Reach cover = CoverOf(s, purpose, lease.department);
      const FieldSet clear = reach.clear & lease.fields & cover.clear;
      all.clear = all.clear | clear;
      all.masked = all.masked | (reach.masked & lease.fields & cover.masked);
      const Level up_to = std::min(reach.up_to.value_or(Level::kL1), lease.level_max);
      if (up_to >= Level::kL3) {
        all.clear_l3 = all.clear_l3 | clear;
      }
      if (up_to >= Level::kL4) {
        all.clear_l4 = all.clear_l4 | (clear & cover.separate);
      }
    }
  }
  return all;
}

bool Decider::IsRestricted(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  return s.standing != nullptr && s.standing->restrictions != 0 &&
         (purpose == nullptr || !purpose->overriding);
}

Masks Decider::Decide(const Situation& s) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  if (purpose == nullptr || s.standing == nullptr || IsRestricted(s)) {
    return {};
  }
  const Reach reach = ReachOf(s, *purpose);
  Masks masks =
      Masks{reach.clear, reach.masked, reach.clear_l3, reach.clear_l4, purpose}.Of(purpose->fields);
  const auto keep_clear = [&](const FieldSet& kept) {
    masks.masked = masks.masked | (masks.clear - kept);
    masks.clear = masks.clear & kept;
  };
  if (Shows(s.op) && s.child) {
    keep_clear(masks.clear_l4);
  }
  if (Shows(s.op) && !s.trained) {
    keep_clear(policy_.catalog.UpTo(Level::kL2));
    masks.clear_l3 = {};
    masks.clear_l4 = {};
  }
  if (Shows(s.op)) {
    // By what the purpose is about and not by who asks for how much: less of a grant or of an
    // authorization never shows more.
    keep_clear((FieldSet::All() - purpose->raised_l3) | masks.clear_l3);
    keep_clear((FieldSet::All() - purpose->raised_l4) | masks.clear_l4);
  }
  masks.masked = masks.masked - masks.clear;
  return masks;
}

Reason Decider::Explain(const Situation& s, model::FieldNo field) const {
  const rules::Purpose* purpose = policy_.FindPurpose(s.purpose);
  bool any_role = false;
  bool in_class = false;
  bool granted = false;
  bool covered = false;
  bool covered_clear = false;
  for (const model::Lease& lease : s.leases) {
    if (const CompiledRole* role = RoleOf(lease, s); role != nullptr) {
      any_role = true;
      in_class = in_class || role->classes.Has(field);
      const bool reaches = role->classes.Has(field) && lease.fields.Has(field);
      granted = granted || reaches;
      if (reaches && purpose != nullptr && s.standing != nullptr) {
        const Reach cover = CoverOf(s, *purpose, lease.department);
        covered = covered || cover.masked.Has(field);
        covered_clear = covered_clear || cover.clear.Has(field);
      }
    }
  }
  if (purpose == nullptr || !any_role) {
    return Reason::kRole;
  }
  if (!purpose->fields.Has(field)) {
    return Reason::kPurpose;
  }
  if (s.told != nullptr && !s.told->Now(s.purpose).Has(field)) {
    return Reason::kNotTold;
  }
  if (!in_class) {
    return Reason::kRole;
  }
  if (!granted) {
    return Reason::kGrant;
  }
  if (LiveBasis(s) == nullptr) {
    return SaidNo(s) ? Reason::kWithdrawn : Reason::kNoBasis;
  }
  if (IsRestricted(s)) {
    return Reason::kRestricted;
  }
  if (!covered) {
    return SaidNo(s) ? Reason::kWithdrawn : Reason::kScope;
  }
  const Masks masks = Decide(s);
  if (masks.clear.Has(field)) {
    return Reason::kAllowed;
  }
  const bool shows = Shows(s.op);
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
  return level4 && !covered_clear && shows ? Reason::kSeparate : Reason::kLevel;
}

}  // namespace fiducia::gate
