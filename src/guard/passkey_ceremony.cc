#include "guard/passkey_ceremony.h"

#include "base/json.h"

namespace fiducia::guard {

namespace {

constexpr int64_t kChallengeMs = 300000;
constexpr size_t kMost = 10000;

std::unexpected<Error> Wrong() { return Fail(Code::kUnauthenticated, "the sign-in failed"); }

}  // namespace

std::string PasskeyCeremony::Challenge(const Uuid& session) {
  Bytes bytes(32, '\0');
  rng_.Fill(bytes);
  const std::string challenge = ToBase64Url(bytes);
  const int64_t now = clock_.NowMs();
  const std::lock_guard lock(mutex_);
  if (given_.size() >= kMost) {
    std::erase_if(given_, [&](const auto& entry) { return now >= entry.second.until_ms; });
  }
  if (given_.size() < kMost) {
    given_[challenge] = {session, now + kChallengeMs};
  }
  return challenge;
}

Status PasskeyCeremony::Take(BytesView client_data, std::string_view type, const Uuid& session) {
  const auto json = ParseJson(client_data);
  if (!json || !json->is_object() || JsonText(*json, "type") != type) {
    return Wrong();
  }
  // The origin's host is ours; its port is wherever this server listens.
  const std::string origin = JsonText(*json, "origin");
  const std::string ours = "https://" + site_;
  const auto cross = json->find("crossOrigin");
  if (!origin.starts_with(ours) || (origin.size() > ours.size() && origin[ours.size()] != ':') ||
      (cross != json->end() && *cross != false)) {
    return Wrong();
  }
  const std::lock_guard lock(mutex_);
  const auto found = given_.find(JsonText(*json, "challenge"));
  if (found == given_.end()) {
    return Wrong();
  }
  const Given given = found->second;
  given_.erase(found);
  if (clock_.NowMs() >= given.until_ms || given.session != session) {
    return Wrong();
  }
  return {};
}

Result<crypto::PasskeyCredential> PasskeyCeremony::Register(const Uuid& session,
                                                            const PasskeyAnswer& answer) {
  FID_ASSIGN(const Bytes client_data, FromBase64Url(answer.client_data));
  FID_ASSIGN(const Bytes data, FromBase64Url(answer.authenticator_data));
  FID_TRY(Take(client_data, "webauthn.create", session));
  return crypto::ReadPasskey(site_, client_data, data, answer.algorithm);
}

Result<uint32_t> PasskeyCeremony::Verify(const Uuid& session,
                                         const crypto::PasskeyCredential& credential,
                                         const PasskeyAnswer& answer) {
  const auto client_data = FromBase64Url(answer.client_data);
  const auto data = FromBase64Url(answer.authenticator_data);
  const auto signature = FromBase64Url(answer.signature);
  if (!client_data || !data || !signature) {
    return Wrong();
  }
  FID_TRY(Take(*client_data, "webauthn.get", session));
  return crypto::VerifyPasskey(site_, credential, *client_data, *data, *signature);
}

}  // namespace fiducia::guard
