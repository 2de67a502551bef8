// One of the house's people at a browser: keeps cookies, sends the CSRF token, computes codes.
#pragma once

#include <map>
#include <string>

#include "testing/world.h"

namespace fiducia::testing {

constexpr const char* kPassword = "a green bicycle in the rain";

class Person {
 public:
  // Invited by the owner of the home; nothing else has happened yet.
  Person(World& world, const std::string& login, const std::string& department = "");
  // Sets up the account, signs the agreement and gets this role for 30 days.
  static Person Working(World& world, const std::string& login, const std::string& role);

  http::Response Send(const std::string& method, const std::string& path,
                      const std::string& purpose = {}, const Json& body = Json());
  // Sends with headers of one's own over the browser's.
  http::Response SendWith(const std::string& method, const std::string& path, const Json& body,
                          const std::map<std::string, std::string>& headers);

  void SetUp();  // password, TOTP and agreement
  http::Response Password(const std::string& password = kPassword);
  http::Response Code();  // the TOTP code of the moment
  void SignIn();          // both; moves the clock past the last code's step
  void Give(const std::string& role, Json more = Json::object());

  const std::string& id() const { return id_; }
  const std::string& setup_token() const { return setup_token_; }
  const Bytes& totp() const { return totp_; }
  const std::vector<std::string>& recovery() const { return recovery_; }
  std::map<std::string, std::string>& cookies() { return cookies_; }
  std::string& csrf() { return csrf_; }
  World& world() { return world_; }

 private:
  World& world_;
  std::string login_;
  std::string id_;
  std::string setup_token_;
  Bytes totp_;
  std::vector<std::string> recovery_;
  std::map<std::string, std::string> cookies_;
  std::string csrf_;
};

}  // namespace fiducia::testing
