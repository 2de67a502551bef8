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

model::Bucket BucketOfToken(BytesView token) {
  return (uint32_t{static_cast<uint8_t>(token[0])} << 4) | (static_cast<uint8_t>(token[1]) >> 4);
}

}  // namespace fiducia::store
