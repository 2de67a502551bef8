#include "base/text.h"
#include "process/clean/cleaner.h"

namespace fiducia::process {

namespace {

std::string Stars(size_t n) { return std::string(n, '*'); }

std::string MaskName(std::string_view text) {
  const std::u32string letters = DecodeUtf8(text);
  if (HasHan(text)) {
    return EncodeUtf8(letters.substr(0, 1)) + Stars(letters.size() > 1 ? letters.size() - 1 : 1);
  }
  std::string out;
  bool start = true;
  for (const char32_t c : letters) {
    if (c == ' ') {
      start = true;
      out.push_back(' ');
    } else if (start) {
      out += EncodeUtf8(std::u32string_view(&c, 1)) + "***";
      start = false;
    }
  }
  return out;
}

std::string MaskPhone(std::string_view text) {
  const std::string_view national = text.starts_with("+86") ? text.substr(3) : text;
  if (national.size() < 9) {
    return "***";
  }
  return std::string(national.substr(0, 3)) + Stars(national.size() - 7) +
         std::string(national.substr(national.size() - 4));
}

std::string MaskEmail(std::string_view text) {
  const size_t at = text.find('@');
  const std::u32string local = DecodeUtf8(text.substr(0, at));
  return at == std::string_view::npos || local.empty()
             ? "***"
             : EncodeUtf8(local.substr(0, 1)) + "***" + std::string(text.substr(at));
}

std::string KeepEnds(std::string_view text, size_t head, size_t tail) {
  const std::u32string letters = DecodeUtf8(text);
  if (letters.size() <= head + tail + 3) {
    return "***";
  }
  return EncodeUtf8(letters.substr(0, head)) + Stars(letters.size() - head - tail) +
         EncodeUtf8(letters.substr(letters.size() - tail));
}

std::string MaskAddress(std::string_view text) {
  if (!HasHan(text)) {
    return "***";
  }
  // The province and the city stay: they are L1 on their own.
  const std::u32string letters = DecodeUtf8(text);
  const size_t city = letters.find(U'市');
  return city != std::u32string::npos && city < 12 ? EncodeUtf8(letters.substr(0, city + 1)) + "***"
                                                   : EncodeUtf8(letters.substr(0, 2)) + "***";
}

}  // namespace

std::string Mask(std::string_view mask, const model::Sensitive& value) {
  const std::string_view text = value.Reveal();
  if (mask == "none") {
    return std::string(text);
  }
  if (mask == "name") {
    return MaskName(text);
  }
  if (mask == "phone") {
    return MaskPhone(text);
  }
  if (mask == "email") {
    return MaskEmail(text);
  }
  if (mask == "id") {
    return KeepEnds(text, 1, 1);
  }
  if (mask == "card") {
    return KeepEnds(text, 0, 4);
  }
  if (mask == "date") {
    return std::string(text.substr(0, 4)) + "-**-**";
  }
  if (mask == "address") {
    return MaskAddress(text);
  }
  if (mask == "text") {
    return EncodeUtf8(DecodeUtf8(text).substr(0, 1)) + "***";
  }
  if (mask == "ip") {
    const size_t dot = text.find('.', text.find('.') + 1);
    return dot == std::string_view::npos ? "***" : std::string(text.substr(0, dot)) + ".*.*";
  }
  return "***";
}

}  // namespace fiducia::process
