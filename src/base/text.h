// Unicode text. The only place in base that sees ICU.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fiducia {

bool IsUtf8(std::string_view text);
// UTF-8 without control characters: fit for one line.
bool IsOneLine(std::string_view text);
// A short name of a thing in another system or a file: no words, so nothing about people.
bool IsReference(std::string_view text);
bool IsHan(char32_t c);
bool HasHan(std::string_view text);
// A traditional character as the simplified one; any other as it is.
char32_t SimplifiedHan(char32_t c);

// NFKC form with runs of white space folded to one blank and the ends trimmed. Full-width digits
// and letters become ASCII. `text` must be UTF-8; broken text comes back empty.
std::string FoldWidth(std::string_view text);

// FoldWidth, then Unicode case folding: the form that comparing and indexing use.
std::string FoldCase(std::string_view text);

// Toneless pinyin of each Han character, other letters unchanged: "张伟" gives "zhang wei".
std::string Pinyin(std::string_view text);

std::u32string DecodeUtf8(std::string_view text);  // broken bytes become U+FFFD
std::string EncodeUtf8(std::u32string_view text);
size_t CountCharacters(std::string_view text);
// Whether a text that is to give a reason holds more than blanks and dots: three letters or digits,
// of which a Han character counts as two.
bool SaysWhy(std::string_view text);

std::string_view TrimAscii(std::string_view text);
std::string LowerAscii(std::string_view text);
// All but letters, digits and `plain`, as %XX (RFC 3986).
std::string PercentEncoded(std::string_view text, std::string_view plain = "-._");
std::vector<std::string_view> Split(std::string_view text, char separator);

}  // namespace fiducia
