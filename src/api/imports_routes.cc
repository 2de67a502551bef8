#include "api/decode.h"
#include "api/render.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

constexpr size_t kUndoneMost = 1000;
constexpr size_t kReasonMax = 200;

constexpr size_t kIdMax = 80;

// What describes an import beside the file, from form parts or JSON members of the same names.
struct ImportForm {
  std::string mapping;
  std::string source;
  std::string basis;
  std::vector<std::string> purposes;
  std::string jurisdiction;
  bool separate = false;
};

Result<collect::ImportRequest> RequestOf(const ImportForm& form, bool dry_run,
                                         const rules::Catalog& catalog) {
  collect::ImportRequest request;
  auto mapping = collect::ParseMapping("mapping", form.mapping, catalog);
  if (!mapping) {
    // The line is told; the text of the fault may quote the file, so it stays here.
    return Fail(Code::kInvalidInput, "the mapping is not valid at this line", mapping.error().line);
  }
  request.mapping = std::move(*mapping);
  if (form.source.empty() || form.basis.empty() || form.purposes.empty()) {
    return Fail(Code::kInvalidInput, "an import names its source, lawful basis and purposes");
  }
  request.source = form.source;
  FID_ASSIGN(request.basis, model::ParseBasisKind(form.basis));
  request.purposes = form.purposes;
  request.jurisdiction = form.jurisdiction;
  request.separate = form.separate;
  request.dry_run = dry_run;
  return request;
}

Result<bool> DryRun(const http::Request& request) {
  FID_TRY(QueryOnly(request, {"dry_run"}));
  const auto found = request.query.find("dry_run");
  if (found != request.query.end() && found->second != "1" && found->second != "0") {
    return Fail(Code::kInvalidInput, "dry_run is 0 or 1");
  }
  return found != request.query.end() && found->second == "1";
}

Result<Uuid> ImportId(const Call& call) { return IdOf(call, "there is no such import"); }

const http::Part* Find(const std::vector<http::Part>& parts, std::string_view name) {
  for (const http::Part& part : parts) {
    if (part.name == name) {
      return &part;
    }
  }
  return nullptr;
}

http::Response ShowReport(const collect::ImportReport& report) {
  http::Response response =
      JsonResponse(report.state == "dry_run" ? 200 : 201, collect::ReportToJson(report));
  if (!report.id.is_nil()) {
    response.headers.emplace_back("Location", "/api/v1/imports/" + report.id.Text());
  }
  return response;
}

Json ShowSuggestion(const collect::Mapping& mapping) {
  Json json;
  json["mapping"] = collect::WriteMapping(mapping);
  json["columns"] = Json::array();
  for (const collect::ColumnMap& column : mapping.columns) {
    Json one;
    one["columns"] = column.columns;
    one["field"] = column.field->id;
    one["confidence"] = column.confidence;
    json["columns"].push_back(std::move(one));
  }
  json["key"] = mapping.key;
  json["ignored"] = mapping.ignored;
  return json;
}

// What is done to all rows that were refused for the same reason; null takes a cell's value away.
Result<collect::RepairRule> DecodeRule(Json& body) {
  Json& all = body["all"];
  if (!all.is_object() || body.contains("rows")) {
    return Fail(Code::kInvalidInput, "name rows, or a field and a reason for all of them");
  }
  for (const auto& [member, value] : all.items()) {
    if (member != "field" && member != "reason" && member != "set") {
      return Fail(Code::kInvalidInput, "an unknown member");
    }
  }
  collect::RepairRule rule;
  FID_ASSIGN(rule.field, DecodeNeeded(all, "field", kReasonMax));
  FID_ASSIGN(rule.reason, DecodeNeeded(all, "reason", kReasonMax));
  FID_ASSIGN(FieldValues cells, DecodeFields(all, "set"));
  for (auto& [column, values] : cells) {
    rule.cells.emplace_back(column, values.empty() ? model::Sensitive() : std::move(values[0]));
  }
  return rule;
}

}  // namespace

void Api::Import(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_ASSIGN(const bool dry_run, DryRun(call.request));
    FID_TRY(parts_.gate.Require(call.access.actor, "imports.run"));
    FID_ASSIGN(const std::vector<http::Part> parts,
               http::ParseMultipart(call.request.Header("content-type"), call.request.body));
    ImportForm form;
    for (const http::Part& part : parts) {
      if (part.name == "mapping") {
        form.mapping = part.content;
      } else if (part.name == "source") {
        form.source = part.content;
      } else if (part.name == "basis") {
        form.basis = part.content;
      } else if (part.name == "purpose") {
        form.purposes.push_back(part.content);
      } else if (part.name == "jurisdiction") {
        form.jurisdiction = part.content;
      } else if (part.name == "separate") {
        form.separate = part.content == "true";
      } else if (part.name != "file") {
        return Fail(Code::kInvalidInput, "the form has a part that is not known here");
      }
    }
    const http::Part* file = Find(parts, "file");
    if (file == nullptr) {
      return Fail(Code::kInvalidInput, "the form has no part named file");
    }
    FID_ASSIGN(collect::ImportRequest request,
               RequestOf(form, dry_run, parts_.gate.policy().catalog));
    FID_ASSIGN(request.file_hash, collect::HashSource(*collect::MemorySource(file->content)));
    FID_ASSIGN(const auto checked, collect::OpenTable(collect::MemorySource(file->content)));
    FID_TRY(collect::CheckWhole(*checked));
    FID_ASSIGN(const auto table, collect::OpenTable(collect::MemorySource(file->content)));
    FID_ASSIGN(const collect::ImportReport report,
               parts_.importer.Run(call.access, std::move(request), *table));
    respond(ShowReport(report));
    return {};
  });
}

void Api::ImportLocal(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_ASSIGN(const bool dry_run, DryRun(call.request));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"path", "mapping", "source", "basis", "purposes",
                                           "jurisdiction", "separate", "suggest"}));
    FID_ASSIGN(const std::string path, DecodeNeeded(body, "path", 4096));
    FID_ASSIGN(auto source, collect::OpenFileSource(path));
    FID_ASSIGN(const bool suggest, DecodeFlag(body, "suggest"));
    if (suggest) {
      FID_ASSIGN(const auto table, collect::OpenTable(std::move(source)));
      FID_ASSIGN(const collect::Mapping mapping,
                 collect::SuggestMapping(*table, parts_.gate.policy(), parts_.cleaner));
      respond(JsonResponse(200, ShowSuggestion(mapping)));
      return {};
    }
    ImportForm form;
    FID_ASSIGN(form.mapping, DecodeNeeded(body, "mapping", size_t{1} << 20));
    FID_ASSIGN(form.source, DecodeNeeded(body, "source", kIdMax));
    FID_ASSIGN(form.basis, DecodeNeeded(body, "basis", kIdMax));
    FID_ASSIGN(form.jurisdiction, DecodeText(body, "jurisdiction", 8));
    FID_ASSIGN(form.separate, DecodeFlag(body, "separate"));
    if (body.contains("purposes") && body["purposes"].is_array()) {
      for (const Json& purpose : body["purposes"]) {
        form.purposes.push_back(purpose.is_string() ? purpose.get<std::string>() : "");
      }
    }
    FID_ASSIGN(collect::ImportRequest request,
               RequestOf(form, dry_run, parts_.gate.policy().catalog));
    FID_ASSIGN(const auto hashed, collect::OpenFileSource(path));
    request.file_bytes = hashed->size();
    FID_ASSIGN(request.file_hash, collect::HashSource(*hashed));
    FID_ASSIGN(auto again, collect::OpenFileSource(path));
    FID_ASSIGN(const auto checked, collect::OpenTable(std::move(again)));
    FID_TRY(collect::CheckWhole(*checked));
    FID_ASSIGN(const auto table, collect::OpenTable(std::move(source)));
    FID_ASSIGN(const collect::ImportReport report,
               parts_.importer.Run(call.access, std::move(request), *table));
    respond(ShowReport(report));
    return {};
  });
}

void Api::SuggestMapping(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "imports.run"));
    FID_ASSIGN(const std::vector<http::Part> parts,
               http::ParseMultipart(call.request.Header("content-type"), call.request.body));
    const http::Part* file = Find(parts, "file");
    if (file == nullptr) {
      return Fail(Code::kInvalidInput, "the form has no part named file");
    }
    FID_ASSIGN(const auto table, collect::OpenTable(collect::MemorySource(file->content)));
    FID_ASSIGN(const collect::Mapping mapping,
               collect::SuggestMapping(*table, parts_.gate.policy(), parts_.cleaner));
    respond(JsonResponse(200, ShowSuggestion(mapping)));
    return {};
  });
}

void Api::ListImports(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"limit", "cursor"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "imports.read"));
    FID_ASSIGN(const int limit, QueryLimit(call.request, 50, 1000));
    FID_ASSIGN(const Json json, parts_.importer.List(limit, QueryText(call.request, "cursor")));
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadImport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "imports.read"));
    FID_ASSIGN(const Uuid id, ImportId(call));
    FID_ASSIGN(const Json json, parts_.importer.Describe(id));
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadRejects(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"limit", "cursor"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "imports.read"));
    FID_ASSIGN(const Uuid id, ImportId(call));
    FID_ASSIGN(const int limit, QueryLimit(call.request, 100, 1000));
    uint64_t after = 0;
    if (call.request.query.contains("cursor")) {
      FID_ASSIGN(after, QueryNumber(call.request, "cursor"));
    }
    FID_ASSIGN(const Json json, parts_.importer.Rejects(id, static_cast<int64_t>(after), limit));
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::UndoRepairs(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, ImportId(call));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"rows"}));
    std::vector<int64_t> rows;
    for (const Json& row : body.value("rows", Json::array())) {
      if (!row.is_number_integer() || rows.size() == kUndoneMost) {
        return Fail(Code::kInvalidInput, "name rows by number, at most 1000");
      }
      rows.push_back(row.get<int64_t>());
    }
    if (rows.empty()) {
      return Fail(Code::kInvalidInput, "name rows by number, at most 1000");
    }
    FID_ASSIGN(const Json done, parts_.importer.UndoRepairs(call.access, id, rows));
    respond(JsonResponse(200, done));
    return {};
  });
}

void Api::RepairImport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, ImportId(call));
    FID_ASSIGN(Json body, DecodeObject(call.request, {"rows", "all"}));
    if (body.contains("all")) {
      FID_ASSIGN(const collect::RepairRule rule, DecodeRule(body));
      FID_ASSIGN(const collect::ImportReport report,
                 parts_.importer.RepairAll(call.access, id, rule));
      respond(JsonResponse(200, collect::ReportToJson(report)));
      return {};
    }
    if (!body.contains("rows") || !body["rows"].is_array() || body["rows"].size() > 1000) {
      return Fail(Code::kInvalidInput, "name the rows to repair in a list of at most 1000");
    }
    std::vector<collect::Repair> repairs;
    for (Json& row : body["rows"]) {
      if (!row.is_object() || !row.contains("row") || !row["row"].is_number_integer()) {
        return Fail(Code::kInvalidInput, "a repair names its row by number");
      }
      collect::Repair repair;
      repair.row = row["row"].get<int64_t>();
      FID_ASSIGN(FieldValues cells, DecodeFields(row, "set"));
      for (auto& [column, values] : cells) {
        repair.cells.emplace_back(column,
                                  values.empty() ? model::Sensitive() : std::move(values[0]));
      }
      repairs.push_back(std::move(repair));
    }
    FID_ASSIGN(const collect::ImportReport report,
               parts_.importer.RepairRows(call.access, id, std::move(repairs)));
    respond(JsonResponse(200, collect::ReportToJson(report)));
    return {};
  });
}

void Api::RevertImport(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, ImportId(call));
    FID_ASSIGN(const Json json, parts_.importer.Revert(call.access, id));
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
