#include "crypto/aead.h"

#include <memory>

#include <openssl/evp.h>

namespace fiducia::crypto {

namespace {

const unsigned char* U(const char* p) { return reinterpret_cast<const unsigned char*>(p); }
unsigned char* U(char* p) { return reinterpret_cast<unsigned char*>(p); }

// Fetched once: an implicit fetch for every call costs more than the cipher.
const EVP_CIPHER* Ecb() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  FID_CHECK(cipher != nullptr);
  return cipher;
}
const EVP_CIPHER* Gcm() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  FID_CHECK(cipher != nullptr);
  return cipher;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* ctx) const { EVP_CIPHER_CTX_free(ctx); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

EVP_CIPHER_CTX* EcbContext() {
  thread_local const Context ctx(EVP_CIPHER_CTX_new());
  return ctx.get();
}
EVP_CIPHER_CTX* GcmContext() {
  thread_local const Context ctx(EVP_CIPHER_CTX_new());
  return ctx.get();
}

void EncryptBlocks(const Key256& key, std::span<const char> in, std::span<char> out) {
  EVP_CIPHER_CTX* ctx = EcbContext();
  int n = 0;
  FID_CHECK(EVP_EncryptInit_ex2(ctx, Ecb(), U(key.view().data()), nullptr, nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(ctx, 0);
  FID_CHECK(EVP_EncryptUpdate(ctx, U(out.data()), &n, U(in.data()), static_cast<int>(in.size())) ==
            1);
}

// The per-message key of the specification: CMAC over a counter, 'X' and the first half of the
// nonce.
Key256 MessageKey(const AeadKey& key, BytesView nonce) {
  std::array<char, 32> blocks{};
  for (size_t half = 0; half < 2; ++half) {
    char* block = blocks.data() + 16 * half;
    block[1] = static_cast<char>(half + 1);
    block[2] = 'X';
    std::memcpy(block + 4, nonce.data(), 12);
    for (size_t i = 0; i < 16; ++i) {
      block[i] = static_cast<char>(block[i] ^ key.subkey_mask()[i]);
    }
  }
  Key256 derived;
  EncryptBlocks(key.key(), blocks, derived.mutable_span());
  return derived;
}

}  // namespace

AeadKey::AeadKey(const Key256& key) : key_(key) {
  const std::array<char, 16> zero{};
  const std::span<char> mask = mask_.mutable_span();
  EncryptBlocks(key_, zero, mask);
  const bool carry = (static_cast<uint8_t>(mask[0]) & 0x80) != 0;
  for (size_t i = 0; i < 16; ++i) {
    const unsigned next = i + 1 < 16 ? static_cast<uint8_t>(mask[i + 1]) >> 7 : 0;
    mask[i] = static_cast<char>((static_cast<uint8_t>(mask[i]) << 1) | next);
  }
  if (carry) {
    mask[15] = static_cast<char>(mask[15] ^ '\x87');
  }
}

void SealWithNonce(const AeadKey& key, BytesView nonce, BytesView plaintext, BytesView context,
                   Bytes& out) {
  const Key256 message_key = MessageKey(key, nonce);
  const size_t at = out.size();
  out.resize(at + kNonceSize + plaintext.size() + kTagSize);
  char* p = out.data() + at;
  std::memcpy(p, nonce.data(), kNonceSize);
  EVP_CIPHER_CTX* ctx = GcmContext();
  int n = 0;
  bool ok = EVP_EncryptInit_ex2(ctx, Gcm(), U(message_key.view().data()), U(nonce.data() + 12),
                                nullptr) == 1;
  ok = ok && EVP_EncryptUpdate(ctx, nullptr, &n, U(context.data()),
                               static_cast<int>(context.size())) == 1;
  ok = ok && EVP_EncryptUpdate(ctx, U(p + kNonceSize), &n, U(plaintext.data()),
                               static_cast<int>(plaintext.size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(ctx, nullptr, &n) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, kTagSize,
                                 p + kNonceSize + plaintext.size()) == 1;
  FID_CHECK(ok);
}

void Seal(const AeadKey& key, BytesView plaintext, BytesView context, Rng& rng, Bytes& out) {
  std::array<char, kNonceSize> nonce;
  rng.Fill(nonce);
  SealWithNonce(key, {nonce.data(), nonce.size()}, plaintext, context, out);
}

Status Open(const AeadKey& key, BytesView sealed, BytesView context, std::span<char> out) {
  if (sealed.size() < kNonceSize + kTagSize || out.size() < sealed.size() - kNonceSize - kTagSize) {
    return Fail(Code::kCorrupt, "a sealed value is too short");
  }
  const Key256 message_key = MessageKey(key, sealed.substr(0, kNonceSize));
  const size_t size = sealed.size() - kNonceSize - kTagSize;
  std::array<char, kTagSize> tag;
  std::memcpy(tag.data(), sealed.data() + kNonceSize + size, kTagSize);
  EVP_CIPHER_CTX* ctx = GcmContext();
  int n = 0;
  bool ok = EVP_DecryptInit_ex2(ctx, Gcm(), U(message_key.view().data()), U(sealed.data() + 12),
                                nullptr) == 1;
  ok = ok && EVP_DecryptUpdate(ctx, nullptr, &n, U(context.data()),
                               static_cast<int>(context.size())) == 1;
  ok = ok && EVP_DecryptUpdate(ctx, U(out.data()), &n, U(sealed.data() + kNonceSize),
                               static_cast<int>(size)) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1;
  ok = ok && EVP_DecryptFinal_ex(ctx, nullptr, &n) == 1;
  if (!ok) {
    Wipe(out.first(size));
    return Fail(Code::kCorrupt, "a sealed value was altered or moved");
  }
  return {};
}

}  // namespace fiducia::crypto
