// Whether a call of another system comes from it: signed as its makers do, and not an old one sent
// again.
#pragma once

#include <string>

#include "http/message.h"

namespace fiducia::collect {

// How a call is signed.
enum class Signing : uint8_t {
  kGeneric,      // HMAC-SHA-256 of the body, in hex or base64, in a header
  kShopify,      // the same in base64; what happened in a header of its own
  kWooCommerce,  // likewise
  kStandard,     // Standard Webhooks: id, time and body
  kWeCom,        // WeChat and WeCom: SHA-1 over a sealed body
};
std::string_view Name(Signing signing);
Result<Signing> SigningNamed(std::string_view name);

// A call that was found to be right.
struct SignedCall {
  std::string topic;  // what kind of thing it tells; may be empty
  std::string id;     // of the message, if that is signed too
  std::string body;   // as it is meant: opened, if it was sealed
};

// `header`: of the generic kind. Errors: kUnauthenticated for a wrong or missing signature, or one
// of more than five minutes ago where the time is signed.
Result<SignedCall> CheckSigned(Signing signing, const std::string& secret,
                               const std::string& header, const http::Request& request,
                               int64_t now_ms);

// What WeCom asks for first: the text that it sent, opened. Errors: kUnauthenticated.
Result<std::string> AnswerWeCom(const std::string& secret, const http::Request& request,
                                int64_t now_ms);

}  // namespace fiducia::collect
