// Keys of services: made, shown once, kept as a hash, checked on every request, revoked at once.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "gate/gate.h"
#include "store/config_rows.h"
#include "store/session.h"

namespace fiducia::guard {

struct NewKey {
  Uuid id;
  std::string key;  // fk_<id>_<secret>: shown once, kept nowhere
};

// Thread safe.
class ServiceKeys {
 public:
  ServiceKeys(store::Engine& engine, const gate::Gate& gate, const Clock& clock, Rng& rng);
  // Reads the keys on record. Call once before the first request.
  Status Load();

  // Errors: kInvalidInput for an unknown role, a label over 80 characters or a term over 365 days.
  Result<NewKey> Add(const model::Access& access, const std::string& role, const std::string& label,
                     int days);
  Status Revoke(const model::Access& access, const Uuid& id);
  std::vector<store::ServiceKey> List() const;

  // Errors: kUnauthenticated for every fault alike; kTooManyRequests after many from one address.
  Result<model::Actor> Authenticate(std::string_view authorization, const std::string& peer);

 private:
  Status Throttle(const std::string& peer);
  void NoteFailure(const std::string& peer);

  store::Engine& engine_;
  const gate::Gate& gate_;
  const Clock& clock_;
  Rng& rng_;
  mutable std::shared_mutex mutex_;
  std::map<Uuid, store::ServiceKey> keys_;
  struct Failures {
    int count = 0;
    int64_t since_ms = 0;
  };
  std::mutex failures_mutex_;
  std::map<std::string, Failures> failures_;
};

}  // namespace fiducia::guard
