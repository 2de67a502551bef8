#include "testing/provider.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace fiducia::testing {

namespace {

constexpr size_t kCoordinate = 32;

std::string Decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string Member(std::string_view form, std::string_view name) {
  for (const std::string_view pair : Split(form, '&')) {
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name) {
      return Decoded(pair.substr(equals + 1));
    }
  }
  return {};
}

}  // namespace

struct TestProvider::Key {
  EVP_PKEY* pkey = EVP_EC_gen("P-256");
  std::string id;
  Key() = default;
  ~Key() { EVP_PKEY_free(pkey); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  Json Public() const {
    Bytes point(2 * kCoordinate + 1, '\0');
    size_t size = 0;
    EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY,
                                    reinterpret_cast<unsigned char*>(point.data()), point.size(),
                                    &size);
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"kid", id},
            {"use", "sig"},
            {"x", ToBase64Url(BytesView(point).substr(1, kCoordinate))},
            {"y", ToBase64Url(BytesView(point).substr(1 + kCoordinate))}};
  }

  Bytes Sign(BytesView message) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Bytes der(128, '\0');
    size_t size = der.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, pkey);
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(der.data()), &size,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    EVP_MD_CTX_free(context);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
    Bytes raw(2 * kCoordinate, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), reinterpret_cast<unsigned char*>(raw.data()), kCoordinate);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), reinterpret_cast<unsigned char*>(raw.data()) + kCoordinate,
                 kCoordinate);
    ECDSA_SIG_free(pair);
    return raw;
  }
};

TestProvider::TestProvider(const Clock& clock) : clock_(clock) {
  NewKey();
  const std::string issuer = kIssuer;
  metadata = {{"issuer", issuer},
              {"authorization_endpoint", issuer + "/authorize"},
              {"token_endpoint", issuer + "/token"},
              {"jwks_uri", issuer + "/keys"},
              {"response_types_supported", {"code"}},
              {"code_challenge_methods_supported", {"S256"}},
              {"id_token_signing_alg_values_supported", {"ES256"}},
              {"authorization_response_iss_parameter_supported", true}};
}

TestProvider::~TestProvider() = default;

void TestProvider::NewKey() {
  key_ = std::make_unique<Key>();
  key_->id = "key-" + std::to_string(++keys_made_);
}

guard::Fetch TestProvider::Fetch() {
  return [this](const guard::FetchRequest& request) { return Answer(request); };
}

std::string TestProvider::Sign(const Json& head, const Json& claims) const {
  Json whole = head;
  if (!whole.contains("kid")) {
    whole["kid"] = key_->id;
  }
  const std::string text = ToBase64Url(WriteJson(whole)) + "." + ToBase64Url(WriteJson(claims));
  Bytes signature = key_->Sign(text);
  signature[5] = static_cast<char>(signature[5] ^ (spoil ? 1 : 0));
  return text + "." + (JsonText(head, "alg") == "none" ? "" : ToBase64Url(signature));
}

std::string TestProvider::SignIn(const std::string& location, const std::string& subject) {
  return SignInWith(location, subject, Json::object());
}

std::string TestProvider::SignInWith(const std::string& location, const std::string& subject,
                                     const Json& claims) {
  const int64_t now = clock_.NowMs() / 1000;
  Json all = {{"iss", kIssuer}, {"sub", subject},   {"aud", kClient},
              {"iat", now},     {"exp", now + 300}, {"nonce", QueryOf(location, "nonce")}};
  for (const auto& [name, value] : claims.items()) {
    if (value.is_null()) {
      all.erase(name);
    } else {
      all[name] = value;
    }
  }
  const std::string code = "code/" + std::to_string(codes_.size() + 1) + "+ä";
  codes_[code] = {QueryOf(location, "code_challenge"), QueryOf(location, "redirect_uri"), all};
  return code;
}

guard::FetchReply TestProvider::Trade(const guard::FetchRequest& request) {
  const auto found = codes_.find(Member(request.form, "code"));
  const std::string verifier = Member(request.form, "code_verifier");
  const bool right =
      found != codes_.end() &&
      request.authorization == "Basic " + ToBase64(std::string(kClient) + ":a%20secret") &&
      found->second.redirect_uri == Member(request.form, "redirect_uri") &&
      found->second.challenge == ToBase64Url(crypto::View(crypto::Sha256({verifier})));
  if (!right) {
    return {400, R"({"error":"invalid_grant"})"};
  }
  const Json claims = found->second.claims;
  codes_.erase(found);  // a code is good once
  return {200, WriteJson({{"token_type", "Bearer"}, {"id_token", Sign(header, claims)}})};
}

Result<guard::FetchReply> TestProvider::Answer(const guard::FetchRequest& request) {
  asked.push_back(request);
  if (down) {
    return Fail(Code::kUnavailable, "the other server does not answer");
  }
  const std::string issuer = kIssuer;
  if (request.url == issuer + "/.well-known/openid-configuration") {
    return guard::FetchReply{200, WriteJson(metadata)};
  }
  if (request.url == issuer + "/keys") {
    return guard::FetchReply{200, WriteJson({{"keys", Json::array({key_->Public()})}})};
  }
  return request.url == issuer + "/token" ? Trade(request) : guard::FetchReply{404, "{}"};
}

std::string QueryOf(const std::string& url, const std::string& name) {
  const size_t start = url.find('?');
  return start == std::string::npos ? "" : Member(std::string_view(url).substr(start + 1), name);
}

}  // namespace fiducia::testing
