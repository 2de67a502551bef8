// What somebody who turns to the service desk wants, by the words of
// data/reference/matter_terms.csv: a first sorting, for a person to correct.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fiducia::process {

enum class Matter : uint8_t {
  kInquiry,     // a question; also what no word says anything about
  kComplaint,   // somebody is not content with the house
  kAfterSales,  // something that was bought: returns, repairs, deliveries, invoices
  kPraise,
};
constexpr size_t kMatters = static_cast<size_t>(Matter::kPraise) + 1;
std::string_view Name(Matter matter);
std::optional<Matter> MatterNamed(std::string_view name);

// `text` is UTF-8, Chinese or English; time is linear in its length.
Matter MatterOf(std::string_view text);

}  // namespace fiducia::process
