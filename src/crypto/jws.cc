#include "crypto/jws.h"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/text.h"

namespace fiducia::crypto {

namespace {

constexpr size_t kTokenMax = 16384;
constexpr size_t kCoordinate = 32;  // bytes, on P-256
constexpr int kRsaBitsLeast = 2048;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* build) const { OSSL_PARAM_BLD_free(build); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* U(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

BIGNUM* Number(BytesView bytes) {
  return BN_bin2bn(U(bytes), static_cast<int>(bytes.size()), nullptr);
}

Owned<EVP_PKEY> KeyFrom(const char* kind, OSSL_PARAM_BLD* build) {
  const Owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(build));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> RsaKey(const Json& jwk) {
  const auto n = FromBase64Url(JsonText(jwk, "n"));
  const auto e = FromBase64Url(JsonText(jwk, "e"));
  if (!n || !e || n->empty() || e->empty()) {
    return nullptr;
  }
  const Owned<BIGNUM> modulus(Number(*n));
  const Owned<BIGNUM> exponent(Number(*e));
  const Owned<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  Owned<EVP_PKEY> key = KeyFrom("RSA", build.get());
  return key != nullptr && EVP_PKEY_get_bits(key.get()) >= kRsaBitsLeast ? std::move(key) : nullptr;
}

Owned<EVP_PKEY> P256Key(const Json& jwk) {
  const auto x = FromBase64Url(JsonText(jwk, "x"));
  const auto y = FromBase64Url(JsonText(jwk, "y"));
  if (JsonText(jwk, "crv") != "P-256" || !x || !y || x->size() != kCoordinate ||
      y->size() != kCoordinate) {
    return nullptr;
  }
  const Bytes point = "\x04" + *x + *y;  // uncompressed
  const Owned<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return KeyFrom("EC", build.get());
}

// JWS has both numbers side by side; the library wants them in DER.
Bytes DerOf(BytesView signature) {
  if (signature.size() != 2 * kCoordinate) {
    return {};
  }
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  ECDSA_SIG_set0(pair.get(), Number(signature.substr(0, kCoordinate)),
                 Number(signature.substr(kCoordinate)));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  Bytes bytes(reinterpret_cast<const char*>(der), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(der);
  return bytes;
}

bool Holds(EVP_PKEY* key, bool pss, BytesView message, BytesView signature) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, key) != 1) {
    return false;
  }
  if (pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
              EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), U(signature), signature.size(), U(message),
                          message.size()) == 1;
}

}  // namespace

Result<Jws> ReadJws(std::string_view token) {
  const auto parts = Split(token, '.');
  if (token.size() > kTokenMax || parts.size() != 3) {
    return Fail(Code::kUnauthenticated, "this is no signed token");
  }
  const auto header = FromBase64Url(parts[0]);
  const auto payload = FromBase64Url(parts[1]);
  const auto signature = FromBase64Url(parts[2]);
  const auto header_json = ParseJson(header.value_or(Bytes()));
  const auto payload_json = ParseJson(payload.value_or(Bytes()));
  if (!header_json || !payload_json || !signature || !header_json->is_object() ||
      !payload_json->is_object() || header_json->contains("crit")) {
    return Fail(Code::kUnauthenticated, "this is no signed token");
  }
  return Jws{*header_json, *payload_json,
             Bytes(token.substr(0, parts[0].size() + 1 + parts[1].size())), *signature};
}

bool IsSignedBy(const Jws& token, const Json& jwk) {
  const std::string algorithm = JsonText(token.header, "alg");
  const std::string for_algorithm = JsonText(jwk, "alg");
  const std::string use = JsonText(jwk, "use");
  if ((!for_algorithm.empty() && for_algorithm != algorithm) || (!use.empty() && use != "sig")) {
    return false;
  }
  const std::string kind = JsonText(jwk, "kty");
  if (kind == "RSA" && (algorithm == "RS256" || algorithm == "PS256")) {
    const Owned<EVP_PKEY> key = RsaKey(jwk);
    return key != nullptr &&
           Holds(key.get(), algorithm == "PS256", token.signed_part, token.signature);
  }
  if (kind == "EC" && algorithm == "ES256") {
    const Owned<EVP_PKEY> key = P256Key(jwk);
    return key != nullptr && Holds(key.get(), false, token.signed_part, DerOf(token.signature));
  }
  return false;
}

}  // namespace fiducia::crypto
