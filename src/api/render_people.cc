// People as JSON: their names leave the process here.
#include <algorithm>
#include <set>

#include "api/render.h"
#include "base/clock.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr int64_t kDayMs = 86400000;

Json Both(const rules::Texts& texts) { return TextsOf(texts); }

std::string Text(const model::Sensitive& value) { return std::string(value.Reveal()); }

Json PasskeysToJson(const guard::User& user) {
  Json json = Json::array();
  for (const guard::Passkey& passkey : user.passkeys) {
    json.push_back({{"id", ToBase64Url(passkey.credential.id)},
                    {"label", passkey.label},
                    {"created_at", FormatTime(passkey.created_ms)},
                    {"used_at", TimeOrNull(passkey.used_ms)}});
  }
  return json;
}

}  // namespace

Json RenderMe(const guard::SignIn& sign_in, const guard::Session& session, const guard::User& user,
              const model::Actor& actor) {
  const guard::People& people = sign_in.people();
  const rules::Policy& policy = people.gate().policy();
  const guard::Stage stage = sign_in.StageOf(session, user);
  Json json;
  json["stage"] = Name(stage);
  json["csrf"] = session.csrf;
  json["user"] = {{"id", user.id.Text()},    {"login", Text(user.login)},
                  {"name", Text(user.name)}, {"email", Text(user.email)},
                  {"locale", user.locale},   {"department", user.department}};
  json["factors"] = {{"totp", !user.totp_secret.empty()},
                     {"sso", !user.sso_account.empty()},
                     {"passkeys", PasskeysToJson(user)},
                     {"recovery_left", user.recovery.size()}};
  json["session"] = {
      {"id", session.id.Text()},
      {"ends_at", FormatTime(session.created_ms + guard::kSessionMs)},
      {"fresh_until",
       TimeOrNull(session.factor_ms == 0 ? 0 : session.factor_ms + guard::kStepUpMs)}};
  if (stage == guard::Stage::kAgreement) {
    json["agreement"] = {{"id", policy.agreement.id},
                         {"version", policy.agreement.version},
                         {"title", Both(policy.agreement.title)},
                         {"text", Both(policy.agreement.text)}};
  }
  json["trained"] = actor.trained;
  json["roles"] = Json::array();
  std::set<std::string> capabilities;
  std::set<std::string> purposes;
  for (const guard::Grant& grant : people.GrantsOf(user.id)) {
    if (grant.revoked_ms == 0) {
      json["roles"].push_back(RenderGrant(grant));
    }
  }
  if (actor.leases != nullptr) {
    for (const model::Lease& lease : *actor.leases) {
      const rules::Role* role = policy.FindRole(lease.role);
      if (role == nullptr) {
        continue;
      }
      capabilities.insert(role->can.begin(), role->can.end());
      for (const std::string& purpose : role->purposes) {
        if (!lease.purposes || std::find(lease.purposes->begin(), lease.purposes->end(), purpose) !=
                                   lease.purposes->end()) {
          purposes.insert(purpose);
        }
      }
    }
  }
  json["capabilities"] = capabilities;
  json["purposes"] = purposes;
  return json;
}

Json RenderCourses(const rules::Policy& policy, const guard::User& user) {
  Json json;
  json["courses"] = Json::array();
  for (const rules::Course& course : policy.courses) {
    const auto found = user.courses.find(course.id);
    const bool done = found != user.courses.end() && found->second.version == course.version;
    Json one = {{"id", course.id},
                {"version", course.version},
                {"title", Both(course.title)},
                {"summary", Both(course.summary)},
                {"minutes", course.minutes},
                {"passed_at", done ? Json(FormatTime(found->second.at_ms)) : Json()},
                {"due_at", FormatTime(done ? found->second.at_ms + course.valid_days * kDayMs
                                           : user.created_ms + course.grace_days * kDayMs)},
                {"pass_mark", course.pass_mark},
                {"questions", Json::array()}};
    for (const rules::Course::Question& question : course.questions) {
      Json choices = Json::array();
      for (const rules::Course::Choice& choice : question.choices) {
        choices.push_back(Both(choice.text));
      }
      one["questions"].push_back({{"text", Both(question.text)}, {"choices", choices}});
    }
    json["courses"].push_back(std::move(one));
  }
  return json;
}

Json RenderGrant(const guard::Grant& grant) {
  const model::Lease& lease = grant.lease;
  return {{"id", grant.id.Text()},
          {"person", grant.user.Text()},
          {"role", lease.role},
          {"department", lease.department},
          {"purposes", ListOrNull(lease.purposes)},
          {"classes", ListOrNull(lease.classes)},
          {"level_max", model::Name(lease.level_max)},
          {"case", lease.case_id},
          {"from", FormatTime(lease.from_ms)},
          {"until", FormatTime(lease.until_ms)},
          {"reason", grant.reason},
          {"given_by", grant.given_by.Text()},
          {"given_at", FormatTime(grant.given_ms)},
          {"revoked_at", TimeOrNull(grant.revoked_ms)},
          {"request", grant.request.is_nil() ? Json() : Json(grant.request.Text())}};
}

Json RenderPeople(const guard::People& people) {
  Json json;
  json["people"] = Json::array();
  for (const guard::UserPtr& user : people.List()) {
    json["people"].push_back({{"id", user->id.Text()},
                              {"login", Text(user->login)},
                              {"name", Text(user->name)},
                              {"email", Text(user->email)},
                              {"locale", user->locale},
                              {"department", user->department},
                              {"state", Name(user->state)},
                              {"second_factor", user->has_second_factor()},
                              {"signed", people.HasSigned(*user)},
                              {"trained", people.IsTrained(*user)},
                              {"created_at", FormatTime(user->created_ms)},
                              {"disabled_at", TimeOrNull(user->disabled_ms)}});
  }
  return json;
}

Json RenderRequest(const guard::Request& request) {
  Json approvals = Json::array();
  for (const guard::Approval& approval : request.approvals) {
    approvals.push_back({{"by", approval.by.Text()},
                         {"officer", approval.officer},
                         {"at", FormatTime(approval.at_ms)}});
  }
  const model::Lease& lease = request.lease;
  return {{"id", request.id.Text()},
          {"kind", Name(request.kind)},
          {"state", Name(request.state)},
          {"requester", request.requester.Text()},
          {"beneficiary", request.beneficiary.Text()},
          {"role", lease.role},
          {"department", lease.department},
          {"purposes", ListOrNull(lease.purposes)},
          {"classes", ListOrNull(lease.classes)},
          {"level_max", model::Name(lease.level_max)},
          {"case", lease.case_id},
          {"networks", request.key.networks},
          {"per_minute", request.key.per_minute},
          {"hours", request.hours},
          {"purpose", request.scope.purpose},
          {"fields", request.scope.fields},
          {"rows", request.scope.rows_max},
          {"recipient", request.scope.recipient},
          {"form", request.scope.form},
          {"k", request.scope.k},
          {"l", request.scope.l},
          {"t", request.scope.t},
          {"reason", request.reason},
          {"hash", ToBase64(request.hash)},
          {"needs_officer", guard::Requests::NeedsOfficer(request)},
          {"approvals", approvals},
          {"note", request.note},
          {"created_at", FormatTime(request.created_ms)},
          {"decided_at", TimeOrNull(request.decided_ms)},
          {"until", TimeOrNull(request.until_ms == 0 ? lease.until_ms : request.until_ms)},
          {"result", request.result.is_nil() ? Json() : Json(request.result.Text())},
          {"told", request.told.size()},
          {"reviewed_by", request.reviewed_ms == 0 ? Json() : Json(request.reviewed_by.Text())},
          {"reviewed_at", TimeOrNull(request.reviewed_ms)},
          {"justified", request.reviewed_ms == 0 ? Json() : Json(request.justified)}};
}

Json RenderExport(const apps::ExportRecord& record, bool with_canary) {
  return {{"id", record.id.Text()},
          {"request", record.request.Text()},
          {"requester", record.requester.Text()},
          {"purpose", record.purpose},
          {"fields", record.fields},
          {"recipient", record.recipient},
          {"form", record.form},
          {"k", record.k},
          {"l", record.l},
          {"t", record.t},
          {"rows", record.rows},
          {"canary", with_canary ? Json(record.canary) : Json()},
          {"made_at", FormatTime(record.made_ms)},
          {"until", FormatTime(record.until_ms)},
          {"downloads", record.downloads},
          {"recalled_at", TimeOrNull(record.recalled_ms)},
          {"recalled_by", record.recalled_ms == 0 ? Json() : Json(record.recalled_by.Text())},
          {"risk",
           {{"direct", record.direct},
            {"groups", record.risk.groups},
            {"smallest", record.risk.smallest},
            {"unique", record.risk.unique},
            {"under_five", record.risk.under_five},
            {"average", record.risk.average}}}};
}

http::Response FileResponse(const model::Sensitive& file, const std::string& name) {
  http::Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  response.body = std::string(file.Reveal());
  return response;
}

}  // namespace fiducia::api
