#include "testing/oracle.h"

#include <algorithm>

namespace fiducia::testing {

namespace {

bool Contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// purposes/*.toml: a field belongs if its class does or it is named, unless it is left out or too
// high.
bool PurposeHas(const rules::Purpose& purpose, const rules::Field& field) {
  if (field.level > purpose.level_max) {
    return false;
  }
  if (Contains(purpose.without, field.id)) {
    return false;
  }
  return Contains(purpose.classes, field.data_class) || Contains(purpose.extra_fields, field.id);
}

bool Reaches(const std::optional<model::Level>& reach, const rules::Field& field) {
  return reach.has_value() && field.level <= *reach;
}

// Whether one lawful basis carries this use of this field by this department.
bool Carries(const rules::Purpose& purpose, const gate::Situation& s,
             const store::BasisState& basis, const rules::Field& field,
             const std::string& department) {
  if (!basis.live || basis.from_ms > s.now_ms) {
    return false;
  }
  if (basis.until_ms != 0 && basis.until_ms <= s.now_ms) {
    return false;
  }
  if (basis.max_uses != 0 && (basis.uses >= basis.max_uses || !s.may_use_up)) {
    return false;
  }
  if (std::find(purpose.bases.begin(), purpose.bases.end(), basis.basis) == purpose.bases.end()) {
    return false;
  }
  if (purpose.overriding) {
    return true;
  }
  if (basis.purpose != s.purpose) {
    return false;
  }
  int needed = model::kView;
  if (s.op == model::Op::kWrite) {
    needed = model::kCollect;
  } else if (s.op == model::Op::kExport) {
    needed = model::kTakeOut;
  } else if (s.op == model::Op::kShare) {
    needed = model::kShare;
  }
  if ((basis.scope.operations & needed) == 0) {
    return false;
  }
  if (!basis.scope.departments.empty() && !Contains(basis.scope.departments, department)) {
    return false;
  }
  if (basis.scope.fields && !basis.scope.fields->Has(field.number)) {
    return false;
  }
  for (const store::Exclusion& out : s.standing->exclusions) {
    if (out.purpose != basis.purpose || !out.fields.Has(field.number)) {
      continue;
    }
    if (!out.department.empty() && out.department != department) {
      continue;
    }
    if (basis.basis == model::BasisKind::kConsent && basis.seq < out.seq) {
      return false;
    }
    const bool soft = basis.basis == model::BasisKind::kLegitimateInterest ||
                      basis.basis == model::BasisKind::kPublicInterest ||
                      basis.basis == model::BasisKind::kPublicSource;
    if (soft && out.objection) {
      return false;
    }
  }
  return true;
}

// One grant, read word for word.
bool Counts(const rules::Policy& policy, const model::Lease& lease, const gate::Situation& s) {
  const auto role = policy.roles.find(lease.role);
  if (role == policy.roles.end()) {
    return false;
  }
  if (!role->second.purposes.contains(std::string(s.purpose))) {
    return false;
  }
  if (lease.purposes && !Contains(*lease.purposes, std::string(s.purpose))) {
    return false;
  }
  if (s.now_ms < lease.from_ms) {
    return false;
  }
  if (lease.until_ms != 0 && s.now_ms >= lease.until_ms) {
    return false;
  }
  return lease.case_id.empty() || lease.case_id == s.case_id;
}

bool Covers(const model::Lease& lease, const rules::Field& field) {
  if (lease.classes && !Contains(*lease.classes, field.data_class)) {
    return false;
  }
  return field.level <= lease.level_max;
}

// catalog/combinations.toml: for this purpose the field may be of a higher level than its own.
bool ReachesTogether(const rules::Purpose& purpose, const model::Lease& lease,
                     const rules::Role& role, const gate::Situation& s, const rules::Field& field,
                     const store::BasisState& basis) {
  const bool l4 = purpose.raised_l4.Has(field.number);
  if (!l4 && !purpose.raised_l3.Has(field.number)) {
    return true;
  }
  const model::Level level = l4 ? model::Level::kL4 : model::Level::kL3;
  const bool role_reaches = s.op == model::Op::kReveal && role.reveal && *role.reveal >= level;
  return s.trained && role_reaches && lease.level_max >= level && (!l4 || basis.separate);
}

// What one role gives of one field when everything around it is in order.
Verdict OfRole(const rules::Purpose& purpose, const model::Lease& lease, const rules::Role& role,
               const gate::Situation& s, const rules::Field& field,
               const store::BasisState& basis) {
  if (!Contains(role.classes, field.data_class)) {
    return Verdict::kRefused;
  }
  if (s.op == model::Op::kErase) {
    return Verdict::kRefused;
  }
  if ((s.op == model::Op::kExport || s.op == model::Op::kShare) && !role.exports) {
    return Verdict::kRefused;
  }
  if (s.op == model::Op::kWrite) {
    return Reaches(role.write, field) ? Verdict::kClear : Verdict::kRefused;
  }
  if (s.op == model::Op::kSearch) {
    return Reaches(role.search, field) && !field.index.empty() ? Verdict::kClear
                                                               : Verdict::kRefused;
  }
  const bool reading = Reaches(role.read, field) && field.level <= model::Level::kL2;
  const bool revealing = s.op == model::Op::kReveal && Reaches(role.reveal, field);
  const bool separately = field.level != model::Level::kL4 || basis.separate;
  if ((reading || revealing) && separately) {
    const bool held_back = (!s.trained && field.level > model::Level::kL2) ||
                           !ReachesTogether(purpose, lease, role, s, field, basis);
    return held_back ? Verdict::kMasked : Verdict::kClear;
  }
  if (Reaches(role.masked, field) || Contains(role.masked_fields, field.id)) {
    return Verdict::kMasked;
  }
  return Verdict::kRefused;
}

}  // namespace

Verdict AskOracle(const rules::Policy& policy, const gate::Situation& s,
                  const rules::Field& field) {
  const auto purpose = policy.purposes.find(std::string(s.purpose));
  if (purpose == policy.purposes.end() || !PurposeHas(purpose->second, field)) {
    return Verdict::kRefused;
  }
  if (s.standing == nullptr || (s.standing->restrictions != 0 && !purpose->second.overriding)) {
    return Verdict::kRefused;
  }
  // The best of what the grants give, each by itself, on each basis by itself.
  Verdict best = Verdict::kRefused;
  for (const model::Lease& lease : s.leases) {
    if (!Counts(policy, lease, s) || !Covers(lease, field)) {
      continue;
    }
    for (const store::BasisState& basis : s.standing->bases) {
      if (!Carries(purpose->second, s, basis, field, lease.department)) {
        continue;
      }
      const Verdict one =
          OfRole(purpose->second, lease, policy.roles.find(lease.role)->second, s, field, basis);
      if (one == Verdict::kClear || best == Verdict::kRefused) {
        best = one;
      }
    }
  }
  return best;
}

}  // namespace fiducia::testing
