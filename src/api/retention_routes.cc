// What goes by itself when its time is over: simulated, decided, certified.
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

Json PlanOf(const govern::RetentionPlan& plan) {
  return {{"day", rules::FormatDay(plan.day)},
          {"looked_at", plan.looked_at},
          {"people", plan.people},
          {"whole", plan.whole},
          {"held", plan.held},
          {"values", plan.values},
          {"events", plan.events},
          {"by_class", plan.by_class}};
}

Json RunOf(const govern::RetentionRun& run) {
  return {{"id", run.id.Text()},
          {"state", run.state},
          {"plan", PlanOf(run.plan)},
          {"made_at", FormatTime(run.made_ms)},
          {"done_at", TimeOrNull(run.done_ms)},
          {"approved_by", run.approved_by.is_nil() ? Json() : Json(run.approved_by.Text())}};
}

constexpr Literal kNoRun = "there is no such run";

}  // namespace

void Api::ListRetention(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto runs, parts_.retentions.Runs(call.access));
    Json json = {{"runs", Json::array()}};
    for (const govern::RetentionRun& run : runs) {
      json["runs"].push_back(RunOf(run));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::SimulateRetention(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "retention.run"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"day"}));
    FID_ASSIGN(const std::string text, DecodeNeeded(body, "day", 10));
    FID_ASSIGN(const int64_t day, rules::ParseDay(text));
    FID_ASSIGN(const govern::RetentionPlan plan, parts_.retentions.Simulate(call.access, day));
    respond(JsonResponse(200, PlanOf(plan)));
    return {};
  });
}

void Api::DecideRetention(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "retention.run"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoRun));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"approve"}));
    if (!body.contains("approve") || !body["approve"].is_boolean()) {
      return Fail(Code::kInvalidInput, "say whether it is approved");
    }
    if (call.session) {
      FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    }
    FID_ASSIGN(const govern::RetentionRun run,
               parts_.retentions.Decide(call.access, id, body["approve"].get<bool>()));
    respond(JsonResponse(200, RunOf(run)));
    return {};
  });
}

void Api::RetentionCertificate(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "retention.run"));
    FID_ASSIGN(const Uuid id, IdOf(call, kNoRun));
    FID_ASSIGN(std::string text, parts_.retentions.Certificate(call.access, id));
    respond(TextResponse(200, std::move(text)));
    return {};
  });
}

}  // namespace fiducia::api
