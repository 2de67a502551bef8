#include "guard/oidc.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/jws.h"

namespace fiducia::guard {

namespace {

constexpr int64_t kKeepMs = 3600000;
constexpr int64_t kKeysAnewMs = 60000;  // an unknown key makes us ask again, at most this often
constexpr int64_t kAwayMs = 15000;
constexpr int64_t kSkewS = 60;
constexpr int64_t kOldestS = 600;
constexpr size_t kSubjectMost = 255;

std::unexpected<Error> Wrong(Literal why) { return Fail(Code::kUnauthenticated, why); }

bool Lists(const Json& metadata, std::string_view member, std::string_view word) {
  const auto found = metadata.find(member);
  return found != metadata.end() && found->is_array() &&
         std::find(found->begin(), found->end(), word) != found->end();
}

bool IsHttps(const std::string& url) { return url.starts_with("https://") && url.size() > 8; }

Status CheckMetadata(const Provider& provider, const Json& metadata) {
  if (JsonText(metadata, "issuer") != provider.issuer) {
    return Fail(Code::kInvalidInput, "the provider names another issuer than was given");
  }
  for (const char* member : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    if (!IsHttps(JsonText(metadata, member))) {
      return Fail(Code::kInvalidInput, "the provider publishes no https address for signing in");
    }
  }
  if (!Lists(metadata, "response_types_supported", "code")) {
    return Fail(Code::kInvalidInput, "the provider does not offer the authorization code flow");
  }
  const bool signs = Lists(metadata, "id_token_signing_alg_values_supported", "RS256") ||
                     Lists(metadata, "id_token_signing_alg_values_supported", "PS256") ||
                     Lists(metadata, "id_token_signing_alg_values_supported", "ES256");
  if (!signs) {
    return Fail(Code::kInvalidInput, "the provider signs with none of RS256, PS256 and ES256");
  }
  if (metadata.contains("code_challenge_methods_supported") &&
      !Lists(metadata, "code_challenge_methods_supported", "S256")) {
    return Fail(Code::kInvalidInput, "the provider does not take PKCE with S256");
  }
  return {};
}

int64_t Seconds(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_number() ? static_cast<int64_t>(found->get<double>())
                                                     : 0;
}

// Whom the token is for (OpenID Connect Core 1.0, 3.1.3.7, points 3 to 5).
bool IsFor(const Json& claims, const std::string& client) {
  const auto audience = claims.find("aud");
  if (audience == claims.end()) {
    return false;
  }
  if (audience->is_string()) {
    return audience->get<std::string>() == client;
  }
  if (!audience->is_array() ||
      std::find(audience->begin(), audience->end(), client) == audience->end()) {
    return false;
  }
  return audience->size() == 1 || JsonText(claims, "azp") == client;
}

}  // namespace

Result<Json> Oidc::FetchJson(const FetchRequest& request) {
  FID_ASSIGN(const FetchReply reply, fetch_(request));
  auto json = ParseJson(reply.body);
  if (reply.status != 200 || !json || !json->is_object()) {
    return Fail(Code::kUnavailable, "the identity provider's answer is no use", reply.status);
  }
  return std::move(*json);
}

// Strangers can make us ask: a provider that is away is asked by one of them, and not again at
// once, so that waiting for it never takes up the server.
Result<Json> Oidc::MetadataOf(const Provider& provider) {
  {
    const std::lock_guard lock(mutex_);
    if (published_ && clock_.NowMs() < published_->until_ms) {
      return published_->metadata;
    }
    if (clock_.MonotonicMs() < away_until_ms_) {
      return Fail(Code::kUnavailable, "the identity provider does not answer");
    }
  }
  const std::unique_lock asking(asking_, std::try_to_lock);
  if (!asking.owns_lock()) {
    return Fail(Code::kUnavailable, "the identity provider is being asked: try again");
  }
  const auto metadata = FetchJson({provider.issuer + (provider.issuer.ends_with('/') ? "" : "/") +
                                       ".well-known/openid-configuration",
                                   provider.ca_pem,
                                   {},
                                   {}});
  const Status usable =
      metadata ? CheckMetadata(provider, *metadata) : std::unexpected(metadata.error());
  const std::lock_guard lock(mutex_);
  if (!usable) {
    away_until_ms_ = clock_.MonotonicMs() + kAwayMs;
    return std::unexpected(usable.error());
  }
  published_ = Published{*metadata, Json(), clock_.NowMs() + kKeepMs, 0};
  return *metadata;
}

Result<Json> Oidc::KeysOf(const Provider& provider, const Json& metadata, bool anew) {
  {
    const std::lock_guard lock(mutex_);
    const bool kept = published_ && published_->keys.is_object();
    if (kept && (!anew || clock_.NowMs() < published_->keys_ms + kKeysAnewMs)) {
      return published_->keys;
    }
  }
  FID_ASSIGN(Json keys, FetchJson({JsonText(metadata, "jwks_uri"), provider.ca_pem, {}, {}}));
  const std::lock_guard lock(mutex_);
  if (published_) {
    published_->keys = keys;
    published_->keys_ms = clock_.NowMs();
  }
  return keys;
}

// The token's claims, if one of the provider's keys signed it.
Result<Json> Oidc::Claims(const Provider& provider, const Json& metadata,
                          const std::string& token) {
  FID_ASSIGN(const crypto::Jws jws, crypto::ReadJws(token));
  const std::string wanted = JsonText(jws.header, "kid");
  for (const bool anew : {false, true}) {
    FID_ASSIGN(const Json keys, KeysOf(provider, metadata, anew));
    for (const Json& key : keys.value("keys", Json::array())) {
      const bool named = wanted.empty() || JsonText(key, "kid") == wanted;
      if (key.is_object() && named && crypto::IsSignedBy(jws, key)) {
        return jws.payload;
      }
    }
  }
  return Wrong("the ID token is not signed by the provider");
}

Status Oidc::Check(const Provider& provider) {
  Forget();
  FID_ASSIGN(const Json metadata, MetadataOf(provider));
  FID_ASSIGN(const Json keys, KeysOf(provider, metadata, true));
  if (!keys.contains("keys") || !keys["keys"].is_array() || keys["keys"].empty()) {
    Forget();
    return Fail(Code::kInvalidInput, "the provider publishes no keys");
  }
  return {};
}

void Oidc::Forget() {
  const std::lock_guard lock(mutex_);
  published_.reset();
  away_until_ms_ = 0;
}

Result<std::string> Oidc::AuthorizationUrl(const Provider& provider, const OidcAttempt& attempt) {
  FID_ASSIGN(const Json metadata, MetadataOf(provider));
  const std::string endpoint = JsonText(metadata, "authorization_endpoint");
  const std::string challenge = ToBase64Url(crypto::View(crypto::Sha256({attempt.verifier})));
  return endpoint + (endpoint.find('?') == std::string::npos ? "?" : "&") +
         "response_type=code&scope=openid&client_id=" + PercentEncoded(provider.client_id) +
         "&redirect_uri=" + PercentEncoded(attempt.redirect_uri) + "&state=" + attempt.state +
         "&nonce=" + attempt.nonce + "&code_challenge=" + challenge + "&code_challenge_method=S256";
}

Result<std::string> Oidc::SubjectOf(const Provider& provider, const OidcAttempt& attempt,
                                    const OidcReturn& came_back) {
  FID_ASSIGN(const Json metadata, MetadataOf(provider));
  const bool says_issuer = metadata.value("authorization_response_iss_parameter_supported", false);
  if (came_back.issuer != provider.issuer && (says_issuer || !came_back.issuer.empty())) {
    return Wrong("the answer comes from another issuer");
  }
  FetchRequest request{JsonText(metadata, "token_endpoint"), provider.ca_pem, {}, {}};
  request.form = "grant_type=authorization_code&code=" + PercentEncoded(came_back.code) +
                 "&redirect_uri=" + PercentEncoded(attempt.redirect_uri) +
                 "&code_verifier=" + attempt.verifier;
  const std::string id = PercentEncoded(provider.client_id);
  const std::string secret = PercentEncoded(provider.secret);
  const bool posts = Lists(metadata, "token_endpoint_auth_methods_supported", "client_secret_post");
  const bool basic =
      !metadata.contains("token_endpoint_auth_methods_supported") ||
      Lists(metadata, "token_endpoint_auth_methods_supported", "client_secret_basic");
  if (basic || !posts) {
    request.authorization = "Basic " + ToBase64(id + ":" + secret);
  } else {
    request.form += "&client_id=" + id + "&client_secret=" + secret;
  }
  FID_ASSIGN(const FetchReply reply, fetch_(request));
  const auto tokens = ParseJson(reply.body);
  if (reply.status != 200 || !tokens || !tokens->is_object()) {
    return Wrong("the provider did not take the code");
  }
  FID_ASSIGN(const Json claims, Claims(provider, metadata, JsonText(*tokens, "id_token")));
  const int64_t now = clock_.NowMs() / 1000;
  if (JsonText(claims, "iss") != provider.issuer || !IsFor(claims, provider.client_id)) {
    return Wrong("the ID token is another issuer's, or for another client");
  }
  const int64_t issued = Seconds(claims, "iat");
  if (now >= Seconds(claims, "exp") + kSkewS || issued > now + kSkewS || issued < now - kOldestS) {
    return Wrong("the ID token is out of its time: compare the clocks");
  }
  if (!EqualConstantTime(JsonText(claims, "nonce"), attempt.nonce)) {
    return Wrong("the ID token belongs to another sign-in");
  }
  std::string subject = JsonText(claims, "sub");
  if (subject.empty() || subject.size() > kSubjectMost) {
    return Wrong("the ID token names nobody");
  }
  return subject;
}

}  // namespace fiducia::guard
