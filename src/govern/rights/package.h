// What a person takes along: files in a zip with a signed manifest, encrypted with AES-256 if they
// chose a passphrase.
#pragma once

#include <string>
#include <vector>

#include "audit/log.h"
#include "model/sensitive.h"
#include "vault/vault.h"

namespace fiducia::govern {

struct PackageFile {
  std::string name;
  model::Sensitive content;
};

// `passphrase` empty: not encrypted. Errors: kInvalidInput for a short passphrase, kInternal.
Result<std::string> ZipPackage(const std::vector<PackageFile>& files,
                               const model::Sensitive& passphrase, const vault::Vault& vault,
                               const audit::Log& log, int64_t now_ms);

}  // namespace fiducia::govern
