#include "collect/events/sealing_key.h"

namespace fiducia::collect {

SealingKey::SealingKey(const vault::Vault& vault)
    : key_(crypto::HpkeKeyFrom(
          crypto::Key256::From(vault.KeyedHash("sealing key of browsers", "1")).value())),
      id_(ToHex(vault.HashOf(key_.public_key)).substr(0, 16)) {}

Result<model::Sensitive> SealingKey::Open(const Json& sealed, std::string_view info,
                                          std::string_view context) const {
  if (!sealed.is_object() || JsonText(sealed, "key") != id_) {
    return Fail(Code::kInvalidInput, "it is not sealed to the key of this house");
  }
  const auto enc = FromBase64(JsonText(sealed, "enc"));
  const auto text = FromBase64(JsonText(sealed, "text"));
  if (!enc || !text) {
    return Fail(Code::kInvalidInput, "what is sealed is written in base64");
  }
  FID_ASSIGN(Bytes plain, crypto::HpkeOpen(key_, *enc, info, context, *text));
  return model::Sensitive(std::move(plain));
}

}  // namespace fiducia::collect
