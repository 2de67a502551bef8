// Impact assessments, the record of processing, and who answers for what.
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kTextMax = 8000;
constexpr size_t kNoteMax = 2000;
constexpr Literal kNoAssessment = "there is no such assessment";
constexpr Literal kNoDuty = "there is no such duty of yours";

Result<std::vector<govern::AssessedRisk>> DecodeRisks(const Json& body) {
  std::vector<govern::AssessedRisk> risks;
  const auto list = body.find("risks");
  if (list == body.end() || list->is_null()) {
    return risks;
  }
  if (!list->is_array() || list->size() > govern::kFearedEvents.size()) {
    return Fail(Code::kInvalidInput, "risks are a list of at most three");
  }
  for (const Json& entry : *list) {
    if (!entry.is_object()) {
      return Fail(Code::kInvalidInput, "a risk is an object");
    }
    govern::AssessedRisk risk;
    FID_ASSIGN(risk.event, DecodeNeeded(entry, "event", kWordMax));
    FID_ASSIGN(risk.severity, DecodeNumber(entry, "severity", 0, 4));
    FID_ASSIGN(risk.likelihood, DecodeNumber(entry, "likelihood", 0, 4));
    FID_ASSIGN(risk.severity_after, DecodeNumber(entry, "severity_after", 0, 4));
    FID_ASSIGN(risk.likelihood_after, DecodeNumber(entry, "likelihood_after", 0, 4));
    FID_ASSIGN(risk.measures, DecodeText(entry, "measures", kTextMax));
    risks.push_back(std::move(risk));
  }
  return risks;
}

}  // namespace

void Api::ListAssessments(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const govern::Assessments& assessments = parts_.assurance.assessments;
    FID_ASSIGN(const auto needs, assessments.Needs(call.access));
    FID_ASSIGN(const auto all, assessments.List(call.access));
    Json json = {{"needs", Json::array()}, {"assessments", Json::array()}};
    for (const govern::AssessmentNeed& need : needs) {
      json["needs"].push_back(
          {{"purpose", need.purpose},
           {"activities", need.activities},
           {"kinds", need.kinds},
           {"rules", need.rules},
           {"required", need.required},
           {"state", need.state},
           {"current", need.current.is_nil() ? Json() : Json(need.current.Text())}});
    }
    for (const govern::Assessment& one : all) {
      json["assessments"].push_back(RenderAssessment(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadAssessment(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "records.read"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoAssessment));
    FID_ASSIGN(const govern::Assessment one, parts_.assurance.assessments.Find(call.access, id));
    respond(JsonResponse(200, RenderAssessment(one)));
    return {};
  });
}

void Api::StartAssessment(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "assessments.write"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"purpose"}));
    FID_ASSIGN(const std::string purpose, DecodeNeeded(body, "purpose", kWordMax));
    FID_ASSIGN(const govern::Assessment one,
               parts_.assurance.assessments.Start(call.access, purpose));
    respond(JsonResponse(201, RenderAssessment(one)));
    return {};
  });
}

void Api::WriteAssessment(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "assessments.write"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoAssessment));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"necessity", "proportionality",
                                                            "measures", "authority", "risks"}));
    govern::AssessmentText text;
    FID_ASSIGN(text.necessity, DecodeText(body, "necessity", kTextMax));
    FID_ASSIGN(text.proportionality, DecodeText(body, "proportionality", kTextMax));
    FID_ASSIGN(text.measures, DecodeText(body, "measures", kTextMax));
    FID_ASSIGN(text.authority, DecodeText(body, "authority", kTextMax));
    FID_ASSIGN(text.risks, DecodeRisks(body));
    FID_ASSIGN(const govern::Assessment one,
               parts_.assurance.assessments.Write(call.access, id, std::move(text)));
    respond(JsonResponse(200, RenderAssessment(one)));
    return {};
  });
}

void Api::StepAssessment(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"step", "yes", "text"}));
    FID_ASSIGN(const std::string step, DecodeNeeded(body, "step", kWordMax));
    FID_TRY(parts_.gate.Require(call.access.actor,
                                step == "submit" ? "assessments.write" : "assessments.sign"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoAssessment));
    bool yes = true;
    if (body.contains("yes")) {
      FID_ASSIGN(yes, DecodeFlag(body, "yes"));
    }
    FID_ASSIGN(const std::string text, DecodeText(body, "text", kTextMax));
    if (step == "sign" && call.session) {
      FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    }
    FID_ASSIGN(const govern::Assessment one,
               parts_.assurance.assessments.Step(call.access, id, step, yes, text));
    respond(JsonResponse(200, RenderAssessment(one)));
    return {};
  });
}

void Api::ReadProcessingRecord(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"format"}));
    const auto wanted = call.request.query.find("format");
    const std::string format = wanted == call.request.query.end() ? "json" : wanted->second;
    FID_ASSIGN(const Json record, parts_.assurance.records.Now(call.access));
    if (format == "csv") {
      http::Response response = TextResponse(200, govern::ProcessingCsv(record));
      response.content_type = "text/csv; charset=utf-8";
      respond(std::move(response));
    } else if (format == "dpv") {
      respond(JsonResponse(200, govern::ProcessingDpv(record)));
    } else if (format == "json") {
      respond(JsonResponse(200, record));
    } else {
      return Fail(Code::kInvalidInput, "the format is json, csv or dpv");
    }
    return {};
  });
}

void Api::ListFrozenRecords(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto frozen, parts_.assurance.records.Frozen(call.access));
    Json json = {{"frozen", Json::array()}};
    for (const govern::FrozenRecord& one : frozen) {
      json["frozen"].push_back(
          {{"month", one.month}, {"frozen_at", FormatTime(one.frozen_ms)}, {"hash", one.hash}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadFrozenRecord(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const govern::FrozenRecord one,
               parts_.assurance.records.Find(call.access, call.path[0]));
    // As it was hashed, byte for byte.
    respond(TextResponse(200, one.text));
    return {};
  });
}

void Api::ListDuties(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto duties, parts_.assurance.duties.List(call.access));
    Json json = {{"duties", Json::array()}};
    for (const govern::Duty& duty : duties) {
      json["duties"].push_back(RenderDuty(duty, parts_.clock.NowMs()));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AssignDuty(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "duties.manage"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoDuty));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"owner", "every"}));
    FID_ASSIGN(const std::string owner, DecodeNeeded(body, "owner", kWordMax));
    FID_ASSIGN(const std::string every, DecodeNeeded(body, "every", kWordMax));
    FID_ASSIGN(const govern::Duty duty,
               parts_.assurance.duties.Assign(call.access, id, owner, every));
    respond(JsonResponse(200, RenderDuty(duty, parts_.clock.NowMs())));
    return {};
  });
}

void Api::ReviewDuty(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoDuty));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"note"}));
    FID_ASSIGN(const std::string note, DecodeText(body, "note", kNoteMax));
    FID_ASSIGN(const govern::Duty duty, parts_.assurance.duties.Review(call.access, id, note));
    respond(JsonResponse(200, RenderDuty(duty, parts_.clock.NowMs())));
    return {};
  });
}

}  // namespace fiducia::api
