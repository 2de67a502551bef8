// The files of a home that hold its root key and its certificate. Private to server.
#pragma once

#include "crypto/secret.h"
#include "server/instance.h"

namespace fiducia::server {

// Errors: kNotFound, kDenied if others may read it or a passphrase is missing.
Result<crypto::Key256> ReadRootKey(const Home& home, const std::string& passphrase);
// Makes a root key and writes its file.
Status WriteRootKey(const Home& home, const std::string& passphrase, crypto::Key256& root);
Status WriteCertificate(const Home& home, const std::string& host);

}  // namespace fiducia::server
