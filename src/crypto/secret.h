// Key material: fixed-size bytes that are wiped when they go, never printed, never copied by
// accident.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/rng.h"

namespace fiducia::crypto {

// Wipes memory in a way the compiler keeps.
void Wipe(std::span<char> bytes);

template <size_t N>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { Wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      Wipe(other.bytes_);
    }
    return *this;
  }
  ~Secret() { Wipe(bytes_); }

  static Secret Random(Rng& rng) {
    Secret secret;
    rng.Fill(secret.bytes_);
    return secret;
  }
  // Errors: kInvalidInput if `bytes` is not exactly N long.
  static Result<Secret> From(BytesView bytes) {
    if (bytes.size() != N) {
      return Fail(Code::kInvalidInput, "a key has the wrong length");
    }
    Secret secret;
    bytes.copy(secret.bytes_.data(), N);
    return secret;
  }
  BytesView view() const { return {bytes_.data(), N}; }
  std::span<char> mutable_span() { return bytes_; }

 private:
  std::array<char, N> bytes_{};
};

using Key256 = Secret<32>;

}  // namespace fiducia::crypto
