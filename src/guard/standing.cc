#include "guard/standing.h"

#include <algorithm>

#include "model/names.h"

namespace fiducia::guard {

namespace {

Json ListToJson(const std::optional<std::vector<std::string>>& list) {
  return list ? Json(*list) : Json();
}

std::optional<std::vector<std::string>> ListFrom(const Json& json, std::string_view key) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> list;
  for (const Json& one : *at) {
    list.push_back(one.get<std::string>());
  }
  return list;
}

bool IsCode(std::string_view code) {
  return !code.empty() && code.size() <= 40 &&
         code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == code.npos;
}

bool IsName(const std::string& name) { return !name.empty() && name.size() <= 160; }

}  // namespace

Uuid IdFrom(const Json& json, std::string_view key) {
  return Uuid::Parse(JsonText(json, key)).value_or(Uuid());
}

Json ToJson(const Department& department) {
  return {{"code", department.code},
          {"zh", department.name.zh},
          {"en", department.name.en},
          {"parent", department.parent},
          {"purposes", ListToJson(department.purposes)}};
}

Department DepartmentFrom(const Document& document) {
  const Json& json = document.json;
  return {document.id,
          document.version,
          JsonText(json, "code"),
          {JsonText(json, "zh"), JsonText(json, "en")},
          JsonText(json, "parent"),
          ListFrom(json, "purposes")};
}

Json ToJson(const model::Lease& lease) {
  return {{"role", lease.role},
          {"department", lease.department},
          {"purposes", ListToJson(lease.purposes)},
          {"classes", ListToJson(lease.classes)},
          {"level_max", model::Name(lease.level_max)},
          {"case", lease.case_id},
          {"from", lease.from_ms},
          {"until", lease.until_ms}};
}

Result<model::Lease> LeaseFrom(const Json& json, const rules::Catalog& catalog) {
  model::Lease lease;
  lease.role = JsonText(json, "role");
  lease.department = JsonText(json, "department");
  lease.purposes = ListFrom(json, "purposes");
  lease.classes = ListFrom(json, "classes");
  FID_ASSIGN(lease.level_max, model::ParseLevel(JsonText(json, "level_max")));
  lease.case_id = JsonText(json, "case");
  lease.from_ms = json.value("from", int64_t{0});
  lease.until_ms = json.value("until", int64_t{0});
  gate::Compile(lease, catalog);
  return lease;
}

Json ToJson(const Grant& grant) {
  Json json = ToJson(grant.lease);
  json["user"] = grant.user.Text();
  json["reason"] = grant.reason;
  json["by"] = grant.given_by.Text();
  json["given"] = grant.given_ms;
  json["revoked"] = grant.revoked_ms;
  json["request"] = grant.request.Text();
  return json;
}

Result<Grant> GrantFrom(const Document& document, const rules::Catalog& catalog) {
  const Json& json = document.json;
  Grant grant;
  grant.id = document.id;
  grant.version = document.version;
  FID_ASSIGN(grant.lease, LeaseFrom(json, catalog));
  FID_ASSIGN(grant.user, Uuid::Parse(JsonText(json, "user")));
  grant.reason = JsonText(json, "reason");
  FID_ASSIGN(grant.given_by, Uuid::Parse(JsonText(json, "by")));
  grant.given_ms = json.value("given", int64_t{0});
  grant.revoked_ms = json.value("revoked", int64_t{0});
  FID_ASSIGN(grant.request, Uuid::Parse(JsonText(json, "request")));
  return grant;
}

Status CheckDepartment(const Department& department,
                       const std::map<std::string, Department>& others,
                       const rules::Policy& policy) {
  if (!IsCode(department.code) || !IsName(department.name.zh) || !IsName(department.name.en)) {
    return Fail(Code::kInvalidInput,
                "a department has a code of a-z, 0-9, _ and -, and a name in both languages");
  }
  std::string at = department.parent;
  for (int depth = 0; !at.empty(); ++depth) {
    const auto found = others.find(at);
    if (found == others.end()) {
      return Fail(Code::kInvalidInput, "there is no such parent department");
    }
    if (at == department.code || depth > 15) {
      return Fail(Code::kInvalidInput, "departments stand in a tree: this would be a circle");
    }
    at = found->second.parent;
  }
  if (department.purposes) {
    for (const std::string& purpose : *department.purposes) {
      if (policy.FindPurpose(purpose) == nullptr) {
        return Fail(Code::kUnknownPurpose, "the purpose is not declared");
      }
    }
  }
  return {};
}

Status CheckNarrowing(const model::Lease& lease, const rules::Role& role) {
  if (lease.purposes) {
    for (const std::string& purpose : *lease.purposes) {
      if (!role.purposes.contains(purpose)) {
        return Fail(Code::kInvalidInput, "the role does not work for this purpose");
      }
    }
  }
  if (lease.classes) {
    for (const std::string& data_class : *lease.classes) {
      if (std::find(role.classes.begin(), role.classes.end(), data_class) == role.classes.end()) {
        return Fail(Code::kInvalidInput, "the role does not work with this class of data");
      }
    }
  }
  return {};
}

Status CheckLease(const model::Lease& lease, const std::vector<std::string>& held,
                  const rules::Policy& policy, int64_t now_ms) {
  const rules::Role* role = policy.FindRole(lease.role);
  if (role == nullptr || !role->assignable) {
    return Fail(Code::kInvalidInput, "the role is not declared, or is none for people");
  }
  for (const std::string& other : held) {
    const rules::Role* known = policy.FindRole(other);
    if (role->excludes.contains(other) ||
        (known != nullptr && known->excludes.contains(lease.role))) {
      return Fail(Code::kConflict,
                  "these powers are kept apart: one person cannot hold both roles");
    }
  }
  if (lease.until_ms <= std::max(now_ms, lease.from_ms) ||
      lease.until_ms > std::max(now_ms, lease.from_ms) + kGrantMostMs) {
    return Fail(Code::kInvalidInput, "a grant ends in the future, after 90 days at most");
  }
  return CheckNarrowing(lease, *role);
}

std::optional<std::vector<std::string>> Both(std::optional<std::vector<std::string>> a,
                                             const std::optional<std::vector<std::string>>& b) {
  if (!a) {
    return b;
  }
  if (!b) {
    return a;
  }
  std::erase_if(
      *a, [&](const std::string& one) { return std::find(b->begin(), b->end(), one) == b->end(); });
  return a;
}

}  // namespace fiducia::guard
