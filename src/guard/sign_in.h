// Signing in: a password and a second factor, or a passkey alone; each step gives a new session
// token. What is missing before work can start is the session's stage.
#pragma once

#include <optional>
#include <string>

#include "guard/passkey_ceremony.h"
#include "guard/passwords.h"
#include "guard/people.h"
#include "guard/sessions.h"
#include "guard/throttle.h"

namespace fiducia::guard {

enum class Stage {
  kSecondFactor,  // the password was right
  kEnroll,        // there is no second factor yet: one must be set up
  kAgreement,     // the confidentiality agreement is to be signed
  kFull,
};
std::string_view Name(Stage stage);

// What the caller's browser says about itself.
struct Visitor {
  std::string peer;
  std::string agent;   // User-Agent
  std::string device;  // the device cookie
};

struct SignedIn {
  Sessions::Opened opened;
  std::string device;  // a new device cookie; empty: keep the old one
};

enum class FactorKind { kTotp, kRecovery };

// Thread safe.
class SignIn {
 public:
  struct Parts {
    People& people;
    Sessions& sessions;
    const Passwords& passwords;
    std::string site;  // the host name of this installation: what passkeys are bound to
  };
  explicit SignIn(Parts parts);

  // Errors of all: kUnauthenticated for every fault alike, kTooManyRequests.
  Result<SignedIn> WithPassword(const model::Sensitive& login, const model::Sensitive& password,
                                const Visitor& visitor);
  Result<SignedIn> WithSetup(const std::string& token, const model::Sensitive& password,
                             const Visitor& visitor);
  // The second step, or the same again in a full session: then it is a step-up.
  Result<SignedIn> WithCode(const Session& session, FactorKind kind, const std::string& code,
                            const Visitor& visitor);
  // A challenge for any passkey (nobody has signed in yet) or for the session's person.
  std::string Challenge(const std::optional<Session>& session);
  Result<SignedIn> WithPasskey(const std::optional<Session>& session, const PasskeyAnswer& answer,
                               const Visitor& visitor);
  Status SignOut(const Session& session);
  // A session for whom one thing has shown: `how` is the operation on record.
  Result<SignedIn> Begin(const User& user, std::string_view how, const Visitor& visitor);
  // Slows down what fails again and again from one place. Errors: kTooManyRequests.
  Status Allow(const Bytes& account, const Visitor& visitor);
  // On record, counted, and the same words for every fault. `why`: for the log alone.
  std::unexpected<Error> Refuse(const Uuid& user, std::string_view why, const Bytes& account,
                                bool known, const Visitor& visitor);

  Stage StageOf(const Session& session, const User& user) const;
  // Errors: kStepUpRequired.
  Status RequireFresh(const Session& session) const;
  const std::string& site() const { return parts_.site; }
  PasskeyCeremony& ceremony() { return ceremony_; }
  People& people() const { return parts_.people; }
  Sessions& sessions() const { return parts_.sessions; }
  const Passwords& passwords() const { return parts_.passwords; }

 private:
  bool KnowsDevice(const Visitor& visitor, const Uuid& user) const;
  std::string DeviceFor(const Uuid& user) const;
  Result<SignedIn> Finish(const std::optional<Session>& before, const User& user,
                          const std::string& how, const Visitor& visitor,
                          const std::function<Status(User& user)>& change);

  Parts parts_;
  Throttle throttle_;
  PasskeyCeremony ceremony_;
};

}  // namespace fiducia::guard
