// Keeping data right: what free texts hold, what has to be looked at again, and what changed.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "model/names.h"
#include "process/anonymize/small_cells.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 32;
constexpr size_t kCursorMax = 80;
constexpr int kAskedMost = 1000;
constexpr int kAskedUsual = 100;
constexpr int kChangesMax = 1000;
constexpr int kChangesUsual = 100;

Json RenderFinding(const apps::Finding& one) {
  return {{"id", one.id.Text()},
          {"source", one.source},
          {"field", one.field},
          {"kind", one.kind},
          {"level", model::Name(one.level)},
          {"values", process::IsFew(one.values) ? Json() : Json(one.values)},
          {"first_at", FormatTime(one.first_ms)},
          {"last_at", FormatTime(one.last_ms)},
          {"state", one.state},
          {"decided_at", TimeOrNull(one.decided_ms)}};
}

Json RenderCampaign(const govern::Campaign& one) {
  return {{"id", one.id.Text()},
          {"fields", one.fields},
          {"started_at", FormatTime(one.started_ms)},
          {"closed_at", TimeOrNull(one.closed_ms)},
          {"asked", one.asked.size()},
          {"passed", one.passed},
          {"confirmed", one.confirmed}};
}

// CloudEvents 1.0: a customer is an id here, and which parts of the record changed since the place
// the reader came from.
Json RenderChange(const store::ChangeRow& row, const std::string& source, int64_t since) {
  const bool created = row.created_seq > since || row.seq == 0;
  Json parts = Json::array();
  if (!row.erased) {
    if (row.record_seq > since || row.seq == 0) {
      parts.push_back("record");
    }
    if (row.basis_seq > since || row.seq == 0) {
      parts.push_back("authorizations");
    }
    if (row.timeline_seq > since || row.seq == 0) {
      parts.push_back("timeline");
    }
  }
  Json event = {{"specversion", "1.0"},
                {"id", std::to_string(row.seq) + "_" + row.subject.id.Text()},
                {"source", source},
                {"type", row.erased ? "fiducia.customer.erased"
                         : created  ? "fiducia.customer.created"
                                    : "fiducia.customer.changed"},
                {"subject", row.subject.id.Text()},
                {"datacontenttype", "application/json"},
                {"data", {{"parts", std::move(parts)}}}};
  if (row.at_ms != 0) {
    event["time"] = FormatTime(row.at_ms);
  }
  return event;
}

}  // namespace

void Api::ListFindings(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto findings, parts_.findings.List(call.access));
    Json json = {{"findings", Json::array()}};
    for (const apps::Finding& one : findings) {
      json["findings"].push_back(RenderFinding(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::DecideFinding(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"state"}));
    FID_ASSIGN(const std::string state, DecodeNeeded(body, "state", kWordMax));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such finding"));
    FID_ASSIGN(const apps::Finding one, parts_.findings.Decide(call.access, id, state));
    respond(JsonResponse(200, RenderFinding(one)));
    return {};
  });
}

void Api::VerifyCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"fields"}));
    FID_ASSIGN(const auto fields, DecodeWords(body, "fields"));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    parts_.customers.Verify(
        call.access, subject, fields.value_or(std::vector<std::string>()),
        Answering<apps::Written>(std::move(respond), [](const apps::Written& written) {
          return JsonResponse(200,
                              {{"id", written.subject.id.Text()}, {"version", written.version}});
        }));
    return {};
  });
}

void Api::PortalVerify(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"fields"}));
    FID_ASSIGN(const auto fields, DecodeWords(body, "fields"));
    parts_.self_service.Verify(call.self, fields.value_or(std::vector<std::string>()),
                               Answering<uint32_t>(std::move(respond), [](const uint32_t version) {
                                 return JsonResponse(200, {{"version", version}});
                               }));
    return {};
  });
}

void Api::ListCampaigns(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto campaigns, parts_.campaigns.List(call.access));
    Json json = {{"campaigns", Json::array()}};
    for (const govern::Campaign& one : campaigns) {
      json["campaigns"].push_back(RenderCampaign(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::StartCampaign(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"fields", "most"}));
    FID_ASSIGN(const auto fields, DecodeWords(body, "fields"));
    FID_ASSIGN(const int most, DecodeNumber(body, "most", kAskedUsual, kAskedMost));
    FID_ASSIGN(
        const govern::Campaign one,
        parts_.campaigns.Start(call.access, fields.value_or(std::vector<std::string>()), most));
    respond(JsonResponse(201, RenderCampaign(one)));
    return {};
  });
}

void Api::CloseCampaign(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such campaign"));
    FID_ASSIGN(const govern::Campaign one, parts_.campaigns.Close(call.access, id));
    respond(JsonResponse(200, RenderCampaign(one)));
    return {};
  });
}

void Api::ReadChanges(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"cursor", "limit"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "changes.read"));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const int limit, QueryLimit(call.request, kChangesUsual, kChangesMax));
    const std::string cursor = QueryText(call.request, "cursor");
    if (cursor.size() > kCursorMax) {
      return Fail(Code::kInvalidInput, "the cursor is not one of ours");
    }
    FID_ASSIGN(const process::FeedPlace place, process::FeedPlace::Parse(cursor));
    FID_ASSIGN(const auto rows, parts_.changes.After(place, limit));
    Json json = {{"events", Json::array()}, {"next", cursor}};
    for (const store::ChangeRow& row : rows) {
      json["events"].push_back(RenderChange(row, parts_.source, place.seq));
    }
    if (!rows.empty()) {
      json["next"] = process::FeedPlace{rows.back().seq, rows.back().subject.id}.Text();
      audit::Leaf leaf = parts_.gate.NewLeaf(call.access, "changes.read", "done");
      leaf.count = rows.size();
      FID_TRY(parts_.gate.Record(0, leaf).Wait());
    }
    json["more"] = static_cast<int>(rows.size()) == limit;
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
