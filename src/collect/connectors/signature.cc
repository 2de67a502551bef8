#include "collect/connectors/signature.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/names.h"
#include "base/text.h"
#include "collect/connectors/xml.h"
#include "crypto/hash.h"
#include "crypto/wecom.h"

namespace fiducia::collect {

namespace {

constexpr std::array<std::string_view, 5> kNames = {"generic", "shopify", "woocommerce", "standard",
                                                    "wecom"};
constexpr int64_t kTolerance = 300;  // seconds

auto Wrong() { return Fail(Code::kUnauthenticated, "the call is not signed with this secret"); }

Bytes HmacOf(BytesView secret, BytesView text) {
  return Bytes(crypto::View(crypto::Hmac(secret).Compute({text})));
}

// In hex or base64, after "sha256=" or nothing.
bool Matches(std::string_view given, const Bytes& expected) {
  if (given.starts_with("sha256=")) {
    given.remove_prefix(7);
  }
  const auto hex = given.size() == 64 ? FromHex(given) : Result<Bytes>(Bytes());
  const auto base64 = FromBase64(given);
  return (hex && EqualConstantTime(*hex, expected)) ||
         (base64 && EqualConstantTime(*base64, expected));
}

bool IsNow(std::string_view seconds, int64_t now_ms) {
  int64_t at = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), at);
  return error == std::errc() && end == seconds.data() + seconds.size() &&
         std::abs(now_ms / 1000 - at) <= kTolerance;
}

// Several signatures may stand there while a secret is being changed.
Result<SignedCall> CheckStandard(const std::string& secret, const http::Request& request,
                                 int64_t now_ms) {
  constexpr std::string_view kPrefix = "whsec_";
  const std::string id(request.Header("webhook-id"));
  const std::string time(request.Header("webhook-timestamp"));
  const std::string_view shared = secret;
  const auto key = FromBase64(shared.starts_with(kPrefix) ? shared.substr(kPrefix.size()) : shared);
  if (!key || key->empty() || id.empty() || id.size() > 200 || !IsNow(time, now_ms)) {
    return Wrong();
  }
  const Bytes expected = HmacOf(*key, id + "." + time + "." + request.body);
  const auto given = Split(request.Header("webhook-signature"), ' ');
  const bool right = std::any_of(given.begin(), given.end(), [&](std::string_view one) {
    return one.starts_with("v1,") && Matches(one.substr(3), expected);
  });
  if (!right) {
    return Wrong();
  }
  return SignedCall{"", id, request.body};
}

std::string QueryOf(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

// "token:EncodingAESKey", as both stand in the settings of WeCom.
Result<std::string> OpenSigned(const std::string& secret, const http::Request& request,
                               const std::string& sealed, int64_t now_ms) {
  const size_t colon = secret.find(':');
  const std::string time = QueryOf(request, "timestamp");
  if (colon == std::string::npos || !IsNow(time, now_ms)) {
    return Wrong();
  }
  const std::string expected =
      crypto::WeComDigest({secret.substr(0, colon), time, QueryOf(request, "nonce"), sealed});
  const auto bytes = FromBase64(sealed);
  if (!bytes || !EqualConstantTime(expected, QueryOf(request, "msg_signature"))) {
    return Wrong();
  }
  const auto opened = crypto::OpenWeCom(secret.substr(colon + 1), *bytes);
  if (!opened) {
    return Wrong();
  }
  return *opened;
}

Result<SignedCall> CheckWeCom(const std::string& secret, const http::Request& request,
                              int64_t now_ms) {
  const auto outer = ReadXml(request.body);
  if (!outer) {
    return Wrong();
  }
  FID_ASSIGN(const std::string text,
             OpenSigned(secret, request, JsonText(*outer, "Encrypt"), now_ms));
  FID_ASSIGN(const Json inner, ReadXml(text));
  const std::string event = JsonText(inner, "Event");
  return SignedCall{event.empty() ? JsonText(inner, "MsgType") : event, JsonText(inner, "MsgId"),
                    WriteJson(inner)};
}

}  // namespace

std::string_view Name(Signing signing) { return kNames[static_cast<size_t>(signing)]; }

Result<Signing> SigningNamed(std::string_view name) {
  if (const auto found = ValueNamed<Signing>(kNames, name)) {
    return *found;
  }
  return Fail(Code::kInvalidInput,
              "a call is signed as generic, shopify, woocommerce, standard or wecom");
}

Result<SignedCall> CheckSigned(Signing signing, const std::string& secret,
                               const std::string& header, const http::Request& request,
                               int64_t now_ms) {
  if (secret.empty()) {
    return Wrong();
  }
  const auto by_header = [&](std::string_view name, std::string_view topic) -> Result<SignedCall> {
    if (!Matches(request.Header(name), HmacOf(secret, request.body))) {
      return Wrong();
    }
    return SignedCall{topic.empty() ? "" : std::string(request.Header(topic)), "", request.body};
  };
  switch (signing) {
    case Signing::kGeneric:
      return by_header(header, "");
    case Signing::kShopify:
      return by_header("x-shopify-hmac-sha256", "x-shopify-topic");
    case Signing::kWooCommerce:
      return by_header("x-wc-webhook-signature", "x-wc-webhook-topic");
    case Signing::kStandard:
      return CheckStandard(secret, request, now_ms);
    case Signing::kWeCom:
      return CheckWeCom(secret, request, now_ms);
  }
  return Wrong();
}

Result<std::string> AnswerWeCom(const std::string& secret, const http::Request& request,
                                int64_t now_ms) {
  return OpenSigned(secret, request, QueryOf(request, "echostr"), now_ms);
}

}  // namespace fiducia::collect
