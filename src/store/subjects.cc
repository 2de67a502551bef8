#include "store/subjects.h"

#include "store/placement.h"
#include "store/registry.h"
#include "store/state_rows.h"
#include "store/tickets.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kLoad{
    "subject.load", Tag::kSingleBucket,
    "SELECT version, body, mac FROM subjects WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kInsert{"subject.insert", Tag::kSingleBucket,
                            "INSERT INTO subjects(bucket, tenant, subject, version, body, mac) "
                            "VALUES($1, $2, $3, $4, $5, $6)"};
constexpr Statement kUpdate{"subject.update", Tag::kSingleBucket,
                            "UPDATE subjects SET version=$1, body=$2, mac=$3 "
                            "WHERE bucket=$4 AND tenant=$5 AND subject=$6 AND version=$7"};
constexpr Statement kMac{"subject.mac", Tag::kSingleBucket,
                         "SELECT mac FROM subjects WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kTimelineOf{
    "timeline.all", Tag::kSingleBucket,
    "SELECT event, body FROM timeline WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDelete{"subject.delete", Tag::kSingleBucket,
                            "DELETE FROM subjects WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDeleteBasis{
    "basis.delete", Tag::kSingleBucket,
    "DELETE FROM basis_events WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDeleteTimeline{
    "timeline.delete", Tag::kSingleBucket,
    "DELETE FROM timeline WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDeleteImportRows{
    "import_rows.delete", Tag::kSingleBucket,
    "DELETE FROM import_rows WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDeletePairs{
    "pair.delete", Tag::kSingleBucket,
    "DELETE FROM match_pairs WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDeleteTickets{
    "subject.delete_tickets", Tag::kSingleBucket,
    "DELETE FROM tickets WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kDeleteDisclosures{
    "disclosure.delete", Tag::kSingleBucket,
    "DELETE FROM disclosures WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kAppendBasis{"basis.append", Tag::kSingleBucket,
                                 "INSERT INTO basis_events(bucket, tenant, subject, seq, body) "
                                 "VALUES($1, $2, $3, $4, $5)"};
constexpr Statement kLoadBasis{"basis.load", Tag::kSingleBucket,
                               "SELECT seq, body FROM basis_events "
                               "WHERE bucket=$1 AND tenant=$2 AND subject=$3 ORDER BY seq"};
constexpr Statement kInsertEvent{
    "timeline.insert", Tag::kSingleBucket,
    "INSERT INTO timeline(bucket, tenant, subject, at_ms, event, body) "
    "VALUES($1, $2, $3, $4, $5, $6)"};
constexpr Statement kEventBody{
    "timeline.one", Tag::kSingleBucket,
    "SELECT body FROM timeline WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND at_ms=$4 "
    "AND event=$5"};
constexpr Statement kDeleteEvent{
    "timeline.delete_one", Tag::kSingleBucket,
    "DELETE FROM timeline WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND at_ms=$4 AND event=$5"};
constexpr Statement kLoadTimeline{
    "timeline.load", Tag::kSingleBucket,
    "SELECT at_ms, event, body FROM timeline WHERE bucket=$1 AND tenant=$2 AND subject=$3 "
    "AND (at_ms, event) < ($4, $5) ORDER BY at_ms DESC, event DESC LIMIT $6"};
constexpr Statement kWalk{"subject.walk", Tag::kFanoutAdmin,
                          "SELECT bucket, subject, version, body, mac FROM subjects "
                          "WHERE (bucket, tenant, subject) > ($1, $2, $3) AND tenant=$4 "
                          "ORDER BY bucket, tenant, subject LIMIT $5"};
constexpr Statement kListBucket{"subject.list", Tag::kSingleBucket,
                                "SELECT subject, version, body, mac FROM subjects WHERE bucket=$1 "
                                "AND tenant=$2 AND subject>$3 ORDER BY subject LIMIT $4"};
constexpr Statement kCount{"subject.count", Tag::kFanoutAdmin,
                           "SELECT COUNT(*) FROM subjects WHERE tenant=$1"};
constexpr Statement kAddIntent{"erasure.intend", Tag::kSingleBucket,
                               "INSERT INTO erasure_intents(bucket, tenant, subject, intent_ms, "
                               "suppress) VALUES($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"};
constexpr Statement kRemoveIntent{
    "erasure.done", Tag::kSingleBucket,
    "DELETE FROM erasure_intents WHERE bucket=$1 AND tenant=$2 AND subject=$3"};
constexpr Statement kIntents{"erasure.pending", Tag::kFanoutAdmin,
                             "SELECT tenant, subject, suppress FROM erasure_intents "
                             "ORDER BY bucket, tenant, subject"};

// The MAC of the row as it is now, for the watch; empty if nobody listens or there is none.
Result<Bytes> MacNow(db::Session& data, const model::SubjectRef& subject) {
  Bytes mac;
  if (data.watch() != nullptr) {
    FID_TRY(data.Query(kMac, {BucketOf(subject), subject.tenant, subject.id},
                       [&](const Row& row) -> Status {
                         mac = Bytes(row.Bytes(0));
                         return {};
                       }));
  }
  return mac;
}

void TellGone(db::Session& data, const model::SubjectRef& subject, BytesView place,
              BytesView content) {
  if (data.watch() != nullptr && !content.empty()) {
    data.watch()->Gone(BucketOf(subject), place, content);
  }
}

void TellAppeared(db::Session& data, const model::SubjectRef& subject, BytesView place,
                  BytesView content) {
  if (data.watch() != nullptr) {
    data.watch()->Appeared(BucketOf(subject), place, content);
  }
}

Status TellAllGone(db::Session& data, const model::SubjectRef& subject) {
  if (data.watch() == nullptr) {
    return {};
  }
  const auto place = {Param(BucketOf(subject)), Param(subject.tenant), Param(subject.id)};
  FID_ASSIGN(const Bytes mac, MacNow(data, subject));
  TellGone(data, subject, SubjectPlace(subject), mac);
  FID_TRY(data.Query(kLoadBasis, place, [&](const Row& row) -> Status {
    TellGone(data, subject, BasisPlace(subject, row.Int(0)), row.Bytes(1));
    return {};
  }));
  FID_TRY(data.Query(kTimelineOf, place, [&](const Row& row) -> Status {
    TellGone(data, subject, TimelinePlace(subject, row.Id(0)), row.Bytes(1));
    return {};
  }));
  FID_ASSIGN(const auto tickets, LoadTicketsOf(data, subject));
  for (const TicketRow& row : tickets) {
    TellGone(data, subject, TicketPlace(subject, row.ticket), TicketContent(row));
  }
  return {};
}

}  // namespace

void ListSubjectStatements(StatementList& all) {
  all.insert(all.end(), {&kLoad,
                         &kInsert,
                         &kUpdate,
                         &kMac,
                         &kTimelineOf,
                         &kDelete,
                         &kDeleteBasis,
                         &kDeleteTimeline,
                         &kDeleteImportRows,
                         &kDeleteDisclosures,
                         &kDeleteTickets,
                         &kDeletePairs,
                         &kAppendBasis,
                         &kLoadBasis,
                         &kInsertEvent,
                         &kEventBody,
                         &kDeleteEvent,
                         &kLoadTimeline,
                         &kWalk,
                         &kListBucket,
                         &kCount,
                         &kAddIntent,
                         &kRemoveIntent,
                         &kIntents});
}

Result<SubjectRow> LoadSubject(db::Session& data, const model::SubjectRef& subject) {
  std::optional<SubjectRow> found;
  FID_TRY(data.Query(
      kLoad, {BucketOf(subject), subject.tenant, subject.id}, [&](const Row& row) -> Status {
        found =
            SubjectRow{static_cast<uint32_t>(row.Int(0)), Bytes(row.Bytes(1)), Bytes(row.Bytes(2))};
        return {};
      }));
  if (!found) {
    return Fail(Code::kNotFound, "there is no such customer");
  }
  return std::move(*found);
}

Status InsertSubject(db::Session& data, const model::SubjectRef& subject, const SubjectRow& row) {
  TellAppeared(data, subject, SubjectPlace(subject), row.mac);
  return data.Post(kInsert, {BucketOf(subject), subject.tenant, subject.id, row.version,
                             Param::Blob(row.body), Param::Blob(row.mac)});
}

Status UpdateSubject(db::Session& data, const model::SubjectRef& subject, uint32_t expected,
                     const SubjectRow& row) {
  FID_ASSIGN(const Bytes old_mac, MacNow(data, subject));
  FID_ASSIGN(const int64_t changed,
             data.Execute(kUpdate, {row.version, Param::Blob(row.body), Param::Blob(row.mac),
                                    BucketOf(subject), subject.tenant, subject.id, expected}));
  if (changed != 1) {
    return Fail(Code::kVersionMismatch, "the record has changed since it was read");
  }
  TellGone(data, subject, SubjectPlace(subject), old_mac);
  TellAppeared(data, subject, SubjectPlace(subject), row.mac);
  return {};
}

Status DeleteSubject(db::Session& data, const model::SubjectRef& subject) {
  FID_TRY(TellAllGone(data, subject));
  for (const Statement* statement : {&kDelete, &kDeleteBasis, &kDeleteTimeline, &kDeleteImportRows,
                                     &kDeleteDisclosures, &kDeleteTickets, &kDeletePairs}) {
    FID_TRY(data.Post(*statement, {BucketOf(subject), subject.tenant, subject.id}));
  }
  return {};
}

Status AppendBasisEvent(db::Session& data, const model::SubjectRef& subject,
                        const model::BasisEvent& event) {
  const Bytes body = EncodeBasisEvent(event);
  TellAppeared(data, subject, BasisPlace(subject, event.seq), body);
  return data.Post(kAppendBasis,
                   {BucketOf(subject), subject.tenant, subject.id, event.seq, Param::Blob(body)});
}

Result<std::vector<model::BasisEvent>> LoadBasisEvents(db::Session& data,
                                                       const model::SubjectRef& subject) {
  std::vector<model::BasisEvent> events;
  FID_TRY(data.Query(
      kLoadBasis, {BucketOf(subject), subject.tenant, subject.id}, [&](const Row& row) -> Status {
        FID_ASSIGN(model::BasisEvent event,
                   DecodeBasisEvent(static_cast<uint32_t>(row.Int(0)), row.Bytes(1)));
        events.push_back(std::move(event));
        return {};
      }));
  return events;
}

Status InsertEvent(db::Session& data, const model::SubjectRef& subject, const TimelineRow& row) {
  TellAppeared(data, subject, TimelinePlace(subject, row.event), row.body);
  return data.Post(kInsertEvent, {BucketOf(subject), subject.tenant, subject.id, row.at_ms,
                                  row.event, Param::Blob(row.body)});
}

Status DeleteEvent(db::Session& data, const model::SubjectRef& subject, int64_t at_ms,
                   const Uuid& event) {
  FID_TRY(data.Query(kEventBody, {BucketOf(subject), subject.tenant, subject.id, at_ms, event},
                     [&](const Row& row) -> Status {
                       TellGone(data, subject, TimelinePlace(subject, event), row.Bytes(0));
                       return {};
                     }));
  return data.Post(kDeleteEvent, {BucketOf(subject), subject.tenant, subject.id, at_ms, event});
}

Result<std::vector<TimelineRow>> LoadTimeline(db::Session& data, const model::SubjectRef& subject,
                                              int64_t before_ms, const Uuid& before_event,
                                              int limit) {
  std::vector<TimelineRow> rows;
  FID_TRY(
      data.Query(kLoadTimeline,
                 {BucketOf(subject), subject.tenant, subject.id, before_ms, before_event, limit},
                 [&](const Row& row) -> Status {
                   rows.push_back({row.Int(0), row.Id(1), Bytes(row.Bytes(2))});
                   return {};
                 }));
  return rows;
}

Result<std::vector<WalkedSubject>> WalkSubjects(db::Session& data, model::TenantId tenant,
                                                model::Bucket bucket, const Uuid& after,
                                                int limit) {
  std::vector<WalkedSubject> found;
  FID_TRY(data.Query(kWalk, {bucket, tenant, after, tenant, limit}, [&](const Row& row) -> Status {
    found.push_back(
        {static_cast<model::Bucket>(row.Int(0)),
         {tenant, row.Id(1)},
         {static_cast<uint32_t>(row.Int(2)), Bytes(row.Bytes(3)), Bytes(row.Bytes(4))}});
    return {};
  }));
  return found;
}

Result<std::vector<WalkedSubject>> ListSubjects(db::Session& data, model::Bucket bucket,
                                                model::TenantId tenant, const Uuid& after,
                                                int limit) {
  std::vector<WalkedSubject> page;
  FID_TRY(data.Query(kListBucket, {bucket, tenant, after, limit}, [&](const Row& row) -> Status {
    page.push_back({bucket,
                    {tenant, row.Id(0)},
                    {static_cast<uint32_t>(row.Int(1)), Bytes(row.Bytes(2)), Bytes(row.Bytes(3))}});
    return {};
  }));
  return page;
}

Result<int64_t> CountSubjects(db::Session& data, model::TenantId tenant) {
  int64_t count = 0;
  FID_TRY(data.Query(kCount, {tenant}, [&](const Row& row) -> Status {
    count = row.Int(0);
    return {};
  }));
  return count;
}

Status AddErasureIntent(db::Session& data, const ErasureIntent& intent, int64_t now_ms) {
  const model::SubjectRef& subject = intent.subject;
  return data.Post(
      kAddIntent, {BucketOf(subject), subject.tenant, subject.id, now_ms, intent.suppress ? 1 : 0});
}

Status RemoveErasureIntent(db::Session& data, const model::SubjectRef& subject) {
  return data.Post(kRemoveIntent, {BucketOf(subject), subject.tenant, subject.id});
}

Result<std::vector<ErasureIntent>> LoadErasureIntents(db::Session& data) {
  std::vector<ErasureIntent> intents;
  FID_TRY(data.Query(kIntents, {}, [&](const Row& row) -> Status {
    intents.push_back({{static_cast<model::TenantId>(row.Int(0)), row.Id(1)}, row.Int(2) != 0});
    return {};
  }));
  return intents;
}

}  // namespace fiducia::store
