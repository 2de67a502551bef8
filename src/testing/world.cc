#include "testing/world.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>
#include <unistd.h>

#include "audit/publisher.h"
#include "base/log.h"

namespace fiducia::testing {

namespace fs = std::filesystem;

std::string TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "fiducia-test-XXXXXX").string();
  const char* made = mkdtemp(pattern.data());
  FID_CHECK(made != nullptr);
  return made;
}

std::string SharedData(const std::string& name) {
  for (const char* base : {"../shared/data/", "../../shared/data/", "../../../shared/data/"}) {
    std::error_code error;
    if (fs::exists(base + name, error)) {
      return base + name;
    }
  }
  return {};
}

Json Body(const http::Response& response) {
  const auto json = ParseJson(response.body.empty() ? "{}" : response.body,
                              {.depth_max = 64, .values_max = 10000000});
  return json ? *json : Json();
}

World::World() {
  SetLogLevel(LogLevel::kError);
  home_.folder = TempFolder();
  fs::remove(home_.folder);
  const auto made = server::Instance::Init(home_, {});
  EXPECT_TRUE(made) << (made ? "" : made.error().text);
  Reopen();
  Local("POST", "/api/v1/sources", {}, R"({"id":"shop","channel":"api","owner":"ops"})");
}

World::~World() {
  instance_.reset();
  std::error_code error;
  fs::remove_all(home_.folder, error);
}

void World::Reopen() {
  const std::string trouble = TryOpen();
  ASSERT_EQ(trouble, "");
}

std::string World::TryOpen() {
  instance_.reset();
  auto opened = server::Instance::Open(home_, {"", &clock_, nullptr});
  if (!opened) {
    return opened.error().text;
  }
  instance_ = std::move(*opened);
  return "";
}

model::Access World::Owner(const std::string& purpose) {
  model::Access access;
  access.actor = {instance_->operator_id(), "operator"};
  access.purpose = purpose;
  return access;
}

std::string World::Key(const std::string& role) {
  std::string& key = keys_[role];
  if (key.empty()) {
    const auto made = instance_->service_keys().Add(Owner(), role, "test", 30);
    EXPECT_TRUE(made);
    key = made ? made->key : "";
  }
  return key;
}

http::Response World::Send(const std::string& role, const std::string& method,
                           const std::string& path, const std::string& purpose,
                           const std::string& body,
                           const std::map<std::string, std::string>& headers) {
  http::Request request;
  request.method = method;
  request.peer = "127.0.0.1";
  if (const Status status = http::ParseTarget(path, request); !status) {
    return http::Problem(status.error());
  }
  request.headers["content-type"] = "application/json";
  if (!role.empty()) {
    request.headers["authorization"] = "Bearer " + Key(role);
  }
  if (!purpose.empty()) {
    request.headers["fiducia-purpose"] = purpose;
  }
  for (const auto& [name, value] : headers) {
    request.headers[name] = value;
  }
  request.body = body;
  std::promise<http::Response> promise;
  auto answer = promise.get_future();
  instance_->api().Handle(std::move(request), [&promise](http::Response response) {
    promise.set_value(std::move(response));
  });
  return answer.get();
}

http::Response World::Local(const std::string& method, const std::string& path,
                            const std::string& purpose, const std::string& body) {
  http::Request request;
  request.method = method;
  EXPECT_TRUE(http::ParseTarget(path, request));
  request.headers["content-type"] = "application/json";
  if (!purpose.empty()) {
    request.headers["fiducia-purpose"] = purpose;
  }
  request.body = body;
  return instance_->Call(std::move(request));
}

std::string World::AddCustomer(const Json& fields, const std::string& purpose) {
  Json body;
  body["kind"] = "person";
  body["fields"] = fields;
  body["source"] = "shop";
  body["basis"] = purpose == "service" ? "contract" : "consent";
  const http::Response response = Local("POST", "/api/v1/customers", purpose, WriteJson(body));
  EXPECT_EQ(response.status, 201) << response.body;
  return JsonText(Body(response), "id");
}

std::string World::HeldInClear(const std::vector<std::string>& markers) const {
  for (const auto& entry : fs::recursive_directory_iterator(home_.folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const auto content = audit::ReadWholeFile(entry.path().string());
    for (const std::string& marker : markers) {
      if (content && memmem(content->data(), content->size(), marker.data(), marker.size())) {
        return marker;
      }
    }
  }
  return "";
}

void World::Tamper(const std::string& database, const std::string& sql) {
  instance_.reset();
  const std::string command = "sqlite3 '" + home_.Db() + "/" + database + ".db' \"" + sql + "\"";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(bugprone-command-processor)
}

}  // namespace fiducia::testing
