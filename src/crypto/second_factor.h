// What a person has beside a password: codes by time (RFC 6238) and passkeys (WebAuthn level 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace fiducia::crypto {

constexpr int64_t kTotpStepSeconds = 30;

// The step whose code this is: the one of `now_s` or a neighbor, but none up to `used`; nothing if
// it is no such code. `secret` has 20 bytes.
std::optional<int64_t> TotpStep(BytesView secret, std::string_view code, int64_t now_s,
                                int64_t used);
// The code of a step: for tests, and for nobody else.
std::string TotpCode(BytesView secret, int64_t step);

std::string ToBase32(BytesView bytes);  // RFC 4648 section 6, unpadded

struct PasskeyCredential {
  Bytes id;
  int algorithm = 0;  // COSE: -7 ES256, -8 EdDSA, -257 RS256
  Bytes public_key;
  uint32_t counter = 0;
};

// What the browser gave on registration: `client_data` is the JSON it hashed, `authenticator_data`
// as it is. Whoever calls has checked type, challenge and origin in the JSON. Errors: kInvalidInput
// for another site's credential, one without user verification, or an unknown algorithm.
Result<PasskeyCredential> ReadPasskey(const std::string& site, BytesView client_data,
                                      BytesView authenticator_data, int algorithm);

// Checks an assertion with the credential's key. Gives the new counter. Errors: kUnauthenticated
// for a wrong signature, another site, no user verification, or a counter that ran backwards.
Result<uint32_t> VerifyPasskey(const std::string& site, const PasskeyCredential& credential,
                               BytesView client_data, BytesView authenticator_data,
                               BytesView signature);

}  // namespace fiducia::crypto
