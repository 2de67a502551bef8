// How good the data is that is held.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "process/anonymize/small_cells.h"

namespace fiducia::api {

namespace {

constexpr size_t kStaleShown = 50;

Json RenderParts(const std::vector<apps::QualityPart>& parts) {
  std::vector<int64_t> counts;
  counts.reserve(parts.size());
  for (const apps::QualityPart& part : parts) {
    counts.push_back(part.values);
  }
  const std::vector<bool> held = process::TooSmall(counts);
  Json json = Json::array();
  for (size_t i = 0; i < parts.size(); ++i) {
    const apps::QualityPart& part = parts[i];
    json.push_back({{"id", part.id},
                    {"values", held[i] ? Json() : Json(part.values)},
                    {"stale", held[i] ? Json() : Json(part.stale)},
                    {"confidence", part.confidence},
                    {"score", part.score},
                    {"oldest_at", TimeOrNull(part.oldest_ms)}});
  }
  return json;
}

Json RenderReport(const apps::QualityReport& report) {
  return {{"at", FormatTime(report.at_ms)},
          {"customers", report.customers},
          {"reachable", report.reachable},
          {"values", report.values},
          {"stale", report.stale},
          {"score", report.score},
          {"fields", RenderParts(report.fields)},
          {"sources", RenderParts(report.sources)},
          {"owners", RenderParts(report.owners)}};
}

}  // namespace

void Api::ReadQuality(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto reports, parts_.quality.List(call.access));
    Json json = {{"reports", Json::array()}};
    for (const apps::QualityReport& report : reports) {
      json["reports"].push_back(RenderReport(report));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::RunQuality(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const apps::QualityReport report, parts_.quality.Run(call.access));
    respond(JsonResponse(200, RenderReport(report)));
    return {};
  });
}

void Api::ProfileSource(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const process::TableProfile profile,
               parts_.quality.ProfileSource(call.access, call.path[0]));
    Json json = {{"customers", profile.rows}, {"score", profile.score}, {"fields", Json::array()}};
    for (const process::ColumnProfile& column : profile.columns) {
      const auto told = [](int64_t count) { return process::IsFew(count) ? Json() : Json(count); };
      Json faults = Json::object();
      for (size_t kind = 0; kind < process::kDefectKinds; ++kind) {
        if (column.defects[kind] > 0) {
          faults[std::string(process::Name(static_cast<process::DefectKind>(kind)))] =
              told(static_cast<int64_t>(column.defects[kind]));
        }
      }
      json["fields"].push_back({{"field", column.name},
                                {"type", process::Name(column.type)},
                                {"filled", told(static_cast<int64_t>(column.filled))},
                                {"distinct", column.distinct},
                                {"faults", std::move(faults)},
                                {"score", column.score}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadStale(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto stale, parts_.quality.ToVerify(call.access, kStaleShown));
    Json json = {{"customers", Json::array()}};
    for (const apps::Quality::Stale& one : stale) {
      json["customers"].push_back({{"id", one.subject.id.Text()},
                                   {"fields", one.fields},
                                   {"oldest_at", FormatTime(one.oldest_ms)}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
