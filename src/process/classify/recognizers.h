// Numbers and addresses that point to a person, in running text, Chinese and English: found by
// their form, decided by their check digits and by the words beside them.
#pragma once

#include <string_view>
#include <vector>

namespace fiducia::process {

enum class EntityKind {
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
};
std::string_view Name(EntityKind kind);

struct Entity {
  size_t from = 0;  // bytes
  size_t to = 0;
  EntityKind kind = EntityKind::kPhone;
  double sure = 1;  // 0 to 1
};

// In the order of the text; none overlaps another. `text` is UTF-8; time is linear in its length.
std::vector<Entity> FindNumbered(std::string_view text);

}  // namespace fiducia::process
