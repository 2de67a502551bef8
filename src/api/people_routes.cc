// People, departments, grants, and what a role would see.
#include "api/decode.h"
#include "api/render.h"
#include "base/text.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kTextMax = 400;
constexpr int64_t kDayMs = 86400000;

Result<Uuid> PersonIn(const Call& call) { return IdOf(call, "there is no such person"); }

Result<int64_t> DecodeTime(const Json& body, std::string_view member, int64_t otherwise) {
  FID_ASSIGN(const std::string text, DecodeText(body, member, kWordMax));
  if (text.empty()) {
    return otherwise;
  }
  const auto time = ParseTime(text);
  if (!time) {
    return Fail(Code::kInvalidInput, "a time is written as in RFC 3339");
  }
  return *time;
}

Json InvitationToJson(const guard::Invitation& invitation) {
  return {{"id", invitation.user.Text()},
          {"setup_path", "/console/setup#" + invitation.setup_token},
          {"setup_until", FormatTime(invitation.until_ms)}};
}

}  // namespace

void Api::ListPeople(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "people.read"));
    respond(JsonResponse(200, RenderPeople(parts_.sign_in.people())));
    return {};
  });
}

void Api::AddPerson(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"login", "name", "email", "locale", "department"}));
    guard::NewUser user;
    FID_ASSIGN(std::string login, DecodeNeeded(body, "login", kTextMax));
    FID_ASSIGN(std::string name, DecodeNeeded(body, "name", kTextMax));
    FID_ASSIGN(std::string email, DecodeText(body, "email", kTextMax));
    user.login = model::Sensitive(std::move(login));
    user.name = model::Sensitive(std::move(name));
    user.email = model::Sensitive(std::move(email));
    FID_ASSIGN(user.locale, DecodeText(body, "locale", kWordMax));
    user.locale = user.locale.empty() ? "en" : user.locale;
    FID_ASSIGN(user.department, DecodeText(body, "department", kWordMax));
    FID_ASSIGN(const guard::Invitation invitation,
               parts_.sign_in.people().Add(call.access, std::move(user)));
    respond(JsonResponse(201, InvitationToJson(invitation)));
    return {};
  });
}

void Api::InvitePerson(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, PersonIn(call));
    FID_ASSIGN(const guard::Invitation invitation, parts_.sign_in.people().Invite(call.access, id));
    respond(JsonResponse(201, InvitationToJson(invitation)));
    return {};
  });
}

void Api::DisablePerson(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, PersonIn(call));
    FID_TRY(parts_.sign_in.people().Disable(call.access, id));
    respond(JsonResponse(200, {{"id", id.Text()}, {"state", "disabled"}}));
    return {};
  });
}

void Api::EnablePerson(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, PersonIn(call));
    FID_TRY(parts_.sign_in.people().Enable(call.access, id));
    respond(JsonResponse(200, {{"id", id.Text()}}));
    return {};
  });
}

void Api::MovePerson(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"department"}));
    FID_ASSIGN(const std::string department, DecodeNeeded(body, "department", kWordMax));
    FID_ASSIGN(const Uuid id, PersonIn(call));
    FID_TRY(parts_.sign_in.people().Move(call.access, id, department));
    respond(JsonResponse(200, {{"id", id.Text()}, {"department", department}}));
    return {};
  });
}

void Api::ListDepartments(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "people.read"));
    Json json;
    json["departments"] = Json::array();
    for (const guard::Department& department : parts_.sign_in.people().Departments()) {
      json["departments"].push_back(
          {{"code", department.code},
           {"name", TextsOf(department.name)},
           {"parent", department.parent.empty() ? Json() : Json(department.parent)},
           {"purposes", department.purposes ? Json(*department.purposes) : Json()}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PutDepartment(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"code", "name_zh", "name_en", "parent", "purposes"}));
    guard::Department department;
    FID_ASSIGN(department.code, DecodeNeeded(body, "code", kWordMax));
    FID_ASSIGN(department.name.zh, DecodeNeeded(body, "name_zh", kTextMax));
    FID_ASSIGN(department.name.en, DecodeNeeded(body, "name_en", kTextMax));
    FID_ASSIGN(department.parent, DecodeText(body, "parent", kWordMax));
    FID_ASSIGN(department.purposes, DecodeWords(body, "purposes"));
    const std::string code = department.code;
    FID_TRY(parts_.sign_in.people().PutDepartment(call.access, std::move(department)));
    respond(JsonResponse(201, {{"code", code}}));
    return {};
  });
}

void Api::ListGrants(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "people.read"));
    Json json;
    json["grants"] = Json::array();
    for (const guard::Grant& grant : parts_.sign_in.people().Grants()) {
      json["grants"].push_back(RenderGrant(grant));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::GiveGrant(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"person", "role", "department", "purposes", "classes",
                                           "level_max", "case", "from", "until", "reason"}));
    guard::People::GrantCommand command;
    FID_ASSIGN(const std::string person, DecodeNeeded(body, "person", kWordMax));
    const auto user = Uuid::Parse(person);
    if (!user) {
      return Fail(Code::kNotFound, "there is no such person");
    }
    command.user = *user;
    const int64_t now = parts_.clock.NowMs();
    model::Lease& lease = command.lease;
    FID_ASSIGN(lease, DecodeLease(body));
    FID_ASSIGN(lease.from_ms, DecodeTime(body, "from", now));
    FID_ASSIGN(lease.until_ms, DecodeTime(body, "until", now + 90 * kDayMs));
    FID_ASSIGN(command.reason, DecodeText(body, "reason", kTextMax));
    // A person who administers gives nobody sight of customers alone.
    if (call.session && parts_.requests.ReachesCustomers(lease.role)) {
      FID_ASSIGN(const guard::Request request,
                 parts_.requests.AskGrant(call.access, std::move(command)));
      respond(JsonResponse(202, RenderRequest(request)));
      return {};
    }
    FID_ASSIGN(const Uuid id, parts_.sign_in.people().Give(call.access, std::move(command)));
    respond(JsonResponse(201, {{"id", id.Text()}}));
    return {};
  });
}

void Api::RevokeGrant(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such grant in force"));
    FID_TRY(parts_.sign_in.people().Revoke(call.access, id));
    respond(NoContent());
    return {};
  });
}

// "As this role, for this purpose: what would be seen of a customer on such a basis, and why?"
}  // namespace fiducia::api
