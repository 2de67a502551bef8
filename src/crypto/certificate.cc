#include <memory>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/rng.h"
#include "crypto/sign.h"

namespace fiducia::crypto {

namespace {

template <auto F>
struct Free {
  template <typename T>
  void operator()(T* p) const {
    F(p);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;

bool AddExtension(X509* cert, int nid, const std::string& value) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, cert, cert, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &ctx, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1;
}

std::string Text(BIO* memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

Result<Certificate> MakeSelfSignedCertificate(const std::string& host, int days) {
  const auto failed = [] { return Fail(Code::kInternal, "the certificate could not be made"); };
  const Pkey key(EVP_EC_gen("P-256"));
  const Cert cert(X509_new());
  if (key == nullptr || cert == nullptr) {
    return failed();
  }
  std::array<char, 8> serial{};
  SystemRng().Fill(serial);
  uint64_t number = 0;
  std::memcpy(&number, serial.data(), serial.size());
  bool ok = X509_set_version(cert.get(), 2) == 1;
  ok = ok && ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), number >> 1) == 1;
  ok = ok && X509_gmtime_adj(X509_getm_notBefore(cert.get()), -300) != nullptr;
  ok = ok && X509_gmtime_adj(X509_getm_notAfter(cert.get()), 86400L * days) != nullptr;
  ok = ok && X509_set_pubkey(cert.get(), key.get()) == 1;
  X509_NAME* name = X509_get_subject_name(cert.get());
  ok = ok && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                        reinterpret_cast<const unsigned char*>(host.c_str()), -1,
                                        -1, 0) == 1;
  ok = ok && X509_set_issuer_name(cert.get(), name) == 1;
  ok = ok && AddExtension(cert.get(), NID_basic_constraints, "critical,CA:FALSE");
  ok = ok && AddExtension(cert.get(), NID_ext_key_usage, "serverAuth");
  ok = ok && AddExtension(cert.get(), NID_subject_alt_name,
                          "DNS:" + host + ",DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1");
  ok = ok && X509_sign(cert.get(), key.get(), EVP_sha256()) > 0;
  const Memory cert_pem(BIO_new(BIO_s_mem()));
  const Memory key_pem(BIO_new(BIO_s_secmem()));
  ok = ok && PEM_write_bio_X509(cert_pem.get(), cert.get()) == 1;
  ok = ok && PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1;
  if (!ok) {
    return failed();
  }
  return Certificate{Text(cert_pem.get()), Text(key_pem.get())};
}

}  // namespace fiducia::crypto
