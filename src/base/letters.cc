#include "base/letters.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace fiducia {

LetterKind KindOfLetter(char32_t c) {
  if (c < 0x80) {
    return c >= 'a' && c <= 'z'   ? LetterKind::kLower
           : c >= 'A' && c <= 'Z' ? LetterKind::kUpper
           : c >= '0' && c <= '9' ? LetterKind::kDigit
                                  : LetterKind::kNone;
  }
  const auto point = static_cast<UChar32>(c);
  if (c >= 0x4e00 && c <= 0x9fff) {
    return LetterKind::kUncased;
  }
  switch (u_charType(point)) {
    case U_LOWERCASE_LETTER:
      return LetterKind::kLower;
    case U_UPPERCASE_LETTER:
    case U_TITLECASE_LETTER:
      return LetterKind::kUpper;
    case U_MODIFIER_LETTER:
    case U_OTHER_LETTER:
    case U_NON_SPACING_MARK:
    case U_COMBINING_SPACING_MARK:
      return LetterKind::kUncased;
    case U_DECIMAL_DIGIT_NUMBER:
      return LetterKind::kDigit;
    default:
      return LetterKind::kNone;
  }
}

char32_t LowerLetter(char32_t c) {
  if (c < 0x80) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }
  return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
}

char32_t NextCharacter(std::string_view text, size_t& at) {
  const auto byte = static_cast<uint8_t>(text[at]);
  if (byte < 0x80) {
    ++at;
    return byte;
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  UChar32 point = 0;
  U8_NEXT_OR_FFFD(bytes, at, text.size(), point);  // NOLINT(bugprone-inc-dec-in-conditions)
  return static_cast<char32_t>(point);
}

}  // namespace fiducia
