#include "guard/user.h"

#include <array>

namespace fiducia::guard {

namespace {

constexpr std::array<std::string_view, 3> kStates = {"invited", "active", "disabled"};

std::string Text(const model::Sensitive& value) { return std::string(value.Reveal()); }

model::Sensitive Clear(const Json& json, std::string_view key) {
  return model::Sensitive(JsonText(json, key));
}

Bytes Blob(const Json& json, std::string_view key) {
  return FromBase64(JsonText(json, key)).value_or(Bytes());
}

int64_t Number(const Json& json, std::string_view key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_number_integer() ? at->get<int64_t>() : 0;
}

Json SignedToJson(const std::map<std::string, Signed>& all) {
  Json json = Json::object();
  for (const auto& [id, one] : all) {
    json[id] = {{"version", one.version}, {"at", one.at_ms}};
  }
  return json;
}

std::map<std::string, Signed> SignedFrom(const Json& json, std::string_view key) {
  std::map<std::string, Signed> all;
  if (const auto at = json.find(key); at != json.end() && at->is_object()) {
    for (const auto& [id, one] : at->items()) {
      all[id] = {JsonText(one, "version"), Number(one, "at")};
    }
  }
  return all;
}

Json PasskeysToJson(const std::vector<Passkey>& passkeys) {
  Json json = Json::array();
  for (const Passkey& passkey : passkeys) {
    json.push_back({{"id", ToBase64(passkey.credential.id)},
                    {"algorithm", passkey.credential.algorithm},
                    {"key", ToBase64(passkey.credential.public_key)},
                    {"counter", passkey.credential.counter},
                    {"label", passkey.label},
                    {"created", passkey.created_ms},
                    {"used", passkey.used_ms}});
  }
  return json;
}

}  // namespace

std::string_view Name(UserState state) { return kStates[static_cast<size_t>(state)]; }

Json ToJson(const User& user) {
  Json json;
  json["state"] = Name(user.state);
  json["login"] = Text(user.login);
  json["name"] = Text(user.name);
  json["email"] = Text(user.email);
  json["locale"] = user.locale;
  json["department"] = user.department;
  json["salt"] = ToBase64(user.password_salt);
  json["hash"] = ToBase64(user.password_hash);
  json["totp"] = ToBase64(user.totp_secret);
  json["totp_step"] = user.totp_step;
  json["totp_offered"] = ToBase64(user.totp_offered);
  json["passkeys"] = PasskeysToJson(user.passkeys);
  json["recovery"] = Json::array();
  for (const Bytes& hash : user.recovery) {
    json["recovery"].push_back(ToBase64(hash));
  }
  json["sso"] = ToBase64(user.sso_account);
  json["setup"] = ToBase64(user.setup_hash);
  json["setup_until"] = user.setup_until_ms;
  json["agreements"] = SignedToJson(user.agreements);
  json["courses"] = SignedToJson(user.courses);
  json["views"] = Json::array();
  for (const SavedView& view : user.views) {
    json["views"].push_back({{"id", view.id.Text()},
                             {"name", view.name},
                             {"purpose", view.purpose},
                             {"by", view.search_by},
                             {"columns", view.columns}});
  }
  json["created"] = user.created_ms;
  json["disabled"] = user.disabled_ms;
  return json;
}

Result<User> UserFrom(const Uuid& id, uint32_t version, const Json& json) {
  User user;
  user.id = id;
  user.version = version;
  const std::string state = JsonText(json, "state");
  for (size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == state) {
      user.state = static_cast<UserState>(i);
    }
  }
  user.login = Clear(json, "login");
  user.name = Clear(json, "name");
  user.email = Clear(json, "email");
  if (user.login.empty()) {
    return Fail(Code::kCorrupt, "a user's document is malformed");
  }
  user.locale = JsonText(json, "locale");
  user.department = JsonText(json, "department");
  user.password_salt = Blob(json, "salt");
  user.password_hash = Blob(json, "hash");
  user.totp_secret = Blob(json, "totp");
  user.totp_step = Number(json, "totp_step");
  user.totp_offered = Blob(json, "totp_offered");
  for (const Json& one : json.value("passkeys", Json::array())) {
    user.passkeys.push_back({{Blob(one, "id"), static_cast<int>(Number(one, "algorithm")),
                              Blob(one, "key"), static_cast<uint32_t>(Number(one, "counter"))},
                             JsonText(one, "label"),
                             Number(one, "created"),
                             Number(one, "used")});
  }
  for (const Json& one : json.value("recovery", Json::array())) {
    user.recovery.push_back(FromBase64(one.get<std::string>()).value_or(Bytes()));
  }
  user.sso_account = Blob(json, "sso");
  user.setup_hash = Blob(json, "setup");
  user.setup_until_ms = Number(json, "setup_until");
  user.agreements = SignedFrom(json, "agreements");
  user.courses = SignedFrom(json, "courses");
  for (const Json& one : json.value("views", Json::array())) {
    user.views.push_back({Uuid::Parse(JsonText(one, "id")).value_or(Uuid()), JsonText(one, "name"),
                          JsonText(one, "purpose"), JsonText(one, "by"),
                          one.value("columns", std::vector<std::string>())});
  }
  user.created_ms = Number(json, "created");
  user.disabled_ms = Number(json, "disabled");
  return user;
}

}  // namespace fiducia::guard
