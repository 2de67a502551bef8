// Sealed to a public key by anybody, opened by one: HPKE (RFC 9180) in base mode, one message a
// context, with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, which browsers have built
// in.
#pragma once

#include "crypto/secret.h"

namespace fiducia::crypto {

struct HpkeKey {
  Key256 secret;
  Bytes public_key;  // 65 bytes: an uncompressed point
};

// The key pair that comes of `seed` (DeriveKeyPair); always the same.
HpkeKey HpkeKeyFrom(const Key256& seed);

// `enc` is the sender's point of 65 bytes, `sealed` has the tag of 16 bytes at its end. Errors:
// kInvalidInput if it was not sealed to this key, with this `info` and this `context` (its aad).
Result<Bytes> HpkeOpen(const HpkeKey& key, BytesView enc, BytesView info, BytesView context,
                       BytesView sealed);

struct HpkeSealed {
  Bytes enc;
  Bytes sealed;
};
Result<HpkeSealed> HpkeSeal(BytesView public_key, BytesView info, BytesView context,
                            BytesView plain, Rng& rng);

}  // namespace fiducia::crypto
