// Passkeys, registered and shown: a challenge that was given to one session, once, and soon, and
// the answer to it. Staff and customers have challenges of their own.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/uuid.h"
#include "crypto/second_factor.h"

namespace fiducia::guard {

// What the browser sends back of a passkey, base64url.
struct PasskeyAnswer {
  std::string id;
  std::string client_data;
  std::string authenticator_data;
  std::string signature;  // of an assertion
  int algorithm = 0;      // of a registration
};

// Thread safe. Clock and generator must outlive it.
class PasskeyCeremony {
 public:
  // `site`: the host name that passkeys are bound to.
  PasskeyCeremony(std::string site, const Clock& clock, Rng& rng)
      : site_(std::move(site)), clock_(clock), rng_(rng) {}

  // For a session; nil: nobody has signed in yet.
  std::string Challenge(const Uuid& session);
  // A new credential. Errors: kUnauthenticated for a challenge that was not given for this session,
  // was used, or is too old, and for another site; kInvalidInput.
  Result<crypto::PasskeyCredential> Register(const Uuid& session, const PasskeyAnswer& answer);
  // The credential's new counter. Errors: kUnauthenticated for every fault alike.
  Result<uint32_t> Verify(const Uuid& session, const crypto::PasskeyCredential& credential,
                          const PasskeyAnswer& answer);
  const std::string& site() const { return site_; }

 private:
  Status Take(BytesView client_data, std::string_view type, const Uuid& session);
  struct Given {
    Uuid session;
    int64_t until_ms = 0;
  };
  std::string site_;
  const Clock& clock_;
  Rng& rng_;
  std::mutex mutex_;
  std::map<std::string, Given> given_;
};

}  // namespace fiducia::guard
