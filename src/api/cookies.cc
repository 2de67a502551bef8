#include "api/cookies.h"

#include "base/text.h"

namespace fiducia::api {

namespace {

constexpr std::string_view kAttributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";
constexpr int64_t kSsoSeconds = 600;

void SetCookie(http::Response& response, std::string_view name, const std::string& value,
               int64_t seconds) {
  response.headers.emplace_back("Set-Cookie", std::string(name) + "=" + value +
                                                  std::string(kAttributes) +
                                                  "; Max-Age=" + std::to_string(seconds));
}

}  // namespace

std::string Cookie(const http::Request& request, std::string_view name) {
  for (const std::string_view part : Split(request.Header("cookie"), ';')) {
    const std::string_view pair = TrimAscii(part);
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

void SetCookies(http::Response& response, const guard::SignedIn& signed_in) {
  SetCookie(response, kSessionCookie, signed_in.opened.token, guard::kSessionMs / 1000);
  if (!signed_in.device.empty()) {
    SetCookie(response, kDeviceCookie, signed_in.device, 90 * int64_t{86400});
  }
}

void ClearSessionCookie(http::Response& response) {
  SetCookie(response, kSessionCookie, "", 0);
  response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
}

void SetPortalCookie(http::Response& response, const std::string& token) {
  SetCookie(response, kPortalCookie, token, token.empty() ? 0 : guard::kSessionMs / 1000);
}

void SetSsoCookie(http::Response& response, const std::string& value) {
  SetCookie(response, kSsoCookie, value, value.empty() ? 0 : kSsoSeconds);
}

Status CheckOrigin(const http::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") {
    return {};
  }
  const std::string_view site = request.Header("sec-fetch-site");
  const std::string_view origin = request.Header("origin");
  const std::string ours = "https://" + std::string(request.Header("host"));
  if ((!site.empty() && site != "same-origin") || (!origin.empty() && origin != ours)) {
    return Fail(Code::kDenied, "the request does not come from this site's own pages");
  }
  return {};
}

Status CheckSameSite(const http::Request& request, std::string_view csrf) {
  FID_TRY(CheckOrigin(request));
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && (csrf.empty() || !EqualConstantTime(request.Header("x-csrf-token"), csrf))) {
    return Fail(Code::kDenied, "the request does not come from this site's own pages");
  }
  return {};
}

guard::Visitor VisitorOf(const http::Request& request) {
  return {request.peer, std::string(request.Header("user-agent")), Cookie(request, kDeviceCookie)};
}

}  // namespace fiducia::api
