#include "store/disclosures.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kAdd{
    "disclosure.add", Tag::kSingleBucket,
    "INSERT INTO disclosures(bucket, tenant, subject, recipient, first_ms, last_ms, times, abroad, "
    "sensitive) VALUES($1, $2, $3, $4, $5, $6, 1, $7, $8) "
    "ON CONFLICT(bucket, tenant, subject, recipient) DO UPDATE SET last_ms=excluded.last_ms, "
    "times=disclosures.times+1, "
    "abroad=CASE WHEN excluded.abroad=1 THEN 1 ELSE disclosures.abroad END, "
    "sensitive=CASE WHEN excluded.sensitive=1 THEN 1 ELSE disclosures.sensitive END"};
constexpr Statement kLoad{
    "disclosure.load", Tag::kSingleBucket,
    "SELECT recipient, first_ms, last_ms, times, abroad, sensitive FROM disclosures "
    "WHERE bucket=$1 AND tenant=$2 AND subject=$3 ORDER BY recipient"};
constexpr Statement kCount{"disclosure.count", Tag::kFanoutAdmin,
                           "SELECT COUNT(*) FROM disclosures WHERE tenant=$1 AND recipient=$2"};
constexpr Statement kExported{
    "disclosure.exported", Tag::kFanoutAdmin,
    "SELECT COUNT(*), COALESCE(SUM(sensitive), 0) FROM (SELECT MAX(sensitive) AS sensitive "
    "FROM disclosures WHERE tenant=$1 AND abroad=1 AND last_ms>=$2 GROUP BY bucket, subject) AS e"};

}  // namespace

void ListDisclosureStatements(StatementList& all) {
  all.insert(all.end(), {&kAdd, &kLoad, &kCount, &kExported});
}

Status AddDisclosure(db::Session& data, const model::SubjectRef& subject, const Disclosure& d) {
  return data.Post(kAdd, {BucketOf(subject), subject.tenant, subject.id, d.recipient, d.last_ms,
                          d.last_ms, d.abroad ? 1 : 0, d.sensitive ? 1 : 0});
}

Result<std::vector<Disclosure>> LoadDisclosures(db::Session& data,
                                                const model::SubjectRef& subject) {
  std::vector<Disclosure> all;
  FID_TRY(data.Query(
      kLoad, {BucketOf(subject), subject.tenant, subject.id}, [&](const Row& row) -> Status {
        all.push_back(
            {row.Id(0), row.Int(1), row.Int(2), row.Int(3), row.Int(4) != 0, row.Int(5) != 0});
        return {};
      }));
  return all;
}

Result<int64_t> CountDisclosed(db::Session& data, model::TenantId tenant, const Uuid& recipient) {
  int64_t count = 0;
  FID_TRY(data.Query(kCount, {tenant, recipient}, [&](const Row& row) -> Status {
    count += row.Int(0);
    return {};
  }));
  return count;
}

Result<ExportedPeople> CountExported(db::Session& data, model::TenantId tenant, int64_t since_ms) {
  ExportedPeople exported;
  FID_TRY(data.Query(kExported, {tenant, since_ms}, [&](const Row& row) -> Status {
    exported.people += row.Int(0);
    exported.sensitive += row.Int(1);
    return {};
  }));
  return exported;
}

}  // namespace fiducia::store
