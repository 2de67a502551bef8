// Signed tokens of others in the compact form (JWS, RFC 7515), and the keys that check them (RFC
// 7517 and 7518). Only RS256, PS256 and ES256: never none, never a shared secret.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/json.h"

namespace fiducia::crypto {

struct Jws {
  Json header;
  Json payload;
  Bytes signed_part;  // header and payload as they were sent
  Bytes signature;
};

// Nothing is checked yet. Errors: kUnauthenticated if it is none, or has a critical extension.
Result<Jws> ReadJws(std::string_view token);
// Whether the key's holder signed it, with the algorithm in the header. False for a key of another
// kind, for another use, or of fewer than 2048 bits.
bool IsSignedBy(const Jws& token, const Json& jwk);

}  // namespace fiducia::crypto
