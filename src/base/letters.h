// Single characters, read one by one from text that may be long.
#pragma once

#include <cstdint>
#include <string_view>

namespace fiducia {

enum class LetterKind : uint8_t { kNone, kLower, kUpper, kUncased, kDigit };

// Latin, Greek, Cyrillic and other alphabets; Chinese characters are kUncased.
LetterKind KindOfLetter(char32_t c);
char32_t LowerLetter(char32_t c);

// The character that begins at `at`, which moves behind it; a broken byte is U+FFFD. `at` < size.
char32_t NextCharacter(std::string_view text, size_t& at);

}  // namespace fiducia
