#include "store/event_receipts.h"

#include "store/placement.h"
#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Statement;
using db::Tag;

constexpr Statement kKeep{"event_receipt.keep", Tag::kSingleBucket,
                          "INSERT INTO event_receipts(bucket, tenant, message, at_ms) "
                          "VALUES($1, 0, $2, $3) ON CONFLICT DO NOTHING"};
constexpr Statement kHas{
    "event_receipt.has", Tag::kSingleBucket,
    "SELECT 1 FROM event_receipts WHERE bucket=$1 AND tenant=0 AND message=$2"};
constexpr Statement kForget{"event_receipt.forget", Tag::kFanoutAdmin,
                            "DELETE FROM event_receipts WHERE at_ms<$1"};

}  // namespace

void ListEventReceiptStatements(StatementList& all) {
  all.insert(all.end(), {&kKeep, &kHas, &kForget});
}

Result<bool> KeepEventReceipt(db::Session& data, BytesView message, int64_t at_ms) {
  FID_ASSIGN(const int64_t changed,
             data.Execute(kKeep, {BucketOfHash(0, message), Param::Blob(message), at_ms}));
  return changed == 1;
}

Result<bool> HasEventReceipt(db::Session& data, BytesView message) {
  bool found = false;
  FID_TRY(data.Query(kHas, {BucketOfHash(0, message), Param::Blob(message)},
                     [&](const db::Row&) -> Status {
                       found = true;
                       return {};
                     }));
  return found;
}

Status ForgetEventReceipts(db::Session& data, int64_t before_ms) {
  return data.Post(kForget, {before_ms});
}

}  // namespace fiducia::store
