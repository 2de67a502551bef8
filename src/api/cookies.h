// Cookies of people, and the checks that keep other sites from using them.
#pragma once

#include <string>
#include <string_view>

#include "guard/sign_in.h"
#include "http/message.h"

namespace fiducia::api {

constexpr std::string_view kSessionCookie = "__Host-fiducia";
constexpr std::string_view kDeviceCookie = "__Host-fiducia-device";
constexpr std::string_view kPortalCookie = "__Host-fiducia-portal";  // of customers
constexpr std::string_view kSsoCookie = "__Host-fiducia-sso";

// The value of a cookie; empty if it is not there.
std::string Cookie(const http::Request& request, std::string_view name);
// Sets the cookies of a session that was just made or got a new token.
void SetCookies(http::Response& response, const guard::SignedIn& signed_in);
void ClearSessionCookie(http::Response& response);
// The session of a customer; an empty value takes it back.
void SetPortalCookie(http::Response& response, const std::string& token);
// Binds a single sign-on to this browser for ten minutes; an empty value takes it back.
void SetSsoCookie(http::Response& response, const std::string& value);
// What changes something comes from our own pages, as far as the browser says where it comes from.
// Errors: kDenied.
Status CheckOrigin(const http::Request& request);
// The same, and the token in a header that only our own pages can set.
Status CheckSameSite(const http::Request& request, std::string_view csrf);
guard::Visitor VisitorOf(const http::Request& request);

}  // namespace fiducia::api
