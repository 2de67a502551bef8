// SHA-256, HMAC-SHA-256 and HKDF-SHA-256 (RFC 6234, 2104, 5869).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "crypto/secret.h"

namespace fiducia::crypto {

using Digest = std::array<char, 32>;

inline BytesView View(const Digest& digest) { return {digest.data(), digest.size()}; }

Digest Sha256(std::initializer_list<BytesView> parts);

// A keyed HMAC whose two inner states are computed once; each call then costs two short hashes.
// Thread safe after construction.
class Hmac {
 public:
  explicit Hmac(BytesView key);
  ~Hmac();
  Hmac(const Hmac&) = default;
  Hmac& operator=(const Hmac&) = default;
  Digest Compute(std::initializer_list<BytesView> parts) const;

 private:
  struct State {
    alignas(16) std::array<char, 112> bytes;  // a SHA256_CTX
  };
  State inner_;
  State outer_;
};

// HKDF-Expand with one block of output. `key` must already be uniformly random.
Key256 Derive(BytesView key, std::initializer_list<BytesView> info);

}  // namespace fiducia::crypto
