#include "store/imports.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kLoad{"import.load", Tag::kSingleBucket,
                          "SELECT import, state, created_ms, updated_ms, rows_done, facts "
                          "FROM imports WHERE bucket=$1 AND tenant=$2 AND import=$3"};
constexpr Statement kList{"import.list", Tag::kSingleBucket,
                          "SELECT import, state, created_ms, updated_ms, rows_done, facts "
                          "FROM imports WHERE bucket=$1 AND tenant=$2 AND import<$3 "
                          "ORDER BY import DESC LIMIT $4"};
constexpr Statement kPut{
    "import.put", Tag::kSingleBucket,
    "INSERT INTO imports(bucket, tenant, import, state, created_ms, updated_ms, rows_done, facts) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(bucket, tenant, import) DO UPDATE SET "
    "state=excluded.state, updated_ms=excluded.updated_ms, rows_done=excluded.rows_done, "
    "facts=excluded.facts"};
constexpr Statement kAddRow{
    "import_row.add", Tag::kSingleBucket,
    "INSERT INTO import_rows(bucket, tenant, subject, import, row, action, fingerprint, seq) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Statement kOfSubject{"import_row.of_subject", Tag::kSingleBucket,
                               "SELECT import, row, action, fingerprint, seq FROM import_rows "
                               "WHERE bucket=$1 AND tenant=$2 AND subject=$3 ORDER BY import, row"};
constexpr Statement kTouched{"import_row.touched", Tag::kFanoutAdmin,
                             "SELECT DISTINCT bucket, subject FROM import_rows "
                             "WHERE (bucket, tenant, subject) > ($1, $2, $3) AND tenant=$4 "
                             "AND import=$5 ORDER BY bucket, subject LIMIT $6"};
constexpr Statement kTouchedByRow{"import_row.touched_by", Tag::kFanoutAdmin,
                                  "SELECT bucket, subject FROM import_rows WHERE tenant=$1 AND "
                                  "import=$2 AND row=$3 ORDER BY bucket, subject"};
constexpr Statement kDeleteRow{"import_row.delete_one", Tag::kSingleBucket,
                               "DELETE FROM import_rows WHERE bucket=$1 AND tenant=$2 AND "
                               "subject=$3 AND import=$4 AND row=$5"};
constexpr Statement kPutReject{
    "reject.put", Tag::kSingleBucket,
    "INSERT INTO quarantine(bucket, tenant, import, row, field, reason, state, sealed) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(bucket, tenant, import, row) DO UPDATE SET "
    "field=excluded.field, reason=excluded.reason, state=excluded.state, sealed=excluded.sealed"};
constexpr Statement kRejects{"reject.list", Tag::kSingleBucket,
                             "SELECT row, field, reason, state, sealed FROM quarantine "
                             "WHERE bucket=$1 AND tenant=$2 AND import=$3 AND row>$4 "
                             "ORDER BY row LIMIT $5"};
constexpr Statement kDeleteRejects{"reject.delete", Tag::kSingleBucket,
                                   "DELETE FROM quarantine "
                                   "WHERE bucket=$1 AND tenant=$2 AND import=$3"};

ImportRow Read(const Row& row) {
  return {row.Id(0),  std::string(row.Bytes(1)), row.Int(2), row.Int(3),
          row.Int(4), std::string(row.Bytes(5))};
}

}  // namespace

void ListImportStatements(StatementList& all) {
  all.insert(all.end(), {&kLoad, &kList, &kPut, &kAddRow, &kOfSubject, &kTouched, &kTouchedByRow,
                         &kDeleteRow, &kPutReject, &kRejects, &kDeleteRejects});
}

Result<ImportRow> LoadImport(db::Session& data, model::TenantId tenant, const Uuid& id) {
  std::optional<ImportRow> found;
  FID_TRY(data.Query(kLoad, {BucketOfTenant(tenant), tenant, id}, [&](const Row& row) -> Status {
    found = Read(row);
    return {};
  }));
  if (!found) {
    return Fail(Code::kNotFound, "there is no such import");
  }
  return std::move(*found);
}

Result<std::vector<ImportRow>> ListImports(db::Session& data, model::TenantId tenant,
                                           const std::optional<Uuid>& before, int limit) {
  const Uuid end = Uuid::FromBytes(Bytes(16, '\xff')).value_or(Uuid());
  std::vector<ImportRow> imports;
  FID_TRY(data.Query(kList, {BucketOfTenant(tenant), tenant, before.value_or(end), limit},
                     [&](const Row& row) -> Status {
                       imports.push_back(Read(row));
                       return {};
                     }));
  return imports;
}

Status EachImport(db::Session& data, model::TenantId tenant,
                  const std::function<bool(const ImportRow& import)>& visit) {
  constexpr int kPage = 200;
  std::optional<Uuid> before;
  for (bool more = true; more;) {
    FID_ASSIGN(const auto page, ListImports(data, tenant, before, kPage));
    for (const ImportRow& import : page) {
      if (!visit(import)) {
        return {};
      }
      before = import.id;
    }
    more = page.size() == kPage;
  }
  return {};
}

Status PutImport(db::Session& data, model::TenantId tenant, const ImportRow& import) {
  return data.Post(
      kPut, {BucketOfTenant(tenant), tenant, import.id, Param::Text(import.state),
             import.created_ms, import.updated_ms, import.rows_done, Param::Text(import.facts)});
}

Status InsertImportedRow(db::Session& data, const Uuid& import, const ImportedRow& row) {
  return data.Post(kAddRow, {BucketOf(row.subject), row.subject.tenant, row.subject.id, import,
                             row.row, static_cast<int>(row.action), Param::Blob(row.tokens),
                             static_cast<int64_t>(row.leaf)});
}

std::vector<Token> TokensOfImport(const ImportedRow& row) {
  std::vector<Token> tokens;
  constexpr size_t kSize = 16;
  if (row.tokens.size() >= kSize) {
    tokens.push_back({kTokenKindFingerprint, row.tokens.substr(0, kSize)});
  }
  if (row.tokens.size() == 2 * kSize) {
    tokens.push_back({kTokenKindRecordKey, row.tokens.substr(kSize)});
  }
  return tokens;
}

Result<std::vector<SubjectImport>> LoadImportsOf(db::Session& data,
                                                 const model::SubjectRef& subject) {
  std::vector<SubjectImport> found;
  FID_TRY(data.Query(kOfSubject, {BucketOf(subject), subject.tenant, subject.id},
                     [&](const Row& row) -> Status {
                       found.push_back({row.Id(0),
                                        {subject, row.Int(1), static_cast<RowAction>(row.Int(2)),
                                         Bytes(row.Bytes(3)), static_cast<uint64_t>(row.Int(4))}});
                       return {};
                     }));
  return found;
}

Result<std::vector<TouchedSubject>> LoadTouchedBy(db::Session& data, model::TenantId tenant,
                                                  const Uuid& import, model::Bucket bucket,
                                                  const Uuid& after, int limit) {
  std::vector<TouchedSubject> subjects;
  FID_TRY(data.Query(
      kTouched, {bucket, tenant, after, tenant, import, limit}, [&](const Row& row) -> Status {
        subjects.push_back({static_cast<model::Bucket>(row.Int(0)), {tenant, row.Id(1)}});
        return {};
      }));
  return subjects;
}

Result<std::vector<TouchedSubject>> LoadTouchedByRow(db::Session& data, model::TenantId tenant,
                                                     const Uuid& import, int64_t row) {
  std::vector<TouchedSubject> subjects;
  FID_TRY(data.Query(kTouchedByRow, {tenant, import, row}, [&](const Row& found) -> Status {
    subjects.push_back({static_cast<model::Bucket>(found.Int(0)), {tenant, found.Id(1)}});
    return {};
  }));
  return subjects;
}

Status DeleteImportedRow(db::Session& data, const model::SubjectRef& subject, const Uuid& import,
                         int64_t row) {
  return data.Post(kDeleteRow, {BucketOf(subject), subject.tenant, subject.id, import, row});
}

Status PutReject(db::Session& data, model::TenantId tenant, const Uuid& import,
                 const Reject& reject) {
  return data.Post(kPutReject, {BucketOfTenant(tenant), tenant, import, reject.row,
                                Param::Text(reject.field), Param::Text(reject.reason),
                                static_cast<int>(reject.state), Param::Blob(reject.sealed)});
}

Result<std::vector<Reject>> LoadRejects(db::Session& data, model::TenantId tenant,
                                        const Uuid& import, int64_t after_row, int limit) {
  std::vector<Reject> rejects;
  FID_TRY(data.Query(kRejects, {BucketOfTenant(tenant), tenant, import, after_row, limit},
                     [&](const Row& row) -> Status {
                       rejects.push_back(
                           {row.Int(0), std::string(row.Bytes(1)), std::string(row.Bytes(2)),
                            static_cast<RejectState>(row.Int(3)), Bytes(row.Bytes(4))});
                       return {};
                     }));
  return rejects;
}

Status DeleteRejects(db::Session& data, model::TenantId tenant, const Uuid& import) {
  return data.Post(kDeleteRejects, {BucketOfTenant(tenant), tenant, import});
}

}  // namespace fiducia::store
