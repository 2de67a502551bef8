// The low-level SHA-256 calls are used on purpose: they cost a third of EVP's for the short inputs
// here (docs/crypto.md). They are deprecated, not removed, in OpenSSL 3.
#define OPENSSL_API_COMPAT 0x10100000L
#include "crypto/hash.h"

#include <cstring>

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace fiducia::crypto {

namespace {

SHA256_CTX Start(BytesView key, uint8_t pad) {
  std::array<char, 64> block{};
  if (key.size() > block.size()) {
    const Digest short_key = Sha256({key});
    std::memcpy(block.data(), short_key.data(), short_key.size());
  } else {
    std::memcpy(block.data(), key.data(), key.size());
  }
  for (char& c : block) {
    c = static_cast<char>(static_cast<uint8_t>(c) ^ pad);
  }
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, block.data(), block.size());
  Wipe(block);
  return state;
}

Digest Finish(SHA256_CTX& state) {
  Digest digest;
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &state);
  return digest;
}

}  // namespace

void Wipe(std::span<char> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

Digest Sha256(std::initializer_list<BytesView> parts) {
  SHA256_CTX state;
  SHA256_Init(&state);
  for (const BytesView part : parts) {
    SHA256_Update(&state, part.data(), part.size());
  }
  return Finish(state);
}

Hmac::Hmac(BytesView key) {
  static_assert(sizeof(SHA256_CTX) == sizeof(State));
  const SHA256_CTX inner = Start(key, 0x36);
  const SHA256_CTX outer = Start(key, 0x5c);
  std::memcpy(inner_.bytes.data(), &inner, sizeof inner);
  std::memcpy(outer_.bytes.data(), &outer, sizeof outer);
}

Hmac::~Hmac() {
  Wipe(inner_.bytes);
  Wipe(outer_.bytes);
}

Digest Hmac::Compute(std::initializer_list<BytesView> parts) const {
  SHA256_CTX state;
  std::memcpy(&state, inner_.bytes.data(), sizeof state);
  for (const BytesView part : parts) {
    SHA256_Update(&state, part.data(), part.size());
  }
  const Digest inside = Finish(state);
  std::memcpy(&state, outer_.bytes.data(), sizeof state);
  SHA256_Update(&state, inside.data(), inside.size());
  return Finish(state);
}

Key256 Derive(BytesView key, std::initializer_list<BytesView> info) {
  Bytes message;
  for (const BytesView part : info) {
    ByteWriter(message).Short(part);
  }
  message.push_back('\x01');
  Digest block = Hmac(key).Compute({message});
  Key256 derived = *Key256::From(View(block));
  Wipe(block);
  return derived;
}

}  // namespace fiducia::crypto
