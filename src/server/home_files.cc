#include "server/home_files.h"

#include <sys/stat.h>

#include "audit/publisher.h"
#include "crypto/sign.h"

namespace fiducia::server {

// The root key file: one line, "keyfile <hex>" or "passphrase <salt hex>".
Result<crypto::Key256> ReadRootKey(const Home& home, const std::string& passphrase) {
  struct stat info{};
  if (stat(home.RootKey().c_str(), &info) != 0) {
    return Fail(Code::kNotFound, "the root key file is missing");
  }
  if ((info.st_mode & 077) != 0) {
    return Fail(Code::kDenied, "the root key file must be readable by its owner only (chmod 600)");
  }
  FID_ASSIGN(const Bytes text, audit::ReadWholeFile(home.RootKey()));
  const size_t blank = text.find(' ');
  FID_ASSIGN(const Bytes value, FromHex(text.substr(blank + 1, text.find('\n') - blank - 1)));
  if (text.starts_with("passphrase ")) {
    if (passphrase.empty()) {
      return Fail(Code::kDenied, "a passphrase is needed: set FIDUCIA_PASSPHRASE");
    }
    return crypto::KeyFromPassphrase(passphrase, value);
  }
  return crypto::Key256::From(value);
}

Status WriteRootKey(const Home& home, const std::string& passphrase, crypto::Key256& root) {
  std::string line;
  if (passphrase.empty()) {
    root = crypto::Key256::Random(SystemRng());
    line = "keyfile " + ToHex(root.view()) + "\n";
  } else {
    const auto salt = crypto::Secret<16>::Random(SystemRng());
    FID_ASSIGN(root, crypto::KeyFromPassphrase(passphrase, salt.view()));
    line = "passphrase " + ToHex(salt.view()) + "\n";
  }
  return audit::WriteFileDurably(home.RootKey(), line);  // mode 0600
}

Status WriteCertificate(const Home& home, const std::string& host) {
  FID_ASSIGN(const crypto::Certificate made, crypto::MakeSelfSignedCertificate(host, 825));
  FID_TRY(audit::WriteFileDurably(home.CertificateKey(), made.private_key_pem));
  return audit::WriteFileDurably(home.Certificate(), made.certificate_pem);
}

}  // namespace fiducia::server
