// Authorizations and other lawful bases of one customer.
#include <charconv>

#include "api/decode.h"
#include "api/render.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr size_t kIdMax = 80;
constexpr int kUsesMax = 1000000;

Result<model::Scope> DecodeScope(const Json& body, const rules::Catalog& catalog) {
  model::Scope scope;
  FID_ASSIGN(const auto fields, DecodeWords(body, "fields"));
  FID_ASSIGN(const auto classes, DecodeWords(body, "classes"));
  FID_ASSIGN(const auto departments, DecodeWords(body, "departments"));
  FID_ASSIGN(const auto operations, DecodeWords(body, "operations"));
  if (fields || classes) {
    scope.fields = model::FieldSet();
  }
  for (const std::string& id : fields.value_or(std::vector<std::string>())) {
    const rules::Field* field = catalog.Find(id);
    if (field == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
    scope.fields->Add(field->number);
  }
  for (const std::string& data_class : classes.value_or(std::vector<std::string>())) {
    const model::FieldSet of_class = catalog.OfClass(data_class);
    if (of_class.empty()) {
      return Fail(Code::kInvalidInput, "there is no such class of data");
    }
    scope.fields = *scope.fields | of_class;
  }
  scope.departments = departments.value_or(std::vector<std::string>());
  if (operations) {
    scope.operations = 0;
    for (const std::string& word : *operations) {
      FID_ASSIGN(const model::Operation one, model::ParseOperation(word));
      scope.operations = static_cast<uint8_t>(scope.operations | one);
    }
  }
  return scope;
}

Result<model::Evidence> DecodeEvidence(const Json& body) {
  model::Evidence evidence;
  if (!body.contains("evidence") || body["evidence"].is_null()) {
    return evidence;
  }
  const Json& json = body["evidence"];
  if (!json.is_object()) {
    return Fail(Code::kInvalidInput, "evidence is an object");
  }
  for (const auto& [key, value] : json.items()) {
    if (key != "channel" && key != "method" && key != "reference") {
      return Fail(Code::kInvalidInput, "the evidence has a member that is not known here");
    }
  }
  FID_ASSIGN(evidence.channel, DecodeNeeded(json, "channel", 40));
  FID_ASSIGN(evidence.method, DecodeText(json, "method", 40));
  FID_ASSIGN(evidence.reference, DecodeText(json, "reference", kIdMax));
  return evidence;
}

Result<int64_t> DecodeTime(const Json& body, std::string_view member) {
  FID_ASSIGN(const std::string text, DecodeText(body, member, 40));
  return text.empty() ? Result<int64_t>(0) : ParseTime(text);
}

Result<model::BasisEvent> DecodeEvent(const Json& body, const rules::Catalog& catalog) {
  model::BasisEvent event;
  FID_ASSIGN(const std::string action, DecodeNeeded(body, "action", kIdMax));
  FID_ASSIGN(event.action, model::ParseBasisAction(action));
  const bool answer = event.action == model::BasisAction::kGiven ||
                      event.action == model::BasisAction::kWithdrawn ||
                      event.action == model::BasisAction::kObjected ||
                      event.action == model::BasisAction::kRefused ||
                      event.action == model::BasisAction::kRequested;
  if (!answer) {
    return Fail(Code::kInvalidInput,
                "an action is given, withdrawn, objected, refused or requested");
  }
  FID_ASSIGN(event.purpose, DecodeNeeded(body, "purpose", kIdMax));
  FID_ASSIGN(const std::string basis, DecodeNeeded(body, "basis", kIdMax));
  FID_ASSIGN(event.basis, model::ParseBasisKind(basis));
  FID_ASSIGN(event.source, DecodeNeeded(body, "source", kIdMax));
  FID_ASSIGN(event.jurisdiction, DecodeText(body, "jurisdiction", 8));
  FID_ASSIGN(event.separate, DecodeFlag(body, "separate"));
  FID_ASSIGN(event.until_ms, DecodeTime(body, "until"));
  FID_ASSIGN(event.from_ms, DecodeTime(body, "from"));
  FID_ASSIGN(const std::string kind, DecodeText(body, "kind", kIdMax));
  if (!kind.empty()) {
    FID_ASSIGN(event.kind, model::ParseAuthorizationKind(kind));
  }
  FID_ASSIGN(const std::string consent, DecodeText(body, "consent", kIdMax));
  if (!consent.empty()) {
    FID_ASSIGN(event.consent, model::ParseConsentType(consent));
  }
  FID_ASSIGN(event.scope, DecodeScope(body, catalog));
  if (body.contains("max_uses")) {
    FID_ASSIGN(const int uses, DecodeNumber(body, "max_uses", 0, kUsesMax));
    event.max_uses = static_cast<uint32_t>(uses);
  }
  FID_ASSIGN(event.until_event, DecodeText(body, "until_event", kIdMax));
  FID_ASSIGN(event.notice, DecodeText(body, "notice", kIdMax));
  FID_ASSIGN(event.locale, DecodeText(body, "locale", 16));
  FID_ASSIGN(event.evidence, DecodeEvidence(body));
  FID_ASSIGN(const std::string guardian, DecodeText(body, "guardian", kIdMax));
  if (!guardian.empty()) {
    FID_ASSIGN(event.guardian, Uuid::Parse(guardian));
  }
  if (body.contains("of")) {
    FID_ASSIGN(const int of, DecodeNumber(body, "of", 0, INT32_MAX));
    event.of = static_cast<uint32_t>(of);
  }
  return event;
}

http::Response ShowRecorded(const govern::Recorded& recorded) {
  Json json = {{"id", recorded.subject.id.Text()},
               {"version", recorded.version},
               {"event", recorded.seq},
               {"events", recorded.events},
               {"advice", Json::array()}};
  for (const govern::Advice& advice : recorded.advice) {
    json["advice"].push_back(
        {{"rule", advice.rule}, {"cite", advice.cite}, {"text", TextsOf(advice.text)}});
  }
  return JsonResponse(201, json);
}

Result<int64_t> QueryTime(const http::Request& request) {
  const auto at = request.query.find("at");
  return at == request.query.end() ? Result<int64_t>(0) : ParseTime(at->second);
}

}  // namespace

void Api::AddBasis(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(
        const Json body,
        DecodeObject(call.request,
                     {"action",      "purpose",    "basis",    "jurisdiction", "source", "separate",
                      "until",       "from",       "kind",     "consent",      "fields", "classes",
                      "departments", "operations", "max_uses", "until_event",  "notice", "locale",
                      "evidence",    "guardian",   "of"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(model::BasisEvent event, DecodeEvent(body, parts_.gate.policy().catalog));
    parts_.authorizations.Put(call.access, subject, std::move(event),
                              Answering<govern::Recorded>(std::move(respond), ShowRecorded));
    return {};
  });
}

void Api::ReadAuthorizations(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"at"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const int64_t at, QueryTime(call.request));
    const rules::Catalog& catalog = parts_.gate.policy().catalog;
    parts_.authorizations.Read(
        call.access, subject, at,
        Answering<govern::LedgerView>(std::move(respond), [&catalog](const govern::LedgerView& v) {
          return JsonResponse(200, Render(v, catalog));
        }));
    return {};
  });
}

void Api::EndAuthorizations(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"until_event"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const std::string until, DecodeNeeded(body, "until_event", kIdMax));
    parts_.authorizations.EndUntil(call.access, subject, until,
                                   Answering<govern::Recorded>(std::move(respond), ShowRecorded));
    return {};
  });
}

void Api::CheckAuthorization(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"purpose", "operation", "field", "department", "at"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    govern::StandingQuestion question;
    FID_ASSIGN(question.purpose, DecodeNeeded(body, "purpose", kIdMax));
    FID_ASSIGN(const std::string operation, DecodeText(body, "operation", kIdMax));
    if (!operation.empty()) {
      FID_ASSIGN(question.operation, model::ParseOperation(operation));
    }
    FID_ASSIGN(question.field, DecodeText(body, "field", kIdMax));
    FID_ASSIGN(question.department, DecodeText(body, "department", kIdMax));
    FID_ASSIGN(question.at_ms, DecodeTime(body, "at"));
    const rules::Catalog& catalog = parts_.gate.policy().catalog;
    parts_.authorizations.Check(
        call.access, subject, question,
        Answering<govern::StandingAnswer>(
            std::move(respond), [&catalog](const govern::StandingAnswer& answer) {
              Json json = {{"yes", answer.yes}, {"reason", answer.reason}};
              json["basis"] = answer.basis ? Render(*answer.basis, catalog) : Json();
              return JsonResponse(200, json);
            }));
    return {};
  });
}

void Api::ReadConsentReceipt(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    uint32_t seq = 0;
    const std::string& text = call.path[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (error != std::errc() || end != text.data() + text.size()) {
      return Fail(Code::kNotFound, "there is no such authorization");
    }
    parts_.authorizations.Receipt(
        call.access, subject, seq,
        Answering<std::string>(std::move(respond), [](const std::string& receipt) {
          return TextResponse(200, receipt);
        }));
    return {};
  });
}

}  // namespace fiducia::api
