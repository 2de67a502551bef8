#include "store/audit_rows.h"

#include <algorithm>
#include <optional>

#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kInsert{"leaf.insert", Tag::kSingleBucket,
                            "INSERT INTO audit_leaves(bucket, tenant, writer, seq, subject, body) "
                            "VALUES($1, $2, $3, $4, $5, $6)"};
constexpr Statement kInsertMember{"leaf.member", Tag::kSingleBucket,
                                  "INSERT INTO audit_sets(bucket, tenant, subject, seq) "
                                  "VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING"};
// One short seek a bucket, instead of a walk over all leaves.
constexpr Statement kRange{
    "leaf.range", Tag::kFanoutAdmin,
    "WITH RECURSIVE buckets(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM buckets WHERE n < 4095) "
    "SELECT seq, body FROM buckets JOIN audit_leaves ON bucket=n "
    "WHERE tenant=$1 AND writer=$2 AND seq>=$3 AND seq<$4 ORDER BY seq"};
constexpr Statement kBuckets{
    "leaf.buckets", Tag::kFanoutAdmin,
    "WITH RECURSIVE buckets(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM buckets WHERE n < 4095) "
    "SELECT n FROM buckets WHERE EXISTS (SELECT 1 FROM audit_leaves WHERE bucket=n AND tenant=$1 "
    "AND writer=$2 AND seq>=$3)"};
constexpr Statement kOfBucket{"leaf.of_bucket", Tag::kSingleBucket,
                              "SELECT seq, body FROM audit_leaves WHERE bucket=$1 AND tenant=$2 "
                              "AND writer=$3 AND seq>=$4 ORDER BY seq LIMIT $5"};
constexpr Statement kLast{
    "leaf.last", Tag::kFanoutAdmin,
    "WITH RECURSIVE buckets(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM buckets WHERE n < 4095) "
    "SELECT COALESCE(MAX((SELECT MAX(seq) FROM audit_leaves WHERE bucket=n AND tenant=$1 AND "
    "writer=$2)), -1) FROM buckets"};
constexpr Statement kOfSubject{"leaf.of_subject", Tag::kSingleBucket,
                               "SELECT seq FROM audit_leaves WHERE bucket=$1 AND tenant=$2 "
                               "AND subject=$3 AND seq<$4 ORDER BY seq DESC LIMIT $5"};
constexpr Statement kSetsOfSubject{"leaf.sets_of_subject", Tag::kSingleBucket,
                                   "SELECT seq FROM audit_sets WHERE bucket=$1 AND tenant=$2 "
                                   "AND subject=$3 AND seq<$4 ORDER BY seq DESC LIMIT $5"};
constexpr Statement kOne{"leaf.one", Tag::kSingleBucket,
                         "SELECT body FROM audit_leaves "
                         "WHERE bucket=$1 AND tenant=$2 AND writer=$3 AND seq=$4"};

}  // namespace

void ListAuditStatements(StatementList& all) {
  all.insert(all.end(), {&kInsert, &kInsertMember, &kRange, &kBuckets, &kOfBucket, &kLast,
                         &kOfSubject, &kSetsOfSubject, &kOne});
}

Status InsertLeaf(db::Session& data, model::Bucket bucket, model::TenantId tenant, uint64_t seq,
                  BytesView pseudonym, BytesView body) {
  const Param subject = pseudonym.empty() ? Param::Null() : Param::Blob(pseudonym);
  return data.Post(kInsert, {bucket, tenant, kLocalWriter, static_cast<int64_t>(seq), subject,
                             Param::Blob(body)});
}

Status InsertSetMember(db::Session& data, model::Bucket bucket, model::TenantId tenant,
                       BytesView pseudonym, uint64_t seq) {
  return data.Post(kInsertMember,
                   {bucket, tenant, Param::Blob(pseudonym), static_cast<int64_t>(seq)});
}

Result<std::vector<LeafRow>> LoadLeaves(db::Session& data, model::TenantId tenant, uint64_t from,
                                        uint64_t limit) {
  std::vector<LeafRow> leaves;
  FID_TRY(data.Query(
      kRange,
      {tenant, kLocalWriter, static_cast<int64_t>(from), static_cast<int64_t>(from + limit)},
      [&](const Row& row) -> Status {
        leaves.push_back({static_cast<uint64_t>(row.Int(0)), Bytes(row.Bytes(1))});
        return {};
      }));
  return leaves;
}

Result<std::set<model::Bucket>> LoadBucketsOfLeaves(db::Session& data, model::TenantId tenant,
                                                    uint64_t from) {
  std::set<model::Bucket> buckets;
  FID_TRY(data.Query(kBuckets, {tenant, kLocalWriter, static_cast<int64_t>(from)},
                     [&](const Row& row) -> Status {
                       buckets.insert(static_cast<model::Bucket>(row.Int(0)));
                       return {};
                     }));
  return buckets;
}

Result<std::vector<LeafRow>> LoadLeavesOfBucket(db::Session& data, model::Bucket bucket,
                                                model::TenantId tenant, uint64_t from, int limit) {
  std::vector<LeafRow> leaves;
  FID_TRY(data.Query(kOfBucket, {bucket, tenant, kLocalWriter, static_cast<int64_t>(from), limit},
                     [&](const Row& row) -> Status {
                       leaves.push_back({static_cast<uint64_t>(row.Int(0)), Bytes(row.Bytes(1))});
                       return {};
                     }));
  return leaves;
}

Result<uint64_t> CountLeaves(db::Session& data, model::TenantId tenant) {
  int64_t last = -1;
  FID_TRY(data.Query(kLast, {tenant, kLocalWriter}, [&](const Row& row) -> Status {
    last = row.Int(0);
    return {};
  }));
  return static_cast<uint64_t>(last + 1);
}

Result<std::vector<uint64_t>> LoadLeafPlacesOf(db::Session& data, model::Bucket bucket,
                                               model::TenantId tenant, BytesView pseudonym,
                                               uint64_t before, int limit) {
  std::vector<uint64_t> places;
  const auto below = static_cast<int64_t>(std::min<uint64_t>(before, INT64_MAX));
  for (const Statement* statement : {&kOfSubject, &kSetsOfSubject}) {
    FID_TRY(data.Query(*statement, {bucket, tenant, Param::Blob(pseudonym), below, limit},
                       [&](const Row& row) -> Status {
                         places.push_back(static_cast<uint64_t>(row.Int(0)));
                         return {};
                       }));
  }
  std::sort(places.begin(), places.end(), std::greater<>());
  if (places.size() > static_cast<size_t>(limit)) {
    places.resize(static_cast<size_t>(limit));
  }
  return places;
}

Result<LeafRow> LoadLeafOf(db::Session& data, model::Bucket bucket, model::TenantId tenant,
                           uint64_t seq) {
  std::optional<LeafRow> found;
  FID_TRY(data.Query(kOne, {bucket, tenant, kLocalWriter, static_cast<int64_t>(seq)},
                     [&](const Row& row) -> Status {
                       found = LeafRow{seq, Bytes(row.Bytes(0))};
                       return {};
                     }));
  if (!found) {
    return Fail(Code::kNotFound, "there is no such leaf");
  }
  return std::move(*found);
}

}  // namespace fiducia::store
