#include "crypto/wecom.h"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>

namespace fiducia::crypto {

namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kBlock = 32;   // of the padding
constexpr size_t kBefore = 20;  // 16 random bytes, 4 of length

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* Raw(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Result<Bytes> KeyOf(const std::string& key) {
  auto bytes = FromBase64(key + "=");
  if (!bytes || bytes->size() != kKeySize) {
    return Fail(Code::kInvalidInput, "an EncodingAESKey has 43 characters");
  }
  return *bytes;
}

}  // namespace

std::string WeComDigest(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end());
  std::string all;
  for (const std::string& part : parts) {
    all += part;
  }
  Bytes digest(20, '\0');
  unsigned size = 0;
  EVP_Digest(all.data(), all.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha1(), nullptr);
  return ToHex(digest);
}

Result<Bytes> OpenWeCom(const std::string& key, BytesView sealed) {
  FID_ASSIGN(const Bytes raw, KeyOf(key));
  const auto wrong = [] { return Fail(Code::kInvalidInput, "it was not sealed with this key"); };
  if (sealed.empty() || sealed.size() % 16 != 0) {
    return wrong();
  }
  Bytes plain(sealed.size() + 16, '\0');
  int size = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, Raw(raw), Raw(raw)) == 1 &&
      EVP_CIPHER_CTX_set_padding(cipher.get(), 0) == 1 &&
      EVP_DecryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                        Raw(sealed), static_cast<int>(sealed.size())) == 1;
  plain.resize(opened ? static_cast<size_t>(size) : 0);
  const size_t padding = plain.empty() ? 0 : static_cast<uint8_t>(plain.back());
  if (padding < 1 || padding > kBlock || plain.size() < kBefore + padding) {
    return wrong();
  }
  plain.resize(plain.size() - padding);
  size_t length = 0;
  for (size_t i = 16; i < kBefore; ++i) {
    length = length << 8 | static_cast<uint8_t>(plain[i]);
  }
  if (length > plain.size() - kBefore) {
    return wrong();
  }
  return plain.substr(kBefore, length);
}

Result<Bytes> SealWeCom(const std::string& key, BytesView text, const std::string& to, Rng& rng) {
  FID_ASSIGN(const Bytes raw, KeyOf(key));
  Bytes plain(16, '\0');
  rng.Fill(plain);
  for (int shift = 24; shift >= 0; shift -= 8) {
    plain.push_back(static_cast<char>(text.size() >> shift & 255));
  }
  plain += Bytes(text) + to;
  const size_t padding = kBlock - plain.size() % kBlock;
  plain.append(padding, static_cast<char>(padding));
  Bytes sealed(plain.size() + 16, '\0');
  int size = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, Raw(raw), Raw(raw));
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  EVP_EncryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(sealed.data()), &size,
                    Raw(plain), static_cast<int>(plain.size()));
  sealed.resize(static_cast<size_t>(size));
  return sealed;
}

}  // namespace fiducia::crypto
