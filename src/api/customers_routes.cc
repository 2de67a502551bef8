#include "api/decode.h"
#include "api/render.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

http::Response ShowCustomer(const apps::CustomerView& view) {
  http::Response response = TextResponse(200, Render(view));
  response.headers.emplace_back("ETag", "\"" + std::to_string(view.version) + "\"");
  return response;
}

Result<uint32_t> IfMatch(const http::Request& request) {
  std::string_view tag = request.Header("if-match");
  if (tag.empty()) {
    return Fail(Code::kPreconditionRequired, "send If-Match with the version you read");
  }
  if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') {
    tag = tag.substr(1, tag.size() - 2);
  }
  if (tag.size() > 9 || tag.find_first_not_of("0123456789") != std::string_view::npos) {
    return Fail(Code::kVersionMismatch, "the record has changed since it was read");
  }
  return static_cast<uint32_t>(std::stoul(std::string(tag)));
}

Result<apps::Place> PlaceOf(const Call& call, int most) {
  FID_TRY(QueryOnly(call.request, {"limit", "cursor"}));
  apps::Place place;
  FID_ASSIGN(place.subject, SubjectOf(call));
  FID_ASSIGN(place.limit, QueryLimit(call.request, std::min(50, most), most));
  place.cursor = QueryText(call.request, "cursor");
  return place;
}

constexpr size_t kIdMax = 80;
constexpr int kPageMax = 100;

}  // namespace

void Api::CreateCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(Json body,
               DecodeObject(call.request, {"kind", "fields", "source", "basis", "jurisdiction",
                                           "region", "separate", "returned"}));
    apps::CreateCommand command;
    FID_ASSIGN(const std::string kind, DecodeNeeded(body, "kind", kIdMax));
    FID_ASSIGN(command.kind, model::ParseSubjectKind(kind));
    FID_ASSIGN(command.source, DecodeNeeded(body, "source", kIdMax));
    FID_ASSIGN(const std::string basis, DecodeNeeded(body, "basis", kIdMax));
    FID_ASSIGN(command.basis, model::ParseBasisKind(basis));
    FID_ASSIGN(command.jurisdiction, DecodeText(body, "jurisdiction", 8));
    FID_ASSIGN(command.region, DecodeText(body, "region", 2));
    FID_ASSIGN(command.separate, DecodeFlag(body, "separate"));
    FID_ASSIGN(command.returned, DecodeFlag(body, "returned"));
    FID_ASSIGN(command.fields, DecodeFields(body, "fields"));
    FID_ASSIGN(const apps::Idempotency idempotency, IdempotencyOf(call.request));
    parts_.customers.Create(call.access, std::move(command), idempotency,
                            Answering<apps::Written>(std::move(respond), Created));
    return {};
  });
}

void Api::ReadCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    parts_.customers.Read(call.access, subject,
                          Answering<apps::CustomerView>(std::move(respond), ShowCustomer));
    return {};
  });
}

void Api::PatchCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(Json body, DecodeObject(call.request, {"fields", "source", "region"}));
    apps::PatchCommand command;
    FID_ASSIGN(command.subject, SubjectOf(call));
    FID_ASSIGN(command.expected_version, IfMatch(call.request));
    FID_ASSIGN(command.source, DecodeNeeded(body, "source", kIdMax));
    FID_ASSIGN(command.region, DecodeText(body, "region", 2));
    FID_ASSIGN(command.fields, DecodeFields(body, "fields"));
    parts_.customers.Patch(
        call.access, std::move(command),
        Answering<apps::Written>(std::move(respond), [](const apps::Written& written) {
          http::Response response = Created(written);
          response.status = 200;
          return response;
        }));
    return {};
  });
}

void Api::EraseCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"suppress"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const bool suppress, QueryFlag(call.request, "suppress", true));
    FID_ASSIGN(std::string receipt, parts_.customers.Erase(call.access, subject, suppress));
    respond(TextResponse(200, std::move(receipt)));
    return {};
  });
}

void Api::ReadErasure(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(std::string receipt, parts_.customers.ErasureReceipt(call.access, subject));
    respond(TextResponse(200, std::move(receipt)));
    return {};
  });
}

void Api::RevealCustomer(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"fields", "reason"}));
    FID_ASSIGN(call.access.reason, DecodeText(body, "reason", 500));
    std::vector<std::string> fields;
    if (!body.contains("fields") || !body["fields"].is_array()) {
      return Fail(Code::kInvalidInput, "name the fields to reveal in a list");
    }
    for (const Json& field : body["fields"]) {
      if (!field.is_string() || fields.size() == 100) {
        return Fail(Code::kInvalidInput, "name the fields to reveal in a list");
      }
      fields.push_back(field.get<std::string>());
    }
    parts_.customers.Reveal(call.access, subject, fields,
                            Answering<apps::CustomerView>(std::move(respond), ShowCustomer));
    return {};
  });
}

void Api::ListCustomers(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"limit", "cursor"}));
    if (!body.contains("limit")) {
      return Fail(Code::kInvalidInput, "say how many customers a page has");
    }
    apps::ListCommand command;
    FID_ASSIGN(command.limit, DecodeLimit(body, 20, kPageMax));
    FID_ASSIGN(command.cursor, DecodeText(body, "cursor", kIdMax));
    parts_.customers.List(
        call.access, command,
        Answering<apps::SearchView>(std::move(respond), [](const apps::SearchView& view) {
          return TextResponse(200, Render(view));
        }));
    return {};
  });
}

void Api::SearchCustomers(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(Json body, DecodeObject(call.request, {"where", "limit", "cursor", "region"}));
    FID_ASSIGN(FieldValues where, DecodeFields(body, "where"));
    if (where.size() != 1 || where[0].second.size() != 1) {
      return Fail(Code::kInvalidInput, "search for one value of one field");
    }
    apps::SearchCommand command;
    command.field = where[0].first;
    command.value = std::move(where[0].second[0]);
    FID_ASSIGN(command.limit, DecodeLimit(body, 20, kPageMax));
    FID_ASSIGN(command.cursor, DecodeText(body, "cursor", kIdMax));
    FID_ASSIGN(command.region, DecodeText(body, "region", 2));
    parts_.customers.Search(
        call.access, std::move(command),
        Answering<apps::SearchView>(std::move(respond), [](const apps::SearchView& view) {
          return TextResponse(200, Render(view));
        }));
    return {};
  });
}

void Api::AddTimeline(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(Json body,
               DecodeObject(call.request, {"kind", "occurred_at", "fields", "source", "region"}));
    apps::EventCommand command;
    FID_ASSIGN(command.subject, SubjectOf(call));
    FID_ASSIGN(command.kind, DecodeNeeded(body, "kind", kIdMax));
    FID_ASSIGN(const std::string at, DecodeNeeded(body, "occurred_at", 40));
    FID_ASSIGN(command.at_ms, ParseTime(at));
    FID_ASSIGN(command.source, DecodeNeeded(body, "source", kIdMax));
    FID_ASSIGN(command.region, DecodeText(body, "region", 2));
    FID_ASSIGN(command.fields, DecodeFields(body, "fields"));
    FID_ASSIGN(const apps::Idempotency idempotency, IdempotencyOf(call.request));
    parts_.customers.AddEvent(call.access, std::move(command), idempotency,
                              Answering<apps::Written>(std::move(respond), Created));
    return {};
  });
}

void Api::ReadTimeline(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const apps::Place place, PlaceOf(call, kPageMax));
    parts_.customers.Timeline(
        call.access, place,
        Answering<apps::TimelineView>(std::move(respond), [](const apps::TimelineView& view) {
          return TextResponse(200, Render(view));
        }));
    return {};
  });
}

void Api::RevealTimeline(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"reason"}));
    FID_ASSIGN(call.access.reason, DecodeText(body, "reason", 500));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    parts_.customers.RevealEvent(
        call.access, subject, Uuid::Parse(call.path[1]).value_or(Uuid()),
        Answering<apps::TimelineView>(std::move(respond), [](const apps::TimelineView& view) {
          return TextResponse(200, Render(view));
        }));
    return {};
  });
}

void Api::ReadAccesses(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const apps::Place place, PlaceOf(call, kPageMax));
    const rules::Catalog& catalog = parts_.gate.policy().catalog;
    parts_.customers.Accesses(call.access, place,
                              Answering<apps::AccessesView>(
                                  std::move(respond), [&catalog](const apps::AccessesView& view) {
                                    return JsonResponse(200, Render(view, catalog));
                                  }));
    return {};
  });
}

void Api::ReadLineage(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    const rules::Catalog& catalog = parts_.gate.policy().catalog;
    parts_.customers.Lineage(
        call.access, subject,
        Answering<apps::LineageView>(std::move(respond), [&catalog](const apps::LineageView& view) {
          return JsonResponse(200, Render(view, catalog));
        }));
    return {};
  });
}

}  // namespace fiducia::api
