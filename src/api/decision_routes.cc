// Decisions that machines make: the register, each one on record, a person's look at it, and what
// the customer is told.
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;

}  // namespace

void Api::ListDecisions(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json = {{"decisions", Json::array()}};
    for (const rules::DecisionModel& model : parts_.gate.policy().decisions) {
      Json outcomes = Json::array();
      for (const auto& outcome : model.outcomes) {
        outcomes.push_back(
            {{"id", outcome.id}, {"text", TextsOf(outcome.text)}, {"adverse", outcome.adverse}});
      }
      Json reasons = Json::array();
      for (const auto& reason : model.reasons) {
        reasons.push_back({{"id", reason.id}, {"text", TextsOf(reason.text)}});
      }
      json["decisions"].push_back({{"id", model.id},
                                   {"purpose", model.purpose},
                                   {"name", TextsOf(model.name)},
                                   {"logic", TextsOf(model.logic)},
                                   {"inputs", model.inputs},
                                   {"solely_automated", model.solely_automated},
                                   {"significant_effect", model.significant_effect},
                                   {"owner", model.owner},
                                   {"outcomes", outcomes},
                                   {"reasons", reasons}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AddDecision(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"decision", "outcome", "reasons", "source", "reviews"}));
    apps::DecisionCommand command;
    FID_ASSIGN(command.subject, SubjectOf(call));
    FID_ASSIGN(command.model, DecodeNeeded(body, "decision", kWordMax));
    FID_ASSIGN(command.outcome, DecodeNeeded(body, "outcome", kWordMax));
    FID_ASSIGN(auto reasons, DecodeWords(body, "reasons"));
    command.reasons = std::move(reasons).value_or(std::vector<std::string>());
    FID_ASSIGN(command.source, DecodeNeeded(body, "source", kWordMax));
    FID_ASSIGN(const std::string reviews, DecodeText(body, "reviews", kWordMax));
    if (!reviews.empty()) {
      FID_ASSIGN(command.reviews, Uuid::Parse(reviews));
      if (!call.session) {
        return Fail(Code::kDenied, "a review is made by a person who has signed in");
      }
    }
    FID_ASSIGN(const apps::Idempotency idempotency, IdempotencyOf(call.request));
    parts_.customers.RecordDecision(
        call.access, command, idempotency,
        Answering<apps::Written>(std::move(respond), [](const apps::Written& written) {
          return JsonResponse(201, {{"id", written.event.Text()}});
        }));
    return {};
  });
}

void Api::PortalDecisions(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const govern::Self own = call.self;
    const std::vector<govern::RightsCase> cases = parts_.rights.Of(own.subject.id);
    bool asked = false;
    for (const govern::RightsCase& one : cases) {
      for (const govern::CaseProcess& process : one.processes) {
        asked = asked || (process.right == govern::Right::kHumanReview && one.IsOpen());
      }
    }
    const bool fresh = parts_.doors.RequireFresh(*call.session).has_value();
    parts_.self_service.View(
        own, fresh,
        Answering<govern::OwnView>(std::move(respond), [this, asked](const govern::OwnView& view) {
          return JsonResponse(200, {{"decisions", RenderDecisions(view, parts_.gate.policy())},
                                    {"review_asked", asked}});
        }));
    return {};
  });
}

}  // namespace fiducia::api
