// The customers' own door: links and passkeys, those they speak for, and the guardians on record.
#include "api/cookies.h"
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kContactMax = 200;
constexpr size_t kTokenMax = 100;
constexpr size_t kIdMax = 80;
constexpr Literal kNoPasskey = "there is no such passkey";

Json Render(const govern::CustomerPasskey& passkey) {
  return {{"id", passkey.id.Text()},
          {"created_at", FormatTime(passkey.created_ms)},
          {"used_at", passkey.used_ms == 0 ? Json() : Json(FormatTime(passkey.used_ms))}};
}

Json Render(const govern::Guardianship& one) {
  const auto by = [](const Uuid& who) { return who.is_nil() ? Json() : Json(who.Text()); };
  const auto at = [](int64_t when) { return when == 0 ? Json() : Json(FormatTime(when)); };
  return {{"id", one.id.Text()},
          {"minor", one.minor.Text()},
          {"guardian", one.guardian.Text()},
          {"relation", one.relation},
          {"reference", one.reference},
          {"state", one.state()},
          {"by", one.by.Text()},
          {"at", FormatTime(one.at_ms)},
          {"confirmed_by", by(one.confirmed_by)},
          {"confirmed_at", at(one.confirmed_ms)},
          {"ended_by", by(one.ended_by)},
          {"ended_at", at(one.ended_ms)}};
}

void AnswerEntered(const guard::Sessions::Opened& opened, http::Responder& respond) {
  http::Response response = JsonResponse(200, {{"csrf", opened.session.csrf}});
  SetPortalCookie(response, opened.token);
  respond(std::move(response));
}

}  // namespace

void Api::PortalLink(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"contact", "locale"}));
    FID_ASSIGN(std::string contact, DecodeNeeded(body, "contact", kContactMax));
    FID_ASSIGN(const std::string locale, DecodeText(body, "locale", 16));
    // The answer leaves before anything is looked up: it tells nothing, by word or by time.
    respond(JsonResponse(202, {{"sent", true}}));
    const Status sent =
        parts_.doors.SendLinks(model::Sensitive(std::move(contact)), locale, call.request.peer);
    if (sent) {
      (void)parts_.outbox.Deliver();
    }
    return {};
  });
}

void Api::PortalEnter(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"link"}));
    FID_ASSIGN(const std::string link, DecodeNeeded(body, "link", kTokenMax));
    FID_ASSIGN(const auto opened,
               parts_.doors.Enter(link, std::string(call.request.Header("user-agent")),
                                  call.request.peer));
    AnswerEntered(opened, respond);
    return {};
  });
}

void Api::PortalSession(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const bool gpc = call.request.Header("sec-gpc") == "1";
    auto answer = [this, session = *call.session, gpc,
                   respond = std::move(respond)](Result<bool> honored) mutable {
      if (!honored) {
        return respond(http::Problem(honored.error()));
      }
      const auto told = parts_.gate.told();
      respond(JsonResponse(200, {{"csrf", session.csrf},
                                 {"fresh", parts_.doors.RequireFresh(session).has_value()},
                                 {"entered_at", FormatTime(session.factor_ms)},
                                 {"notice", told->current},
                                 {"gpc", gpc}}));
    };
    if (gpc) {
      parts_.self_service.Signal(call.self, std::move(answer));
    } else {
      answer(false);
    }
    return {};
  });
}

void Api::PortalLeave(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.doors.Leave(*call.session));
    http::Response response = NoContent();
    SetPortalCookie(response, "");
    respond(std::move(response));
    return {};
  });
}

void Api::PortalPasskeyOptions(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    respond(JsonResponse(200, {{"challenge", parts_.customer_passkeys.Challenge(std::nullopt)},
                               {"site", parts_.customer_passkeys.site()}}));
    return {};
  });
}

void Api::PortalPasskeyEnter(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"id", "client_data",
                                                            "authenticator_data", "signature"}));
    FID_ASSIGN(const guard::PasskeyAnswer answer, DecodeAssertion(body));
    FID_ASSIGN(const auto opened,
               parts_.customer_passkeys.Enter(
                   answer, std::string(call.request.Header("user-agent")), call.request.peer));
    AnswerEntered(opened, respond);
    return {};
  });
}

void Api::PortalPasskeys(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json = {{"passkeys", Json::array()}};
    const auto own = parts_.customer_passkeys.Of(call.session->user);
    for (const govern::CustomerPasskey& passkey : own) {
      json["passkeys"].push_back(Render(passkey));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

// What a new passkey is bound to. The handle is the customer's id: it names nobody.
void Api::PortalPasskeyNew(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_TRY(parts_.doors.RequireFresh(*call.session));
    Json json = {{"challenge", parts_.customer_passkeys.Challenge(call.session)},
                 {"site", parts_.customer_passkeys.site()},
                 {"handle", call.session->user.Text()},
                 {"passkeys", Json::array()}};
    const auto own = parts_.customer_passkeys.Of(call.session->user);
    for (const govern::CustomerPasskey& passkey : own) {
      json["passkeys"].push_back(ToBase64Url(passkey.credential.id));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PortalPasskeyAdd(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"client_data", "authenticator_data", "algorithm"}));
    FID_ASSIGN(const guard::PasskeyAnswer answer, DecodeRegistration(body));
    FID_ASSIGN(const auto added, parts_.customer_passkeys.Add(*call.session, answer));
    respond(JsonResponse(201, Render(added)));
    return {};
  });
}

void Api::PortalPasskeyRemove(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoPasskey));
    FID_TRY(parts_.customer_passkeys.Remove(*call.session, id));
    respond(NoContent());
    return {};
  });
}

void Api::HandLink(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"reason"}));
    FID_ASSIGN(call.access.reason, DecodeText(body, "reason", 500));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const govern::HandedLink link, parts_.doors.HandLink(call.access, subject));
    respond(JsonResponse(201, {{"url", link.url}, {"until", FormatTime(link.until_ms)}}));
    return {};
  });
}

// Those a guardian speaks for, by name: a look into each of their records, and on record there.
void Api::PortalWards(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json = {{"wards", Json::array()}};
    const auto wards = parts_.guardians.WardsOf(call.session->user);
    for (const govern::Guardianship& one : wards) {
      FID_ASSIGN(const model::Sensitive name,
                 parts_.guardians.NameFor(call.session->user, one.minor));
      json["wards"].push_back(RenderWard(one, name));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ListGuardians(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const auto all, parts_.guardians.List(call.access, subject.id));
    Json json = {{"guardians", Json::array()}};
    for (const govern::Guardianship& one : all) {
      json["guardians"].push_back(Render(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AddGuardian(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"guardian", "relation", "reference"}));
    FID_ASSIGN(const model::SubjectRef minor, SubjectOf(call));
    FID_ASSIGN(const std::string guardian, DecodeNeeded(body, "guardian", kIdMax));
    FID_ASSIGN(const Uuid guardian_id, Uuid::Parse(guardian));
    FID_ASSIGN(const std::string relation, DecodeNeeded(body, "relation", kIdMax));
    FID_ASSIGN(const std::string reference, DecodeNeeded(body, "reference", kIdMax));
    FID_ASSIGN(const auto made,
               parts_.guardians.Propose(call.access, minor.id, guardian_id, relation, reference));
    respond(JsonResponse(201, Render(made)));
    return {};
  });
}

void Api::StepGuardian(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"step"}));
    FID_ASSIGN(const std::string step, DecodeNeeded(body, "step", kIdMax));
    FID_ASSIGN(const model::SubjectRef minor, SubjectOf(call));
    const Uuid id = Uuid::Parse(call.path[1]).value_or(Uuid());
    if (step != "confirm" && step != "end") {
      return Fail(Code::kInvalidInput, "a step is confirm or end");
    }
    FID_ASSIGN(const auto now, step == "confirm"
                                   ? parts_.guardians.Confirm(call.access, minor.id, id)
                                   : parts_.guardians.End(call.access, minor.id, id));
    respond(JsonResponse(200, Render(now)));
    return {};
  });
}

}  // namespace fiducia::api
