#include "store/merges.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kPut{
    "pair.put", Tag::kSingleBucket,
    "INSERT INTO match_pairs(bucket, tenant, subject, other, state, weight, reasons, found_ms, "
    "decided_ms, actor) VALUES($1, $2, $3, $4, 0, $5, $6, $7, 0, $8) "
    "ON CONFLICT(bucket, tenant, subject, other) DO UPDATE SET weight=excluded.weight, "
    "reasons=excluded.reasons WHERE match_pairs.state=0"};
constexpr Statement kLoad{"pair.load", Tag::kSingleBucket,
                          "SELECT state, weight, reasons, found_ms, decided_ms, actor FROM "
                          "match_pairs WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND other=$4"};
constexpr Statement kDecide{
    "pair.decide", Tag::kSingleBucket,
    "UPDATE match_pairs SET state=$1, decided_ms=$2, actor=$3 WHERE bucket=$4 AND tenant=$5 AND "
    "subject=$6 AND other=$7"};
constexpr Statement kList{
    "pair.list", Tag::kFanoutAdmin,
    "SELECT subject, other, weight, reasons, found_ms, decided_ms, actor FROM match_pairs WHERE "
    "tenant=$1 AND state=$2 AND weight<$3 ORDER BY weight DESC, subject, other LIMIT $4"};
constexpr Statement kCount{"pair.count", Tag::kFanoutAdmin,
                           "SELECT state, weight / 1000, COUNT(*) FROM match_pairs WHERE tenant=$1 "
                           "GROUP BY state, weight / 1000"};
constexpr Statement kIntend{
    "merge.intend", Tag::kSingleBucket,
    "INSERT INTO merge_intents(bucket, tenant, subject, merge, other, parting, fields) VALUES($1, "
    "$2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"};
constexpr Statement kIntentDone{
    "merge.done", Tag::kSingleBucket,
    "DELETE FROM merge_intents WHERE bucket=$1 AND tenant=$2 AND subject=$3 AND merge=$4"};
constexpr Statement kIntents{"merge.pending", Tag::kFanoutAdmin,
                             "SELECT tenant, subject, merge, other, parting, fields FROM "
                             "merge_intents ORDER BY bucket, tenant, subject"};

}  // namespace

void ListMergeStatements(StatementList& all) {
  all.insert(all.end(),
             {&kPut, &kLoad, &kDecide, &kList, &kCount, &kIntend, &kIntentDone, &kIntents});
}

Status PutFoundPair(db::Session& data, const MatchPair& pair) {
  return data.Post(kPut, {BucketOf(pair.subject), pair.subject.tenant, pair.subject.id, pair.other,
                          pair.weight, Param::Text(pair.reasons), pair.found_ms, Uuid()});
}

Result<MatchPair> LoadPair(db::Session& data, const model::SubjectRef& subject, const Uuid& other) {
  std::optional<MatchPair> pair;
  FID_TRY(data.Query(kLoad, {BucketOf(subject), subject.tenant, subject.id, other},
                     [&](const Row& row) -> Status {
                       pair = MatchPair{subject,
                                        other,
                                        static_cast<PairState>(row.Int(0)),
                                        row.Int(1),
                                        std::string(row.Bytes(2)),
                                        row.Int(3),
                                        row.Int(4),
                                        row.Id(5)};
                       return {};
                     }));
  if (!pair) {
    return Fail(Code::kNotFound, "there is no such pair");
  }
  return *pair;
}

Status DecidePair(db::Session& data, const MatchPair& pair) {
  return data.Post(kDecide,
                   {static_cast<int64_t>(pair.state), pair.decided_ms, pair.actor,
                    BucketOf(pair.subject), pair.subject.tenant, pair.subject.id, pair.other});
}

Result<std::vector<MatchPair>> ListPairs(db::Session& data, model::TenantId tenant, PairState state,
                                         int64_t below, int limit) {
  std::vector<MatchPair> pairs;
  FID_TRY(data.Query(kList, {tenant, static_cast<int64_t>(state), below, limit},
                     [&](const Row& row) -> Status {
                       pairs.push_back({{tenant, row.Id(0)},
                                        row.Id(1),
                                        state,
                                        row.Int(2),
                                        std::string(row.Bytes(3)),
                                        row.Int(4),
                                        row.Int(5),
                                        row.Id(6)});
                       return {};
                     }));
  return pairs;
}

Result<std::vector<PairCount>> CountPairs(db::Session& data, model::TenantId tenant) {
  std::vector<PairCount> counts;
  FID_TRY(data.Query(kCount, {tenant}, [&](const Row& row) -> Status {
    counts.push_back({static_cast<PairState>(row.Int(0)), row.Int(1), row.Int(2)});
    return {};
  }));
  return counts;
}

Status AddMergeIntent(db::Session& data, const MergeIntent& intent) {
  return data.Post(
      kIntend, {BucketOf(intent.subject), intent.subject.tenant, intent.subject.id, intent.merge,
                intent.other, static_cast<int64_t>(intent.parting), Param::Text(intent.fields)});
}

Status RemoveMergeIntent(db::Session& data, const MergeIntent& intent) {
  return data.Post(kIntentDone, {BucketOf(intent.subject), intent.subject.tenant, intent.subject.id,
                                 intent.merge});
}

Result<std::vector<MergeIntent>> LoadMergeIntents(db::Session& data) {
  std::vector<MergeIntent> intents;
  FID_TRY(data.Query(kIntents, {}, [&](const Row& row) -> Status {
    intents.push_back({{static_cast<model::TenantId>(row.Int(0)), row.Id(1)},
                       row.Id(2),
                       row.Id(3),
                       row.Int(4) != 0,
                       std::string(row.Bytes(5))});
    return {};
  }));
  return intents;
}

}  // namespace fiducia::store
