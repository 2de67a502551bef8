// An identity provider as an attacker or a careless operator might have it: says what it is told to
// say, and signs it with ES256.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "guard/oidc.h"
#include "testing/world.h"

namespace fiducia::testing {

class TestProvider {
 public:
  static constexpr const char* kIssuer = "https://login.example.com";
  static constexpr const char* kClient = "fiducia-console";

  explicit TestProvider(const Clock& clock);
  ~TestProvider();

  // Answers as the provider's web server. Must not outlive the provider.
  guard::Fetch Fetch();
  // Somebody signs in there as `subject`; gives the code that the browser brings back.
  std::string SignIn(const std::string& location, const std::string& subject);
  // The same, with claims of one's own over the right ones; null takes a claim away.
  std::string SignInWith(const std::string& location, const std::string& subject,
                         const Json& claims);
  std::string Sign(const Json& header, const Json& claims) const;
  // From now on a new key signs.
  void NewKey();

  Json metadata;                     // what it publishes of itself
  bool down = false;                 // nobody answers
  Json header = {{"alg", "ES256"}};  // of the tokens to come; its kid is filled in
  bool spoil = false;                // the tokens to come have a wrong signature
  std::vector<guard::FetchRequest> asked;

 private:
  struct Key;
  struct Granted {
    std::string challenge;
    std::string redirect_uri;
    Json claims;
  };
  Result<guard::FetchReply> Answer(const guard::FetchRequest& request);
  guard::FetchReply Trade(const guard::FetchRequest& request);

  const Clock& clock_;
  std::unique_ptr<Key> key_;
  int keys_made_ = 0;
  std::map<std::string, Granted> codes_;
};

// What the address `url` says of `name`, decoded.
std::string QueryOf(const std::string& url, const std::string& name);

}  // namespace fiducia::testing
