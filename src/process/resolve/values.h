// What matching sees of a value: a form to compare, a second form that survives other scripts and
// spellings, tokens, and keys under which likely partners are found. Made once for each distinct
// value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fiducia::process {

enum class MatchKind : uint8_t {
  kFullName,
  kGivenName,
  kFamilyName,
  kDate,
  kPhone,
  kEmail,
  kIdNumber,
  kAddress,
  kPlace,  // city, suburb, region
  kPostcode,
  kCategory,  // sex, state: few values
  kOrganization,
  kText,
};

constexpr size_t kValueKeys = 3;

struct MatchValue {
  std::string text;              // two values with the same are the same
  std::u32string wide;           // the text again, if it is not ASCII
  std::string other;             // toneless readings in order of the alphabet; local part of mail
  std::vector<uint32_t> tokens;  // sorted hashes of words and numbers
  std::vector<float> rarity;     // of each token, in bits; from the table
  std::array<uint64_t, kValueKeys> keys{};  // 0: none
  std::array<uint32_t, 2> spelled{};        // letters of a name, either way; of a local part
  uint64_t marks = 0;                       // which characters stand in the text, by hash
  bool partial = false;                     // a family name with a title; a masked number
};

// `raw` is UTF-8. An empty `text` means that nothing in it can be compared: missing.
MatchValue MakeMatchValue(MatchKind kind, std::string_view raw);

}  // namespace fiducia::process
