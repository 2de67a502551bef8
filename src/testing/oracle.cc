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

const store::BasisState* FindBasis(const rules::Purpose& purpose, const gate::Situation& s) {
  for (const store::BasisState& basis : *s.bases) {
    if (!basis.live) {
      continue;
    }
    if (basis.until_ms != 0 && basis.until_ms <= s.now_ms) {
      continue;
    }
    if (basis.purpose != s.purpose && !purpose.overriding) {
      continue;
    }
    if (std::find(purpose.bases.begin(), purpose.bases.end(), basis.basis) == purpose.bases.end()) {
      continue;
    }
    return &basis;
  }
  return nullptr;
}

}  // namespace

Verdict AskOracle(const rules::Policy& policy, const gate::Situation& s,
                  const rules::Field& field) {
  const auto role = policy.roles.find(std::string(s.role));
  const auto purpose = policy.purposes.find(std::string(s.purpose));
  if (role == policy.roles.end() || purpose == policy.purposes.end()) {
    return Verdict::kRefused;
  }
  if (!role->second.purposes.contains(purpose->first)) {
    return Verdict::kRefused;
  }
  if (!PurposeHas(purpose->second, field)) {
    return Verdict::kRefused;
  }
  if (!Contains(role->second.classes, field.data_class)) {
    return Verdict::kRefused;
  }
  const store::BasisState* basis = FindBasis(purpose->second, s);
  if (basis == nullptr) {
    return Verdict::kRefused;
  }
  if (s.restrictions != 0 && !purpose->second.overriding) {
    return Verdict::kRefused;
  }
  const rules::Role& r = role->second;
  if (s.op == model::Op::kErase) {
    return Verdict::kRefused;
  }
  if (s.op == model::Op::kWrite) {
    return Reaches(r.write, field) ? Verdict::kClear : Verdict::kRefused;
  }
  if (s.op == model::Op::kSearch) {
    return Reaches(r.search, field) && !field.index.empty() ? Verdict::kClear : Verdict::kRefused;
  }
  const bool reading = Reaches(r.read, field) && field.level <= model::Level::kL2;
  const bool revealing = s.op == model::Op::kReveal && Reaches(r.reveal, field);
  const bool separately = field.level != model::Level::kL4 || basis->separate;
  if ((reading || revealing) && separately) {
    return Verdict::kClear;
  }
  if (Reaches(r.masked, field) || Contains(r.masked_fields, field.id)) {
    return Verdict::kMasked;
  }
  return Verdict::kRefused;
}

}  // namespace fiducia::testing
