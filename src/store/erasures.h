// What remains of an erased customer in the data: a place in the audit log with the salt that opens
// its commitment, and keyed fingerprints of identifiers that must not come in again unawares.
#pragma once

#include <optional>
#include <vector>

#include "db/session.h"
#include "model/types.h"
#include "store/tokens.h"

namespace fiducia::store {

// Kinds of fingerprints: kTokenKindSuppression + field number.
constexpr uint32_t kTokenKindSuppression = 4000;

struct ErasureProof {
  uint64_t leaf = 0;
  Bytes salt;
};
Status PutErasureProof(db::Session& data, const model::SubjectRef& subject,
                       const ErasureProof& proof);
// Errors: kNotFound.
Result<ErasureProof> LoadErasureProof(db::Session& data, const model::SubjectRef& subject);

Status AddSuppression(db::Session& data, model::TenantId tenant, const Token& fingerprint,
                      int64_t now_ms);
Status RemoveSuppression(db::Session& data, model::TenantId tenant, const Token& fingerprint);
Result<bool> IsSuppressed(db::Session& data, model::TenantId tenant, const Token& fingerprint);
// Whether there is any: most installations have few, and a look at each row costs.
Result<bool> AnySuppressed(db::Session& data, model::TenantId tenant);

}  // namespace fiducia::store
