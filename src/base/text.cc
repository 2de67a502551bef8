#include "base/text.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <unordered_map>

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

namespace fiducia {

namespace {

const icu::Normalizer2& Nfkc(bool fold) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* found = fold ? icu::Normalizer2::getNFKCCasefoldInstance(error)
                                       : icu::Normalizer2::getNFKCInstance(error);
  FID_CHECK(U_SUCCESS(error) && found != nullptr);
  return *found;
}

bool IsAscii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<uint8_t>(c) >= 0x80) {
      return false;
    }
  }
  return true;
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

// Folds runs of blanks to one and trims. NFKC already turned U+3000 and U+00A0 into blanks.
std::string FoldBlanks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (IsBlank(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) {
      out.push_back(' ');
      gap = false;
    }
    out.push_back(c);
  }
  return out;
}

std::string Normalize(std::string_view text, bool fold) {
  if (!IsUtf8(text)) {
    return {};
  }
  if (IsAscii(text)) {
    return FoldBlanks(fold ? LowerAscii(text) : std::string(text));
  }
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const icu::UnicodeString done = Nfkc(fold).normalize(source, error);
  if (U_FAILURE(error)) {
    return {};
  }
  std::string out;
  done.toUTF8String(out);
  return FoldBlanks(out);
}

std::string TransliterateHan(char32_t c) {
  thread_local std::unique_ptr<icu::Transliterator> han = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
        "Han-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, error));
    FID_CHECK(U_SUCCESS(error) && made != nullptr);
    return made;
  }();
  icu::UnicodeString text(static_cast<UChar32>(c));
  han->transliterate(text);
  std::string out;
  text.toUTF8String(out);
  return std::string(TrimAscii(out));
}

constexpr char32_t kFirstHan = 0x3400;
constexpr char32_t kLastHan = 0x9fff;

char32_t SimplifyHan(char32_t c) {
  thread_local std::unique_ptr<icu::Transliterator> simplify = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, error));
    FID_CHECK(U_SUCCESS(error) && made != nullptr);
    return made;
  }();
  icu::UnicodeString text(static_cast<UChar32>(c));
  simplify->transliterate(text);
  return text.countChar32() == 1 ? static_cast<char32_t>(text.char32At(0)) : c;
}

}  // namespace

std::u32string DecodeUtf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    size_t extra = lead < 0x80       ? 0
                   : lead >> 5 == 6  ? 1
                   : lead >> 4 == 14 ? 2
                   : lead >> 3 == 30 ? 3
                                     : 9;
    char32_t c = extra == 0 ? lead : extra == 1 ? lead & 31U : extra == 2 ? lead & 15U : lead & 7U;
    bool good = extra < 4 && i + extra < text.size();
    for (size_t k = 1; good && k <= extra; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      good = next >> 6 == 2;
      c = (c << 6) | (next & 63U);
    }
    constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    good = good && c >= kLeast[extra] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    out.push_back(good ? c : U'\ufffd');
    i += good ? extra + 1 : 1;
  }
  return out;
}

bool IsUtf8(std::string_view text) {
  if (IsAscii(text)) {
    return true;
  }
  size_t bytes = 0;
  for (const char32_t c : DecodeUtf8(text)) {
    if (c == U'\ufffd' && text.substr(bytes, 3) != "\xEF\xBF\xBD") {
      return false;
    }
    bytes += c < 0x80 ? 1U : c < 0x800 ? 2U : c < 0x10000 ? 3U : 4U;
  }
  return true;
}

std::string EncodeUtf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    if (c < 0x80) {
      out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      out.push_back(static_cast<char>(0xc0 | (c >> 6)));
      out.push_back(static_cast<char>(0x80 | (c & 63)));
    } else if (c < 0x10000) {
      out.push_back(static_cast<char>(0xe0 | (c >> 12)));
      out.push_back(static_cast<char>(0x80 | ((c >> 6) & 63)));
      out.push_back(static_cast<char>(0x80 | (c & 63)));
    } else {
      out.push_back(static_cast<char>(0xf0 | (c >> 18)));
      out.push_back(static_cast<char>(0x80 | ((c >> 12) & 63)));
      out.push_back(static_cast<char>(0x80 | ((c >> 6) & 63)));
      out.push_back(static_cast<char>(0x80 | (c & 63)));
    }
  }
  return out;
}

size_t CountCharacters(std::string_view text) { return DecodeUtf8(text).size(); }

bool SaysWhy(std::string_view text) {
  int weight = 0;
  for (const char32_t c : DecodeUtf8(text)) {
    weight += IsHan(c) ? 2 : u_isalnum(static_cast<UChar32>(c)) != 0 && c != 0xfffd ? 1 : 0;
  }
  return weight >= 3;
}

bool IsOneLine(std::string_view text) {
  return IsUtf8(text) && std::none_of(text.begin(), text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool IsReference(std::string_view text) {
  return text.size() <= 80 &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-") ==
             std::string_view::npos;
}

bool IsHan(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  return c >= 0x2e80 && uscript_getScript(static_cast<UChar32>(c), &error) == USCRIPT_HAN;
}

char32_t SimplifiedHan(char32_t c) {
  if (c < kFirstHan || c > kLastHan) {
    return c;
  }
  // Each is asked for once. Two threads that ask at once find the same.
  static std::array<std::atomic<char32_t>, kLastHan - kFirstHan + 1> known{};
  std::atomic<char32_t>& slot = known.at(c - kFirstHan);
  char32_t found = slot.load(std::memory_order_relaxed);
  if (found == 0) {
    found = SimplifyHan(c);
    slot.store(found, std::memory_order_relaxed);
  }
  return found;
}

bool HasHan(std::string_view text) {
  if (IsAscii(text)) {
    return false;
  }
  for (const char32_t c : DecodeUtf8(text)) {
    if (IsHan(c)) {
      return true;
    }
  }
  return false;
}

std::string FoldWidth(std::string_view text) { return Normalize(text, false); }
std::string FoldCase(std::string_view text) { return Normalize(text, true); }

std::string Pinyin(std::string_view text) {
  thread_local std::unordered_map<char32_t, std::string> readings;
  std::string out;
  for (const char32_t c : DecodeUtf8(text)) {
    if (!IsHan(c)) {
      out += EncodeUtf8(std::u32string_view(&c, 1));
      continue;
    }
    auto [at, fresh] = readings.try_emplace(c);
    if (fresh) {
      at->second = TransliterateHan(c);
    }
    if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
    out += at->second;
  }
  return out;
}

std::string_view TrimAscii(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string LowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

std::string PercentEncoded(std::string_view text, std::string_view plain) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || plain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

}  // namespace fiducia
