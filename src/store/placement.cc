#include "store/placement.h"

namespace fiducia::store {

namespace {

// Spreads tenants over the buckets (Knuth's multiplicative hash).
uint32_t Base(model::TenantId tenant) { return tenant * 2654435761U >> 20; }

}  // namespace

model::Bucket BucketOf(const model::SubjectRef& subject, uint32_t span) {
  const BytesView id = subject.id.bytes();
  const uint32_t tail =
      (uint32_t{static_cast<uint8_t>(id[14])} << 8) | static_cast<uint8_t>(id[15]);
  return (Base(subject.tenant) + tail % span) % model::kBucketCount;
}

model::Bucket BucketOfTenant(model::TenantId tenant) { return Base(tenant) % model::kBucketCount; }

Uuid IdNear(const Uuid& id, BytesView hash) {
  Bytes bytes(id.bytes());
  bytes[14] = hash[hash.size() - 2];
  bytes[15] = hash[hash.size() - 1];
  return Uuid::FromBytes(bytes).value_or(id);
}

model::Bucket BucketOfHash(model::TenantId tenant, BytesView hash, uint32_t span) {
  return BucketOf({tenant, IdNear({}, hash)}, span);
}

model::Bucket BucketOfToken(BytesView token) {
  return (uint32_t{static_cast<uint8_t>(token[0])} << 4) | (static_cast<uint8_t>(token[1]) >> 4);
}

}  // namespace fiducia::store
