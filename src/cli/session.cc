#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "cli/commands.h"
#include "http/client.h"

namespace fiducia::cli {

http::Request MakeRequest(const std::string& method, const std::string& path,
                          const std::string& purpose) {
  http::Request request;
  request.method = method;
  request.path = path;
  request.headers["content-type"] = "application/json";
  if (!purpose.empty()) {
    request.headers["fiducia-purpose"] = purpose;
  }
  return request;
}

http::Response Session::Send(http::Request request) {
  if (!context_.key.empty()) {
    request.headers["authorization"] = "Bearer " + context_.key;
  }
  std::unique_lock opening(mutex_);
  if (instance_ == nullptr) {
    const server::SocketPath socket(context_.home);
    opening.unlock();
    auto answer = http::CallUnix(socket.path(), request);
    if (answer) {
      return std::move(*answer);
    }
    opening.lock();
  }
  if (instance_ == nullptr) {
    const char* passphrase = std::getenv("FIDUCIA_PASSPHRASE");
    auto opened = server::Instance::Open(
        context_.home, {passphrase == nullptr ? "" : passphrase, nullptr, nullptr});
    if (!opened) {
      std::fprintf(stderr, "fiducia: %s\n", opened.error().text.c_str());
      http::Response response;
      response.status = 0;
      return response;
    }
    instance_ = std::move(*opened);
  }
  opening.unlock();
  return instance_->Call(std::move(request));
}

int Finish(const Context& context, const http::Response& response,
           const std::function<void(const Json&)>& table) {
  if (response.status == 0) {
    return kFailed;
  }
  const auto json = ParseJson(response.body.empty() ? "{}" : response.body,
                              {.depth_max = 64, .values_max = 10000000});
  const bool good = response.status < 400;
  if (context.json) {
    std::printf("%s\n", response.body.empty() ? "{}" : response.body.c_str());
  } else if (!good || !json) {
    const std::string detail = json ? JsonText(*json, "detail") : "the answer is not JSON";
    const std::string code = json ? JsonText(*json, "code") : "";
    std::fprintf(stderr, "fiducia: %s (%s)\n", detail.c_str(), code.c_str());
  } else {
    table(*json);
  }
  return good ? kOk : kFailed;
}

}  // namespace fiducia::cli
