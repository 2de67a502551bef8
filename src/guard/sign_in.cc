#include "guard/sign_in.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/second_factor.h"

namespace fiducia::guard {

namespace {

constexpr int64_t kDeviceMs = 90 * int64_t{86400000};
constexpr size_t kAgentShown = 160;

// The same words for every fault.
std::unexpected<Error> Wrong() { return Fail(Code::kUnauthenticated, "the sign-in failed"); }

// "Chrome on Linux": enough to recognize one's own device in a list.
std::string DeviceName(std::string_view agent) {
  const auto has = [&](std::string_view word) { return agent.find(word) != agent.npos; };
  const char* browser = has("Edg/")       ? "Edge"
                        : has("Firefox/") ? "Firefox"
                        : has("Chrome/")  ? "Chrome"
                        : has("Safari/")  ? "Safari"
                                          : "";
  const char* system = has("Windows")   ? "Windows"
                       : has("Android") ? "Android"
                       : has("iPhone")  ? "iPhone"
                       : has("Mac OS")  ? "macOS"
                       : has("Linux")   ? "Linux"
                                        : "";
  if (*browser == '\0') {
    return IsUtf8(agent) ? std::string(agent.substr(0, kAgentShown)) : "";
  }
  return std::string(browser) + (*system == '\0' ? "" : " · ") + system;
}

}  // namespace

std::string_view Name(Stage stage) {
  static constexpr std::array<std::string_view, 4> kNames = {"second_factor", "enroll", "agreement",
                                                             "full"};
  return kNames[static_cast<size_t>(stage)];
}

SignIn::SignIn(Parts parts)
    : parts_(std::move(parts)),
      throttle_(parts_.people.clock()),
      ceremony_(parts_.site, parts_.people.clock(), parts_.people.rng()) {}

Stage SignIn::StageOf(const Session& session, const User& user) const {
  if (!user.has_second_factor()) {
    return Stage::kEnroll;
  }
  if (session.factors < 2) {
    return Stage::kSecondFactor;
  }
  return parts_.people.HasSigned(user) ? Stage::kFull : Stage::kAgreement;
}

Status SignIn::RequireFresh(const Session& session) const {
  const int64_t age = parts_.people.clock().NowMs() - session.factor_ms;
  if (session.factors < 2 || age < 0 || age > kStepUpMs) {
    return Fail(Code::kStepUpRequired,
                "show your second factor again: it is older than 15 minutes");
  }
  return {};
}

// A device cookie is user, end of term and a keyed hash of both.
std::string SignIn::DeviceFor(const Uuid& user) const {
  const std::string text =
      user.Text() + "." + std::to_string(parts_.people.clock().NowMs() + kDeviceMs);
  return text + "." + ToBase64Url(parts_.people.vault().KeyedHash("device", text));
}

bool SignIn::KnowsDevice(const Visitor& visitor, const Uuid& user) const {
  const std::string& cookie = visitor.device;
  const size_t last = cookie.rfind('.');
  const std::string owner = user.Text() + ".";
  if (last == std::string::npos || !cookie.starts_with(owner) || last < owner.size()) {
    return false;
  }
  const std::string text = cookie.substr(0, last);
  const std::string hash = ToBase64Url(parts_.people.vault().KeyedHash("device", text));
  const int64_t until = std::atoll(text.c_str() + owner.size());
  return EqualConstantTime(hash, BytesView(cookie).substr(last + 1)) &&
         parts_.people.clock().NowMs() < until;
}

Status SignIn::Allow(const Bytes& account, const Visitor& visitor) {
  return throttle_.Allow(account, false, visitor.peer);
}

std::unexpected<Error> SignIn::Refuse(const Uuid& user, std::string_view why, const Bytes& account,
                                      bool known, const Visitor& visitor) {
  throttle_.Failed(account, known, visitor.peer);
  audit::Leaf leaf = parts_.people.NewLeaf(user, "session.start");
  leaf.decision = "refused";
  leaf.reason = why;
  if (const Status recorded = parts_.people.book().Record(leaf); !recorded) {
    return std::unexpected(recorded.error());
  }
  return Wrong();
}

Result<SignedIn> SignIn::Begin(const User& user, std::string_view how, const Visitor& visitor) {
  Session session;
  session.user = user.id;
  session.device = DeviceName(visitor.agent);
  FID_ASSIGN(Sessions::Opened opened,
             parts_.sessions.Start(session, parts_.people.NewLeaf(user.id, how)));
  return SignedIn{std::move(opened), {}};
}

Result<SignedIn> SignIn::WithPassword(const model::Sensitive& login,
                                      const model::Sensitive& password, const Visitor& visitor) {
  const Bytes account = parts_.people.vault().KeyedHash("login", FoldCase(login.Reveal()));
  const UserPtr user = parts_.people.FindByLogin(login);
  const bool known = user != nullptr && KnowsDevice(visitor, user->id);
  FID_TRY(throttle_.Allow(account, known, visitor.peer));
  const bool active = user != nullptr && user->state == UserState::kActive;
  const Passwords::Hashed expected =
      active ? Passwords::Hashed{user->password_salt, user->password_hash} : Passwords::Hashed{};
  FID_ASSIGN(const bool right, parts_.passwords.Matches(password, expected));
  if (!right) {
    return Refuse(user == nullptr ? Uuid() : user->id, active ? "password" : "account", account,
                  known, visitor);
  }
  return Begin(*user, "session.password", visitor);
}

Result<SignedIn> SignIn::WithSetup(const std::string& token, const model::Sensitive& password,
                                   const Visitor& visitor) {
  const Bytes account = parts_.people.vault().KeyedHash("setup", token);
  FID_TRY(throttle_.Allow(account, false, visitor.peer));
  const UserPtr user = parts_.people.FindBySetupToken(token);
  if (user == nullptr) {
    return Refuse({}, "setup", account, false, visitor);
  }
  FID_TRY(parts_.passwords.Check(password,
                                 {user->login, user->name, model::Sensitive::CopyOf("fiducia")}));
  FID_ASSIGN(const Passwords::Hashed hashed, parts_.passwords.Hash(password));
  std::vector<DocumentChange> ended = parts_.sessions.ChangesToEnd(user->id);
  FID_TRY(parts_.people.Change(
      user->id,
      [&](User& changed) -> Status {
        if (changed.setup_hash != user->setup_hash) {
          return Wrong();
        }
        changed.setup_hash.clear();
        changed.password_salt = hashed.salt;
        changed.password_hash = hashed.hash;
        changed.state = UserState::kActive;
        return {};
      },
      parts_.people.NewLeaf(user->id, "person.setup"), std::move(ended)));
  parts_.sessions.Forget(user->id);
  return Begin(*user, "session.setup", visitor);
}

// A second factor was shown: the person's document changes with it (a code is used up), and the
// session gets a new token.
Result<SignedIn> SignIn::Finish(const std::optional<Session>& before, const User& user,
                                const std::string& how, const Visitor& visitor,
                                const std::function<Status(User& user)>& change) {
  FID_TRY(parts_.people.Change(user.id, change, parts_.people.NewLeaf(user.id, "factor." + how)));
  const bool step_up = before && before->factors > 1;
  const audit::Leaf leaf =
      parts_.people.NewLeaf(user.id, step_up ? "session.step_up" : "session.start");
  SignedIn result;
  if (before) {
    FID_ASSIGN(result.opened, parts_.sessions.Rotate(*before, 2, leaf));
  } else {
    Session session;
    session.user = user.id;
    session.factors = 2;
    session.device = DeviceName(visitor.agent);
    FID_ASSIGN(result.opened, parts_.sessions.Start(session, leaf));
  }
  result.device = DeviceFor(user.id);
  return result;
}

Result<SignedIn> SignIn::WithCode(const Session& session, FactorKind kind, const std::string& code,
                                  const Visitor& visitor) {
  FID_ASSIGN(const UserPtr user, parts_.people.Find(session.user));
  const Bytes account = parts_.people.vault().KeyedHash("factor", user->id.bytes());
  const bool known = KnowsDevice(visitor, user->id);
  FID_TRY(throttle_.Allow(account, known, visitor.peer));
  const std::string how = kind == FactorKind::kTotp ? "totp" : "recovery";
  const Bytes hash = parts_.people.vault().KeyedHash("recovery", user->id.Text() + code);
  auto done = Finish(session, *user, how, visitor, [&](User& changed) -> Status {
    // On the newest state, one change at a time: a code is taken once.
    if (kind == FactorKind::kTotp) {
      const auto step =
          changed.totp_secret.empty()
              ? std::nullopt
              : crypto::TotpStep(changed.totp_secret, code, parts_.people.clock().NowMs() / 1000,
                                 changed.totp_step);
      if (!step) {
        return Wrong();
      }
      changed.totp_step = *step;
      return {};
    }
    const auto found = std::find(changed.recovery.begin(), changed.recovery.end(), hash);
    if (found == changed.recovery.end()) {
      return Wrong();
    }
    changed.recovery.erase(found);
    return {};
  });
  if (!done && done.error().code() == Code::kUnauthenticated) {
    return Refuse(user->id, how, account, known, visitor);
  }
  if (done) {
    throttle_.Succeeded(account, known);
  }
  return done;
}

std::string SignIn::Challenge(const std::optional<Session>& session) {
  return ceremony_.Challenge(session ? session->id : Uuid());
}

Result<SignedIn> SignIn::WithPasskey(const std::optional<Session>& session,
                                     const PasskeyAnswer& answer, const Visitor& visitor) {
  const auto id = FromBase64Url(answer.id);
  const Bytes account = parts_.people.vault().KeyedHash("passkey", answer.id);
  FID_TRY(throttle_.Allow(account, false, visitor.peer));
  const UserPtr user = id ? parts_.people.FindByPasskey(*id) : nullptr;
  const Uuid who = user == nullptr ? Uuid() : user->id;
  if (user == nullptr || user->state != UserState::kActive ||
      (session && session->user != user->id)) {
    return Refuse(who, "passkey", account, false, visitor);
  }
  const auto own = std::find_if(user->passkeys.begin(), user->passkeys.end(),
                                [&](const Passkey& p) { return p.credential.id == *id; });
  const auto counter = ceremony_.Verify(session ? session->id : Uuid(), own->credential, answer);
  if (!counter) {
    return Refuse(who, "passkey", account, false, visitor);
  }
  auto done = Finish(session, *user, "passkey", visitor, [&](User& changed) -> Status {
    for (Passkey& passkey : changed.passkeys) {
      if (passkey.credential.id == *id) {
        passkey.credential.counter = *counter;
        passkey.used_ms = parts_.people.clock().NowMs();
        return {};
      }
    }
    return Wrong();
  });
  if (!done && done.error().code() == Code::kUnauthenticated) {
    return Refuse(who, "passkey", account, false, visitor);
  }
  return done;
}

Status SignIn::SignOut(const Session& session) {
  return parts_.sessions.End(session, parts_.people.NewLeaf(session.user, "session.end"));
}

}  // namespace fiducia::guard
