// What becomes of rows that were refused: tried again with corrected cells, one by one or all that
// were refused for the same reason; and taken out again.
#include <algorithm>

#include "collect/imports/import_run.h"
#include "model/names.h"
#include "store/subjects.h"

namespace fiducia::collect {

namespace {

constexpr int kPage = 500;

// A repair names a column, or the field that one column alone goes into.
std::string ColumnNamed(const std::string& name, const std::vector<std::string>& columns,
                        const Mapping& mapping) {
  if (std::find(columns.begin(), columns.end(), name) != columns.end()) {
    return name;
  }
  for (const ColumnMap& column : mapping.columns) {
    if (column.field->id == name && column.columns.size() == 1) {
      return column.columns[0];
    }
  }
  return name;
}

Result<ImportRequest> RequestOf(const Json& facts, const rules::Catalog& catalog) {
  ImportRequest request;
  auto mapping = ParseMapping("stored mapping", JsonText(facts, "mapping"), catalog);
  if (!mapping) {
    return Fail(Code::kConflict, "the catalog has changed since this import: import the rows anew");
  }
  request.mapping = std::move(*mapping);
  request.source = JsonText(facts, "source");
  FID_ASSIGN(request.basis, model::ParseBasisKind(JsonText(facts, "basis")));
  request.purposes = facts.value("purposes", std::vector<std::string>());
  request.jurisdiction = JsonText(facts, "jurisdiction");
  request.separate = facts.value("separate", false);
  FID_ASSIGN(request.file_hash, FromHex(JsonText(facts, "file")));
  return request;
}

}  // namespace

Result<ImportReport> Importer::RepairRows(const model::Access& access, const Uuid& import,
                                          std::vector<Repair> repairs) const {
  FID_TRY(parts_.gate.Require(access.actor, "imports.run"));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  store::Session& data = lease->session(store::Which::kData);
  FID_ASSIGN(const store::ImportRow stored, store::LoadImport(data, 0, import));
  if (stored.state != "done") {
    return Fail(Code::kConflict, "only a finished import can be repaired");
  }
  FID_ASSIGN(const Json facts, ParseJson(stored.facts));
  FID_ASSIGN(ImportRequest request, RequestOf(facts, parts_.gate.policy().catalog));
  const Mapping mapping = request.mapping;
  ImportRun run(parts_, access, std::move(request));
  FID_TRY(run.Check());
  const auto columns = facts.value("columns", std::vector<std::string>());
  FID_TRY(run.BindHeader(columns));
  run.Adopt(stored);
  FID_ASSIGN(const vault::SubjectKeyPtr key,
             parts_.builder.vault().keys().Get(lease->session(store::Which::kKeys), run.key_ref()));
  std::vector<PreparedRow> rows;
  for (Repair& repair : repairs) {
    FID_ASSIGN(const auto found, store::LoadRejects(data, 0, import, repair.row - 1, 1));
    if (found.size() != 1 || found[0].row != repair.row ||
        found[0].state != store::RejectState::kOpen) {
      return Fail(Code::kNotFound, "there is no open row of this number in quarantine", repair.row);
    }
    PreparedRow row;
    FID_ASSIGN(row.raw, run.OpenRow(*key, repair.row, found[0].sealed));
    row.raw.cells.resize(columns.size());
    row.raw.whole = true;
    for (auto& [column, value] : repair.cells) {
      const auto at =
          std::find(columns.begin(), columns.end(), ColumnNamed(column, columns, mapping));
      if (at == columns.end()) {
        return Fail(Code::kUnknownField, "the file of this import has no such column");
      }
      row.raw.cells[static_cast<size_t>(at - columns.begin())] = std::move(value);
    }
    rows.push_back(std::move(row));
  }
  return run.RunRepairs(stored, std::move(rows));
}

Result<ImportReport> Importer::RepairAll(const model::Access& access, const Uuid& import,
                                         const RepairRule& rule) const {
  FID_TRY(parts_.gate.Require(access.actor, "imports.run"));
  ImportReport report;
  bool any = false;
  int64_t after = 0;
  for (bool more = true; more;) {
    std::vector<Repair> repairs;
    {
      FID_ASSIGN(const auto lease, parts_.engine.Read());
      FID_ASSIGN(const auto rejects,
                 store::LoadRejects(lease->session(store::Which::kData), 0, import, after, kPage));
      for (const store::Reject& reject : rejects) {
        after = reject.row;
        if (reject.state != store::RejectState::kOpen || reject.field != rule.field ||
            reject.reason != rule.reason) {
          continue;
        }
        Repair repair{reject.row, {}};
        for (const auto& [column, value] : rule.cells) {
          repair.cells.emplace_back(column, model::Sensitive::CopyOf(value.Reveal()));
        }
        repairs.push_back(std::move(repair));
      }
      more = static_cast<int>(rejects.size()) == kPage;
    }
    if (!repairs.empty()) {
      FID_ASSIGN(report, RepairRows(access, import, std::move(repairs)));
      any = true;
    }
  }
  if (!any) {
    return Fail(Code::kNotFound, "no row in quarantine was refused for this");
  }
  return report;
}

Status Importer::UndoRow(const model::Access& access, const Uuid& import, int64_t row,
                         RevertCounts& counts) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  store::Session& data = lease->session(store::Which::kData);
  FID_ASSIGN(const auto found, store::LoadRejects(data, 0, import, row - 1, 1));
  if (found.size() != 1 || found[0].row != row || found[0].state != store::RejectState::kRepaired) {
    return Fail(Code::kNotFound, "no row of this number was repaired", row);
  }
  FID_ASSIGN(const auto touched, store::LoadTouchedByRow(data, 0, import, row));
  for (const store::TouchedSubject& one : touched) {
    FID_ASSIGN(const auto all, store::LoadImportsOf(data, one.subject));
    const auto of_import = std::count_if(
        all.begin(), all.end(), [&](const store::SubjectImport& i) { return i.import == import; });
    if (of_import > 1) {
      return Fail(Code::kConflict,
                  "other rows of the import went into the same customer: revert the import", row);
    }
  }
  FID_TRY(RevertPage(access, *lease, import, touched, counts));
  if (counts.held > 0) {
    return Fail(Code::kConflict, "the record is kept for a legal claim: lift the hold first", row);
  }
  store::Job job;
  job.spans_buckets = true;
  job.data = [&](store::Session& session) -> Status {
    for (const store::TouchedSubject& one : touched) {
      FID_TRY(store::DeleteImportedRow(session, one.subject, import, row));
    }
    return store::PutReject(session, 0, import, {row, "", "", store::RejectState::kUndone, {}});
  };
  return parts_.engine.SubmitAndWait(std::move(job));
}

Result<Json> Importer::UndoRepairs(const model::Access& access, const Uuid& import,
                                   const std::vector<int64_t>& rows) const {
  FID_TRY(parts_.gate.Require(access.actor, "imports.revert"));
  store::ImportRow stored;
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(stored, store::LoadImport(lease->session(store::Which::kData), 0, import));
  }
  if (stored.state != "done") {
    return Fail(Code::kConflict, "only a finished import can be changed");
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "import.undo", "done");
  leaf.detail = import.Text();
  leaf.count = rows.size();
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  RevertCounts counts;
  for (const int64_t row : rows) {
    FID_TRY(UndoRow(access, import, row, counts));
  }
  FID_ASSIGN(Json facts, ParseJson(stored.facts));
  Json& kept = facts["counts"];
  kept["repaired"] = kept.value("repaired", int64_t{0}) - static_cast<int64_t>(rows.size());
  stored.facts = WriteJson(facts);
  stored.updated_ms = parts_.clock.NowMs();
  store::Job job;
  job.data = [&](store::Session& session) { return store::PutImport(session, 0, stored); };
  FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
  return Json{{"rows", rows.size()},
              {"customers_removed", counts.removed},
              {"customers_reduced", counts.reduced}};
}

}  // namespace fiducia::collect
