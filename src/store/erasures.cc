#include "store/erasures.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kPutProof{
    "erasure.put_proof", Tag::kSingleBucket,
    "INSERT INTO erasure_receipts(bucket, tenant, subject, leaf, salt) VALUES($1, $2, $3, $4, $5) "
    "ON CONFLICT(bucket, tenant, subject) DO UPDATE SET leaf=excluded.leaf, salt=excluded.salt"};
constexpr Statement kProof{
    "erasure.proof", Tag::kSingleBucket,
    "SELECT leaf, salt FROM erasure_receipts WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kSuppress{"suppression.add", Tag::kSingleBucket,
                              "INSERT INTO suppressions(bucket, tenant, kind, token, since_ms) "
                              "VALUES($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"};
constexpr Statement kLift{
    "suppression.remove", Tag::kSingleBucket,
    "DELETE FROM suppressions WHERE bucket=$1 AND tenant=$2 AND kind=$3 AND token=$4"};
constexpr Statement kIs{
    "suppression.find", Tag::kSingleBucket,
    "SELECT 1 FROM suppressions WHERE bucket=$1 AND tenant=$2 AND kind=$3 AND token=$4"};
constexpr Statement kAny{"suppression.any", Tag::kFanoutAdmin,
                         "SELECT 1 FROM suppressions WHERE tenant=$1 LIMIT 1"};

Result<bool> Exists(db::Session& data, const Statement& statement,
                    std::initializer_list<Param> params) {
  bool found = false;
  FID_TRY(data.Query(statement, params, [&](const Row&) -> Status {
    found = true;
    return {};
  }));
  return found;
}

}  // namespace

void ListErasureStatements(StatementList& all) {
  all.insert(all.end(), {&kPutProof, &kProof, &kSuppress, &kLift, &kIs, &kAny});
}

Status PutErasureProof(db::Session& data, const model::SubjectRef& subject,
                       const ErasureProof& proof) {
  return data.Post(kPutProof, {BucketOf(subject), subject.tenant, subject.id,
                               static_cast<int64_t>(proof.leaf), Param::Blob(proof.salt)});
}

Result<ErasureProof> LoadErasureProof(db::Session& data, const model::SubjectRef& subject) {
  std::optional<ErasureProof> proof;
  FID_TRY(data.Query(kProof, {BucketOf(subject), subject.tenant, subject.id},
                     [&](const Row& row) -> Status {
                       proof = ErasureProof{static_cast<uint64_t>(row.Int(0)), Bytes(row.Bytes(1))};
                       return {};
                     }));
  if (!proof) {
    return Fail(Code::kNotFound, "no erasure of this customer is on record");
  }
  return std::move(*proof);
}

Status AddSuppression(db::Session& data, model::TenantId tenant, const Token& fingerprint,
                      int64_t now_ms) {
  return data.Post(kSuppress, {BucketOfToken(fingerprint.value), tenant, fingerprint.kind,
                               Param::Blob(fingerprint.value), now_ms});
}

Status RemoveSuppression(db::Session& data, model::TenantId tenant, const Token& fingerprint) {
  return data.Post(kLift, {BucketOfToken(fingerprint.value), tenant, fingerprint.kind,
                           Param::Blob(fingerprint.value)});
}

Result<bool> IsSuppressed(db::Session& data, model::TenantId tenant, const Token& fingerprint) {
  return Exists(
      data, kIs,
      {BucketOfToken(fingerprint.value), tenant, fingerprint.kind, Param::Blob(fingerprint.value)});
}

Result<bool> AnySuppressed(db::Session& data, model::TenantId tenant) {
  return Exists(data, kAny, {tenant});
}

}  // namespace fiducia::store
