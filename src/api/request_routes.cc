// Asking for more, deciding on it, break-glass, and the register of exports.
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kReasonMax = 1000;
constexpr size_t kHashMax = 64;

Result<Uuid> IdIn(const Call& call) { return IdOf(call, "there is nothing of this id"); }

}  // namespace

void Api::ListRequests(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json;
    json["requests"] = Json::array();
    for (const guard::Request& request : parts_.requests.For(call.access)) {
      json["requests"].push_back(RenderRequest(request));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AskAccess(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"role", "department", "purposes", "classes", "level_max",
                                           "case", "hours", "reason"}));
    guard::Requests::AccessCommand command;
    FID_ASSIGN(command.lease, DecodeLease(body));
    FID_ASSIGN(command.hours, DecodeNumber(body, "hours", command.hours, 90 * 24));
    FID_ASSIGN(command.reason, DecodeText(body, "reason", kReasonMax));
    FID_ASSIGN(const guard::Request request,
               parts_.requests.AskAccess(call.access, std::move(command)));
    respond(JsonResponse(201, RenderRequest(request)));
    return {};
  });
}

void Api::AskExport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"purpose", "fields", "rows", "reason",
                                                            "recipient", "form", "k", "l", "t"}));
    guard::ExportScope scope;
    FID_ASSIGN(scope.recipient, DecodeText(body, "recipient", kWordMax));
    FID_ASSIGN(scope.purpose, DecodeNeeded(body, "purpose", kWordMax));
    FID_ASSIGN(const auto fields, DecodeWords(body, "fields"));
    scope.fields = fields.value_or(std::vector<std::string>());
    FID_ASSIGN(scope.rows_max, DecodeNumber(body, "rows", 500, 50000));
    if (body.contains("form")) {
      FID_ASSIGN(scope.form, DecodeNeeded(body, "form", kWordMax));
    }
    const bool anonymous = scope.form == "anonymous";
    FID_ASSIGN(scope.k, DecodeNumber(body, "k", anonymous ? 5 : 0, 1000));
    FID_ASSIGN(scope.l, DecodeNumber(body, "l", 0, 1000));
    FID_ASSIGN(scope.t, DecodeShare(body, "t"));
    if (anonymous &&
        apps::ColumnsOf(parts_.gate.policy().catalog, scope.form, scope.fields).empty()) {
      return Fail(Code::kInvalidInput, "none of these fields can leave anonymously");
    }
    FID_ASSIGN(const std::string reason, DecodeText(body, "reason", kReasonMax));
    if (!scope.recipient.empty()) {
      FID_TRY(parts_.gate.Require(call.access.actor, "requests.create"));
      FID_TRY(parts_.assurance.recipients.MayGive(call.access, scope.recipient, scope.purpose,
                                                  scope.fields));
    }
    FID_ASSIGN(const guard::Request request,
               parts_.requests.AskExport(call.access, std::move(scope), reason));
    respond(JsonResponse(201, RenderRequest(request)));
    return {};
  });
}

void Api::DecideRequest(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"approve", "hash", "note"}));
    FID_ASSIGN(const Uuid id, IdIn(call));
    if (!body.contains("approve")) {
      return Fail(Code::kInvalidInput, "approve or reject");
    }
    FID_ASSIGN(const bool approve, DecodeFlag(body, "approve"));
    FID_ASSIGN(const std::string hash_text, DecodeNeeded(body, "hash", kHashMax));
    FID_ASSIGN(const Bytes hash, FromBase64(hash_text));
    FID_ASSIGN(const std::string note, DecodeText(body, "note", kReasonMax));
    FID_ASSIGN(const guard::Request request,
               parts_.requests.Decide(call.access, *call.session, id, hash, approve, note));
    respond(JsonResponse(200, RenderRequest(request)));
    return {};
  });
}

void Api::BreakGlass(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"case", "reason"}));
    FID_ASSIGN(const std::string case_id, DecodeText(body, "case", kWordMax));
    FID_ASSIGN(const std::string reason, DecodeText(body, "reason", kReasonMax));
    FID_ASSIGN(const guard::Request request,
               parts_.requests.BreakGlass(call.access, *call.session, case_id, reason));
    respond(JsonResponse(201, RenderRequest(request)));
    return {};
  });
}

void Api::ReviewGlass(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"justified", "note"}));
    FID_ASSIGN(const Uuid id, IdIn(call));
    if (!body.contains("justified")) {
      return Fail(Code::kInvalidInput, "say whether it was justified");
    }
    FID_ASSIGN(const bool justified, DecodeFlag(body, "justified"));
    FID_ASSIGN(const std::string note, DecodeText(body, "note", kReasonMax));
    FID_ASSIGN(const guard::Request request,
               parts_.requests.Review(call.access, *call.session, id, justified, note));
    respond(JsonResponse(200, RenderRequest(request)));
    return {};
  });
}

void Api::MakeExport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdIn(call));
    FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    FID_ASSIGN(const apps::ExportRecord record, parts_.exports.Make(call.access, id));
    respond(JsonResponse(201, RenderExport(record, false)));
    return {};
  });
}

void Api::MakeKey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdIn(call));
    FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    FID_ASSIGN(const guard::Request request,
               parts_.requests.Take(call.access, id, guard::RequestKind::kKey, {}));
    FID_ASSIGN(const guard::NewKey key, parts_.keys.Add(call.access, request.key));
    respond(
        JsonResponse(201, {{"id", key.id.Text()}, {"role", request.lease.role}, {"key", key.key}}));
    return {};
  });
}

void Api::ListExports(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const bool officer = parts_.gate.Require(call.access.actor, "exports.recall").has_value();
    Json json;
    json["exports"] = Json::array();
    for (const apps::ExportRecord& record : parts_.exports.List(call.access)) {
      json["exports"].push_back(RenderExport(record, officer));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::DownloadExport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdIn(call));
    FID_TRY(parts_.sign_in.RequireFresh(*call.session));
    FID_ASSIGN(const model::Sensitive file, parts_.exports.Download(call.access, id));
    respond(FileResponse(file, "export-" + id.Text() + ".csv"));
    return {};
  });
}

void Api::RecallExport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const Uuid id, IdIn(call));
    FID_TRY(parts_.exports.Recall(call.access, id));
    respond(JsonResponse(200, {{"id", id.Text()}}));
    return {};
  });
}

}  // namespace fiducia::api
