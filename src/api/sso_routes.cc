// Single sign-on: where the browser goes, what it brings back, and which provider it is.
#include "api/cookies.h"
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kTokenMax = 100;
constexpr size_t kCodeMax = 4000;
constexpr size_t kTextMax = 300;
constexpr size_t kPemMax = 65536;

// Where the browser sees this server. The name must be ours: what a header says goes into an
// address that people are sent to.
Result<std::string> OriginOf(const http::Request& request, const std::string& site) {
  const std::string_view host = request.Header("host");
  const bool ours = host == site || host.starts_with(site + ":");
  if (!ours || host.find_first_not_of("0123456789", std::min(host.size(), site.size() + 1)) !=
                   std::string_view::npos) {
    return Fail(Code::kInvalidInput, "use the name that this installation was set up for");
  }
  return "https://" + std::string(host);
}

Result<guard::Sso::Answer> DecodeAnswer(const http::Request& request, const std::string& site) {
  FID_ASSIGN(const Json body, DecodeObject(request, {"code", "state", "iss"}));
  guard::Sso::Answer answer;
  FID_ASSIGN(answer.origin, OriginOf(request, site));
  FID_ASSIGN(answer.came_back.code, DecodeNeeded(body, "code", kCodeMax));
  FID_ASSIGN(answer.state, DecodeNeeded(body, "state", kTokenMax));
  FID_ASSIGN(answer.came_back.issuer, DecodeText(body, "iss", kTextMax));
  answer.binding = Cookie(request, kSsoCookie);
  return answer;
}

http::Response Away(const guard::Sso::Started& started) {
  http::Response response = JsonResponse(200, {{"location", started.location}});
  SetSsoCookie(response, started.binding);
  return response;
}

// Without the secret: that is known to the provider and the sealed register alone.
Json ProviderToJson(const guard::Provider& provider, const std::string& site) {
  return {{"name", provider.name},
          {"issuer", provider.issuer},
          {"client_id", provider.client_id},
          {"own_authorities", !provider.ca_pem.empty()},
          {"site", site},
          {"return_path", guard::kSsoReturnPath}};
}

}  // namespace

void Api::ReadSso(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const auto provider = parts_.sso.provider();
    respond(JsonResponse(200, {{"available", provider.has_value()},
                               {"name", provider ? provider->name : std::string()}}));
    return {};
  });
}

void Api::StartSso(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"setup_token"}));
    FID_ASSIGN(const std::string token, DecodeText(body, "setup_token", kTokenMax));
    FID_ASSIGN(const std::string origin, OriginOf(call.request, parts_.sign_in.site()));
    FID_ASSIGN(const auto started,
               token.empty() ? parts_.sso.Start(origin) : parts_.sso.StartSetup(origin, token));
    respond(Away(started));
    return {};
  });
}

void Api::FinishSso(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto answer, DecodeAnswer(call.request, parts_.sign_in.site()));
    FID_ASSIGN(const guard::SignedIn signed_in, parts_.sso.Finish(answer, VisitorOf(call.request)));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::StartLink(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const std::string origin, OriginOf(call.request, parts_.sign_in.site()));
    FID_ASSIGN(const auto started, parts_.sso.StartLink(origin, *call.session));
    respond(Away(started));
    return {};
  });
}

void Api::FinishLink(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto answer, DecodeAnswer(call.request, parts_.sign_in.site()));
    FID_TRY(parts_.sso.FinishLink(*call.session, answer));
    http::Response response = NoContent();
    SetSsoCookie(response, "");
    respond(std::move(response));
    return {};
  });
}

void Api::Unlink(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.sso.Unlink(*call.session));
    respond(NoContent());
    return {};
  });
}

void Api::ReadProvider(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const auto provider = parts_.sso.provider();
    if (!provider) {
      return Fail(Code::kNotFound, "no identity provider is set up");
    }
    respond(JsonResponse(200, ProviderToJson(*provider, parts_.sign_in.site())));
    return {};
  });
}

void Api::PutProvider(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"name", "issuer", "client_id", "secret", "ca"}));
    guard::Provider provider;
    FID_ASSIGN(provider.name, DecodeNeeded(body, "name", kTextMax));
    FID_ASSIGN(provider.issuer, DecodeNeeded(body, "issuer", kTextMax));
    FID_ASSIGN(provider.client_id, DecodeNeeded(body, "client_id", kTextMax));
    FID_ASSIGN(provider.secret, DecodeNeeded(body, "secret", kTextMax));
    FID_ASSIGN(provider.ca_pem, DecodeText(body, "ca", kPemMax));
    const Json shown = ProviderToJson(provider, parts_.sign_in.site());
    FID_TRY(parts_.sso.Configure(call.access, std::move(provider)));
    respond(JsonResponse(200, shown));
    return {};
  });
}

void Api::RemoveProvider(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.sso.Remove(call.access));
    respond(NoContent());
    return {};
  });
}

}  // namespace fiducia::api
