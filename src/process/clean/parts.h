// The single checks behind Cleaner, each on plain text that its caller wipes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "process/clean/cleaner.h"

namespace fiducia::process {

// "2026-11-24" from the ways people write dates. Errors: kInvalidValue; an ambiguous order is one.
Result<std::string> CleanDate(std::string_view text, const Hints& hints);

struct ResidentId {
  std::string number;  // 18 characters
  bool from_15_digits = false;
  bool known_region = true;  // older numbers carry codes that no longer exist
};
// GB 11643: region, birth date, serial, ISO 7064 MOD 11-2 check. Errors: kInvalidValue.
Result<ResidentId> CleanResidentId(std::string_view compact, const Hints& hints);

bool IsCreditCode(std::string_view code);  // GB 32100 unified social credit code, with its check
bool IsLuhn(std::string_view digits);
bool IsIban(std::string_view compact);

struct Phone {
  std::string e164;
  bool verified_plan = false;  // fits the numbering plan of its country
};
// Errors: kInvalidValue.
Result<Phone> CleanPhone(std::string_view text, const Hints& hints);

Result<std::string> CleanEmail(std::string_view text);                       // domain in lower case
Result<std::string> CleanAmount(std::string_view text, const Hints& hints);  // "1234.50 CNY"
Result<std::string> CleanCountry(std::string_view text);  // ISO 3166 alpha-2 from code or name
std::string NameSound(std::string_view name);             // words in pinyin, sorted

struct Address {
  std::string key;  // for comparing: one script, one way of writing numbers, no short words
  uint8_t confidence = 50;
};
Address CleanAddress(std::string_view text, const Hints& hints);

// Province, city and district codes recognized at the start of a mainland address, most exact one.
std::optional<std::string> RegionCodeOf(std::string_view address);
bool IsKnownRegion(std::string_view code6);

}  // namespace fiducia::process
