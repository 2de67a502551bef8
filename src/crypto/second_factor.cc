#include "crypto/second_factor.h"

#include <memory>
#include <mutex>

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <liboath/oath.h>

#include "crypto/hash.h"

namespace fiducia::crypto {

namespace {

constexpr size_t kSiteHash = 32;
constexpr size_t kFlagsAt = 32;
constexpr size_t kCounterAt = 33;
constexpr size_t kIdLengthAt = 53;  // after site hash, flags, counter and the model of the device
constexpr uint8_t kUserPresent = 0x01;
constexpr uint8_t kUserVerified = 0x04;
constexpr uint8_t kHasCredential = 0x40;

const unsigned char* U(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

void StartLibraries() {
  static std::once_flag once;
  std::call_once(once, [] {
    fido_init(0);
    oath_init();
  });
}

// Whether the data is for `site`, by a person who was there and was recognized by the device.
bool IsFor(const std::string& site, BytesView data, uint8_t flags) {
  if (data.size() < kCounterAt + 4) {
    return false;
  }
  const Digest hash = Sha256({site});
  return EqualConstantTime(View(hash), data.substr(0, kSiteHash)) &&
         (static_cast<uint8_t>(data[kFlagsAt]) & flags) == flags;
}

uint32_t CounterOf(BytesView data) { return ByteReader(data.substr(kCounterAt)).U32(); }

struct Free {
  void operator()(fido_cred_t* credential) const { fido_cred_free(&credential); }
  void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
  void operator()(es256_pk_t* key) const { es256_pk_free(&key); }
  void operator()(rs256_pk_t* key) const { rs256_pk_free(&key); }
  void operator()(eddsa_pk_t* key) const { eddsa_pk_free(&key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// Runs the library's check with the key in the form that it wants.
bool HoldsSignature(const fido_assert_t* assertion, const PasskeyCredential& credential) {
  const void* raw = credential.public_key.data();
  const size_t size = credential.public_key.size();
  switch (credential.algorithm) {
    case COSE_ES256: {
      const Owned<es256_pk_t> key(es256_pk_new());
      return es256_pk_from_ptr(key.get(), raw, size) == FIDO_OK &&
             fido_assert_verify(assertion, 0, COSE_ES256, key.get()) == FIDO_OK;
    }
    case COSE_EDDSA: {
      const Owned<eddsa_pk_t> key(eddsa_pk_new());
      return eddsa_pk_from_ptr(key.get(), raw, size) == FIDO_OK &&
             fido_assert_verify(assertion, 0, COSE_EDDSA, key.get()) == FIDO_OK;
    }
    case COSE_RS256: {
      const Owned<rs256_pk_t> key(rs256_pk_new());
      return rs256_pk_from_ptr(key.get(), raw, size) == FIDO_OK &&
             fido_assert_verify(assertion, 0, COSE_RS256, key.get()) == FIDO_OK;
    }
    default:
      return false;
  }
}

}  // namespace

std::string TotpCode(BytesView secret, int64_t step) {
  StartLibraries();
  constexpr unsigned kDigits = 6;
  std::array<char, kDigits + 2> code{};
  if (oath_hotp_generate(secret.data(), secret.size(), static_cast<uint64_t>(step), kDigits, false,
                         OATH_HOTP_DYNAMIC_TRUNCATION, code.data()) != OATH_OK) {
    return {};
  }
  return code.data();
}

std::optional<int64_t> TotpStep(BytesView secret, std::string_view code, int64_t now_s,
                                int64_t used) {
  const int64_t now = now_s / kTotpStepSeconds;
  std::optional<int64_t> found;
  for (const int64_t step : {now - 1, now, now + 1}) {
    const std::string expected = TotpCode(secret, step);
    const bool fits = !expected.empty() && EqualConstantTime(expected, code);
    if (fits && step > used) {
      found = step;
    }
  }
  return found;
}

std::string ToBase32(BytesView bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<uint8_t>(c);
    for (bits += 8; bits >= 5; bits -= 5) {
      text.push_back(kLetters[(held >> (bits - 5)) & 31]);
    }
  }
  if (bits > 0) {
    text.push_back(kLetters[(held << (5 - bits)) & 31]);
  }
  return text;
}

Result<PasskeyCredential> ReadPasskey(const std::string& site, BytesView client_data,
                                      BytesView authenticator_data, int algorithm) {
  StartLibraries();
  if (!IsFor(site, authenticator_data, kUserPresent | kUserVerified | kHasCredential) ||
      authenticator_data.size() < kIdLengthAt + 2) {
    return Fail(Code::kInvalidInput,
                "the passkey is for another site, or the device did not recognize its user");
  }
  const Digest hash = Sha256({client_data});
  const Owned<fido_cred_t> credential(fido_cred_new());
  const bool read =
      fido_cred_set_type(credential.get(), algorithm) == FIDO_OK &&
      fido_cred_set_clientdata_hash(credential.get(), U(View(hash)), hash.size()) == FIDO_OK &&
      fido_cred_set_rp(credential.get(), site.c_str(), nullptr) == FIDO_OK &&
      fido_cred_set_authdata_raw(credential.get(), U(authenticator_data),
                                 authenticator_data.size()) == FIDO_OK;
  if (!read || fido_cred_pubkey_ptr(credential.get()) == nullptr) {
    return Fail(Code::kInvalidInput, "the passkey cannot be read");
  }
  const auto bytes = [](const unsigned char* data, size_t size) {
    return Bytes(reinterpret_cast<const char*>(data), size);
  };
  return PasskeyCredential{
      bytes(fido_cred_id_ptr(credential.get()), fido_cred_id_len(credential.get())), algorithm,
      bytes(fido_cred_pubkey_ptr(credential.get()), fido_cred_pubkey_len(credential.get())),
      CounterOf(authenticator_data)};
}

Result<uint32_t> VerifyPasskey(const std::string& site, const PasskeyCredential& credential,
                               BytesView client_data, BytesView authenticator_data,
                               BytesView signature) {
  StartLibraries();
  const auto wrong = [] { return Fail(Code::kUnauthenticated, "the passkey was not accepted"); };
  if (!IsFor(site, authenticator_data, kUserPresent | kUserVerified)) {
    return wrong();
  }
  const Digest hash = Sha256({client_data});
  const Owned<fido_assert_t> assertion(fido_assert_new());
  const bool set =
      fido_assert_set_clientdata_hash(assertion.get(), U(View(hash)), hash.size()) == FIDO_OK &&
      fido_assert_set_rp(assertion.get(), site.c_str()) == FIDO_OK &&
      fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
      fido_assert_set_authdata_raw(assertion.get(), 0, U(authenticator_data),
                                   authenticator_data.size()) == FIDO_OK &&
      fido_assert_set_sig(assertion.get(), 0, U(signature), signature.size()) == FIDO_OK &&
      fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
      fido_assert_set_uv(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK;
  if (!set || !HoldsSignature(assertion.get(), credential)) {
    return wrong();
  }
  // A counter that does not grow is a copied device; many devices keep none and send zero.
  const uint32_t counter = CounterOf(authenticator_data);
  if ((counter != 0 || credential.counter != 0) && counter <= credential.counter) {
    return wrong();
  }
  return counter;
}

}  // namespace fiducia::crypto
