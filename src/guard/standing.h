// Private to guard: departments and grants as documents, how documents are read, and the rules that
// hold for grants.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "guard/people.h"

namespace fiducia::guard {

constexpr std::string_view kUserKind = "user";
constexpr std::string_view kDepartmentKind = "department";
constexpr std::string_view kGrantKind = "grant";
constexpr int64_t kGrantMostMs = 90 * int64_t{86400000};

Json ToJson(const Department& department);
Department DepartmentFrom(const Document& document);
Json ToJson(const Grant& grant);
Json ToJson(const model::Lease& lease);
// Errors: kCorrupt.
Result<Grant> GrantFrom(const Document& document, const rules::Catalog& catalog);
Result<model::Lease> LeaseFrom(const Json& json, const rules::Catalog& catalog);

// Members of a document: a word of an enum (the first one if it is none of them), and an id (nil if
// it is none).
template <typename E, size_t N>
E FromName(const std::array<std::string_view, N>& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  return static_cast<E>(at == names.end() ? 0 : at - names.begin());
}
Uuid IdFrom(const Json& json, std::string_view key);

// Errors: kInvalidInput for a malformed code, an unknown parent or purpose, or a circle.
Status CheckDepartment(const Department& department,
                       const std::map<std::string, Department>& others,
                       const rules::Policy& policy);
// Errors: kInvalidInput for purposes or classes that the role does not have.
Status CheckNarrowing(const model::Lease& lease, const rules::Role& role);
// `held`: the roles the person has already. Errors: kInvalidInput, kConflict.
Status CheckLease(const model::Lease& lease, const std::vector<std::string>& held,
                  const rules::Policy& policy, int64_t now_ms);

// What both lists allow; none does not limit.
std::optional<std::vector<std::string>> Both(std::optional<std::vector<std::string>> a,
                                             const std::optional<std::vector<std::string>>& b);

}  // namespace fiducia::guard
