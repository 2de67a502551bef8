// What a column of a table holds, from its name and a sample of its values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fiducia::process {

enum class ColumnKind : uint8_t {
  kNone,  // nothing about a person
  kAddress,
  kAddressPart,
  kAge,
  kBirthDate,
  kCardCode,
  kCardExpiry,
  kCardNumber,
  kCity,
  kCountry,
  kDevice,
  kDomain,
  kEducation,
  kEmail,
  kEmployment,
  kEthnicity,
  kFullName,
  kGeo,
  kGivenName,
  kHealth,
  kIncome,
  kIpAddress,
  kMaritalStatus,
  kNationalId,
  kOccupation,
  kOrganization,
  kPhone,
  kPostcode,
  kRecordId,
  kRegion,
  kSecret,
  kSex,
  kSurname,
  kTitle,
  kTrackingId,
  kUsername,
  kPassport,
  kPlate,
  kMessenger,
  kBankAccount,
  kCompanyCode,
  kReligion,
  kFreeText,  // running text that names people
};
constexpr size_t kColumnKinds = static_cast<size_t>(ColumnKind::kFreeText) + 1;
std::string_view Name(ColumnKind kind);

struct ColumnFinding {
  ColumnKind kind = ColumnKind::kNone;
  double sure = 0;  // 0 to 1
};

// `name` may be empty or say nothing, such as "c1". Two hundred values are enough; empty ones are
// passed over. Time is linear in what is given.
ColumnFinding ClassifyColumn(std::string_view name, const std::vector<std::string_view>& values);

}  // namespace fiducia::process
