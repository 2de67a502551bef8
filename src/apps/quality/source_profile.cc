// What the values of one source are like: opened inside the vault boundary, counted, forgotten.
#include <algorithm>
#include <map>

#include "apps/quality/quality.h"
#include "process/record/walk.h"
#include "store/config_rows.h"

namespace fiducia::apps {

namespace {

constexpr size_t kSampled = 2000;  // customers

}  // namespace

Result<process::TableProfile> Quality::ProfileSource(const model::Access& access,
                                                     const std::string& source) const {
  FID_TRY(parts_.gate.Require(access.actor, kQualityRead));
  FID_TRY(parts_.gate.CheckAccess(access));
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const auto known, store::LoadSource(lease->session(store::Which::kData), 0, source));
    if (!known) {
      return Fail(Code::kNotFound, "the source is not registered");
    }
  }
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  std::map<model::FieldNo, size_t> columns;
  std::vector<std::string> names;
  std::vector<std::map<size_t, model::Sensitive>> held;
  FID_TRY(process::WalkRows(
      parts_.engine,
      [&](store::ReadLease& lease, const store::WalkedSubject& walked) -> Result<bool> {
        FID_ASSIGN(const store::Dossier seen,
                   parts_.records.builder().Decode(walked.subject, walked.row));
        const bool ours = std::any_of(
            seen.provenances.begin(), seen.provenances.end(),
            [&](const model::Provenance& provenance) { return provenance.source == source; });
        const auto record = ours ? parts_.records.LoadEven(lease, walked.subject)
                                 : Result<process::LoadedRecord>(Fail(Code::kNotFound, "not ours"));
        if (!record) {
          return true;  // not of the source, or erased meanwhile
        }
        std::map<size_t, model::Sensitive> row;
        for (const store::Cell& cell : record->dossier.cells) {
          const rules::Field* field = catalog.Find(cell.field);
          if (field == nullptr || record->dossier.provenances[cell.provenance].source != source) {
            continue;
          }
          const auto [column, is_new] = columns.try_emplace(cell.field, names.size());
          if (is_new) {
            names.push_back(field->id);
          }
          if (!row.contains(column->second)) {
            FID_ASSIGN(
                row[column->second],
                parts_.records.builder().vault().Open(
                    parts_.gate.SystemPermit(walked.subject), *record->key,
                    {walked.subject, vault::kDossierTable, cell.field, cell.ordinal, cell.version},
                    cell.sealed));
          }
        }
        if (!row.empty()) {
          held.push_back(std::move(row));
        }
        return held.size() < kSampled;
      }));
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "quality.profile", "done");
  leaf.detail = source;
  leaf.count = held.size();
  for (const auto& [field, column] : columns) {
    leaf.clear.Add(field);
  }
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  std::vector<std::vector<std::string_view>> rows(held.size(),
                                                  std::vector<std::string_view>(names.size()));
  for (size_t r = 0; r < held.size(); ++r) {
    for (const auto& [column, value] : held[r]) {
      rows[r][column] = value.Reveal();
    }
  }
  process::TableProfile profile = process::ProfileTable(names, rows);
  profile.defects.clear();  // they hold values
  return profile;
}

}  // namespace fiducia::apps
