// Ed25519 signatures (RFC 8032), Argon2id passphrase hashing (RFC 9106) and the TLS certificate
// made at set-up.
#pragma once

#include <string>

#include "crypto/secret.h"

namespace fiducia::crypto {

struct SigningKey {
  Key256 seed;
  Bytes public_key;  // 32 bytes
};

SigningKey SigningKeyFrom(const Key256& seed);
Bytes Sign(const SigningKey& key, BytesView message);  // 64 bytes
bool Verify(BytesView public_key, BytesView message, BytesView signature);

// Argon2id with 46 MiB and one pass, what OWASP ASVS 5.0 asks of a password: about 25 ms and the
// memory, so run few at once. `salt` has 16 bytes. Errors: kUnavailable.
Result<Key256> HashPassword(BytesView password, BytesView salt);

// Argon2id with 64 MiB and 3 passes: a root key from a passphrase. `salt` has 16 bytes.
// Errors: kUnavailable if the memory cannot be had.
Result<Key256> KeyFromPassphrase(BytesView passphrase, BytesView salt);

struct Certificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

// A self-signed P-256 certificate for `host` and the loopback addresses, valid for `days`.
Result<Certificate> MakeSelfSignedCertificate(const std::string& host, int days);

}  // namespace fiducia::crypto
