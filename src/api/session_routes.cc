// Signing in and out, and stepping up.
#include "api/cookies.h"
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kLoginMax = 200;
constexpr size_t kPasswordMax = 600;
constexpr size_t kTokenMax = 100;
constexpr size_t kCodeMax = 40;

}  // namespace

// What the browser needs next; cookies are set beside it.
void Api::AnswerSignedIn(const guard::SignedIn& signed_in, Json extra,
                         http::Responder& respond) const {
  const auto user = parts_.sign_in.people().Find(signed_in.opened.session.user);
  if (!user) {
    return respond(http::Problem(user.error()));
  }
  Json json = std::move(extra);
  json["stage"] = Name(parts_.sign_in.StageOf(signed_in.opened.session, **user));
  json["csrf"] = signed_in.opened.session.csrf;
  http::Response response = JsonResponse(200, json);
  SetCookies(response, signed_in);
  respond(std::move(response));
}

void Api::SignIn(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"login", "password"}));
    FID_ASSIGN(std::string login, DecodeNeeded(body, "login", kLoginMax));
    FID_ASSIGN(std::string password, DecodeNeeded(body, "password", kPasswordMax));
    FID_ASSIGN(const guard::SignedIn signed_in,
               parts_.sign_in.WithPassword(model::Sensitive(std::move(login)),
                                           model::Sensitive(std::move(password)),
                                           VisitorOf(call.request)));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::SetUp(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"token", "password"}));
    FID_ASSIGN(const std::string token, DecodeNeeded(body, "token", kTokenMax));
    FID_ASSIGN(std::string password, DecodeNeeded(body, "password", kPasswordMax));
    FID_ASSIGN(const guard::SignedIn signed_in,
               parts_.sign_in.WithSetup(token, model::Sensitive(std::move(password)),
                                        VisitorOf(call.request)));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::SignInCode(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"kind", "code"}));
    FID_ASSIGN(const std::string kind, DecodeNeeded(body, "kind", kCodeMax));
    FID_ASSIGN(const std::string code, DecodeNeeded(body, "code", kCodeMax));
    if (kind != "totp" && kind != "recovery") {
      return Fail(Code::kInvalidInput, "a code is of the kind totp or recovery");
    }
    FID_ASSIGN(
        const guard::SignedIn signed_in,
        parts_.sign_in.WithCode(
            *call.session, kind == "totp" ? guard::FactorKind::kTotp : guard::FactorKind::kRecovery,
            code, VisitorOf(call.request)));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::PasskeyOptions(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    respond(JsonResponse(
        200, {{"challenge", parts_.sign_in.Challenge({})}, {"site", parts_.sign_in.site()}}));
    return {};
  });
}

void Api::SignInPasskey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"id", "client_data",
                                                            "authenticator_data", "signature"}));
    FID_ASSIGN(const guard::PasskeyAnswer answer, DecodeAssertion(body));
    FID_ASSIGN(const guard::SignedIn signed_in,
               parts_.sign_in.WithPasskey({}, answer, VisitorOf(call.request)));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::StepUpOptions(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const guard::UserPtr user, parts_.sign_in.people().Find(call.session->user));
    Json json = {{"challenge", parts_.sign_in.Challenge(call.session)},
                 {"site", parts_.sign_in.site()},
                 {"passkeys", Json::array()}};
    for (const guard::Passkey& passkey : user->passkeys) {
      json["passkeys"].push_back(ToBase64Url(passkey.credential.id));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::StepUpPasskey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"id", "client_data",
                                                            "authenticator_data", "signature"}));
    FID_ASSIGN(const guard::PasskeyAnswer answer, DecodeAssertion(body));
    FID_ASSIGN(const guard::SignedIn signed_in,
               parts_.sign_in.WithPasskey(call.session, answer, VisitorOf(call.request)));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::ReadSession(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const guard::UserPtr user, parts_.sign_in.people().Find(call.session->user));
    respond(JsonResponse(200, RenderMe(parts_.sign_in, *call.session, *user, call.access.actor)));
    return {};
  });
}

void Api::SignOut(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.sign_in.SignOut(*call.session));
    http::Response response = NoContent();
    ClearSessionCookie(response);
    respond(std::move(response));
    return {};
  });
}

}  // namespace fiducia::api
