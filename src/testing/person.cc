#include "testing/person.h"

#include <future>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "crypto/second_factor.h"

namespace fiducia::testing {

namespace {

Bytes FromBase32(std::string_view text) {
  Bytes bytes;
  uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = static_cast<uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    held = (held << 5) | value;
    if ((bits += 5) >= 8) {
      bytes.push_back(static_cast<char>((held >> (bits -= 8)) & 0xff));
    }
  }
  return bytes;
}

}  // namespace

Person::Person(World& world, const std::string& login, const std::string& department)
    : world_(world), login_(login) {
  Json body = {{"login", login}, {"name", "Person " + login}};
  if (!department.empty()) {
    body["department"] = department;
  }
  const auto made = world.Local("POST", "/api/v1/people", "", WriteJson(body));
  EXPECT_EQ(made.status, 201) << made.body;
  id_ = JsonText(Body(made), "id");
  const std::string path = JsonText(Body(made), "setup_path");
  setup_token_ = path.substr(path.find('#') + 1);
}

Person Person::Working(World& world, const std::string& login, const std::string& role) {
  Person person(world, login);
  person.SetUp();
  person.Give(role);
  return person;
}

http::Response Person::SendWith(const std::string& method, const std::string& path,
                                const Json& body,
                                const std::map<std::string, std::string>& headers) {
  http::Request request;
  request.method = method;
  request.peer = "127.0.0.1";
  EXPECT_TRUE(http::ParseTarget(path, request));
  request.headers = {{"content-type", "application/json"},
                     {"host", "localhost:8443"},
                     {"origin", "https://localhost:8443"},
                     {"sec-fetch-site", "same-origin"},
                     {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0"},
                     {"x-csrf-token", csrf_}};
  std::string jar;
  for (const auto& [name, value] : cookies_) {
    jar += (jar.empty() ? "" : "; ") + name + "=" + value;
  }
  if (!jar.empty()) {
    request.headers["cookie"] = jar;
  }
  for (const auto& [name, value] : headers) {
    request.headers[name] = value;
  }
  request.body = body.is_null() && method != "GET" ? "{}" : body.is_null() ? "" : WriteJson(body);
  std::promise<http::Response> promise;
  auto answer = promise.get_future();
  world_.instance().api().Handle(std::move(request), [&promise](http::Response response) {
    promise.set_value(std::move(response));
  });
  http::Response response = answer.get();
  for (const auto& [name, value] : response.headers) {
    if (name == "Set-Cookie") {
      const size_t equals = value.find('=');
      cookies_[value.substr(0, equals)] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
  }
  const Json json = Body(response);
  if (json.is_object() && json.contains("csrf")) {
    csrf_ = JsonText(json, "csrf");
  }
  return response;
}

http::Response Person::Send(const std::string& method, const std::string& path,
                            const std::string& purpose, const Json& body) {
  std::map<std::string, std::string> headers;
  if (!purpose.empty()) {
    headers["fiducia-purpose"] = purpose;
  }
  return SendWith(method, path, body, headers);
}

void Person::SetUp() {
  const auto set =
      Send("POST", "/api/v1/session/setup", "", {{"token", setup_token_}, {"password", kPassword}});
  ASSERT_EQ(set.status, 200) << set.body;
  const Json offer = Body(Send("POST", "/api/v1/me/totp"));
  totp_ = FromBase32(JsonText(offer, "secret"));
  const Json done =
      Body(Send("POST", "/api/v1/me/totp/confirm", "",
                {{"code", crypto::TotpCode(totp_, world_.clock().NowMs() / 1000 / 30)}}));
  for (const Json& code : done.value("recovery_codes", Json::array())) {
    recovery_.push_back(code.get<std::string>());
  }
  const Json me = Body(Send("GET", "/api/v1/session"));
  ASSERT_EQ(JsonText(me, "stage"), "agreement");
  const auto signed_it =
      Send("POST", "/api/v1/me/agreement", "", {{"version", JsonText(me["agreement"], "version")}});
  ASSERT_EQ(signed_it.status, 204) << signed_it.body;
}

http::Response Person::Password(const std::string& password) {
  return Send("POST", "/api/v1/session", "", {{"login", login_}, {"password", password}});
}

http::Response Person::Code() {
  return Send(
      "POST", "/api/v1/session/code", "",
      {{"kind", "totp"}, {"code", crypto::TotpCode(totp_, world_.clock().NowMs() / 1000 / 30)}});
}

void Person::SignIn() {
  world_.clock().Advance(31000);
  ASSERT_EQ(Password().status, 200);
  const auto done = Code();
  ASSERT_EQ(done.status, 200) << done.body;
}

void Person::Give(const std::string& role, Json more) {
  more["person"] = id_;
  more["role"] = role;
  if (!more.contains("until")) {
    more["until"] = FormatTime(world_.clock().NowMs() + 30 * int64_t{86400000});
  }
  const auto given = world_.Local("POST", "/api/v1/grants", "", WriteJson(more));
  ASSERT_EQ(given.status, 201) << given.body;
}

}  // namespace fiducia::testing
