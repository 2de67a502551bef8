// Forms: declared by the house, filled in by anybody.
#include <algorithm>

#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "base/text.h"

namespace fiducia::api {

namespace {

constexpr size_t kCodeMax = 40;
constexpr size_t kWordMax = 200;
constexpr size_t kAnswersMax = 200000;

// What kind of entry a question takes.
std::string_view EntryOf(const collect::Question& question, const rules::Field& field) {
  if (!question.scale.empty()) {
    return "scale";
  }
  if (!question.choices.empty()) {
    return field.many ? "many" : "choice";
  }
  if (field.type == "long_text") {
    return "long";
  }
  for (const std::string_view own : {"email", "mobile", "date", "number", "amount"}) {
    if (field.type == own) {
      return own;
    }
  }
  return "text";
}

Json RenderSpec(const collect::Form& form, const collect::StreamCounts& counts) {
  Json json = collect::ToJson(form.spec);
  json["id"] = form.id.Text();
  json["version"] = form.version;
  json["state"] = collect::Name(form.state);
  json["created_at"] = FormatTime(form.created_ms);
  json["opened_at"] = TimeOrNull(form.opened_ms);
  json["closed_at"] = TimeOrNull(form.closed_ms);
  json["has_key"] = !form.key_hash.empty();
  int64_t spam = 0;
  int64_t refused = 0;
  for (const auto& [reason, count] : counts.refused) {
    (reason == "spam" ? spam : refused) += count;
  }
  int64_t dropped = 0;
  for (const auto& [reason, count] : counts.dropped) {
    dropped += count;
  }
  json["counts"] = {{"kept", counts.accepted},
                    {"nothing", dropped},
                    {"refused", refused},
                    {"spam", spam},
                    {"last_at", TimeOrNull(counts.last_ms)}};
  return json;
}

Json RenderProblems(const std::vector<collect::FormProblem>& problems) {
  Json list = Json::array();
  for (const collect::FormProblem& problem : problems) {
    list.push_back({{"code", problem.code}, {"where", problem.where}});
  }
  return {{"problems", std::move(list)}};
}

Result<collect::FormSpec> DecodeForm(const http::Request& request) {
  FID_ASSIGN(const Json body, DecodeObject(request, {"code", "kind", "title", "intro", "thanks",
                                                     "source", "purposes", "questions",
                                                     "double_opt_in", "minors", "origins"}));
  return collect::FormSpecOf(body);
}

Status CheckPage(const http::Request& request, const collect::Form& form) {
  return api::CheckPage(request, form.spec.origins, "this page is not one of the form's origins");
}

// Not to be kept: it holds a challenge, or an answer to somebody.
void AllowOnce(const http::Request& request, http::Response& response) {
  AllowPage(request, response);
  response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace

void Api::ShowForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const collect::FormPtr form, parts_.forms.forms.Find(call.path[0]));
    FID_TRY(CheckPage(call.request, *form));
    const rules::Policy& policy = parts_.gate.policy();
    const collect::FormSpec& spec = form->spec;
    Json questions = Json::array();
    for (const collect::Question& question : spec.questions) {
      const rules::Field& field = *policy.catalog.Find(question.field);
      Json choices = Json::array();
      for (const collect::Choice& choice : question.choices) {
        choices.push_back({{"value", choice.value}, {"name", TextsOf(choice.name)}});
      }
      questions.push_back(
          {{"field", field.id},
           {"number", field.number},
           {"label", TextsOf(question.label.zh.empty() ? field.name : question.label)},
           {"entry", EntryOf(question, field)},
           {"scale", question.scale},
           {"required", question.required},
           {"most", field.characters_max},
           {"choices", std::move(choices)}});
    }
    Json purposes = Json::array();
    for (const collect::FormPurpose& one : spec.purposes) {
      const rules::Purpose& purpose = *policy.FindPurpose(one.id);
      purposes.push_back({{"id", one.id},
                          {"name", TextsOf(purpose.name)},
                          {"description", TextsOf(purpose.description)},
                          {"asks", one.basis == model::BasisKind::kConsent}});
    }
    const auto challenge = parts_.forms.challenges.New(form->id);
    Json json = {
        {"code", spec.code},
        {"kind", collect::Name(spec.kind)},
        {"version", form->version},
        {"title", TextsOf(spec.title)},
        {"intro", TextsOf(spec.intro)},
        {"thanks", TextsOf(spec.thanks)},
        {"questions", std::move(questions)},
        {"purposes", std::move(purposes)},
        {"double_opt_in", spec.double_opt_in},
        {"minors", collect::Name(spec.minors)},
        {"age", parts_.forms.submissions.OwnAge()},
        {"notice", parts_.gate.told()->current},
        {"key",
         {{"id", parts_.forms.key.id()}, {"public", ToBase64(parts_.forms.key.public_key())}}},
        {"challenge", {{"text", challenge.text}, {"bits", challenge.bits}}}};
    http::Response response = JsonResponse(200, json);
    AllowOnce(call.request, response);
    respond(std::move(response));
    return {};
  });
}

void Api::SubmitForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const collect::FormPtr form, parts_.forms.forms.Find(call.path[0]));
    FID_TRY(CheckPage(call.request, *form));
    if (call.request.body.size() > kAnswersMax) {
      return Fail(Code::kTooLarge, "an answer holds at most 200 KB");
    }
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"id", "sealed", "notice", "challenge",
                                                            "solution", "key", "website"}));
    collect::Submission submission;
    FID_ASSIGN(submission.id, DecodeNeeded(body, "id", kWordMax));
    submission.sealed = body.value("sealed", Json::object());
    FID_ASSIGN(submission.notice, DecodeNeeded(body, "notice", kWordMax));
    FID_ASSIGN(submission.challenge, DecodeText(body, "challenge", kWordMax));
    FID_ASSIGN(submission.solution, DecodeText(body, "solution", kCodeMax));
    FID_ASSIGN(submission.key, DecodeText(body, "key", kWordMax));
    FID_ASSIGN(submission.trap, DecodeText(body, "website", kWordMax));
    submission.base = parts_.doors.base();
    FID_ASSIGN(const collect::Taken taken, parts_.forms.submissions.Take(call.path[0], submission));
    http::Response response = JsonResponse(200, {{"state", collect::Name(taken)}});
    AllowOnce(call.request, response);
    respond(std::move(response));
    return {};
  });
}

void Api::ConfirmForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"token"}));
    FID_ASSIGN(const std::string token, DecodeNeeded(body, "token", kWordMax));
    FID_ASSIGN(const collect::FormPtr form, parts_.forms.submissions.Confirm(token));
    respond(JsonResponse(
        200, {{"title", TextsOf(form->spec.title)}, {"thanks", TextsOf(form->spec.thanks)}}));
    return {};
  });
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): every route has the signature of RouteFn.
void Api::FormPreflight(Call call, http::Responder respond) const {
  http::Response response = NoContent();
  const auto form = parts_.forms.forms.Find(call.path[0]);
  if (form && CheckPage(call.request, **form)) {
    AllowOnce(call.request, response);
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST");
    response.headers.emplace_back("Access-Control-Allow-Headers", "content-type");
  }
  respond(std::move(response));
}

void Api::ListForms(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto forms, parts_.forms.forms.List(call.access));
    Json json = {{"forms", Json::array()}, {"waiting", parts_.forms.submissions.waiting()}};
    for (const collect::Forms::Listed& one : forms) {
      json["forms"].push_back(RenderSpec(*one.form, one.counts));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::CheckForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const collect::FormSpec spec, DecodeForm(call.request));
    FID_ASSIGN(const auto problems, parts_.forms.forms.Check(call.access, spec));
    respond(JsonResponse(200, RenderProblems(problems)));
    return {};
  });
}

void Api::AddForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(collect::FormSpec spec, DecodeForm(call.request));
    FID_ASSIGN(const collect::FormPtr form, parts_.forms.forms.Add(call.access, std::move(spec)));
    respond(JsonResponse(201, RenderSpec(*form, {})));
    return {};
  });
}

void Api::ChangeForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such form"));
    FID_ASSIGN(collect::FormSpec spec, DecodeForm(call.request));
    FID_ASSIGN(const collect::FormPtr form,
               parts_.forms.forms.Change(call.access, id, std::move(spec)));
    respond(JsonResponse(200, RenderSpec(*form, {})));
    return {};
  });
}

void Api::TurnForm(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such form"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"state"}));
    FID_ASSIGN(const std::string word, DecodeNeeded(body, "state", kCodeMax));
    if (word != "open" && word != "closed") {
      return Fail(Code::kInvalidInput, "a form is opened or closed");
    }
    FID_ASSIGN(const collect::FormPtr form,
               parts_.forms.forms.Turn(
                   call.access, id,
                   word == "open" ? collect::FormState::kOpen : collect::FormState::kClosed));
    respond(JsonResponse(200, RenderSpec(*form, {})));
    return {};
  });
}

void Api::NewFormKey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such form"));
    FID_ASSIGN(const std::string key, parts_.forms.forms.NewKey(call.access, id));
    respond(JsonResponse(200, {{"key", key}}));
    return {};
  });
}

}  // namespace fiducia::api
