#include "guard/sso.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"

namespace fiducia::guard {

namespace {

constexpr std::string_view kProviderKind = "provider";
constexpr int64_t kAttemptMs = 600000;
constexpr size_t kNameMost = 60;
constexpr size_t kTextMost = 300;
constexpr size_t kPemMost = 65536;
constexpr size_t kBindingParts = 6;

std::unexpected<Error> Wrong() { return Fail(Code::kUnauthenticated, "the sign-in failed"); }

Json ToJson(const Provider& provider) {
  return {{"name", provider.name},
          {"issuer", provider.issuer},
          {"client_id", provider.client_id},
          {"secret", provider.secret},
          {"ca", provider.ca_pem}};
}

Provider ProviderFrom(const Json& json) {
  return {JsonText(json, "name"), JsonText(json, "issuer"), JsonText(json, "client_id"),
          JsonText(json, "secret"), JsonText(json, "ca")};
}

bool IsPlain(std::string_view text, size_t most) {
  return !text.empty() && text.size() <= most && IsOneLine(text);
}

Status CheckProvider(const Provider& provider) {
  if (!IsPlain(provider.name, kNameMost)) {
    return Fail(Code::kInvalidInput, "give the provider a name of at most 60 bytes");
  }
  if (!IsPlain(provider.issuer, kTextMost) || !provider.issuer.starts_with("https://") ||
      provider.issuer.find_first_of("?# ") != std::string::npos) {
    return Fail(Code::kInvalidInput, "an issuer is an https address without ? and #");
  }
  if (!IsPlain(provider.client_id, kTextMost) || !IsPlain(provider.secret, kTextMost)) {
    return Fail(Code::kInvalidInput, "a client has an id and a secret of at most 300 bytes");
  }
  if (provider.ca_pem.size() > kPemMost ||
      (!provider.ca_pem.empty() &&
       provider.ca_pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos)) {
    return Fail(Code::kInvalidInput, "authorities are certificates in PEM form, 64 KiB at most");
  }
  return {};
}

}  // namespace

Sso::Sso(SignIn& sign_in, Fetch fetch)
    : sign_in_(sign_in), oidc_(std::move(fetch), sign_in.people().clock()) {}

Result<std::unique_ptr<Sso>> Sso::Open(SignIn& sign_in, Fetch fetch) {
  std::unique_ptr<Sso> sso(new Sso(sign_in, std::move(fetch)));
  FID_ASSIGN(const auto documents, sign_in.people().book().Load(kProviderKind));
  for (const Document& document : documents) {
    sso->id_ = document.id;
    sso->version_ = document.version;
    sso->provider_ = ProviderFrom(document.json);
  }
  return sso;
}

std::optional<Provider> Sso::provider() const {
  const std::lock_guard lock(mutex_);
  return provider_;
}

Status Sso::Configure(const model::Access& access, Provider provider) {
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "people.manage"));
  FID_TRY(CheckProvider(provider));
  FID_TRY(oidc_.Check(provider));
  const std::lock_guard lock(mutex_);
  const Uuid id = version_ == 0 ? Uuid::V7(people.clock(), people.rng()) : id_;
  FID_TRY(people.book().Commit({{std::string(kProviderKind), id, version_ + 1, ToJson(provider)}},
                               {people.gate().NewLeaf(access, "sso.configure", "done")}));
  id_ = id;
  ++version_;
  provider_ = std::move(provider);
  return {};
}

Status Sso::Remove(const model::Access& access) {
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "people.manage"));
  const std::lock_guard lock(mutex_);
  if (!provider_) {
    return Fail(Code::kNotFound, "no identity provider is set up");
  }
  FID_TRY(people.book().Commit({{std::string(kProviderKind), id_, version_ + 1, std::nullopt}},
                               {people.gate().NewLeaf(access, "sso.remove", "done")}));
  version_ = 0;
  provider_.reset();
  oidc_.Forget();
  return {};
}

// All of it follows from the cookie, which only this browser holds: nothing is kept here that a
// stranger could fill up.
OidcAttempt Sso::AttemptOf(const std::string& origin, const std::string& binding) const {
  const vault::Vault& vault = sign_in_.people().vault();
  return {ToBase64Url(vault.KeyedHash("sso.state", binding)),
          ToBase64Url(vault.KeyedHash("sso.nonce", binding)),
          ToBase64Url(vault.KeyedHash("sso.verifier", binding)),
          origin + std::string(kSsoReturnPath)};
}

Result<Sso::Started> Sso::Begin(const std::string& origin, const Aim& aim) {
  const auto configured = provider();
  if (!configured) {
    return Fail(Code::kNotFound, "no identity provider is set up");
  }
  const People& people = sign_in_.people();
  Bytes random(32, '\0');
  people.rng().Fill(random);
  std::string binding = ToBase64Url(random) + "." +
                        std::to_string(people.clock().NowMs() + kAttemptMs) + "." + aim.kind + "." +
                        aim.user.Text() + "." + ToBase64Url(aim.setup_hash);
  binding += "." + ToBase64Url(people.vault().KeyedHash("sso.binding", binding));
  FID_ASSIGN(std::string location, oidc_.AuthorizationUrl(*configured, AttemptOf(origin, binding)));
  return Started{std::move(location), std::move(binding)};
}

Result<Sso::Started> Sso::Start(const std::string& origin) { return Begin(origin, {"in", {}, {}}); }

Result<Sso::Started> Sso::StartSetup(const std::string& origin, const std::string& setup_token) {
  const UserPtr user = sign_in_.people().FindBySetupToken(setup_token);
  if (user == nullptr) {
    return Wrong();
  }
  return Begin(origin, {"setup", user->id, user->setup_hash});
}

Result<Sso::Started> Sso::StartLink(const std::string& origin, const Session& session) {
  FID_TRY(sign_in_.RequireFresh(session));
  return Begin(origin, {"link", session.user, {}});
}

// What the browser's cookie says it set out for. It is taken once.
Result<Sso::Aim> Sso::AimOf(const Answer& answer) {
  const People& people = sign_in_.people();
  const size_t last = answer.binding.rfind('.');
  const auto parts = Split(answer.binding, '.');
  if (parts.size() != kBindingParts) {
    return Wrong();
  }
  const std::string text = answer.binding.substr(0, last);
  const Bytes mac = people.vault().KeyedHash("sso.binding", text);
  const std::string state = AttemptOf(answer.origin, answer.binding).state;
  if (!EqualConstantTime(ToBase64Url(mac), parts[5]) || !EqualConstantTime(state, answer.state)) {
    return Wrong();
  }
  const int64_t until = std::atoll(std::string(parts[1]).c_str());
  const int64_t now = people.clock().NowMs();
  FID_ASSIGN(const Uuid user, Uuid::Parse(parts[3]));
  FID_ASSIGN(Bytes setup_hash, FromBase64Url(parts[4]));
  const std::lock_guard lock(mutex_);
  std::erase_if(used_, [&](const auto& one) { return now >= one.second; });
  if (now >= until || used_.contains(answer.state)) {
    return Wrong();
  }
  return Aim{std::string(parts[2]), user, std::move(setup_hash)};
}

// The keyed hash of who the provider says has signed in there. The answer is used up by this.
Result<Bytes> Sso::Account(const Provider& provider, const Answer& answer) {
  const auto subject =
      oidc_.SubjectOf(provider, AttemptOf(answer.origin, answer.binding), answer.came_back);
  if (!subject) {
    LogError("a single sign-on was refused", subject.error());
    return std::unexpected(subject.error());
  }
  {
    const std::lock_guard lock(mutex_);
    used_[answer.state] = sign_in_.people().clock().NowMs() + kAttemptMs;
  }
  return sign_in_.people().vault().KeyedHash("sso", provider.issuer + "\n" + *subject);
}

Status Sso::Link(const Uuid& user, const Bytes& account, std::string_view op,
                 const std::function<Status(User& user)>& change) {
  People& people = sign_in_.people();
  return people.Change(
      user,
      [&](User& changed) -> Status {
        const UserPtr holder = people.FindBySsoAccount(account);
        if (holder != nullptr && holder->id != user) {
          return Fail(Code::kConflict, "this account of the provider is linked to another person");
        }
        FID_TRY(change(changed));
        changed.sso_account = account;
        return {};
      },
      people.NewLeaf(user, op),
      op == "person.setup" ? sign_in_.sessions().ChangesToEnd(user)
                           : std::vector<DocumentChange>());
}

Result<SignedIn> Sso::Finish(const Answer& answer, const Visitor& visitor) {
  People& people = sign_in_.people();
  // There is nothing to guess; one place that floods us is held back, and no account is.
  const Bytes attempt = people.vault().KeyedHash("sso.attempt", answer.state);
  FID_TRY(sign_in_.Allow(attempt, visitor));
  const auto configured = provider();
  const auto refuse = [&](const Uuid& user) {
    return sign_in_.Refuse(user, "sso", attempt, false, visitor);
  };
  const auto aim = AimOf(answer);
  if (!configured || !aim || (aim->kind != "in" && aim->kind != "setup")) {
    return refuse({});
  }
  const auto account = Account(*configured, answer);
  if (!account) {
    return account.error().code() == Code::kUnauthenticated ? refuse(aim->user)
                                                            : std::unexpected(account.error());
  }
  if (aim->kind == "setup") {
    const auto open_invitation = [&](User& user) -> Status {
      if (user.setup_hash.empty() || user.setup_hash != aim->setup_hash ||
          people.clock().NowMs() >= user.setup_until_ms) {
        return Wrong();
      }
      user.setup_hash.clear();
      user.state = UserState::kActive;
      return {};
    };
    if (const Status linked = Link(aim->user, *account, "person.setup", open_invitation); !linked) {
      return linked.error().code() == Code::kUnauthenticated ? refuse(aim->user)
                                                             : std::unexpected(linked.error());
    }
    sign_in_.sessions().Forget(aim->user);
  }
  const UserPtr user = people.FindBySsoAccount(*account);
  if (user == nullptr || user->state != UserState::kActive) {
    return refuse(user == nullptr ? Uuid() : user->id);
  }
  return sign_in_.Begin(*user, "session.sso", visitor);
}

Status Sso::FinishLink(const Session& session, const Answer& answer) {
  const auto configured = provider();
  FID_ASSIGN(const Aim aim, AimOf(answer));
  if (!configured || aim.kind != "link" || aim.user != session.user) {
    return Wrong();
  }
  FID_ASSIGN(const Bytes account, Account(*configured, answer));
  return Link(session.user, account, "sso.link", [](User&) -> Status { return {}; });
}

Status Sso::Unlink(const Session& session) {
  FID_TRY(sign_in_.RequireFresh(session));
  People& people = sign_in_.people();
  return people.Change(
      session.user,
      [](User& user) -> Status {
        if (user.sso_account.empty()) {
          return Fail(Code::kNotFound, "no account of a provider is linked");
        }
        if (user.password_hash.empty() && user.passkeys.empty()) {
          return Fail(Code::kConflict, "set a passkey up first: nothing else would let you in");
        }
        user.sso_account.clear();
        return {};
      },
      people.NewLeaf(session.user, "sso.unlink"));
}

}  // namespace fiducia::guard
