// Which bucket a row lives in: the first column of every key.
#pragma once

#include "model/types.h"

namespace fiducia::store {

// Buckets one tenant spreads over. Raising it is a migration (research: distributed contract).
constexpr uint32_t kDefaultSpan = 256;

// From the id's random tail, which is uniform: fixed here and documented, never an engine's hash.
model::Bucket BucketOf(const model::SubjectRef& subject, uint32_t span = kDefaultSpan);
// Rows of the tenant itself: settings of imports, system leaves.
model::Bucket BucketOfTenant(model::TenantId tenant);
// Rows found by a hash that the caller chose, an Idempotency-Key's for example: in the bucket that
// `IdNear` gives a new subject, so that both commit together.
model::Bucket BucketOfHash(model::TenantId tenant, BytesView hash, uint32_t span = kDefaultSpan);
// `id` with the tail of `hash`, which has two bytes at least.
Uuid IdNear(const Uuid& id, BytesView hash);
// From the first 12 bits of a token.
model::Bucket BucketOfToken(BytesView token);

}  // namespace fiducia::store
