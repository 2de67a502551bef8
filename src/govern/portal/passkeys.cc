#include "govern/portal/passkeys.h"

#include <algorithm>

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "portal_passkey";
constexpr size_t kMost = 5;  // of one customer

Json ToJson(const CustomerPasskey& passkey) {
  return {{"customer", passkey.customer.Text()},
          {"credential", ToBase64(passkey.credential.id)},
          {"algorithm", passkey.credential.algorithm},
          {"key", ToBase64(passkey.credential.public_key)},
          {"counter", passkey.credential.counter},
          {"created", passkey.created_ms},
          {"used", passkey.used_ms}};
}

Result<CustomerPasskey> From(const guard::Document& document) {
  CustomerPasskey passkey;
  passkey.id = document.id;
  passkey.version = document.version;
  const Json& json = document.json;
  FID_ASSIGN(passkey.customer, Uuid::Parse(JsonText(json, "customer")));
  FID_ASSIGN(passkey.credential.id, FromBase64(JsonText(json, "credential")));
  passkey.credential.algorithm = json.value("algorithm", 0);
  FID_ASSIGN(passkey.credential.public_key, FromBase64(JsonText(json, "key")));
  passkey.credential.counter = json.value("counter", uint32_t{0});
  passkey.created_ms = json.value("created", int64_t{0});
  passkey.used_ms = json.value("used", int64_t{0});
  return passkey;
}

}  // namespace

Result<std::unique_ptr<CustomerPasskeys>> CustomerPasskeys::Open(Parts parts) {
  std::unique_ptr<CustomerPasskeys> made(new CustomerPasskeys(std::move(parts)));
  FID_ASSIGN(const auto documents, made->parts_.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(const CustomerPasskey passkey, From(document));
    made->Keep(passkey);
  }
  return made;
}

void CustomerPasskeys::Keep(const CustomerPasskey& passkey) {
  const std::lock_guard lock(mutex_);
  known_[passkey.id] = passkey;
}

std::string CustomerPasskeys::Challenge(const std::optional<guard::Session>& session) {
  return ceremony_.Challenge(session ? session->id : Uuid());
}

std::vector<CustomerPasskey> CustomerPasskeys::Of(const Uuid& customer) const {
  const std::lock_guard lock(mutex_);
  std::vector<CustomerPasskey> own;
  for (const auto& [id, passkey] : known_) {
    if (passkey.customer == customer) {
      own.push_back(passkey);
    }
  }
  return own;
}

std::optional<CustomerPasskey> CustomerPasskeys::FindByCredential(BytesView credential) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, passkey] : known_) {
    if (passkey.credential.id == credential) {
      return passkey;
    }
  }
  return std::nullopt;
}

Result<CustomerPasskey> CustomerPasskeys::Add(const guard::Session& session,
                                              const guard::PasskeyAnswer& answer) {
  FID_TRY(parts_.doors.RequireFresh(session));
  CustomerPasskey passkey;
  FID_ASSIGN(passkey.credential, ceremony_.Register(session.id, answer));
  if (FindByCredential(passkey.credential.id)) {
    return Fail(Code::kConflict, "this passkey is registered already");
  }
  if (Of(session.user).size() >= kMost) {
    return Fail(Code::kConflict, "you have five passkeys: remove one first");
  }
  FID_ASSIGN(const audit::Leaf leaf, parts_.doors.LeafFor(session.user, "portal.passkey.add"));
  passkey.id = Uuid::V7(parts_.clock, parts_.rng);
  passkey.version = 1;
  passkey.customer = session.user;
  passkey.created_ms = parts_.clock.NowMs();
  FID_TRY(parts_.book.Commit({{std::string(kKind), passkey.id, 1, ToJson(passkey)}}, {leaf}));
  Keep(passkey);
  return passkey;
}

Status CustomerPasskeys::Remove(const guard::Session& session, const Uuid& id) {
  const std::vector<CustomerPasskey> own = Of(session.user);
  const auto found = std::find_if(own.begin(), own.end(),
                                  [&](const CustomerPasskey& one) { return one.id == id; });
  if (found == own.end()) {
    return Fail(Code::kNotFound, "there is no such passkey");
  }
  FID_ASSIGN(const audit::Leaf leaf, parts_.doors.LeafFor(session.user, "portal.passkey.remove"));
  FID_TRY(parts_.book.Commit({{std::string(kKind), id, found->version, std::nullopt}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_.erase(id);
  return {};
}

Result<guard::Sessions::Opened> CustomerPasskeys::Enter(const guard::PasskeyAnswer& answer,
                                                        const std::string& device,
                                                        const std::string& peer) {
  FID_TRY(parts_.doors.MayTry(answer.id, peer));
  const auto check = [&]() -> Result<CustomerPasskey> {
    FID_ASSIGN(const Bytes credential, FromBase64Url(answer.id));
    std::optional<CustomerPasskey> passkey = FindByCredential(credential);
    if (!passkey) {
      return Fail(Code::kUnauthenticated, "the sign-in failed");
    }
    FID_ASSIGN(passkey->credential.counter, ceremony_.Verify(Uuid(), passkey->credential, answer));
    return *passkey;
  };
  auto passkey = check();
  if (!passkey) {
    return parts_.doors.Refuse(answer.id, peer);
  }
  ++passkey->version;
  passkey->used_ms = parts_.clock.NowMs();
  auto opened =
      parts_.doors.Open({0, passkey->customer}, device,
                        {{std::string(kKind), passkey->id, passkey->version, ToJson(*passkey)}});
  if (!opened) {
    return parts_.doors.Refuse(answer.id, peer);
  }
  Keep(*passkey);
  return opened;
}

Status CustomerPasskeys::Forget(const Uuid& customer) {
  std::vector<guard::DocumentChange> changes;
  for (const CustomerPasskey& passkey : Of(customer)) {
    changes.push_back({std::string(kKind), passkey.id, passkey.version, std::nullopt});
  }
  FID_TRY(parts_.book.Commit(changes, {}));
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const auto& entry) { return entry.second.customer == customer; });
  return {};
}

}  // namespace fiducia::govern
