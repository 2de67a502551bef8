// The company's identity provider, as OpenID Connect Core 1.0 has it: where to send the browser,
// and what the code that it brings back is worth. Authorization code with PKCE (RFC 7636), nothing
// else.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace fiducia::guard {

struct Provider {
  std::string name;    // what people know it by
  std::string issuer;  // https://login.example.com
  std::string client_id;
  std::string secret;  // the client's
  std::string ca_pem;  // who vouches for its certificate; empty: the system's authorities
};

// A call to the provider. With a form it is a POST.
struct FetchRequest {
  std::string url;
  std::string ca_pem;
  std::string form;
  std::string authorization;
};
struct FetchReply {
  int status = 0;
  std::string body;
};
// Errors: kUnavailable if nobody answers, or the certificate is not vouched for.
using Fetch = std::function<Result<FetchReply>(const FetchRequest& request)>;

// What one sign-in is bound to; nothing of it is guessable.
struct OidcAttempt {
  std::string state;
  std::string nonce;
  std::string verifier;      // 43 characters
  std::string redirect_uri;  // where the browser comes back to
};

// What the browser brought back.
struct OidcReturn {
  std::string code;
  std::string issuer;  // RFC 9207; empty: not said
};

// Thread safe. Keeps what the provider publishes for an hour.
class Oidc {
 public:
  Oidc(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  // Errors: kInvalidInput for a provider that publishes nothing usable, kUnavailable.
  Status Check(const Provider& provider);
  Result<std::string> AuthorizationUrl(const Provider& provider, const OidcAttempt& attempt);
  // Trades the code and checks the ID token: who signed in, as the provider names them. Errors:
  // kUnauthenticated with what was wrong, kUnavailable.
  Result<std::string> SubjectOf(const Provider& provider, const OidcAttempt& attempt,
                                const OidcReturn& came_back);
  void Forget();

 private:
  struct Published {
    Json metadata;
    Json keys;
    int64_t until_ms = 0;
    int64_t keys_ms = 0;  // when the keys were fetched
  };
  Result<Json> FetchJson(const FetchRequest& request);
  Result<Json> MetadataOf(const Provider& provider);
  Result<Json> KeysOf(const Provider& provider, const Json& metadata, bool anew);
  Result<Json> Claims(const Provider& provider, const Json& metadata, const std::string& token);

  Fetch fetch_;
  const Clock& clock_;
  std::mutex asking_;  // held while it is asked what it publishes
  std::mutex mutex_;
  std::optional<Published> published_;  // of the one provider
  int64_t away_until_ms_ = 0;           // it did not answer: not asked again before
};

}  // namespace fiducia::guard
