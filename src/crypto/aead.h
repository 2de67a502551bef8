// Authenticated encryption, by suite. Suite 1 is XAES-256-GCM (C2SP): 192-bit random nonces, so
// that a restored snapshot cannot repeat one.
#pragma once

#include "crypto/secret.h"

namespace fiducia::crypto {

constexpr size_t kNonceSize = 24;
constexpr size_t kTagSize = 16;

// A key ready for use with XAES-256-GCM. Cheap to copy; wiped when it goes. Thread safe.
class AeadKey {
 public:
  explicit AeadKey(const Key256& key);
  const Key256& key() const { return key_; }
  BytesView subkey_mask() const { return mask_.view(); }

 private:
  Key256 key_;
  Secret<16> mask_;  // K1 of the CMAC in the specification
};

// Appends nonce (24), ciphertext and tag (16) to `out`.
void Seal(const AeadKey& key, BytesView plaintext, BytesView context, Rng& rng, Bytes& out);

// The same with a given nonce: for published test vectors only.
void SealWithNonce(const AeadKey& key, BytesView nonce, BytesView plaintext, BytesView context,
                   Bytes& out);

// Writes the plaintext into `out`, which must have room for sealed.size() - 40 bytes.
// Errors: kCorrupt if the bytes, the key or the context is not what was sealed.
Status Open(const AeadKey& key, BytesView sealed, BytesView context, std::span<char> out);

}  // namespace fiducia::crypto
