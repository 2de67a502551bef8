#include "store/registers.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kList{"register.list", Tag::kSingleBucket,
                          "SELECT id, version, body FROM registers WHERE bucket=$1 AND tenant=$2 "
                          "AND kind=$3 ORDER BY id"};
constexpr Statement kAll{"register.all", Tag::kSingleBucket,
                         "SELECT kind, id, version, body FROM registers WHERE bucket=$1 AND "
                         "tenant=$2 ORDER BY kind, id"};
constexpr Statement kBody{"register.body", Tag::kSingleBucket,
                          "SELECT body FROM registers WHERE bucket=$1 AND tenant=$2 AND kind=$3 "
                          "AND id=$4"};
constexpr Statement kInsert{"register.insert", Tag::kSingleBucket,
                            "INSERT INTO registers(bucket, tenant, kind, id, version, body) "
                            "VALUES($1, $2, $3, $4, $5, $6)"};
constexpr Statement kUpdate{"register.update", Tag::kSingleBucket,
                            "UPDATE registers SET version=$1, body=$2 WHERE bucket=$3 AND "
                            "tenant=$4 AND kind=$5 AND id=$6 AND version=$7"};
constexpr Statement kDelete{"register.delete", Tag::kSingleBucket,
                            "DELETE FROM registers WHERE bucket=$1 AND tenant=$2 AND kind=$3 AND "
                            "id=$4"};

// Tells the watch that the document as it is now goes.
Status TellGone(db::Session& data, model::TenantId tenant, std::string_view kind, const Uuid& id) {
  if (data.watch() == nullptr) {
    return {};
  }
  const model::Bucket bucket = BucketOfTenant(tenant);
  return data.Query(kBody, {bucket, tenant, Param::Text(kind), id}, [&](const Row& row) -> Status {
    data.watch()->Gone(bucket, RegisterPlace(tenant, kind, id), row.Bytes(0));
    return {};
  });
}

void TellAppeared(db::Session& data, model::TenantId tenant, const RegisterRow& row) {
  if (data.watch() != nullptr) {
    data.watch()->Appeared(BucketOfTenant(tenant), RegisterPlace(tenant, row.kind, row.id),
                           row.body);
  }
}

}  // namespace

void ListRegisterStatements(StatementList& all) {
  all.insert(all.end(), {&kList, &kAll, &kBody, &kInsert, &kUpdate, &kDelete});
}

Bytes RegisterPlace(model::TenantId tenant, std::string_view kind, const Uuid& id) {
  Bytes place(1, 'r');
  ByteWriter out(place);
  out.U32(tenant);
  out.Raw(id.bytes());
  out.Raw(kind);
  return place;
}

Result<std::vector<RegisterRow>> ListRegister(db::Session& data, model::TenantId tenant,
                                              std::string_view kind) {
  std::vector<RegisterRow> rows;
  FID_TRY(data.Query(
      kList, {BucketOfTenant(tenant), tenant, Param::Text(kind)}, [&](const Row& row) -> Status {
        rows.push_back(
            {std::string(kind), row.Id(0), static_cast<uint32_t>(row.Int(1)), Bytes(row.Bytes(2))});
        return {};
      }));
  return rows;
}

Status InsertRegister(db::Session& data, model::TenantId tenant, const RegisterRow& row) {
  FID_TRY(data.Execute(kInsert, {BucketOfTenant(tenant), tenant, Param::Text(row.kind), row.id,
                                 row.version, Param::Blob(row.body)}));
  TellAppeared(data, tenant, row);
  return {};
}

Status UpdateRegister(db::Session& data, model::TenantId tenant, const RegisterRow& row) {
  FID_TRY(TellGone(data, tenant, row.kind, row.id));
  FID_ASSIGN(const int64_t changed,
             data.Execute(kUpdate, {row.version, Param::Blob(row.body), BucketOfTenant(tenant),
                                    tenant, Param::Text(row.kind), row.id, row.version - 1}));
  if (changed != 1) {
    return Fail(Code::kVersionMismatch, "the document has changed since it was read");
  }
  TellAppeared(data, tenant, row);
  return {};
}

Status DeleteRegister(db::Session& data, model::TenantId tenant, std::string_view kind,
                      const Uuid& id) {
  FID_TRY(TellGone(data, tenant, kind, id));
  return data.Post(kDelete, {BucketOfTenant(tenant), tenant, Param::Text(kind), id});
}

Status WalkRegisters(db::Session& data, model::TenantId tenant,
                     const std::function<Status(const RegisterRow& row)>& each) {
  return data.Query(kAll, {BucketOfTenant(tenant), tenant}, [&](const Row& row) -> Status {
    return each({std::string(row.Bytes(0)), row.Id(1), static_cast<uint32_t>(row.Int(2)),
                 Bytes(row.Bytes(3))});
  });
}

}  // namespace fiducia::store
