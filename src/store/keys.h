// Wrapped keys. All take the session of the keys database; nothing here can unwrap.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

struct WrappedKey {
  uint32_t gen = 1;
  uint32_t epoch = 0;
  Bytes wrapped;
  Bytes commitment;
};

// Errors: kErased if the key was destroyed, kNotFound if there never was one.
Result<WrappedKey> LoadSubjectKey(db::Session& keys, const model::SubjectRef& subject);
Status InsertSubjectKey(db::Session& keys, const model::SubjectRef& subject, const WrappedKey& key);
Status RewrapSubjectKey(db::Session& keys, const model::SubjectRef& subject, const WrappedKey& key);
// Deletes the key with the person's refusals and writes the erasure ledger. Fine if it is gone
// already.
Status DestroySubjectKey(db::Session& keys, const model::SubjectRef& subject, int64_t now_ms);

struct SubjectKeyRow {
  model::Bucket bucket = 0;
  model::SubjectRef subject;
  WrappedKey key;
};
// Keys not yet under `epoch`, at most `limit`.
Result<std::vector<SubjectKeyRow>> LoadKeysOfOtherEpochs(db::Session& keys, uint32_t epoch,
                                                         int limit);

// All keys, and the whole erasure ledger, in key order.
Status WalkSubjectKeys(db::Session& keys, const std::function<Status(const SubjectKeyRow&)>& each);
Status WalkErasures(
    db::Session& keys,
    const std::function<Status(const model::SubjectRef& subject, int64_t erased_ms)>& each);

// An answer of a person that ends or narrows something, as it stands in the ledger. It is kept with
// the keys, of which a restore takes the newest.
struct Refusal {
  uint32_t seq = 0;
  Bytes body;  // EncodeBasisEvent
  Bytes mac;
};
Status PutRefusal(db::Session& keys, const model::SubjectRef& subject, const Refusal& refusal);
// Those that stand after `seq` in the ledger.
Status DropRefusalsAfter(db::Session& keys, const model::SubjectRef& subject, uint32_t seq);
// In the order of subjects and of their ledgers.
Status WalkRefusals(db::Session& keys,
                    const std::function<Status(const model::SubjectRef&, const Refusal&)>& each);

struct EpochKey {
  uint32_t epoch = 0;
  Bytes wrapped;
  int64_t created_ms = 0;  // given when loaded
};
Result<std::vector<EpochKey>> LoadEpochKeys(db::Session& keys);
Status InsertEpochKey(db::Session& keys, const EpochKey& key, int64_t now_ms);
Status DestroyEpochKey(db::Session& keys, uint32_t epoch);

Result<Bytes> LoadTenantKey(db::Session& keys, model::TenantId tenant, uint32_t epoch);
Status InsertTenantKey(db::Session& keys, model::TenantId tenant, uint32_t epoch,
                       BytesView wrapped);

Result<EpochKey> LoadSystemKey(db::Session& keys, std::string_view name);  // Errors: kNotFound
Status PutSystemKey(db::Session& keys, std::string_view name, const EpochKey& key);

}  // namespace fiducia::store
