#include "base/uuid.h"

#include <cstring>

namespace fiducia {

Uuid Uuid::V7(const Clock& clock, Rng& rng) {
  Uuid id;
  rng.Fill(id.bytes_);
  const auto ms = static_cast<uint64_t>(clock.NowMs());
  for (size_t i = 0; i < 6; ++i) {
    id.bytes_[i] = static_cast<char>((ms >> (40 - 8 * i)) & 0xff);
  }
  id.bytes_[6] = static_cast<char>((id.bytes_[6] & 0x0f) | 0x70);
  id.bytes_[8] = static_cast<char>((id.bytes_[8] & 0x3f) | 0x80);
  return id;
}

Result<Uuid> Uuid::FromBytes(BytesView bytes) {
  Uuid id;
  if (bytes.size() != id.bytes_.size()) {
    return Fail(Code::kInvalidInput, "an id has 16 bytes");
  }
  std::memcpy(id.bytes_.data(), bytes.data(), bytes.size());
  return id;
}

Result<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return Fail(Code::kInvalidInput, "not an id");
  }
  std::string hex;
  for (const char c : text) {
    if (c != '-') {
      hex.push_back(c);
    }
  }
  FID_ASSIGN(const Bytes bytes, FromHex(hex));
  return FromBytes(bytes);
}

std::string Uuid::Text() const {
  std::string text = ToHex(bytes());
  for (const size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, 1, '-');
  }
  return text;
}

}  // namespace fiducia
