// Audit leaves as rows. The leaf of a change lives in the subject's bucket, so that both commit
// together.
#pragma once

#include <set>
#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

constexpr uint32_t kLocalWriter = 1;

struct LeafRow {
  uint64_t seq = 0;  // 0, 1, 2 … of the writer: the place in the tree
  Bytes body;
};

// `pseudonym` is the subject's audit pseudonym; empty for a leaf about no single subject.
Status InsertLeaf(db::Session& data, model::Bucket bucket, model::TenantId tenant, uint64_t seq,
                  BytesView pseudonym, BytesView body);
// Links a leaf about a set of subjects to one of them.
Status InsertSetMember(db::Session& data, model::Bucket bucket, model::TenantId tenant,
                       BytesView pseudonym, uint64_t seq);
// Leaves [from, from + limit) in order; walks all buckets.
Result<std::vector<LeafRow>> LoadLeaves(db::Session& data, model::TenantId tenant, uint64_t from,
                                        uint64_t limit);
// The buckets that hold leaves from `from` on.
Result<std::set<model::Bucket>> LoadBucketsOfLeaves(db::Session& data, model::TenantId tenant,
                                                    uint64_t from);
Result<std::vector<LeafRow>> LoadLeavesOfBucket(db::Session& data, model::Bucket bucket,
                                                model::TenantId tenant, uint64_t from, int limit);
Result<uint64_t> CountLeaves(db::Session& data, model::TenantId tenant);

// Places of the leaves about one subject, newest first, below `before`.
Result<std::vector<uint64_t>> LoadLeafPlacesOf(db::Session& data, model::Bucket bucket,
                                               model::TenantId tenant, BytesView pseudonym,
                                               uint64_t before, int limit);
Result<LeafRow> LoadLeafOf(db::Session& data, model::Bucket bucket, model::TenantId tenant,
                           uint64_t seq);

}  // namespace fiducia::store
