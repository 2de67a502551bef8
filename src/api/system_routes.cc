// What the owner of the installation does with the machine's own means: check, back up.
#include "api/api.h"
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"

namespace fiducia::api {

namespace {

constexpr size_t kPathMax = 1000;
constexpr int64_t kDaySeconds = 86400;

Json RenderBackup(const recovery::BackupReport& report) {
  Json json;
  json["folder"] = report.folder;
  json["up_to"] = FormatTime(report.time_ms);
  json["bytes"] = report.bytes;
  json["segments"] = report.segments;
  json["milliseconds"] = report.milliseconds;
  json["every_s"] = report.every_ms / 1000;
  json["failures"] = report.failures;
  return json;
}

}  // namespace

void Api::Fsck(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const recovery::FsckReport report, parts_.operations.Fsck(call.access.actor));
    Json json;
    json["ok"] = report.ok();
    json["customers"] = report.customers;
    json["basis_events"] = report.basis_events;
    json["timeline_events"] = report.timeline;
    json["tickets"] = report.tickets;
    json["registers"] = report.registers;
    json["keys"] = report.keys;
    json["keys_without_record"] = report.keys_without_record;
    json["erased"] = report.erased;
    json["erasures_pending"] = report.erasures_pending;
    json["mark"] = report.mark;
    json["findings"] = Json::array();
    for (const recovery::Finding& finding : report.findings) {
      json["findings"].push_back(
          {{"what", finding.what}, {"customer", finding.subject}, {"bucket", finding.bucket}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::BackUp(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"folder", "every_s"}));
    FID_ASSIGN(const std::string folder, DecodeNeeded(body, "folder", kPathMax));
    int64_t every_s = 0;
    if (body.contains("every_s")) {
      if (!body["every_s"].is_number_integer() || body["every_s"].get<int64_t>() < 0 ||
          body["every_s"].get<int64_t>() > 7 * kDaySeconds) {
        return Fail(Code::kInvalidInput, "every_s is a number of seconds, at most a week");
      }
      every_s = body["every_s"].get<int64_t>();
    }
    FID_ASSIGN(const recovery::BackupReport report,
               parts_.operations.BackUp(call.access.actor, folder, every_s * 1000));
    respond(JsonResponse(200, RenderBackup(report)));
    return {};
  });
}

void Api::ReadBackup(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const recovery::BackupReport report, parts_.operations.LastBackup());
    respond(JsonResponse(200, RenderBackup(report)));
    return {};
  });
}

void Api::ReadVault(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "vault.read"));
    FID_ASSIGN(const auto keys, parts_.operations.Keys());
    const auto backup = parts_.operations.LastBackup();
    Json json = {{"epochs", Json::array()},
                 {"rewrap_unfinished", keys.rewrap_unfinished},
                 {"backup", backup ? RenderBackup(*backup) : Json()}};
    for (const auto& [epoch, created_ms] : keys.epochs) {
      json["epochs"].push_back({{"epoch", epoch}, {"created_at", FormatTime(created_ms)}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
