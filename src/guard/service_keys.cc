#include "guard/service_keys.h"

#include "base/text.h"

namespace fiducia::guard {

namespace {

constexpr int kFailuresMax = 100;  // a minute and address
constexpr int64_t kWindowMs = 60000;
constexpr size_t kAddressesMax = 10000;  // remembered at once

std::unexpected<Error> Unknown() { return Fail(Code::kUnauthenticated, "a valid key is needed"); }

}  // namespace

ServiceKeys::ServiceKeys(store::Engine& engine, const gate::Gate& gate, const Clock& clock,
                         Rng& rng)
    : engine_(engine), gate_(gate), clock_(clock), rng_(rng) {}

Status ServiceKeys::Load() {
  FID_ASSIGN(const auto lease, engine_.Read());
  FID_ASSIGN(const auto rows, store::ListServiceKeys(lease->session(store::Which::kData), 0));
  const std::unique_lock lock(mutex_);
  for (const store::ServiceKey& row : rows) {
    keys_[row.id] = row;
  }
  return {};
}

Result<NewKey> ServiceKeys::Add(const model::Access& access, const std::string& role,
                                const std::string& label, int days) {
  FID_TRY(gate_.Require(access.actor, "keys.manage"));
  if (gate_.policy().FindRole(role) == nullptr) {
    return Fail(Code::kInvalidInput, "the role is not declared");
  }
  if (label.size() > 80 || !IsUtf8(label) || days < 1 || days > 365) {
    return Fail(Code::kInvalidInput,
                "a key has a label of at most 80 bytes and a term of 1 to 365 days");
  }
  const auto secret = crypto::Key256::Random(rng_);
  store::ServiceKey key;
  key.id = Uuid::V7(clock_, rng_);
  key.role = role;
  key.label = label;
  key.secret_hash = Bytes(crypto::View(crypto::Sha256({secret.view()})));
  key.created_ms = clock_.NowMs();
  key.expires_ms = key.created_ms + days * int64_t{86400000};
  audit::Leaf leaf = gate_.NewLeaf(access, "key.add", "done");
  leaf.detail = key.id.Text() + " " + role;
  store::Job job;
  job.data = [&](store::Session& data) -> Status {
    FID_TRY(store::InsertServiceKey(data, 0, key));
    FID_TRY(gate_.log().Append(data, gate_.DraftFor(0, leaf)));
    return {};
  };
  FID_TRY(engine_.SubmitAndWait(std::move(job)));
  const std::unique_lock lock(mutex_);
  keys_[key.id] = key;
  return NewKey{key.id, "fk_" + ToHex(key.id.bytes()) + "_" + ToHex(secret.view())};
}

Status ServiceKeys::Revoke(const model::Access& access, const Uuid& id) {
  FID_TRY(gate_.Require(access.actor, "keys.manage"));
  audit::Leaf leaf = gate_.NewLeaf(access, "key.revoke", "done");
  leaf.detail = id.Text();
  store::Job job;
  job.data = [&](store::Session& data) -> Status {
    FID_TRY(store::RevokeServiceKey(data, 0, id, clock_.NowMs()));
    FID_TRY(gate_.log().Append(data, gate_.DraftFor(0, leaf)));
    return {};
  };
  FID_TRY(engine_.SubmitAndWait(std::move(job)));
  const std::unique_lock lock(mutex_);
  keys_[id].revoked_ms = clock_.NowMs();
  return {};
}

std::vector<store::ServiceKey> ServiceKeys::List() const {
  const std::shared_lock lock(mutex_);
  std::vector<store::ServiceKey> list;
  list.reserve(keys_.size());
  for (const auto& [id, key] : keys_) {
    list.push_back(key);
  }
  return list;
}

Status ServiceKeys::Throttle(const std::string& peer) {
  const std::lock_guard lock(failures_mutex_);
  const auto found = failures_.find(peer);
  if (found != failures_.end() && found->second.count >= kFailuresMax &&
      clock_.MonotonicMs() - found->second.since_ms < kWindowMs) {
    return Fail(Code::kTooManyRequests, "too many wrong keys from this address");
  }
  return {};
}

void ServiceKeys::NoteFailure(const std::string& peer) {
  const std::lock_guard lock(failures_mutex_);
  if (failures_.size() > kAddressesMax) {
    failures_.clear();
  }
  Failures& f = failures_[peer];
  if (clock_.MonotonicMs() - f.since_ms >= kWindowMs) {
    f = {0, clock_.MonotonicMs()};
  }
  ++f.count;
}

Result<model::Actor> ServiceKeys::Authenticate(std::string_view authorization,
                                               const std::string& peer) {
  constexpr std::string_view kScheme = "Bearer fk_";
  constexpr size_t kIdHex = 32;
  constexpr size_t kSecretHex = 64;
  const auto check = [&]() -> Result<model::Actor> {
    if (!authorization.starts_with(kScheme) ||
        authorization.size() != kScheme.size() + kIdHex + 1 + kSecretHex) {
      return Unknown();
    }
    const std::string_view rest = authorization.substr(kScheme.size());
    const auto id_bytes = FromHex(rest.substr(0, kIdHex));
    const auto secret = FromHex(rest.substr(kIdHex + 1));
    if (!id_bytes || !secret || rest[kIdHex] != '_') {
      return Unknown();
    }
    const crypto::Digest hash = crypto::Sha256({*secret});
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(*Uuid::FromBytes(*id_bytes));
    // An unknown id takes the same steps as a known one with a wrong secret.
    static const Bytes kNobody(32, '\0');
    const Bytes& expected = found == keys_.end() ? kNobody : found->second.secret_hash;
    if (!EqualConstantTime(crypto::View(hash), expected) || found == keys_.end() ||
        found->second.revoked_ms != 0 || clock_.NowMs() >= found->second.expires_ms) {
      return Unknown();
    }
    return model::ActorWith(found->first, found->second.role);
  };
  auto actor = check();
  if (!actor) {
    // Only faults are counted and slowed down: a flood of them does not lock out a good key.
    if (const Status slow = Throttle(peer); !slow) {
      return std::unexpected(slow.error());
    }
    NoteFailure(peer);
  }
  return actor;
}

}  // namespace fiducia::guard
