// Single sign-on: the company's identity provider in the place of a password. It never makes an
// account and never stands for the second factor: somebody is invited or signed in first, and links
// their account then.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "guard/oidc.h"
#include "guard/sign_in.h"

namespace fiducia::guard {

// Where the provider sends the browser back to: a page of the console.
constexpr std::string_view kSsoReturnPath = "/console/sso";

// Thread safe.
class Sso {
 public:
  // `sign_in` must outlive it.
  static Result<std::unique_ptr<Sso>> Open(SignIn& sign_in, Fetch fetch);

  std::optional<Provider> provider() const;
  // Asks the provider what it publishes before anything is kept. Errors: kInvalidInput,
  // kUnavailable.
  Status Configure(const model::Access& access, Provider provider);
  // Errors: kNotFound.
  Status Remove(const model::Access& access);

  struct Started {
    std::string location;  // where the browser goes
    std::string binding;   // the cookie of this browser: who brings back a code without it is
                           // refused
  };
  // `origin`: https://host:port, as the browser sees this server. Errors: kNotFound without a
  // provider, kUnavailable.
  Result<Started> Start(const std::string& origin);
  Result<Started> StartSetup(const std::string& origin, const std::string& setup_token);
  Result<Started> StartLink(const std::string& origin, const Session& session);

  struct Answer {
    std::string origin;
    std::string state;
    std::string binding;
    OidcReturn came_back;
  };
  // Of Start and StartSetup. Errors: kUnauthenticated for every fault alike.
  Result<SignedIn> Finish(const Answer& answer, const Visitor& visitor);
  // Of StartLink. Errors: kUnauthenticated; kConflict if the provider's account is another
  // person's.
  Status FinishLink(const Session& session, const Answer& answer);
  // Errors: kConflict where nothing else is left to sign in with.
  Status Unlink(const Session& session);

 private:
  struct Aim {
    std::string kind;  // in, setup or link
    Uuid user;
    Bytes setup_hash;
  };
  Sso(SignIn& sign_in, Fetch fetch);
  Result<Started> Begin(const std::string& origin, const Aim& aim);
  OidcAttempt AttemptOf(const std::string& origin, const std::string& binding) const;
  Result<Aim> AimOf(const Answer& answer);
  Result<Bytes> Account(const Provider& provider, const Answer& answer);
  Status Link(const Uuid& user, const Bytes& account, std::string_view op,
              const std::function<Status(User& user)>& change);

  SignIn& sign_in_;
  Oidc oidc_;
  mutable std::mutex mutex_;
  std::optional<Provider> provider_;
  uint32_t version_ = 0;
  Uuid id_;
  std::map<std::string, int64_t> used_;  // bindings whose answer was taken, until they run out
};

}  // namespace fiducia::guard
