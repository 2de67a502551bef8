#include "base/bytes.h"

#include <array>

namespace fiducia {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

}  // namespace

std::string ToHex(BytesView bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex.push_back(kHex[static_cast<uint8_t>(c) >> 4]);
    hex.push_back(kHex[static_cast<uint8_t>(c) & 15]);
  }
  return hex;
}

Result<Bytes> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    return Fail(Code::kInvalidInput, "hexadecimal text has an odd length");
  }
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) {
      return Fail(Code::kInvalidInput, "not hexadecimal text", static_cast<int64_t>(i));
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string ToBase64(BytesView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (k < have ? static_cast<uint8_t>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text.push_back(k <= have ? kBase64[(group >> (18 - 6 * k)) & 63] : '=');
    }
  }
  return text;
}

Result<Bytes> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return Fail(Code::kInvalidInput, "base64 text has a wrong length");
  }
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t group = 0;
    size_t pad = 0;
    for (size_t k = 0; k < 4; ++k) {
      const char c = text[i + k];
      const size_t digit = kBase64.find(c);
      const bool last = i + 4 == text.size();
      if (c == '=' && last && k >= 2) {
        ++pad;
        group <<= 6;
      } else if (digit == std::string_view::npos || pad > 0) {
        return Fail(Code::kInvalidInput, "not base64 text", static_cast<int64_t>(i + k));
      } else {
        group = (group << 6) | static_cast<uint32_t>(digit);
      }
    }
    for (size_t k = 0; k + pad < 3; ++k) {
      bytes.push_back(static_cast<char>((group >> (16 - 8 * k)) & 0xff));
    }
  }
  return bytes;
}

bool EqualConstantTime(BytesView a, BytesView b) {
  if (a.size() != b.size()) {
    return false;
  }
  volatile unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = difference | static_cast<unsigned>(static_cast<uint8_t>(a[i] ^ b[i]));
  }
  return difference == 0;
}

std::string ToBase64Url(BytesView bytes) {
  std::string text = ToBase64(bytes);
  while (text.ends_with('=')) {
    text.pop_back();
  }
  for (char& c : text) {
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return text;
}

Result<Bytes> FromBase64Url(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c == '+' || c == '/' || c == '=') {
      return Fail(Code::kInvalidInput, "not base64url");
    }
    c = c == '-' ? '+' : c == '_' ? '/' : c;
  }
  plain.append((4 - plain.size() % 4) % 4, '=');
  return FromBase64(plain);
}

}  // namespace fiducia
