#include "process/classify/entity.h"

#include <array>

#include "base/names.h"

namespace fiducia::process {

namespace {

constexpr std::array<std::string_view, kEntityKinds> kNames = {
    "email",           "phone",      "national_id", "bank_card",  "company_code", "passport",
    "plate",           "birth_date", "date",        "ip_address", "qq",           "wechat",
    "social_security", "iban",       "domain",      "person",     "address",      "place",
    "organization",    "age",        "title",       "group",      "postcode"};

}  // namespace

std::string_view Name(EntityKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::optional<EntityKind> EntityKindNamed(std::string_view name) {
  return ValueNamed<EntityKind>(kNames, name);
}

bool PointsToOne(EntityKind kind) {
  switch (kind) {
    case EntityKind::kCompanyCode:
    case EntityKind::kDate:
    case EntityKind::kDomain:
    case EntityKind::kPlace:
    case EntityKind::kOrganization:
    case EntityKind::kAge:
    case EntityKind::kTitle:
    case EntityKind::kGroup:
    case EntityKind::kPostcode:
      return false;
    default:
      return true;
  }
}

}  // namespace fiducia::process
