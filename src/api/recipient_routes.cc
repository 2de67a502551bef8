// Recipients outside of the house: the register, audits, the cut-off; and the thresholds of the
// laws.
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kTextMax = 400;
constexpr size_t kReasonMax = 2000;
constexpr Literal kNoRecipient = "there is no such recipient";

Result<int64_t> DecodeDay(const Json& body, std::string_view member) {
  FID_ASSIGN(const std::string text, DecodeText(body, member, 10));
  return text.empty() ? Result<int64_t>(0) : rules::ParseDay(text);
}

Result<std::vector<std::string>> DecodeList(const Json& body, std::string_view member) {
  FID_ASSIGN(auto words, DecodeWords(body, member));
  return std::move(words).value_or(std::vector<std::string>());
}

Status DecodeSubprocessors(const Json& body, govern::Recipient& one) {
  const auto list = body.find("subprocessors");
  if (list == body.end() || list->is_null()) {
    return {};
  }
  if (!list->is_array()) {
    return Fail(Code::kInvalidInput, "subprocessors are a list");
  }
  for (const Json& entry : *list) {
    if (!entry.is_object()) {
      return Fail(Code::kInvalidInput, "a subprocessor is an object");
    }
    govern::Subprocessor sub;
    FID_ASSIGN(sub.name, DecodeNeeded(entry, "name", kTextMax));
    FID_ASSIGN(sub.country, DecodeNeeded(entry, "country", 2));
    FID_ASSIGN(sub.service, DecodeText(entry, "service", kTextMax));
    if (entry.contains("approved")) {
      FID_ASSIGN(sub.approved, DecodeFlag(entry, "approved"));
    }
    one.subprocessors.push_back(std::move(sub));
  }
  return {};
}

Result<govern::Recipient> DecodeRecipient(const http::Request& request) {
  FID_ASSIGN(
      const Json body,
      DecodeObject(request, {"code", "name", "kind", "services", "contact", "owner", "countries",
                             "fields", "purposes", "agreement", "signed_on", "ends_on", "clauses",
                             "way", "subprocessors", "audit_every", "keys"}));
  govern::Recipient one;
  FID_ASSIGN(one.code, DecodeNeeded(body, "code", kWordMax));
  FID_ASSIGN(one.name, DecodeNeeded(body, "name", kTextMax));
  FID_ASSIGN(one.kind, DecodeNeeded(body, "kind", kWordMax));
  FID_ASSIGN(one.services, DecodeText(body, "services", kTextMax));
  FID_ASSIGN(one.contact, DecodeText(body, "contact", kTextMax));
  FID_ASSIGN(one.owner, DecodeText(body, "owner", kWordMax));
  FID_ASSIGN(one.countries, DecodeList(body, "countries"));
  FID_ASSIGN(one.fields, DecodeList(body, "fields"));
  FID_ASSIGN(one.purposes, DecodeList(body, "purposes"));
  FID_ASSIGN(one.agreement, DecodeText(body, "agreement", kTextMax));
  FID_ASSIGN(one.signed_day, DecodeDay(body, "signed_on"));
  FID_ASSIGN(one.ends_day, DecodeDay(body, "ends_on"));
  FID_ASSIGN(const auto clauses, DecodeList(body, "clauses"));
  one.clauses.insert(clauses.begin(), clauses.end());
  FID_ASSIGN(one.way, DecodeText(body, "way", kWordMax));
  FID_TRY(DecodeSubprocessors(body, one));
  FID_ASSIGN(const std::string every, DecodeText(body, "audit_every", kWordMax));
  one.audit_every = every.empty() ? one.audit_every : every;
  FID_ASSIGN(one.keys, DecodeList(body, "keys"));
  return one;
}

template <size_t N, typename E>
Result<E> WordOf(const std::array<E, N>& all, std::string_view word) {
  for (const E one : all) {
    if (govern::Name(one) == word) {
      return one;
    }
  }
  return Fail(Code::kInvalidInput, "the word is none of those there are");
}

}  // namespace

void Api::ListRecipients(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto all, parts_.assurance.recipients.List(call.access));
    Json json = {{"recipients", Json::array()}};
    for (const govern::Recipient& one : all) {
      json["recipients"].push_back(RenderRecipient(one, parts_.assurance.recipients));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadRecipient(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "recipients.read"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoRecipient));
    FID_ASSIGN(const govern::Recipient one, parts_.assurance.recipients.Find(call.access, id));
    Json json = RenderRecipient(one, parts_.assurance.recipients);
    FID_ASSIGN(json["people"], parts_.assurance.recipients.PeopleOf(id));
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AddRecipient(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "recipients.manage"));
    FID_ASSIGN(govern::Recipient wanted, DecodeRecipient(call.request));
    FID_ASSIGN(const govern::Recipient one,
               parts_.assurance.recipients.Put(call.access, std::move(wanted)));
    parts_.assurance.assessments.Refresh();
    respond(JsonResponse(201, RenderRecipient(one, parts_.assurance.recipients)));
    return {};
  });
}

void Api::PutRecipient(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "recipients.manage"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoRecipient));
    FID_ASSIGN(govern::Recipient wanted, DecodeRecipient(call.request));
    wanted.id = id;
    FID_ASSIGN(const govern::Recipient one,
               parts_.assurance.recipients.Put(call.access, std::move(wanted)));
    parts_.assurance.assessments.Refresh();
    respond(JsonResponse(200, RenderRecipient(one, parts_.assurance.recipients)));
    return {};
  });
}

void Api::AuditRecipient(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "recipients.manage"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoRecipient));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"day", "result", "note"}));
    FID_ASSIGN(const std::string word, DecodeNeeded(body, "result", kWordMax));
    using enum govern::AuditResult;
    FID_ASSIGN(const govern::AuditResult result,
               WordOf(std::array{kPass, kMinor, kMajor, kFail}, word));
    FID_ASSIGN(const int64_t day, DecodeDay(body, "day"));
    FID_ASSIGN(const std::string note, DecodeText(body, "note", kReasonMax));
    FID_ASSIGN(
        const govern::Recipient one,
        parts_.assurance.recipients.AddAudit(
            call.access, id, result, day == 0 ? parts_.clock.NowMs() / 86400000 : day, note));
    respond(JsonResponse(201, RenderRecipient(one, parts_.assurance.recipients)));
    return {};
  });
}

void Api::TurnRecipient(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "recipients.manage"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoRecipient));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"state", "reason"}));
    FID_ASSIGN(const std::string word, DecodeNeeded(body, "state", kWordMax));
    using enum govern::RecipientState;
    FID_ASSIGN(const govern::RecipientState state,
               WordOf(std::array{kActive, kSuspended, kEnded}, word));
    FID_ASSIGN(const std::string reason, DecodeText(body, "reason", kReasonMax));
    FID_ASSIGN(const govern::Recipient one,
               parts_.assurance.recipients.SetState(call.access, id, state, reason));
    parts_.assurance.assessments.Refresh();
    respond(JsonResponse(200, RenderRecipient(one, parts_.assurance.recipients)));
    return {};
  });
}

void Api::ReadThresholds(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto counts, parts_.assurance.thresholds.Count(call.access));
    Json json = {{"thresholds", Json::array()}};
    for (const govern::ThresholdCount& count : counts) {
      json["thresholds"].push_back({{"rule", count.rule->id},
                                    {"regime", count.rule->regime},
                                    {"cite", count.rule->cite},
                                    {"text", TextsOf(count.rule->text)},
                                    {"measure", count.rule->measure},
                                    {"now", count.now},
                                    {"threshold", count.rule->count},
                                    {"percent", count.percent()},
                                    {"alarmed", count.alarmed()}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
