// Passkeys of customers: who has come in by a link may leave one here, and needs no link any more.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "govern/portal/doors.h"
#include "guard/passkey_ceremony.h"

namespace fiducia::govern {

struct CustomerPasskey {
  Uuid id;
  uint32_t version = 0;
  Uuid customer;
  crypto::PasskeyCredential credential;
  int64_t created_ms = 0;
  int64_t used_ms = 0;
};

// Thread safe. All parts must outlive it.
class CustomerPasskeys {
 public:
  struct Parts {
    Doors& doors;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
    std::string site;  // the host name of this installation: what passkeys are bound to
  };
  static Result<std::unique_ptr<CustomerPasskeys>> Open(Parts parts);

  // For who wants to come in, without a session; for who adds one, with it.
  std::string Challenge(const std::optional<guard::Session>& session);
  const std::string& site() const { return parts_.site; }
  std::vector<CustomerPasskey> Of(const Uuid& customer) const;
  // Errors: kStepUpRequired without a fresh link, kConflict, kInvalidInput, kUnauthenticated.
  Result<CustomerPasskey> Add(const guard::Session& session, const guard::PasskeyAnswer& answer);
  // Errors: kNotFound.
  Status Remove(const guard::Session& session, const Uuid& id);
  // Errors: kUnauthenticated for every fault alike, kTooManyRequests.
  Result<guard::Sessions::Opened> Enter(const guard::PasskeyAnswer& answer,
                                        const std::string& device, const std::string& peer);
  // Those of a person who was erased go.
  Status Forget(const Uuid& customer);

 private:
  explicit CustomerPasskeys(Parts parts)
      : parts_(std::move(parts)), ceremony_(parts_.site, parts_.clock, parts_.rng) {}
  std::optional<CustomerPasskey> FindByCredential(BytesView credential) const;
  void Keep(const CustomerPasskey& passkey);

  Parts parts_;
  guard::PasskeyCeremony ceremony_;
  mutable std::mutex mutex_;
  std::map<Uuid, CustomerPasskey> known_;
};

}  // namespace fiducia::govern
