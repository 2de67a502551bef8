#include "testing/customer.h"

#include <gtest/gtest.h>

namespace fiducia::testing {

std::string Customer::LinkFor(World& world, const std::string& contact, const std::string& locale) {
  const auto asked = world.Send("", "POST", "/api/v1/portal/link", "",
                                WriteJson({{"contact", contact}, {"locale", locale}}));
  EXPECT_EQ(asked.status, 202) << asked.body;
  world.Settle();
  const auto waiting = world.instance().outbox().Waiting();
  if (waiting.empty()) {
    return "";
  }
  const std::string body(waiting.back().body.Reveal());
  const size_t at = body.find("#link=");
  return at == std::string::npos ? "" : body.substr(at + 6, body.find("\r\n", at) - at - 6);
}

http::Response Customer::Enter(World& world, const std::string& link) {
  return world.Send("", "POST", "/api/v1/portal/session", "", WriteJson({{"link", link}}));
}

Customer::Customer(World& world, const std::string& contact, const std::string& locale)
    : world_(world) {
  const std::string link = LinkFor(world, contact, locale);
  EXPECT_NE(link, "") << "no link arrived";
  const auto entered = Enter(world, link);
  EXPECT_EQ(entered.status, 200) << entered.body;
  csrf_ = JsonText(Body(entered), "csrf");
  for (const auto& [name, value] : entered.headers) {
    if (name == "Set-Cookie") {
      cookie_ = value.substr(0, value.find(';'));
    }
  }
}

http::Response Customer::Send(const std::string& method, const std::string& path, const Json& body,
                              const std::map<std::string, std::string>& headers) {
  std::map<std::string, std::string> all = {{"cookie", cookie_}, {"x-csrf-token", csrf_}};
  for (const auto& [name, value] : headers) {
    all[name] = value;
  }
  return world_.Send("", method, path, "", body.is_null() ? "" : WriteJson(body), all);
}

}  // namespace fiducia::testing
