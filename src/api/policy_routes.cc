// The policy tester: what would a role see, for a purpose, of anybody or of one customer, and why;
// and the restriction of a record, which changes the answer.
#include "api/decode.h"
#include "api/render.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kReasonMax = 500;

Status DecodeAsker(const Json& body, gate::Question& question) {
  FID_ASSIGN(question.lease.role, DecodeNeeded(body, "role", kWordMax));
  FID_ASSIGN(question.purpose, DecodeNeeded(body, "purpose", kWordMax));
  FID_ASSIGN(const std::string operation, DecodeText(body, "operation", kWordMax));
  if (!operation.empty()) {
    FID_ASSIGN(question.op, model::ParseOp(operation));
  }
  FID_ASSIGN(question.lease.level_max, DecodeLevelMax(body, question.lease.level_max));
  if (body.contains("trained")) {
    FID_ASSIGN(question.trained, DecodeFlag(body, "trained"));
  }
  return {};
}

http::Response Answer(const gate::Gate::Explanation& answers, const std::string& policy) {
  Json json = {{"policy", policy}, {"fields", Json::array()}};
  for (const auto& [field, reason] : answers) {
    const bool clear = reason == gate::Reason::kAllowed;
    const bool masked = reason == gate::Reason::kMasked || reason == gate::Reason::kTraining;
    json["fields"].push_back({{"field", field->id},
                              {"access", clear    ? "clear"
                                         : masked ? "masked"
                                                  : "refused"},
                              {"reason", gate::Name(reason)}});
  }
  return JsonResponse(200, json);
}

}  // namespace

void Api::ExplainPolicy(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "policy.test"));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"role", "purpose", "operation", "basis", "separate",
                                           "restricted", "level_max", "trained"}));
    gate::Question question;
    FID_TRY(DecodeAsker(body, question));
    FID_ASSIGN(const std::string basis, DecodeText(body, "basis", kWordMax));
    if (!basis.empty()) {
      FID_ASSIGN(question.basis, model::ParseBasisKind(basis));
    }
    FID_ASSIGN(question.separate, DecodeFlag(body, "separate"));
    FID_ASSIGN(question.restricted, DecodeFlag(body, "restricted"));
    FID_ASSIGN(const auto answers, parts_.gate.Explain(question));
    respond(Answer(answers, parts_.gate.policy().version));
    return {};
  });
}

void Api::RestrictCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"kind", "restricted", "reason"}));
    apps::RestrictionCommand command;
    FID_ASSIGN(command.subject, SubjectOf(call));
    FID_ASSIGN(const std::string kind, DecodeNeeded(body, "kind", kWordMax));
    FID_ASSIGN(command.restriction, model::ParseRestriction(kind));
    if (!body.contains("restricted")) {
      return Fail(Code::kInvalidInput, "say whether it is to be restricted");
    }
    FID_ASSIGN(command.restricted, DecodeFlag(body, "restricted"));
    FID_ASSIGN(call.access.reason, DecodeText(body, "reason", kReasonMax));
    parts_.customers.Restrict(call.access, command,
                              Answering<apps::Written>(std::move(respond), Created));
    return {};
  });
}

void Api::ExplainCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"role", "purpose", "operation",
                                                            "level_max", "trained"}));
    gate::Question question;
    FID_TRY(DecodeAsker(body, question));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    parts_.customers.Explain(call.access, subject, question,
                             Answering<gate::Gate::Explanation>(
                                 std::move(respond), [policy = parts_.gate.policy().version](
                                                         const gate::Gate::Explanation& answers) {
                                   return Answer(answers, policy);
                                 }));
    return {};
  });
}

}  // namespace fiducia::api
