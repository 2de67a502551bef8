// The key hierarchy: root, epoch, tenant and subject keys. Behind an interface, so that it can move
// into a process of its own. docs/crypto.md draws it.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "model/permit.h"
#include "store/keys.h"
#include "store/session.h"

namespace fiducia::vault {

// A subject's key, ready for use, with the pseudonym that stands for the subject in audit leaves.
struct SubjectKey {
  crypto::AeadKey cells;
  uint32_t gen;
  Bytes pseudonym;  // 16 bytes; known only while the key lives
};
using SubjectKeyPtr = std::shared_ptr<const SubjectKey>;

struct NewSubjectKey {
  SubjectKeyPtr key;
  store::WrappedKey row;  // to be inserted before anything is sealed under it
};

enum class SystemKey { kIndex, kMac, kSigning };

// Thread safe.
class KeyService {
 public:
  virtual ~KeyService() = default;
  virtual Result<NewSubjectKey> Create(const model::SubjectRef& subject) = 0;
  // Errors: kErased, kNotFound, kCorrupt if the key does not match its commitment.
  virtual Result<SubjectKeyPtr> Get(store::Session& keys, const model::SubjectRef& subject) = 0;
  // Destroys the keys and every cached copy; returns once that is durable.
  virtual Status Shred(std::span<const model::ErasureOrder> orders) = 0;
  Status Shred(const model::ErasureOrder& order) { return Shred(std::span(&order, 1)); }
  virtual const crypto::Key256& system_key(SystemKey which) const = 0;
};

struct RewrapReport {
  uint32_t epoch = 0;
  int64_t rewrapped = 0;
};

class LocalKeyService : public KeyService {
 public:
  // Makes the first epoch, the default tenant's key and the system keys. Errors: kConflict if done.
  static Status Initialize(store::Engine& engine, const crypto::Key256& root, const Clock& clock,
                           Rng& rng);
  // Errors: kDenied if `root` is not the root of these keys.
  static Result<std::unique_ptr<LocalKeyService>> Open(store::Engine& engine,
                                                       const crypto::Key256& root,
                                                       const Clock& clock, Rng& rng);
  ~LocalKeyService() override;

  Result<NewSubjectKey> Create(const model::SubjectRef& subject) override;
  Result<SubjectKeyPtr> Get(store::Session& keys, const model::SubjectRef& subject) override;
  using KeyService::Shred;
  Status Shred(std::span<const model::ErasureOrder> orders) override;
  const crypto::Key256& system_key(SystemKey which) const override;

  // Starts a new epoch and re-wraps every key under it, in bounded batches; safe to run again after
  // a crash.
  Result<RewrapReport> Rewrap();
  // Destroys the epochs before the current one, and with them every stray copy of a key wrapped in
  // them. `proven` is the epoch that a restored backup was seen to hold: losing the only copy of an
  // epoch loses everything. Errors: kConflict if that is not the current one, or keys still depend
  // on an old one. Gives how many were destroyed.
  Result<int> DestroyOldEpochs(uint32_t proven);
  uint32_t epoch() const;

 private:
  struct State;
  explicit LocalKeyService(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fiducia::vault
