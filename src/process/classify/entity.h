// What in a text points to a person.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fiducia::process {

enum class EntityKind : uint8_t {
  kEmail,
  kPhone,
  kNationalId,   // mainland China, 18 or 15 characters
  kBankCard,     // and credit cards
  kCompanyCode,  // unified social credit code
  kPassport,
  kPlate,
  kBirthDate,
  kDate,
  kIpAddress,
  kQq,
  kWechat,
  kSocialSecurity,  // United States
  kIban,
  kDomain,
  kPerson,
  kAddress,
  kPlace,
  kOrganization,
  kAge,
  kTitle,
  kGroup,  // a nation, a religion
  kPostcode,
};
constexpr size_t kEntityKinds = static_cast<size_t>(EntityKind::kPostcode) + 1;
std::string_view Name(EntityKind kind);
std::optional<EntityKind> EntityKindNamed(std::string_view name);
// Whether it points to one person by itself: a name, a number, an address; not a place or an age.
bool PointsToOne(EntityKind kind);

struct Entity {
  size_t from = 0;  // bytes
  size_t to = 0;
  EntityKind kind = EntityKind::kPhone;
  double sure = 1;  // 0 to 1
};

}  // namespace fiducia::process
