// Passwords by NIST SP 800-63B-4: long, no composition rules, no words everybody uses, none of the
// person's own; kept as Argon2id under a key of the house.
#pragma once

#include <semaphore>
#include <string>
#include <unordered_set>

#include "base/rng.h"
#include "model/sensitive.h"
#include "vault/vault.h"

namespace fiducia::guard {

// Thread safe.
class Passwords {
 public:
  Passwords(const vault::Vault& vault, Rng& rng);

  // Whether `password` may be chosen; `own` are words of the person: name, login, company.
  // Errors: kInvalidValue, and why.
  Status Check(const model::Sensitive& password, const std::vector<model::Sensitive>& own) const;

  struct Hashed {
    Bytes salt;
    Bytes hash;
  };
  // Errors: kUnavailable if too many are being hashed.
  Result<Hashed> Hash(const model::Sensitive& password) const;
  // Takes the same time whether there is a hash or not: with none it says no at the end.
  Result<bool> Matches(const model::Sensitive& password, const Hashed& expected) const;

 private:
  Result<Bytes> HashWith(const model::Sensitive& password, BytesView salt) const;

  const vault::Vault& vault_;
  Rng& rng_;
  std::unordered_set<std::string> common_;
  mutable std::counting_semaphore<64> slots_;
};

}  // namespace fiducia::guard
