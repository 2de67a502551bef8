#include "vault/keys.h"

#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace fiducia::vault {

namespace {

constexpr int64_t kCacheMs = 60000;
constexpr size_t kShards = 16;
constexpr size_t kShardMax = 625;  // 10,000 keys in all
constexpr size_t kPseudonymSize = 16;
constexpr std::array<std::string_view, 3> kSystemNames = {"index", "mac", "signing"};

Bytes SubjectContext(std::string_view label, const model::SubjectRef& subject, uint32_t gen) {
  Bytes context;
  ByteWriter out(context);
  out.Short(label);
  out.U32(subject.tenant);
  out.Raw(subject.id.bytes());
  out.U32(gen);
  return context;
}

Bytes NumberContext(std::string_view label, uint32_t a, uint32_t b) {
  Bytes context;
  ByteWriter out(context);
  out.Short(label);
  out.U32(a);
  out.U32(b);
  return context;
}

Result<crypto::Key256> UnwrapKey(const crypto::AeadKey& kek, BytesView wrapped, BytesView context) {
  crypto::Key256 key;
  if (wrapped.size() != 32 + crypto::kNonceSize + crypto::kTagSize) {
    return Fail(Code::kCorrupt, "a wrapped key has the wrong length");
  }
  FID_TRY(crypto::Open(kek, wrapped, context, key.mutable_span()));
  return key;
}

// Keys unwrapped lately. A key is wiped when its last holder lets go.
class Cache {
 public:
  SubjectKeyPtr Find(const model::SubjectRef& subject, int64_t now) {
    Shard& shard = ShardOf(subject);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(subject.id);
    return found != shard.entries.end() && found->second.until > now &&
                   found->second.tenant == subject.tenant
               ? found->second.key
               : nullptr;
  }
  void Put(const model::SubjectRef& subject, SubjectKeyPtr key, int64_t now) {
    Shard& shard = ShardOf(subject);
    const std::lock_guard lock(shard.mutex);
    if (shard.erased.contains(subject.id)) {
      return;  // read just before the key was destroyed
    }
    if (shard.entries.size() >= kShardMax) {
      std::erase_if(shard.entries, [&](const auto& e) { return e.second.until <= now; });
      if (shard.entries.size() >= kShardMax) {
        shard.entries.erase(shard.entries.begin());
      }
    }
    shard.entries[subject.id] = {std::move(key), subject.tenant, now + kCacheMs};
  }
  void Forget(const model::SubjectRef& subject) {
    Shard& shard = ShardOf(subject);
    const std::lock_guard lock(shard.mutex);
    shard.entries.erase(subject.id);
    shard.erased.insert(subject.id);
  }

 private:
  struct Entry {
    SubjectKeyPtr key;
    model::TenantId tenant = 0;
    int64_t until = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Uuid, Entry> entries;
    std::unordered_set<Uuid> erased;  // since start; ids only
  };
  Shard& ShardOf(const model::SubjectRef& subject) {
    return shards_[static_cast<uint8_t>(subject.id.bytes()[15]) % kShards];
  }
  std::array<Shard, kShards> shards_;
};

}  // namespace

struct LocalKeyService::State {
  State(store::Engine& e, const crypto::Key256& r, const Clock& c, Rng& g)
      : engine(e), root(r), clock(c), rng(g) {}

  store::Engine& engine;
  crypto::AeadKey root;
  const Clock& clock;
  Rng& rng;
  Cache cache;
  std::shared_mutex mutex;  // guards the three below
  uint32_t epoch = 0;
  std::map<uint32_t, crypto::AeadKey> epochs;
  std::map<std::pair<model::TenantId, uint32_t>, crypto::AeadKey> tenants;
  std::array<crypto::Key256, 3> system;
  std::mutex rewrap_mutex;  // one re-wrap at a time

  Result<crypto::AeadKey> TenantKek(store::Session& keys, model::TenantId tenant,
                                    uint32_t in_epoch);
  Result<SubjectKeyPtr> Unwrap(const crypto::AeadKey& kek, const model::SubjectRef& subject,
                               const store::WrappedKey& row);
  Status LoadEpochs(store::Session& keys);
  Status StartEpoch(uint32_t fresh);
  Result<int64_t> RewrapSome(uint32_t fresh, int limit);
  Result<int> DestroyOldEpochs(uint32_t fresh);
};

Status LocalKeyService::State::LoadEpochs(store::Session& keys) {
  FID_ASSIGN(const std::vector<store::EpochKey> rows, store::LoadEpochKeys(keys));
  if (rows.empty()) {
    return Fail(Code::kNotFound, "there are no keys here yet");
  }
  const std::unique_lock lock(mutex);
  epochs.clear();
  for (const store::EpochKey& row : rows) {
    auto key = UnwrapKey(root, row.wrapped, NumberContext("epoch", row.epoch, 0));
    if (!key) {
      return Fail(Code::kDenied, "this root key does not open these keys");
    }
    epochs.emplace(row.epoch, crypto::AeadKey(*key));
    epoch = row.epoch;
  }
  return {};
}

Result<crypto::AeadKey> LocalKeyService::State::TenantKek(store::Session& keys,
                                                          model::TenantId tenant,
                                                          uint32_t in_epoch) {
  {
    const std::shared_lock lock(mutex);
    const auto found = tenants.find({tenant, in_epoch});
    if (found != tenants.end()) {
      return found->second;
    }
  }
  FID_ASSIGN(const Bytes wrapped, store::LoadTenantKey(keys, tenant, in_epoch));
  const std::unique_lock lock(mutex);
  const auto kek = epochs.find(in_epoch);
  if (kek == epochs.end()) {
    return Fail(Code::kErased, "the epoch of this key was destroyed");
  }
  FID_ASSIGN(const crypto::Key256 key,
             UnwrapKey(kek->second, wrapped, NumberContext("tenant", tenant, in_epoch)));
  return tenants.emplace(std::pair(tenant, in_epoch), crypto::AeadKey(key)).first->second;
}

Result<SubjectKeyPtr> LocalKeyService::State::Unwrap(const crypto::AeadKey& kek,
                                                     const model::SubjectRef& subject,
                                                     const store::WrappedKey& row) {
  crypto::Secret<32 + kPseudonymSize> pair;
  if (row.wrapped.size() != 32 + kPseudonymSize + crypto::kNonceSize + crypto::kTagSize) {
    return Fail(Code::kCorrupt, "a wrapped key has the wrong length");
  }
  FID_TRY(
      crypto::Open(kek, row.wrapped, SubjectContext("dek", subject, row.gen), pair.mutable_span()));
  const BytesView dek = pair.view().substr(0, 32);
  const Bytes context = SubjectContext("", subject, row.gen);
  if (!EqualConstantTime(crypto::Derive(dek, {"commit", context}).view(), row.commitment)) {
    return Fail(Code::kCorrupt, "a key does not match its commitment");
  }
  return std::make_shared<const SubjectKey>(
      SubjectKey{crypto::AeadKey(crypto::Derive(dek, {"enc", context})), row.gen,
                 Bytes(pair.view().substr(32))});
}

LocalKeyService::LocalKeyService(std::unique_ptr<State> state) : state_(std::move(state)) {}
LocalKeyService::~LocalKeyService() = default;

Status LocalKeyService::Initialize(store::Engine& engine, const crypto::Key256& root,
                                   const Clock& clock, Rng& rng) {
  const crypto::AeadKey root_key(root);
  const crypto::Key256 epoch = crypto::Key256::Random(rng);
  const crypto::AeadKey epoch_key(epoch);
  store::Job job;
  job.keys = [&](store::Session& keys) -> Status {
    store::EpochKey row{1, {}};
    crypto::Seal(root_key, epoch.view(), NumberContext("epoch", 1, 0), rng, row.wrapped);
    FID_TRY(store::InsertEpochKey(keys, row, clock.NowMs()));
    Bytes tenant;
    crypto::Seal(epoch_key, crypto::Key256::Random(rng).view(), NumberContext("tenant", 0, 1), rng,
                 tenant);
    FID_TRY(store::InsertTenantKey(keys, 0, 1, tenant));
    for (const std::string_view name : kSystemNames) {
      store::EpochKey system{1, {}};
      crypto::Seal(epoch_key, crypto::Key256::Random(rng).view(), NumberContext(name, 1, 0), rng,
                   system.wrapped);
      FID_TRY(store::PutSystemKey(keys, name, system));
    }
    return {};
  };
  return engine.SubmitAndWait(std::move(job));
}

Result<std::unique_ptr<LocalKeyService>> LocalKeyService::Open(store::Engine& engine,
                                                               const crypto::Key256& root,
                                                               const Clock& clock, Rng& rng) {
  auto state = std::make_unique<State>(engine, root, clock, rng);
  FID_ASSIGN(const auto lease, engine.Read());
  store::Session& keys = lease->session(store::Which::kKeys);
  FID_TRY(state->LoadEpochs(keys));
  for (size_t i = 0; i < kSystemNames.size(); ++i) {
    FID_ASSIGN(const store::EpochKey row, store::LoadSystemKey(keys, kSystemNames[i]));
    const auto kek = state->epochs.find(row.epoch);
    if (kek == state->epochs.end()) {
      return Fail(Code::kCorrupt, "a system key belongs to a destroyed epoch");
    }
    FID_ASSIGN(state->system[i],
               UnwrapKey(kek->second, row.wrapped, NumberContext(kSystemNames[i], row.epoch, 0)));
  }
  FID_TRY(state->TenantKek(keys, 0, state->epoch));
  return std::unique_ptr<LocalKeyService>(new LocalKeyService(std::move(state)));
}

Result<NewSubjectKey> LocalKeyService::Create(const model::SubjectRef& subject) {
  crypto::Secret<32 + kPseudonymSize> pair =
      crypto::Secret<32 + kPseudonymSize>::Random(state_->rng);
  const BytesView dek = pair.view().substr(0, 32);
  store::WrappedKey row;
  const Bytes context = SubjectContext("", subject, row.gen);
  row.commitment = Bytes(crypto::Derive(dek, {"commit", context}).view());
  {
    const std::shared_lock lock(state_->mutex);
    const auto kek = state_->tenants.find({subject.tenant, state_->epoch});
    if (kek == state_->tenants.end()) {
      return Fail(Code::kNotFound, "the tenant has no key in this epoch");
    }
    row.epoch = state_->epoch;
    crypto::Seal(kek->second, pair.view(), SubjectContext("dek", subject, row.gen), state_->rng,
                 row.wrapped);
  }
  auto key = std::make_shared<const SubjectKey>(
      SubjectKey{crypto::AeadKey(crypto::Derive(dek, {"enc", context})), row.gen,
                 Bytes(pair.view().substr(32))});
  return NewSubjectKey{std::move(key), std::move(row)};
}

Result<SubjectKeyPtr> LocalKeyService::Get(store::Session& keys, const model::SubjectRef& subject) {
  const int64_t now = state_->clock.MonotonicMs();
  if (SubjectKeyPtr cached = state_->cache.Find(subject, now)) {
    return cached;
  }
  FID_ASSIGN(const store::WrappedKey row, store::LoadSubjectKey(keys, subject));
  FID_ASSIGN(const crypto::AeadKey kek, state_->TenantKek(keys, subject.tenant, row.epoch));
  FID_ASSIGN(SubjectKeyPtr key, state_->Unwrap(kek, subject, row));
  state_->cache.Put(subject, key, now);
  return key;
}

Status LocalKeyService::Shred(std::span<const model::ErasureOrder> orders) {
  store::Job job;
  job.spans_buckets = orders.size() > 1;
  job.keys = [&](store::Session& keys) -> Status {
    for (const model::ErasureOrder& order : orders) {
      FID_TRY(store::DestroySubjectKey(keys, order.subject(), state_->clock.NowMs()));
    }
    return {};
  };
  const Status status = state_->engine.SubmitAndWait(std::move(job));
  // After the rows: a reader that fetched one just before must not bring the key back.
  for (const model::ErasureOrder& order : orders) {
    state_->cache.Forget(order.subject());
  }
  return status;
}

const crypto::Key256& LocalKeyService::system_key(SystemKey which) const {
  return state_->system[static_cast<size_t>(which)];
}

Status LocalKeyService::State::StartEpoch(uint32_t fresh) {
  const crypto::Key256 epoch_secret = crypto::Key256::Random(rng);
  const crypto::Key256 tenant_secret = crypto::Key256::Random(rng);
  const crypto::AeadKey epoch_key(epoch_secret);
  store::Job job;
  job.keys = [&](store::Session& keys) -> Status {
    store::EpochKey row{fresh, {}};
    crypto::Seal(root, epoch_secret.view(), NumberContext("epoch", fresh, 0), rng, row.wrapped);
    FID_TRY(store::InsertEpochKey(keys, row, clock.NowMs()));
    Bytes wrapped;
    crypto::Seal(epoch_key, tenant_secret.view(), NumberContext("tenant", 0, fresh), rng, wrapped);
    FID_TRY(store::InsertTenantKey(keys, 0, fresh, wrapped));
    for (size_t i = 0; i < kSystemNames.size(); ++i) {
      store::EpochKey one{fresh, {}};
      crypto::Seal(epoch_key, system[i].view(), NumberContext(kSystemNames[i], fresh, 0), rng,
                   one.wrapped);
      FID_TRY(store::PutSystemKey(keys, kSystemNames[i], one));
    }
    return {};
  };
  FID_TRY(engine.SubmitAndWait(std::move(job)));
  const std::unique_lock lock(mutex);
  epochs.emplace(fresh, epoch_key);
  tenants.emplace(std::pair(model::TenantId{0}, fresh), crypto::AeadKey(tenant_secret));
  epoch = fresh;
  return {};
}

// Wraps up to `limit` keys of other epochs anew; gives how many there were.
Result<int64_t> LocalKeyService::State::RewrapSome(uint32_t fresh, int limit) {
  int64_t done = 0;
  store::Job job;
  job.spans_buckets = true;
  job.keys = [&](store::Session& keys) -> Status {
    FID_ASSIGN(const auto rows, store::LoadKeysOfOtherEpochs(keys, fresh, limit));
    for (const store::SubjectKeyRow& row : rows) {
      FID_ASSIGN(const crypto::AeadKey old, TenantKek(keys, row.subject.tenant, row.key.epoch));
      FID_ASSIGN(const crypto::AeadKey kek, TenantKek(keys, row.subject.tenant, fresh));
      crypto::Secret<32 + kPseudonymSize> pair;
      const Bytes context = SubjectContext("dek", row.subject, row.key.gen);
      if (row.key.wrapped.size() != 32 + kPseudonymSize + crypto::kNonceSize + crypto::kTagSize) {
        return Fail(Code::kCorrupt, "a wrapped key has the wrong length");
      }
      FID_TRY(crypto::Open(old, row.key.wrapped, context, pair.mutable_span()));
      store::WrappedKey next{row.key.gen, fresh, {}, row.key.commitment};
      crypto::Seal(kek, pair.view(), context, rng, next.wrapped);
      FID_TRY(store::RewrapSubjectKey(keys, row.subject, next));
    }
    done = static_cast<int64_t>(rows.size());
    return {};
  };
  FID_TRY(engine.SubmitAndWait(std::move(job)));
  return done;
}

Result<int> LocalKeyService::State::DestroyOldEpochs(uint32_t fresh) {
  int destroyed = 0;
  store::Job job;
  job.keys = [&](store::Session& keys) -> Status {
    FID_ASSIGN(const auto all, store::LoadEpochKeys(keys));
    for (const store::EpochKey& old : all) {
      if (old.epoch != fresh) {
        FID_TRY(store::DestroyEpochKey(keys, old.epoch));
        ++destroyed;
      }
    }
    return {};
  };
  FID_TRY(engine.SubmitAndWait(std::move(job)));
  const std::unique_lock lock(mutex);
  std::erase_if(epochs, [&](const auto& e) { return e.first != fresh; });
  std::erase_if(tenants, [&](const auto& t) { return t.first.second != fresh; });
  return destroyed;
}

Result<RewrapReport> LocalKeyService::Rewrap() {
  const std::lock_guard one(state_->rewrap_mutex);
  RewrapReport report;
  report.epoch = state_->epoch + 1;
  FID_TRY(state_->StartEpoch(report.epoch));
  constexpr int kBatch = 1000;
  while (true) {
    FID_ASSIGN(const int64_t done, state_->RewrapSome(report.epoch, kBatch));
    report.rewrapped += done;
    if (done < kBatch) {
      break;
    }
  }
  return report;
}

uint32_t LocalKeyService::epoch() const {
  const std::shared_lock lock(state_->mutex);
  return state_->epoch;
}

Result<int> LocalKeyService::DestroyOldEpochs(uint32_t proven) {
  const std::lock_guard one(state_->rewrap_mutex);
  const uint32_t current = epoch();
  if (proven != current) {
    return Fail(Code::kConflict,
                "that backup holds another epoch than the current one: back up and drill again");
  }
  {
    FID_ASSIGN(const auto lease, state_->engine.Read());
    FID_ASSIGN(const auto left,
               store::LoadKeysOfOtherEpochs(lease->session(store::Which::kKeys), current, 1));
    if (!left.empty()) {
      return Fail(Code::kConflict, "keys still depend on an old epoch: rotate again");
    }
  }
  return state_->DestroyOldEpochs(current);
}

}  // namespace fiducia::vault
