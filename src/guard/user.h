// One of the house's own people: who they are, how they prove it, what they have signed and
// learned.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "crypto/second_factor.h"
#include "model/sensitive.h"
#include "model/types.h"

namespace fiducia::guard {

enum class UserState { kInvited, kActive, kDisabled };
std::string_view Name(UserState state);

struct Passkey {
  crypto::PasskeyCredential credential;
  std::string label;
  int64_t created_ms = 0;
  int64_t used_ms = 0;
};

// What was signed or passed: which version, when.
struct Signed {
  std::string version;
  int64_t at_ms = 0;
};

// How somebody likes to look at customers: no value of anybody stands in it.
struct SavedView {
  Uuid id;
  std::string name;
  std::string purpose;               // empty: whichever is in force
  std::string search_by;             // a field's id
  std::vector<std::string> columns;  // fields' ids
};

struct User {
  Uuid id;
  uint32_t version = 0;
  UserState state = UserState::kInvited;
  model::Sensitive login;  // folded: what they type to sign in
  model::Sensitive name;
  model::Sensitive email;
  std::string locale = "en";
  std::string department;
  Bytes password_salt;
  Bytes password_hash;
  Bytes totp_secret;      // 20 bytes; empty: none
  int64_t totp_step = 0;  // the last one used
  Bytes totp_offered;     // shown, not confirmed yet
  std::vector<Passkey> passkeys;
  std::vector<Bytes> recovery;  // hashes of the codes left
  Bytes sso_account;            // keyed hash of the identity provider's account; empty: none
  Bytes setup_hash;             // of the one-time link; empty: none is open
  int64_t setup_until_ms = 0;
  std::map<std::string, Signed> agreements;
  std::map<std::string, Signed> courses;
  std::vector<SavedView> views;
  int64_t created_ms = 0;
  int64_t disabled_ms = 0;

  bool has_second_factor() const { return !totp_secret.empty() || !passkeys.empty(); }
};
using UserPtr = std::shared_ptr<const User>;

Json ToJson(const User& user);
// Errors: kCorrupt.
Result<User> UserFrom(const Uuid& id, uint32_t version, const Json& json);

}  // namespace fiducia::guard
