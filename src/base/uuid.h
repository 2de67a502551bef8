// 128-bit ids. Version 7 (RFC 9562): made by the application, ordered by time inside a bucket.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/rng.h"

namespace fiducia {

class Uuid {
 public:
  constexpr Uuid() = default;
  static Uuid V7(const Clock& clock, Rng& rng);
  static Result<Uuid> Parse(std::string_view text);  // lower or upper case, with hyphens
  static Result<Uuid> FromBytes(BytesView bytes);    // exactly 16

  std::string Text() const;
  BytesView bytes() const { return {bytes_.data(), bytes_.size()}; }
  bool is_nil() const { return *this == Uuid(); }
  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<char, 16> bytes_{};
};

}  // namespace fiducia

template <>
struct std::hash<fiducia::Uuid> {
  size_t operator()(const fiducia::Uuid& id) const noexcept {
    return std::hash<std::string_view>()(id.bytes());
  }
};
