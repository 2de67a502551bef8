// Seals and opens stored values: the only module that turns ciphertext back into plaintext. store/
// keeps what this returns and cannot read it, because store/ does not link crypto/.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <shared_mutex>

#include "base/clock.h"
#include "model/permit.h"
#include "model/sensitive.h"
#include "store/dossier.h"
#include "store/tokens.h"
#include "vault/keys.h"

namespace fiducia::vault {

// The place a sealed value belongs to: it opens nowhere else.
struct CellPlace {
  model::SubjectRef subject;
  std::string_view table;  // kDossierTable …
  model::FieldNo field = 0;
  uint16_t ordinal = 0;
  uint32_t version = 0;
};

// The place of a register's document.
struct RegisterPlace {
  model::TenantId tenant = 0;
  std::string_view kind;
  Uuid id;
  uint32_t version = 0;
};

constexpr std::string_view kDossierTable = "dossier";
constexpr std::string_view kTimelineTable = "timeline";
constexpr std::string_view kQuarantineTable = "quarantine";

// Thread safe.
class Vault {
 public:
  // Both must outlive the vault.
  Vault(KeyService& keys, const Clock& clock, Rng& rng);

  // Takes no permit: anyone may put a value in, few may take it out. The envelope is
  // suite u8 | gen u32 | version u32 | nonce 24 | ciphertext | tag 16, padded so that the length
  // tells little.
  Bytes Seal(const SubjectKey& key, const CellPlace& place, const model::Sensitive& value) const;

  // Errors: kDenied if `permit` does not cover the place or has run out, kCorrupt if the bytes were
  // altered or moved here from elsewhere.
  Result<model::Sensitive> Open(const model::Permit& permit, const SubjectKey& key,
                                const CellPlace& place, BytesView sealed) const;

  // Binds a whole row: a cell that was deleted or put back from an older state is found.
  Bytes MacRow(const model::SubjectRef& subject, std::string_view table, uint32_t version,
               BytesView body) const;
  // Errors: kCorrupt.
  Status CheckRow(const model::SubjectRef& subject, std::string_view table, uint32_t version,
                  BytesView body, BytesView mac) const;

  // Documents about the house's own people: suite u8 | nonce 24 | ciphertext | tag 16, padded,
  // under a key of their own. Errors of opening: kCorrupt.
  Bytes SealRegister(const RegisterPlace& place, const model::Sensitive& text) const;
  Result<model::Sensitive> OpenRegister(const RegisterPlace& place, BytesView sealed) const;
  // A keyed hash, for what is compared and never read: `domain` keeps uses apart.
  Bytes KeyedHash(std::string_view domain, BytesView bytes) const;

  // The blind-index token of a normalized value, cut to `bits`.
  store::Token TokenFor(model::TenantId tenant, uint32_t kind, int bits,
                        const model::Sensitive& normalized) const;

  // A commitment to free text, salted with the subject's pseudonym: checkable while the key lives.
  Bytes Commit(const SubjectKey& key, std::string_view text) const;

  // A keyed number for a record, to be summed into the state digest: `domain` keeps uses apart.
  using StateNumber = std::array<uint64_t, 4>;
  StateNumber NumberOf(std::string_view domain, BytesView place, BytesView content) const;

  Bytes HashOf(BytesView bytes) const;  // SHA-256, for modules without crypto

  KeyService& keys() const { return keys_; }

 private:
  const crypto::Hmac& IndexKey(model::TenantId tenant, uint32_t kind) const;

  KeyService& keys_;
  const Clock& clock_;
  Rng& rng_;
  crypto::Hmac mac_;
  crypto::Hmac state_;
  crypto::AeadKey registers_;
  crypto::Hmac hashes_;
  mutable std::shared_mutex mutex_;
  mutable std::map<std::pair<model::TenantId, uint32_t>, std::unique_ptr<crypto::Hmac>> index_keys_;
};

}  // namespace fiducia::vault
