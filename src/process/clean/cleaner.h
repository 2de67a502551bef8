// Brings a raw value to the one form of its field type, checks it, and gives the keys it is indexed
// by.
#pragma once

#include <map>
#include <string>

#include "model/sensitive.h"
#include "rules/policy.h"

namespace fiducia::process {

enum class DateOrder { kUnknown, kDayFirst, kMonthFirst };

// What the surroundings of a value tell about it.
struct Hints {
  std::string region = "CN";  // ISO 3166, for phones, ids and postcodes written without one
  std::string currency;       // ISO 4217, for amounts written without one
  DateOrder date_order = DateOrder::kUnknown;
  int64_t today_days = 0;  // days since 1970, for dates that must lie in the past
};

struct Cleaned {
  model::Sensitive value;
  model::Sensitive key;    // for the exact index and for comparing
  model::Sensitive sound;  // for the sound index; empty if the type has none
  uint8_t confidence = 100;
};

// Thread safe.
class Cleaner {
 public:
  Cleaner();

  // Errors: kInvalidValue with the reason, at the field's number. An empty value is an error too.
  Result<Cleaned> Clean(const rules::Field& field, const model::Sensitive& raw,
                        const Hints& hints) const;

 private:
  struct Draft {
    std::string value;
    std::string key;
    std::string sound;
    uint8_t confidence = 100;
  };
  using Step = Status (*)(Draft& draft, const Hints& hints);
  std::map<std::string, Step, std::less<>> steps_;  // by validator; each normalizes and checks
};

// The value as a person without the right to see it gets it: 138****1234, 张*, a***@example.com.
std::string Mask(std::string_view mask, const model::Sensitive& value);

}  // namespace fiducia::process
