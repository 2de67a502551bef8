// Connectors to other systems: declared, watched, and what they brought that could not be taken in.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "collect/connectors/connectors.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 40;
constexpr size_t kSecretMax = 1000;

Json RenderHealth(const collect::Health& health, int64_t now_ms) {
  return {
      {"looked_at", TimeOrNull(health.looked_ms)},
      {"newest_at", TimeOrNull(health.newest_ms)},
      {"lag_s", health.newest_ms == 0 || health.looked_ms == 0
                    ? Json()
                    : Json((health.looked_ms - health.newest_ms) / 1000)},
      {"failing_since", TimeOrNull(health.failed_ms)},
      {"failing_for_s", health.failed_ms == 0 ? Json() : Json((now_ms - health.failed_ms) / 1000)},
      {"failures", health.failures},
      {"why", health.why.empty() ? Json() : Json(health.why)},
      {"letters", health.letters}};
}

Json RenderConnector(const collect::Connector& connector, const collect::Health& health,
                     const collect::StreamCounts& counts, int64_t now_ms) {
  Json json = collect::ToJson(connector.spec);
  json["id"] = connector.id.Text();
  json["state"] = collect::Name(connector.state);
  json["created_at"] = FormatTime(connector.created_ms);
  json["address"] = connector.spec.kind == collect::ConnectorKind::kWebhook
                        ? Json("/v1/hooks/" + connector.id.Text())
                        : Json();
  json["health"] = RenderHealth(health, now_ms);
  json["counts"] = RenderCounts(counts);
  return json;
}

}  // namespace

void Api::ListConnectors(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto all, parts_.connectors.List(call.access));
    Json json = {{"connectors", Json::array()}};
    for (const auto& one : all) {
      json["connectors"].push_back(
          RenderConnector(*one.connector, one.health, one.counts, parts_.clock.NowMs()));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AddConnector(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"label", "kind", "source", "purposes", "mappings",
                                           "settings", "every", "secret"}));
    FID_ASSIGN(const std::string secret, DecodeText(body, "secret", kSecretMax));
    FID_ASSIGN(collect::ConnectorSpec spec,
               collect::ConnectorSpecOf(body, parts_.gate.policy().catalog));
    FID_ASSIGN(const collect::ConnectorPtr made,
               parts_.connectors.Add(call.access, std::move(spec), secret));
    respond(JsonResponse(201, RenderConnector(*made, {}, {}, parts_.clock.NowMs())));
    return {};
  });
}

void Api::TurnConnector(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"state"}));
    FID_ASSIGN(const std::string word, DecodeNeeded(body, "state", kWordMax));
    if (word != "running" && word != "paused" && word != "ended") {
      return Fail(Code::kInvalidInput, "a connector is running, paused or ended");
    }
    FID_TRY(parts_.connectors.Turn(call.access, id,
                                   word == "running"  ? collect::ConnectorState::kRunning
                                   : word == "paused" ? collect::ConnectorState::kPaused
                                                      : collect::ConnectorState::kEnded));
    respond(NoContent());
    return {};
  });
}

void Api::RunConnector(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    FID_ASSIGN(const collect::Health health, parts_.connectors.RunNow(call.access, id));
    respond(JsonResponse(200, RenderHealth(health, parts_.clock.NowMs())));
    return {};
  });
}

void Api::ListLetters(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    FID_ASSIGN(const auto letters, parts_.connectors.Letters(call.access, id));
    Json json = {{"letters", Json::array()}};
    for (const collect::DeadLetter& letter : letters) {
      json["letters"].push_back({{"id", letter.id.Text()},
                                 {"at", FormatTime(letter.at_ms)},
                                 {"topic", letter.topic},
                                 {"reason", letter.reason},
                                 {"bytes", letter.bytes}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReplayLetters(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    FID_ASSIGN(const int taken, parts_.connectors.Replay(call.access, id));
    respond(JsonResponse(200, {{"taken", taken}}));
    return {};
  });
}

void Api::DiscardLetter(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    const auto letter = Uuid::Parse(call.path[1]);
    if (!letter) {
      return Fail(Code::kNotFound, "there is no such record waiting");
    }
    FID_TRY(parts_.connectors.Discard(call.access, id, *letter));
    respond(NoContent());
    return {};
  });
}

// A call of another system: answered once what it tells is durable.
void Api::TakeHook(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    FID_TRY(parts_.connectors.Take(id, call.request));
    http::Response response;
    response.content_type = "text/plain";
    response.body = "success";
    respond(std::move(response));
    return {};
  });
}

void Api::CheckHook(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such connector"));
    http::Response response;
    response.content_type = "text/plain";
    FID_ASSIGN(response.body, parts_.connectors.AnswerCheck(id, call.request));
    respond(std::move(response));
    return {};
  });
}

}  // namespace fiducia::api
