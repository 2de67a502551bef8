#include "store/changes.h"

#include <algorithm>

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kPut{
    "change.put", Tag::kSingleBucket,
    "INSERT INTO changes(bucket, tenant, subject, seq, at_ms, created_seq, record_seq, basis_seq, "
    "timeline_seq, erased) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT(bucket, tenant, subject) DO UPDATE SET seq=excluded.seq, at_ms=excluded.at_ms, "
    "created_seq=CASE WHEN excluded.created_seq>0 THEN excluded.created_seq ELSE "
    "changes.created_seq END, record_seq=CASE WHEN excluded.record_seq>0 THEN excluded.record_seq "
    "ELSE changes.record_seq END, basis_seq=CASE WHEN excluded.basis_seq>0 THEN excluded.basis_seq "
    "ELSE changes.basis_seq END, timeline_seq=CASE WHEN excluded.timeline_seq>0 THEN "
    "excluded.timeline_seq ELSE changes.timeline_seq END, erased=excluded.erased"};
constexpr Statement kList{
    "change.list", Tag::kFanoutAdmin,
    "SELECT subject, seq, at_ms, created_seq, record_seq, basis_seq, timeline_seq, erased FROM "
    "changes WHERE tenant=$1 AND (seq, subject) > ($2, $3) ORDER BY seq, subject LIMIT $4"};
constexpr Statement kLast{"change.last", Tag::kFanoutAdmin,
                          "SELECT COALESCE(MAX(seq), 0) FROM changes"};

}  // namespace

void ListChangeStatements(StatementList& all) { all.insert(all.end(), {&kPut, &kList, &kLast}); }

Status PutChange(db::Session& data, const ChangeRow& row) {
  return data.Post(
      kPut, {BucketOf(row.subject), row.subject.tenant, row.subject.id, row.seq, row.at_ms,
             row.created_seq, row.record_seq, row.basis_seq, row.timeline_seq, row.erased ? 1 : 0});
}

Result<std::vector<ChangeRow>> ListChanges(db::Session& data, model::TenantId tenant, int64_t seq,
                                           const Uuid& subject, int limit) {
  std::vector<ChangeRow> rows;
  FID_TRY(data.Query(kList, {tenant, seq, subject, limit}, [&](const Row& row) -> Status {
    rows.push_back({{tenant, row.Id(0)},
                    row.Int(1),
                    row.Int(2),
                    row.Int(3),
                    row.Int(4),
                    row.Int(5),
                    row.Int(6),
                    row.Int(7) != 0});
    return {};
  }));
  // Several shards answer one after the other.
  std::sort(rows.begin(), rows.end(), [](const ChangeRow& a, const ChangeRow& b) {
    return std::pair(a.seq, a.subject.id) < std::pair(b.seq, b.subject.id);
  });
  rows.resize(std::min(rows.size(), static_cast<size_t>(limit)));
  return rows;
}

Result<int64_t> LastChange(db::Session& data) {
  int64_t last = 0;
  FID_TRY(data.Query(kLast, {}, [&](const Row& row) -> Status {
    last = std::max(last, row.Int(0));
    return {};
  }));
  return last;
}

}  // namespace fiducia::store
