#include "store/state_rows.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kSums{"state.list", Tag::kFanoutAdmin,
                          "SELECT bucket, tenant, row_count, changes, sum FROM state_sums "
                          "ORDER BY bucket, tenant"};
constexpr Statement kPutSum{
    "state.put", Tag::kSingleBucket,
    "INSERT INTO state_sums(bucket, tenant, row_count, changes, sum) VALUES($1, $2, $3, $4, $5) "
    "ON CONFLICT(bucket, tenant) DO UPDATE SET row_count=excluded.row_count, "
    "changes=excluded.changes, sum=excluded.sum"};
constexpr Statement kMark{"state.mark", Tag::kSingleBucket,
                          "SELECT leaf, sums FROM state_marks WHERE bucket=$1 AND tenant=$2"};
constexpr Statement kPutMark{
    "state.put_mark", Tag::kSingleBucket,
    "INSERT INTO state_marks(bucket, tenant, leaf, sums) VALUES($1, $2, $3, $4) "
    "ON CONFLICT(bucket, tenant) DO UPDATE SET leaf=excluded.leaf, sums=excluded.sums"};
// Pages by key, so that a large store is never held in memory.
constexpr Statement kBasis{"basis.walk", Tag::kFanoutAdmin,
                           "SELECT bucket, tenant, subject, seq, body FROM basis_events "
                           "WHERE (bucket, tenant, subject, seq) > ($1, $2, $3, $4) "
                           "ORDER BY bucket, tenant, subject, seq LIMIT $5"};
constexpr Statement kTimeline{
    "timeline.walk", Tag::kFanoutAdmin,
    "SELECT bucket, tenant, subject, at_ms, event, body FROM timeline "
    "WHERE (bucket, tenant, subject, at_ms, event) > ($1, $2, $3, $4, $5) "
    "ORDER BY bucket, tenant, subject, at_ms, event LIMIT $6"};
constexpr int kPage = 2000;

Bytes Place(char kind, const model::SubjectRef& subject, BytesView rest) {
  Bytes place(1, kind);
  ByteWriter out(place);
  out.U32(subject.tenant);
  out.Raw(subject.id.bytes());
  out.Raw(rest);
  return place;
}

}  // namespace

void ListStateStatements(StatementList& all) {
  all.insert(all.end(), {&kSums, &kPutSum, &kMark, &kPutMark, &kBasis, &kTimeline});
}

Result<std::vector<StateSum>> LoadStateSums(db::Session& data) {
  std::vector<StateSum> sums;
  FID_TRY(data.Query(kSums, {}, [&](const Row& row) -> Status {
    sums.push_back({static_cast<model::Bucket>(row.Int(0)),
                    static_cast<model::TenantId>(row.Int(1)), row.Int(2), row.Int(3),
                    Bytes(row.Bytes(4))});
    return {};
  }));
  return sums;
}

Status PutStateSum(db::Session& data, const StateSum& sum) {
  return data.Post(kPutSum, {sum.bucket, sum.tenant, sum.rows, sum.changes, Param::Blob(sum.sum)});
}

Result<std::optional<StateMark>> LoadStateMark(db::Session& data, model::TenantId tenant) {
  std::optional<StateMark> mark;
  FID_TRY(data.Query(kMark, {BucketOfTenant(tenant), tenant}, [&](const Row& row) -> Status {
    mark = StateMark{static_cast<uint64_t>(row.Int(0)), Bytes(row.Bytes(1))};
    return {};
  }));
  return mark;
}

Status PutStateMark(db::Session& data, model::TenantId tenant, const StateMark& mark) {
  return data.Post(kPutMark, {BucketOfTenant(tenant), tenant, static_cast<int64_t>(mark.leaf),
                              Param::Blob(mark.sums)});
}

Status WalkBasisEvents(db::Session& data, const EachStateRow& each) {
  int64_t bucket = -1;
  StateRow last;
  for (int rows = kPage; rows == kPage;) {
    rows = 0;
    const model::SubjectRef after = last.subject;
    FID_TRY(data.Query(kBasis, {bucket, after.tenant, after.id, last.number, kPage},
                       [&](const Row& row) -> Status {
                         ++rows;
                         bucket = row.Int(0);
                         last = {{static_cast<model::TenantId>(row.Int(1)), row.Id(2)},
                                 row.Int(3),
                                 {},
                                 Bytes(row.Bytes(4))};
                         return each(last);
                       }));
  }
  return {};
}

Status WalkTimeline(db::Session& data, const EachStateRow& each) {
  int64_t bucket = -1;
  int64_t at_ms = 0;
  StateRow last;
  for (int rows = kPage; rows == kPage;) {
    rows = 0;
    const StateRow after = last;
    FID_TRY(data.Query(kTimeline,
                       {bucket, after.subject.tenant, after.subject.id, at_ms, after.event, kPage},
                       [&](const Row& row) -> Status {
                         ++rows;
                         bucket = row.Int(0);
                         at_ms = row.Int(3);
                         last = {{static_cast<model::TenantId>(row.Int(1)), row.Id(2)},
                                 0,
                                 row.Id(4),
                                 Bytes(row.Bytes(5))};
                         return each(last);
                       }));
  }
  return {};
}

Bytes SubjectPlace(const model::SubjectRef& subject) { return Place('s', subject, {}); }

Bytes BasisPlace(const model::SubjectRef& subject, int64_t seq) {
  Bytes number;
  ByteWriter(number).U64(static_cast<uint64_t>(seq));
  return Place('b', subject, number);
}

Bytes TimelinePlace(const model::SubjectRef& subject, const Uuid& event) {
  return Place('t', subject, event.bytes());
}

Bytes TicketPlace(const model::SubjectRef& subject, const Uuid& ticket) {
  return Place('k', subject, ticket.bytes());
}

}  // namespace fiducia::store
