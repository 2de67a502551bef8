// Events of websites, apps and servers, as the client libraries of Segment and RudderStack send
// them; and the streams they come in by.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "base/text.h"
#include "collect/events/intake.h"
#include "http/gzip.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kBatchMost = 500;  // events
constexpr size_t kOriginsMost = 20;

// "Basic base64(key:)", as the libraries send it; else the member or the parameter writeKey.
std::string KeyOf(const http::Request& request, const Json& body) {
  constexpr std::string_view kBasic = "Basic ";
  const std::string_view header = request.Header("authorization");
  if (header.starts_with(kBasic)) {
    const auto pair = FromBase64(header.substr(kBasic.size()));
    return pair ? pair->substr(0, pair->find(':')) : "";
  }
  if (const auto found = request.query.find("writeKey"); found != request.query.end()) {
    return found->second;
  }
  return body.is_object() ? JsonText(body, "writeKey") : "";
}

Result<Json> BodyOf(const http::Request& request) {
  if (request.body.size() > collect::kBatchBytes) {
    return Fail(Code::kTooLarge, "a request holds at most 500 KB");
  }
  const std::string_view encoding = request.Header("content-encoding");
  if (encoding == "gzip") {
    FID_ASSIGN(const std::string text, http::Gunzip(request.body, collect::kBatchBytes));
    return ParseJson(text);
  }
  if (!encoding.empty() && encoding != "identity") {
    return Fail(Code::kUnsupportedMediaType, "a body is plain or gzip");
  }
  return ParseJson(request.body);
}

Status CheckPage(const http::Request& request, const collect::Stream& stream) {
  return api::CheckPage(request, stream.spec.origins,
                        "this page is not one of the stream's origins");
}

Json RenderOutcome(const collect::EventOutcome& outcome) {
  Json json = {{"messageId", outcome.message_id.empty() ? Json() : Json(outcome.message_id)},
               {"status", outcome.status}};
  if (!outcome.reason.empty()) {
    json["reason"] = outcome.reason;
  }
  return json;
}

Json RenderStream(const collect::Stream& stream, const collect::StreamCounts& counts) {
  const collect::StreamSpec& spec = stream.spec;
  return {{"id", stream.id.Text()},
          {"source", spec.source},
          {"label", spec.label},
          {"purposes", spec.purposes},
          {"basis", model::Name(spec.basis)},
          {"fields", spec.fields},
          {"paths", spec.paths},
          {"origins", spec.origins},
          {"ip", collect::Name(spec.ip)},
          {"refuse_unknown", spec.refuse_unknown},
          {"created_at", FormatTime(stream.created_ms)},
          {"ended_at", TimeOrNull(stream.ended_ms)},
          {"counts", RenderCounts(counts)}};
}

Result<collect::StreamSpec> DecodeStream(const Json& body) {
  collect::StreamSpec spec;
  FID_ASSIGN(spec.source, DecodeNeeded(body, "source", kWordMax));
  FID_ASSIGN(spec.label, DecodeNeeded(body, "label", kWordMax));
  FID_ASSIGN(const auto purposes, DecodeWords(body, "purposes"));
  FID_ASSIGN(const auto fields, DecodeWords(body, "fields"));
  FID_ASSIGN(const auto origins, DecodeWords(body, "origins"));
  FID_ASSIGN(const std::string basis, DecodeNeeded(body, "basis", kWordMax));
  FID_ASSIGN(spec.basis, model::ParseBasisKind(basis));
  spec.purposes = purposes.value_or(std::vector<std::string>());
  spec.fields = fields.value_or(std::vector<std::string>());
  spec.origins = origins.value_or(std::vector<std::string>());
  if (spec.origins.size() > kOriginsMost) {
    return Fail(Code::kInvalidInput, "a stream has at most 20 origins");
  }
  FID_ASSIGN(const std::string ip, DecodeText(body, "ip", kWordMax));
  if (!ip.empty()) {
    FID_ASSIGN(spec.ip, collect::IpPolicyNamed(ip));
  }
  if (body.contains("refuse_unknown")) {
    FID_ASSIGN(spec.refuse_unknown, DecodeFlag(body, "refuse_unknown"));
  }
  const Json paths = body.value("paths", Json::object());
  if (!paths.is_object() || paths.size() > 100) {
    return Fail(Code::kInvalidInput, "paths map at most 100 values to fields");
  }
  for (const auto& [path, field] : paths.items()) {
    if (!field.is_string()) {
      return Fail(Code::kInvalidInput, "paths map values to fields");
    }
    spec.paths[path] = field.get<std::string>();
  }
  return spec;
}

// A pixel's parameters as an event: those that a page can tell without a script.
Json PixelEvent(const http::Request& request, const std::string& type) {
  Json event = {{"type", type}};
  for (const auto& [name, value] : request.query) {
    if (name == "anonymousId" || name == "userId" || name == "event" || name == "name" ||
        name == "messageId") {
      event[name] = value;
    } else if (name.starts_with("properties.")) {
      event["properties"][name.substr(11)] = value;
    } else if (name.starts_with("consent.")) {
      event["context"]["consent"]["categoryPreferences"][name.substr(8)] = value == "true";
    }
  }
  return event;
}

}  // namespace

// Takes the events of one request in. `type`: of a call by itself; "batch".
void Api::TakeEvents(Call& call, const std::string& type, http::Responder& respond) const {
  OrProblem(respond, [&]() -> Status {
    const bool pixel = call.request.method == "GET";
    Json body;
    if (pixel) {
      body = PixelEvent(call.request, type);
    } else {
      FID_ASSIGN(body, BodyOf(call.request));
    }
    FID_ASSIGN(const collect::StreamPtr stream, parts_.streams.Find(KeyOf(call.request, body)));
    FID_TRY(CheckPage(call.request, *stream));
    if (!body.is_object()) {
      return Fail(Code::kInvalidInput, "a call is an object");
    }
    std::vector<Json> items;
    Json shared = Json::object();
    if (type == "batch") {
      if (!body.contains("batch") || !body["batch"].is_array() || body["batch"].empty() ||
          body["batch"].size() > kBatchMost) {
        return Fail(Code::kInvalidInput, "a batch holds 1 to 500 events");
      }
      for (Json& item : body["batch"]) {
        items.push_back(std::move(item));
      }
      body.erase("batch");
      shared = std::move(body);
    } else {
      body["type"] = type;
      items.push_back(std::move(body));
    }
    for (const Json& item : items) {
      if (item.dump().size() > collect::kEventBytes) {
        return Fail(Code::kTooLarge, "an event holds at most 32 KB");
      }
    }
    FID_ASSIGN(const auto outcomes, parts_.intake.Take(stream, std::move(items), shared));
    Json answer = {{"success", true}, {"events", Json::array()}};
    bool any = false;
    for (const collect::EventOutcome& outcome : outcomes) {
      answer["events"].push_back(RenderOutcome(outcome));
      any = any || outcome.status != "refused";
    }
    answer["success"] = any;
    http::Response response = JsonResponse(any ? 200 : 400, answer);
    if (pixel) {
      // A transparent picture of one pixel.
      response = {200, "image/gif", {}, {}};
      constexpr std::string_view kGif = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
      response.body = FromBase64(kGif).value_or("");
      response.headers.emplace_back("Cache-Control", "no-store");
    }
    AllowPage(call.request, response);
    respond(std::move(response));
    return {};
  });
}

void Api::EventIdentify(Call call, http::Responder respond) const {
  TakeEvents(call, "identify", respond);
}
void Api::EventTrack(Call call, http::Responder respond) const {
  TakeEvents(call, "track", respond);
}
void Api::EventPage(Call call, http::Responder respond) const { TakeEvents(call, "page", respond); }
void Api::EventScreen(Call call, http::Responder respond) const {
  TakeEvents(call, "screen", respond);
}
void Api::EventGroup(Call call, http::Responder respond) const {
  TakeEvents(call, "group", respond);
}
void Api::EventAlias(Call call, http::Responder respond) const {
  TakeEvents(call, "alias", respond);
}
void Api::EventBatch(Call call, http::Responder respond) const {
  TakeEvents(call, "batch", respond);
}

// What a page has to ask its visitors: the purposes of its stream, in the words that are declared.
void Api::EventConfig(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_ASSIGN(const collect::StreamPtr stream,
               parts_.streams.Find(KeyOf(call.request, Json::object())));
    FID_TRY(CheckPage(call.request, *stream));
    Json json = {
        {"asks", stream->spec.basis == model::BasisKind::kConsent},
        {"notice", parts_.gate.told()->current},
        {"key",
         {{"id", parts_.forms.key.id()}, {"public", ToBase64(parts_.forms.key.public_key())}}},
        {"purposes", Json::array()}};
    for (const std::string& id : stream->spec.purposes) {
      const rules::Purpose* purpose = parts_.gate.policy().FindPurpose(id);
      if (purpose != nullptr) {
        json["purposes"].push_back({{"id", id},
                                    {"name", TextsOf(purpose->name)},
                                    {"description", TextsOf(purpose->description)},
                                    {"opt_out_signal", purpose->opt_out_signal}});
      }
    }
    http::Response response = JsonResponse(200, json);
    AllowPage(call.request, response);
    respond(std::move(response));
    return {};
  });
}

// What a browser asks before it writes from another site.
// NOLINTNEXTLINE(performance-unnecessary-value-param): every route has the signature of RouteFn.
void Api::EventPreflight(Call call, http::Responder respond) const {
  http::Response response = NoContent();
  if (parts_.streams.AllowsOrigin(call.request.Header("origin"))) {
    AllowPage(call.request, response);
    response.headers.emplace_back("Access-Control-Allow-Methods", "POST");
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "authorization, content-type, content-encoding, anonymousid");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  respond(std::move(response));
}

void Api::ListStreams(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto streams, parts_.streams.List(call.access));
    Json json = {{"streams", Json::array()}};
    for (const collect::Streams::Listed& one : streams) {
      json["streams"].push_back(RenderStream(*one.stream, one.counts));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AddStream(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"source", "label", "purposes", "basis", "fields",
                                           "paths", "origins", "ip", "refuse_unknown"}));
    FID_ASSIGN(collect::StreamSpec spec, DecodeStream(body));
    FID_ASSIGN(const collect::Streams::New made, parts_.streams.Add(call.access, std::move(spec)));
    respond(JsonResponse(201, {{"id", made.id.Text()}, {"write_key", made.key}}));
    return {};
  });
}

void Api::EndStream(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such stream"));
    FID_TRY(parts_.streams.End(call.access, id));
    respond(NoContent());
    return {};
  });
}

}  // namespace fiducia::api
