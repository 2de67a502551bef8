// Cookies of people, and the checks that keep other sites from using them.
#pragma once

#include <string>
#include <string_view>

#include "guard/sign_in.h"
#include "http/message.h"

namespace fiducia::api {

constexpr std::string_view kSessionCookie = "__Host-fiducia";
constexpr std::string_view kDeviceCookie = "__Host-fiducia-device";

// The value of a cookie; empty if it is not there.
std::string Cookie(const http::Request& request, std::string_view name);
// Sets the cookies of a session that was just made or got a new token.
void SetCookies(http::Response& response, const guard::SignedIn& signed_in);
void ClearSessionCookie(http::Response& response);
// Requests that change something must come from our own pages: the token in a header that only they
// can set, and what the browser says of their origin. Errors: kDenied.
Status CheckSameSite(const http::Request& request, std::string_view csrf);
guard::Visitor VisitorOf(const http::Request& request);

}  // namespace fiducia::api
