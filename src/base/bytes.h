// Byte strings, their text forms, and little readers and writers for binary formats.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fiducia {

using Bytes = std::string;           // owned bytes; never personal values in clear
using BytesView = std::string_view;  // borrowed bytes

std::string ToHex(BytesView bytes);
Result<Bytes> FromHex(std::string_view hex);
std::string ToBase64(BytesView bytes);  // RFC 4648 section 4, padded
Result<Bytes> FromBase64(std::string_view text);
std::string ToBase64Url(BytesView bytes);  // section 5, without padding
Result<Bytes> FromBase64Url(std::string_view text);

// Compares without stopping at the first difference. Lengths are not secret.
bool EqualConstantTime(BytesView a, BytesView b);

// Appends fixed-width big-endian numbers and length-prefixed strings.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}
  void U8(uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void U16(uint16_t v) { Big(v, 2); }
  void U32(uint32_t v) { Big(v, 4); }
  void U64(uint64_t v) { Big(v, 8); }
  void Raw(BytesView v) { out_.append(v); }
  void Short(BytesView v) {  // up to 65,535 bytes
    U16(static_cast<uint16_t>(v.size()));
    Raw(v);
  }
  void Long(BytesView v) {
    U32(static_cast<uint32_t>(v.size()));
    Raw(v);
  }

 private:
  void Big(uint64_t v, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>((v >> shift) & 0xff));
    }
  }
  Bytes& out_;
};

// Reads what ByteWriter wrote. After any read past the end `ok()` is false and reads give zeros.
class ByteReader {
 public:
  explicit ByteReader(BytesView in) : in_(in) {}
  uint8_t U8() { return static_cast<uint8_t>(Big(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Big(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Big(4)); }
  uint64_t U64() { return Big(8); }
  BytesView Raw(size_t n) {
    if (n > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const BytesView v = in_.substr(0, n);
    in_.remove_prefix(n);
    return v;
  }
  BytesView Short() { return Raw(U16()); }
  BytesView Long() { return Raw(U32()); }
  // One of an enumeration that counts from 1 to `last`; anything else is damage.
  template <typename E>
  E Word(E last) {
    const uint8_t number = U8();
    if (number < 1 || number > static_cast<uint8_t>(last)) {
      ok_ = false;
      return static_cast<E>(1);
    }
    return static_cast<E>(number);
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }
  size_t left() const { return in_.size(); }

 private:
  uint64_t Big(size_t n) {
    uint64_t v = 0;
    for (const char c : Raw(n)) {
      v = (v << 8) | static_cast<uint8_t>(c);
    }
    return v;
  }
  BytesView in_;
  bool ok_ = true;
};

}  // namespace fiducia
