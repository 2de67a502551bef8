// One's own account: second factors, password, agreement, courses, devices.
#include "api/cookies.h"
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kShortMax = 100;
constexpr size_t kPasswordMax = 600;

Json CodesToJson(const std::vector<std::string>& codes) {
  return codes.empty() ? Json::object() : Json{{"recovery_codes", codes}};
}

}  // namespace

void Api::OfferTotp(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const auto offer, parts_.enrollment.OfferTotp(*call.session));
    respond(JsonResponse(200, {{"secret", offer.secret}, {"uri", offer.uri}}));
    return {};
  });
}

void Api::ConfirmTotp(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"code"}));
    FID_ASSIGN(const std::string code, DecodeNeeded(body, "code", kShortMax));
    FID_ASSIGN(const auto enrolled, parts_.enrollment.ConfirmTotp(*call.session, code));
    AnswerSignedIn(enrolled.signed_in, CodesToJson(enrolled.recovery_codes), respond);
    return {};
  });
}

void Api::AddPasskey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"client_data", "authenticator_data",
                                                            "algorithm", "label"}));
    FID_ASSIGN(const guard::PasskeyAnswer answer, DecodeRegistration(body));
    FID_ASSIGN(const std::string label, DecodeNeeded(body, "label", kShortMax));
    FID_ASSIGN(const auto enrolled, parts_.enrollment.AddPasskey(*call.session, answer, label));
    AnswerSignedIn(enrolled.signed_in, CodesToJson(enrolled.recovery_codes), respond);
    return {};
  });
}

void Api::RemovePasskey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.enrollment.RemovePasskey(*call.session, call.path[0]));
    respond(NoContent());
    return {};
  });
}

void Api::NewRecoveryCodes(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const auto codes, parts_.enrollment.NewRecoveryCodes(*call.session));
    respond(JsonResponse(200, CodesToJson(codes)));
    return {};
  });
}

void Api::ChangePassword(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"before", "after"}));
    FID_ASSIGN(std::string before, DecodeNeeded(body, "before", kPasswordMax));
    FID_ASSIGN(std::string after, DecodeNeeded(body, "after", kPasswordMax));
    FID_ASSIGN(const guard::SignedIn signed_in,
               parts_.enrollment.ChangePassword(*call.session, model::Sensitive(std::move(before)),
                                                model::Sensitive(std::move(after))));
    AnswerSignedIn(signed_in, Json::object(), respond);
    return {};
  });
}

void Api::SignAgreement(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"version"}));
    FID_ASSIGN(const std::string version, DecodeNeeded(body, "version", kShortMax));
    if (call.session->factors < 2) {
      return Fail(Code::kSignInIncomplete, "show your second factor first");
    }
    FID_TRY(parts_.enrollment.SignAgreement(*call.session, version));
    respond(NoContent());
    return {};
  });
}

void Api::ReadCourses(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const guard::UserPtr user, parts_.sign_in.people().Find(call.session->user));
    respond(JsonResponse(200, RenderCourses(parts_.gate.policy(), *user)));
    return {};
  });
}

void Api::TakeCourse(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"answers"}));
    const auto given = body.find("answers");
    if (given == body.end() || !given->is_array() || given->size() > 200) {
      return Fail(Code::kInvalidInput, "the answers are a list of numbers");
    }
    std::vector<int> answers;
    for (const Json& one : *given) {
      if (!one.is_number_integer() || one.get<int64_t>() < 0 || one.get<int64_t>() > 100) {
        return Fail(Code::kInvalidInput, "the answers are a list of numbers");
      }
      answers.push_back(one.get<int>());
    }
    FID_ASSIGN(const auto graded,
               parts_.enrollment.TakeCourse(*call.session, call.path[0], answers));
    respond(JsonResponse(
        200, {{"passed", graded.passed}, {"right", graded.right}, {"needed", graded.needed}}));
    return {};
  });
}

void Api::ListSessions(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json;
    json["sessions"] = Json::array();
    for (const guard::Session& session : parts_.sign_in.sessions().Of(call.session->user)) {
      json["sessions"].push_back({{"id", session.id.Text()},
                                  {"device", session.device},
                                  {"created_at", FormatTime(session.created_ms)},
                                  {"seen_at", FormatTime(session.seen_ms)},
                                  {"current", session.id == call.session->id}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::EndSession(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    for (const guard::Session& session : parts_.sign_in.sessions().Of(call.session->user)) {
      if (session.id.Text() == call.path[0]) {
        FID_TRY(parts_.sign_in.SignOut(session));
        respond(NoContent());
        return {};
      }
    }
    return Fail(Code::kNotFound, "there is no such session of yours");
  });
}

}  // namespace fiducia::api
