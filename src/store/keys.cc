#include "store/keys.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kLoad{"key.load", Tag::kSingleBucket,
                          "SELECT gen, epoch, wrapped, commitment FROM subject_keys "
                          "WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kInsert{
    "key.insert", Tag::kSingleBucket,
    "INSERT INTO subject_keys(bucket, tenant, subject, gen, epoch, wrapped, commitment) "
    "VALUES($1, $2, $3, $4, $5, $6, $7)"};
constexpr Statement kRewrap{"key.rewrap", Tag::kSingleBucket,
                            "UPDATE subject_keys SET epoch=$1, wrapped=$2 "
                            "WHERE bucket=$3 AND tenant=$4 AND subject=$5 AND gen=$6"};
constexpr Statement kDelete{
    "key.destroy", Tag::kSingleBucket,
    "DELETE FROM subject_keys WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kErased{"erasure.find", Tag::kSingleBucket,
                            "SELECT erased_ms FROM erasures "
                            "WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kAddErasure{"erasure.add", Tag::kSingleBucket,
                                "INSERT INTO erasures(bucket, tenant, subject, erased_ms) "
                                "VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING"};
constexpr Statement kOtherEpochs{
    "key.other_epochs", Tag::kFanoutAdmin,
    "SELECT bucket, tenant, subject, gen, epoch, wrapped, commitment FROM subject_keys "
    "WHERE epoch<>$1 ORDER BY bucket, tenant, subject LIMIT $2"};
constexpr Statement kWalk{"key.walk", Tag::kFanoutAdmin,
                          "SELECT bucket, tenant, subject, gen, epoch, wrapped, commitment "
                          "FROM subject_keys WHERE (bucket, tenant, subject) > ($1, $2, $3) "
                          "ORDER BY bucket, tenant, subject LIMIT $4"};
constexpr Statement kErasures{"erasure.walk", Tag::kFanoutAdmin,
                              "SELECT bucket, tenant, subject, erased_ms FROM erasures "
                              "WHERE (bucket, tenant, subject) > ($1, $2, $3) "
                              "ORDER BY bucket, tenant, subject LIMIT $4"};
// The same place may be written again by a write that is tried again.
constexpr Statement kAddRefusal{
    "refusal.add", Tag::kSingleBucket,
    "INSERT INTO refusals(bucket, tenant, subject, seq, body, mac) VALUES($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT(bucket, tenant, subject, seq) DO UPDATE SET body=excluded.body, mac=excluded.mac"};
constexpr Statement kDropRefusals{
    "refusal.drop", Tag::kSingleBucket,
    "DELETE FROM refusals WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDropLateRefusals{
    "refusal.drop_late", Tag::kSingleBucket,
    "DELETE FROM refusals WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND seq>$4"};
constexpr Statement kRefusals{"refusal.walk", Tag::kFanoutAdmin,
                              "SELECT bucket, tenant, subject, seq, body, mac FROM refusals "
                              "WHERE (bucket, tenant, subject, seq) > ($1, $2, $3, $4) "
                              "ORDER BY bucket, tenant, subject, seq LIMIT $5"};
constexpr Statement kEpochs{"epoch.list", Tag::kReference,
                            "SELECT epoch, wrapped, created_ms FROM epoch_keys ORDER BY epoch"};
constexpr Statement kAddEpoch{
    "epoch.add", Tag::kReference,
    "INSERT INTO epoch_keys(epoch, created_ms, wrapped) VALUES($1, $2, $3)"};
constexpr Statement kDropEpoch{"epoch.drop", Tag::kReference,
                               "DELETE FROM epoch_keys WHERE epoch=$1"};
constexpr Statement kDropTenantEpoch{"tenant_key.drop", Tag::kReference,
                                     "DELETE FROM tenant_keys WHERE epoch=$1"};
constexpr Statement kTenant{"tenant_key.load", Tag::kReference,
                            "SELECT wrapped FROM tenant_keys WHERE tenant=$1 AND epoch=$2"};
constexpr Statement kAddTenant{
    "tenant_key.add", Tag::kReference,
    "INSERT INTO tenant_keys(tenant, epoch, wrapped) VALUES($1, $2, $3)"};
constexpr Statement kSystem{"system_key.load", Tag::kReference,
                            "SELECT epoch, wrapped FROM system_keys WHERE name=$1"};
constexpr Statement kPutSystem{"system_key.put", Tag::kReference,
                               "INSERT INTO system_keys(name, epoch, wrapped) VALUES($1, $2, $3) "
                               "ON CONFLICT(name) DO UPDATE SET epoch=excluded.epoch, "
                               "wrapped=excluded.wrapped"};

}  // namespace

void ListKeyStatements(StatementList& all) {
  all.insert(all.end(), {&kLoad,       &kInsert,          &kRewrap,
                         &kDelete,     &kErased,          &kAddErasure,
                         &kAddRefusal, &kDropRefusals,    &kDropLateRefusals,
                         &kRefusals,   &kOtherEpochs,     &kWalk,
                         &kErasures,   &kEpochs,          &kAddEpoch,
                         &kDropEpoch,  &kDropTenantEpoch, &kTenant,
                         &kAddTenant,  &kSystem,          &kPutSystem});
}

Result<WrappedKey> LoadSubjectKey(db::Session& keys, const model::SubjectRef& subject) {
  const auto place = {Param(BucketOf(subject)), Param(subject.tenant), Param(subject.id)};
  std::optional<WrappedKey> found;
  FID_TRY(keys.Query(kLoad, place, [&](const Row& row) -> Status {
    found = WrappedKey{static_cast<uint32_t>(row.Int(0)), static_cast<uint32_t>(row.Int(1)),
                       Bytes(row.Bytes(2)), Bytes(row.Bytes(3))};
    return {};
  }));
  if (found) {
    return std::move(*found);
  }
  bool erased = false;
  FID_TRY(keys.Query(kErased, place, [&](const Row&) -> Status {
    erased = true;
    return {};
  }));
  if (erased) {
    return Fail(Code::kErased, "the record was erased");
  }
  return Fail(Code::kNotFound, "there is no such customer");
}

Status InsertSubjectKey(db::Session& keys, const model::SubjectRef& subject,
                        const WrappedKey& key) {
  return keys.Post(kInsert, {BucketOf(subject), subject.tenant, subject.id, key.gen, key.epoch,
                             Param::Blob(key.wrapped), Param::Blob(key.commitment)});
}

Status RewrapSubjectKey(db::Session& keys, const model::SubjectRef& subject,
                        const WrappedKey& key) {
  return keys.Post(kRewrap, {key.epoch, Param::Blob(key.wrapped), BucketOf(subject), subject.tenant,
                             subject.id, key.gen});
}

Status DestroySubjectKey(db::Session& keys, const model::SubjectRef& subject, int64_t now_ms) {
  FID_TRY(keys.Post(kDelete, {BucketOf(subject), subject.tenant, subject.id}));
  FID_TRY(keys.Post(kDropRefusals, {BucketOf(subject), subject.tenant, subject.id}));
  return keys.Post(kAddErasure, {BucketOf(subject), subject.tenant, subject.id, now_ms});
}

Result<std::vector<SubjectKeyRow>> LoadKeysOfOtherEpochs(db::Session& keys, uint32_t epoch,
                                                         int limit) {
  std::vector<SubjectKeyRow> rows;
  FID_TRY(keys.Query(kOtherEpochs, {epoch, limit}, [&](const Row& row) -> Status {
    rows.push_back({static_cast<model::Bucket>(row.Int(0)),
                    {static_cast<model::TenantId>(row.Int(1)), row.Id(2)},
                    {static_cast<uint32_t>(row.Int(3)), static_cast<uint32_t>(row.Int(4)),
                     Bytes(row.Bytes(5)), Bytes(row.Bytes(6))}});
    return {};
  }));
  return rows;
}

namespace {

constexpr int kPage = 2000;

// Calls `each` for every row of a statement paged by (bucket, tenant, subject).
Status WalkPages(db::Session& keys, const Statement& statement, const db::EachRow& each) {
  int64_t bucket = -1;
  model::SubjectRef last;
  for (int rows = kPage; rows == kPage;) {
    rows = 0;
    const model::SubjectRef after = last;
    FID_TRY(keys.Query(statement, {bucket, after.tenant, after.id, kPage},
                       [&](const Row& row) -> Status {
                         ++rows;
                         bucket = row.Int(0);
                         last = {static_cast<model::TenantId>(row.Int(1)), row.Id(2)};
                         return each(row);
                       }));
  }
  return {};
}

}  // namespace

Status WalkSubjectKeys(db::Session& keys, const std::function<Status(const SubjectKeyRow&)>& each) {
  return WalkPages(keys, kWalk, [&](const Row& row) -> Status {
    return each({static_cast<model::Bucket>(row.Int(0)),
                 {static_cast<model::TenantId>(row.Int(1)), row.Id(2)},
                 {static_cast<uint32_t>(row.Int(3)), static_cast<uint32_t>(row.Int(4)),
                  Bytes(row.Bytes(5)), Bytes(row.Bytes(6))}});
  });
}

Status WalkErasures(
    db::Session& keys,
    const std::function<Status(const model::SubjectRef& subject, int64_t erased_ms)>& each) {
  return WalkPages(keys, kErasures, [&](const Row& row) -> Status {
    return each({static_cast<model::TenantId>(row.Int(1)), row.Id(2)}, row.Int(3));
  });
}

Status PutRefusal(db::Session& keys, const model::SubjectRef& subject, const Refusal& refusal) {
  return keys.Post(kAddRefusal, {BucketOf(subject), subject.tenant, subject.id, refusal.seq,
                                 Param::Blob(refusal.body), Param::Blob(refusal.mac)});
}

Status DropRefusalsAfter(db::Session& keys, const model::SubjectRef& subject, uint32_t seq) {
  return keys.Post(kDropLateRefusals, {BucketOf(subject), subject.tenant, subject.id, seq});
}

Status WalkRefusals(db::Session& keys,
                    const std::function<Status(const model::SubjectRef&, const Refusal&)>& each) {
  int64_t bucket = -1;
  model::SubjectRef last;
  Refusal refusal;
  for (int rows = kPage; rows == kPage;) {
    rows = 0;
    const model::SubjectRef after = last;
    const uint32_t after_seq = refusal.seq;
    FID_TRY(keys.Query(kRefusals, {bucket, after.tenant, after.id, after_seq, kPage},
                       [&](const Row& row) -> Status {
                         ++rows;
                         bucket = row.Int(0);
                         last = {static_cast<model::TenantId>(row.Int(1)), row.Id(2)};
                         refusal = {static_cast<uint32_t>(row.Int(3)), Bytes(row.Bytes(4)),
                                    Bytes(row.Bytes(5))};
                         return each(last, refusal);
                       }));
  }
  return {};
}

Result<std::vector<EpochKey>> LoadEpochKeys(db::Session& keys) {
  std::vector<EpochKey> epochs;
  FID_TRY(keys.Query(kEpochs, {}, [&](const Row& row) -> Status {
    epochs.push_back({static_cast<uint32_t>(row.Int(0)), Bytes(row.Bytes(1)), row.Int(2)});
    return {};
  }));
  return epochs;
}

Status InsertEpochKey(db::Session& keys, const EpochKey& key, int64_t now_ms) {
  return keys.Post(kAddEpoch, {key.epoch, now_ms, Param::Blob(key.wrapped)});
}

Status DestroyEpochKey(db::Session& keys, uint32_t epoch) {
  FID_TRY(keys.Post(kDropTenantEpoch, {epoch}));
  return keys.Post(kDropEpoch, {epoch});
}

Result<Bytes> LoadTenantKey(db::Session& keys, model::TenantId tenant, uint32_t epoch) {
  std::optional<Bytes> found;
  FID_TRY(keys.Query(kTenant, {tenant, epoch}, [&](const Row& row) -> Status {
    found = Bytes(row.Bytes(0));
    return {};
  }));
  if (!found) {
    return Fail(Code::kNotFound, "the tenant has no key in this epoch");
  }
  return std::move(*found);
}

Status InsertTenantKey(db::Session& keys, model::TenantId tenant, uint32_t epoch,
                       BytesView wrapped) {
  return keys.Post(kAddTenant, {tenant, epoch, Param::Blob(wrapped)});
}

Result<EpochKey> LoadSystemKey(db::Session& keys, std::string_view name) {
  std::optional<EpochKey> found;
  FID_TRY(keys.Query(kSystem, {Param::Text(name)}, [&](const Row& row) -> Status {
    found = EpochKey{static_cast<uint32_t>(row.Int(0)), Bytes(row.Bytes(1)), 0};
    return {};
  }));
  if (!found) {
    return Fail(Code::kNotFound, "a system key is missing");
  }
  return std::move(*found);
}

Status PutSystemKey(db::Session& keys, std::string_view name, const EpochKey& key) {
  return keys.Post(kPutSystem, {Param::Text(name), key.epoch, Param::Blob(key.wrapped)});
}

}  // namespace fiducia::store
