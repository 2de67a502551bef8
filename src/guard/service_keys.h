// Keys of services: made, shown once, kept as a hash, narrowed to what the service is for, checked
// on every request, revoked at once.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "guard/register_book.h"

namespace fiducia::guard {

struct NewKey {
  Uuid id;
  std::string key;  // fk_<id>_<secret>: shown once, kept nowhere
};

// What a key is for.
struct KeyScope {
  model::Lease lease;                 // role, purposes, classes, highest level
  std::vector<std::string> networks;  // 10.0.0.0/8, 2001:db8::/32; none: from anywhere
  int per_minute = 0;                 // requests; 0: no limit
  std::string label;
  int days = 90;
};
// Errors: kInvalidInput for an unknown role, purpose or class, a malformed network, a label over 80
// bytes, a term over 365 days.
Status CheckScope(const KeyScope& scope, const rules::Policy& policy);
Json ToJson(const KeyScope& scope);
// Errors: kCorrupt.
Result<KeyScope> KeyScopeFrom(const Json& json, const rules::Catalog& catalog);

struct ServiceKey {
  Uuid id;
  uint32_t version = 0;
  KeyScope scope;
  Bytes secret_hash;
  int64_t created_ms = 0;
  int64_t expires_ms = 0;
  int64_t revoked_ms = 0;
};

// Whether an address lies in one of the networks.
bool InNetworks(const std::string& address, const std::vector<std::string>& networks);

// Thread safe.
class ServiceKeys {
 public:
  // All must outlive it.
  ServiceKeys(const RegisterBook& book, const gate::Gate& gate, const vault::Vault& vault,
              const Clock& clock, Rng& rng);
  // Reads the keys on record. Call once before the first request.
  Status Load();

  // Errors: those of CheckScope, kRoleRefused.
  Result<NewKey> Add(const model::Access& access, KeyScope scope);
  Status Revoke(const model::Access& access, const Uuid& id);
  // The same for who may end it on other grounds; `with` goes into the same transaction.
  Status End(const model::Access& access, const Uuid& id, std::string_view op,
             std::vector<DocumentChange> with);
  std::vector<ServiceKey> List() const;

  // Errors: kUnauthenticated for every fault alike, a wrong network too; kTooManyRequests after
  // many faults from one address, or over the key's own rate.
  Result<model::Actor> Authenticate(std::string_view authorization, const std::string& peer);

 private:
  struct Live {
    ServiceKey key;
    model::Actor actor;  // made once: what every request gets
  };
  struct Window {
    int count = 0;
    int64_t since_ms = 0;
  };
  void Keep(ServiceKey key);
  Result<model::Actor> Check(std::string_view authorization, const std::string& peer,
                             int& per_minute) const;
  // Counts one more of `what` in this minute. Errors: kTooManyRequests over `most`.
  Status Count(std::map<std::string, Window>& windows, const std::string& what, int most);

  const RegisterBook& book_;
  const gate::Gate& gate_;
  const vault::Vault& vault_;
  const Clock& clock_;
  Rng& rng_;
  mutable std::shared_mutex mutex_;
  std::map<Uuid, Live> keys_;
  std::mutex windows_mutex_;
  std::map<std::string, Window> failures_;  // by address
  std::map<std::string, Window> uses_;      // by key
};

}  // namespace fiducia::guard
