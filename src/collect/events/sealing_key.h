// The organization's key that browsers seal to: what they send is not open on its way through
// anybody's servers, nor in a page that waits for the network.
#pragma once

#include <string>

#include "base/json.h"
#include "crypto/hpke.h"
#include "model/sensitive.h"
#include "vault/vault.h"

namespace fiducia::collect {

// Thread safe.
class SealingKey {
 public:
  // The same for the same house, always.
  explicit SealingKey(const vault::Vault& vault);

  const std::string& id() const { return id_; }
  const Bytes& public_key() const { return key_.public_key; }
  // `sealed`: {key, enc, text}, the last two in base64. `info`: what it is for; `context`: what it
  // belongs to. Errors: kInvalidInput.
  Result<model::Sensitive> Open(const Json& sealed, std::string_view info,
                                std::string_view context) const;

 private:
  crypto::HpkeKey key_;
  std::string id_;
};

}  // namespace fiducia::collect
