#include "store/tokens.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kAdd{"token.add", Tag::kSingleBucket,
                         "INSERT INTO tokens(bucket, tenant, kind, token, ref_bucket, ref_id) "
                         "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"};
constexpr Statement kRemove{"token.remove", Tag::kSingleBucket,
                            "DELETE FROM tokens "
                            "WHERE bucket=$1 AND tenant=$2 AND kind=$3 AND token=$4 AND ref_id=$5"};
constexpr Statement kFind{"token.find", Tag::kSingleBucket,
                          "SELECT ref_id FROM tokens WHERE bucket=$1 AND tenant=$2 AND kind=$3 "
                          "AND token=$4 AND ref_id>$5 ORDER BY ref_id LIMIT $6"};

}  // namespace

void ListTokenStatements(StatementList& all) { all.insert(all.end(), {&kAdd, &kRemove, &kFind}); }

Status AddToken(db::Session& index, const Token& token, const model::SubjectRef& subject) {
  return index.Post(kAdd, {BucketOfToken(token.value), subject.tenant, token.kind,
                           Param::Blob(token.value), BucketOf(subject), subject.id});
}

Status RemoveToken(db::Session& index, const Token& token, const model::SubjectRef& subject) {
  return index.Post(kRemove, {BucketOfToken(token.value), subject.tenant, token.kind,
                              Param::Blob(token.value), subject.id});
}

Result<std::vector<model::SubjectRef>> FindByToken(db::Session& index, model::TenantId tenant,
                                                   const Token& token, const Uuid& after,
                                                   int limit) {
  std::vector<model::SubjectRef> found;
  FID_TRY(index.Query(
      kFind,
      {BucketOfToken(token.value), tenant, token.kind, Param::Blob(token.value), after, limit},
      [&](const Row& row) -> Status {
        found.push_back({tenant, row.Id(0)});
        return {};
      }));
  return found;
}

}  // namespace fiducia::store
