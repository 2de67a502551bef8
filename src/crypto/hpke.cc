#include "crypto/hpke.h"

#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "crypto/hash.h"

namespace fiducia::crypto {

namespace {

using namespace std::string_literals;

constexpr size_t kPointSize = 65;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

const Bytes kKemSuite = "KEM\x00\x10"s;
const Bytes kSuite = "HPKE\x00\x10\x00\x01\x00\x02"s;

template <auto fn>
struct Free {
  void operator()(auto* one) const { fn(one); }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Free<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Free<EC_POINT_clear_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;

const unsigned char* Raw(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Into(std::span<char> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

const EC_GROUP* Curve() {
  static const Group curve(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return curve.get();
}

Key256 LabeledExtract(BytesView suite, BytesView salt, std::string_view label, BytesView ikm) {
  const Digest digest = Hmac(salt).Compute({"HPKE-v1", suite, label, ikm});
  return Key256::From(View(digest)).value();
}

// One block: up to 32 bytes.
Key256 LabeledExpand(BytesView suite, const Key256& prk, std::string_view label, BytesView info,
                     size_t size) {
  const char length[2] = {0, static_cast<char>(size)};
  const Digest block =
      Hmac(prk.view()).Compute({BytesView(length, 2), "HPKE-v1", suite, label, info, "\x01"});
  return Key256::From(View(block)).value();
}

Bytes Encoded(const EC_POINT* point) {
  Bytes bytes(kPointSize, '\0');
  EC_POINT_point2oct(Curve(), point, POINT_CONVERSION_UNCOMPRESSED, Into(bytes), bytes.size(),
                     nullptr);
  return bytes;
}

// A point on the curve, and not the one at infinity; nothing for any other bytes.
Point Decoded(BytesView bytes) {
  Point point(EC_POINT_new(Curve()));
  const bool good =
      bytes.size() == kPointSize && bytes[0] == 4 &&
      EC_POINT_oct2point(Curve(), point.get(), Raw(bytes), bytes.size(), nullptr) == 1 &&
      EC_POINT_is_at_infinity(Curve(), point.get()) == 0;
  return good ? std::move(point) : nullptr;
}

Number NumberOf(const Key256& secret) {
  return Number(BN_bin2bn(Raw(secret.view()), static_cast<int>(secret.view().size()), nullptr));
}

// The x coordinate of secret * point.
Key256 SharedPoint(const Key256& secret, const EC_POINT* point) {
  const Point product(EC_POINT_new(Curve()));
  const Number x(BN_new());
  EC_POINT_mul(Curve(), product.get(), nullptr, point, NumberOf(secret).get(), nullptr);
  EC_POINT_get_affine_coordinates(Curve(), product.get(), x.get(), nullptr, nullptr);
  Key256 shared;
  BN_bn2binpad(x.get(), Into(shared.mutable_span()), 32);
  return shared;
}

struct Schedule {
  Key256 key;
  Key256 nonce;  // its first 12 bytes
};

Schedule ScheduleOf(const Key256& dh, BytesView enc, BytesView public_key, BytesView info) {
  const Key256 eae = LabeledExtract(kKemSuite, {}, "eae_prk", dh.view());
  const Bytes kem_context = Bytes(enc) + Bytes(public_key);
  const Key256 shared = LabeledExpand(kKemSuite, eae, "shared_secret", kem_context, 32);
  const Key256 no_psk = LabeledExtract(kSuite, {}, "psk_id_hash", {});
  const Key256 info_hash = LabeledExtract(kSuite, {}, "info_hash", info);
  const Bytes context = "\0"s + Bytes(no_psk.view()) + Bytes(info_hash.view());
  const Key256 secret = LabeledExtract(kSuite, shared.view(), "secret", {});
  return {LabeledExpand(kSuite, secret, "key", context, 32),
          LabeledExpand(kSuite, secret, "base_nonce", context, kNonceBytes)};
}

}  // namespace

HpkeKey HpkeKeyFrom(const Key256& seed) {
  const Key256 prk = LabeledExtract(kKemSuite, {}, "dkp_prk", seed.view());
  HpkeKey key;
  // All but one in 2^32 seeds come to a number of the group at once.
  for (char counter = 0;; ++counter) {
    key.secret = LabeledExpand(kKemSuite, prk, "candidate", {&counter, 1}, 32);
    const Number number = NumberOf(key.secret);
    if (BN_is_zero(number.get()) == 0 && BN_cmp(number.get(), EC_GROUP_get0_order(Curve())) < 0) {
      break;
    }
  }
  const Point point(EC_POINT_new(Curve()));
  EC_POINT_mul(Curve(), point.get(), NumberOf(key.secret).get(), nullptr, nullptr, nullptr);
  key.public_key = Encoded(point.get());
  return key;
}

Result<Bytes> HpkeOpen(const HpkeKey& key, BytesView enc, BytesView info, BytesView context,
                       BytesView sealed) {
  constexpr Literal kWrong = "it was not sealed to this key for this place";
  const Point sender = Decoded(enc);
  if (sender == nullptr || sealed.size() < kTagBytes) {
    return Fail(Code::kInvalidInput, kWrong);
  }
  const Schedule schedule =
      ScheduleOf(SharedPoint(key.secret, sender.get()), enc, key.public_key, info);
  const BytesView text = sealed.substr(0, sealed.size() - kTagBytes);
  Bytes tag(sealed.substr(text.size()));
  Bytes plain(text.size(), '\0');
  int size = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Raw(schedule.key.view()),
                         Raw(schedule.nonce.view())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, Raw(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Into(plain), &size, Raw(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Into(plain) + text.size(), &size) == 1;
  if (!opened) {
    Wipe(plain);
    return Fail(Code::kInvalidInput, kWrong);
  }
  return plain;
}

Result<HpkeSealed> HpkeSeal(BytesView public_key, BytesView info, BytesView context,
                            BytesView plain, Rng& rng) {
  const Point receiver = Decoded(public_key);
  if (receiver == nullptr) {
    return Fail(Code::kInvalidInput, "this is no public key");
  }
  const HpkeKey own = HpkeKeyFrom(Key256::Random(rng));
  const Schedule schedule =
      ScheduleOf(SharedPoint(own.secret, receiver.get()), own.public_key, public_key, info);
  HpkeSealed made;
  made.enc = own.public_key;
  made.sealed.resize(plain.size() + kTagBytes);
  int size = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const bool sealed =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Raw(schedule.key.view()),
                         Raw(schedule.nonce.view())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, Raw(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Into(made.sealed), &size, Raw(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), Into(made.sealed) + plain.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          made.sealed.data() + plain.size()) == 1;
  if (!sealed) {
    return Fail(Code::kUnavailable, "the cipher failed");
  }
  return made;
}

}  // namespace fiducia::crypto
