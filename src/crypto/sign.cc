#include "crypto/sign.h"

#include <sodium.h>

namespace fiducia::crypto {

namespace {

const unsigned char* U(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

void StartSodium() {
  static const int ready = sodium_init();
  FID_CHECK(ready >= 0);
}

}  // namespace

SigningKey SigningKeyFrom(const Key256& seed) {
  StartSodium();
  SigningKey key{seed, Bytes(crypto_sign_PUBLICKEYBYTES, '\0')};
  Secret<crypto_sign_SECRETKEYBYTES> unused;
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(key.public_key.data()),
                           reinterpret_cast<unsigned char*>(unused.mutable_span().data()),
                           U(seed.view()));
  return key;
}

Bytes Sign(const SigningKey& key, BytesView message) {
  StartSodium();
  Secret<crypto_sign_SECRETKEYBYTES> secret;
  Bytes public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  auto* const raw = reinterpret_cast<unsigned char*>(secret.mutable_span().data());
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), raw,
                           U(key.seed.view()));
  Bytes signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, U(message),
                       message.size(), raw);
  return signature;
}

bool Verify(BytesView public_key, BytesView message, BytesView signature) {
  StartSodium();
  return public_key.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(U(signature), U(message), message.size(), U(public_key)) == 0;
}

namespace {

Result<Key256> Argon2id(BytesView password, BytesView salt, unsigned long long passes,
                        size_t memory) {
  StartSodium();
  if (salt.size() != crypto_pwhash_SALTBYTES) {
    return Fail(Code::kInvalidInput, "a salt has 16 bytes");
  }
  Key256 key;
  if (crypto_pwhash(reinterpret_cast<unsigned char*>(key.mutable_span().data()), 32,
                    password.data(), password.size(), U(salt), passes, memory,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Fail(Code::kUnavailable, "not enough memory to derive a key");
  }
  return key;
}

}  // namespace

Result<Key256> HashPassword(BytesView password, BytesView salt) {
  return Argon2id(password, salt, 1, 46UL << 20);
}

Result<Key256> KeyFromPassphrase(BytesView passphrase, BytesView salt) {
  return Argon2id(passphrase, salt, 3, 64UL << 20);
}

}  // namespace fiducia::crypto
