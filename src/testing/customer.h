// A customer at the portal: asks for a link, finds it in the outbox, keeps the cookie.
#pragma once

#include <map>
#include <string>

#include "testing/world.h"

namespace fiducia::testing {

class Customer {
 public:
  // Comes in with a link that is sent to this mail address. Fails the test if none arrives.
  Customer(World& world, const std::string& contact, const std::string& locale = "en");

  http::Response Send(const std::string& method, const std::string& path, const Json& body = Json(),
                      const std::map<std::string, std::string>& headers = {});
  const std::string& csrf() const { return csrf_; }
  const std::string& cookie() const { return cookie_; }

  // Asks for a link and gives it, without using it; "" if none was sent.
  static std::string LinkFor(World& world, const std::string& contact,
                             const std::string& locale = "en");
  static http::Response Enter(World& world, const std::string& link);

 private:
  World& world_;
  std::string cookie_;
  std::string csrf_;
};

}  // namespace fiducia::testing
