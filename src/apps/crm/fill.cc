#include "apps/crm/fill.h"

#include <algorithm>

namespace fiducia::apps {

Status FillFields(const Filling& granted, const process::LoadedRecord& loaded,
                  std::string_view table, std::vector<FieldView>& fields,
                  std::vector<FieldView>& withheld) {
  const rules::Catalog& catalog = granted.policy.catalog;
  for (const store::Cell& cell : loaded.dossier.cells) {
    const bool masked = granted.masks.masked.Has(cell.field);
    const rules::Field* field = catalog.Find(cell.field);
    if (field == nullptr || (!masked && !granted.masks.clear.Has(cell.field))) {
      continue;
    }
    FID_ASSIGN(model::Sensitive value, granted.vault.Open(granted.permit, *loaded.key,
                                                          {loaded.dossier.subject, table,
                                                           cell.field, cell.ordinal, cell.version},
                                                          cell.sealed));
    auto at = std::find_if(fields.begin(), fields.end(),
                           [&](const FieldView& f) { return f.field == field; });
    if (at == fields.end()) {
      at = fields.insert(
          fields.end(),
          FieldView{field, masked ? gate::Reason::kMasked : gate::Reason::kAllowed, {}});
    }
    ValueView view;
    view.text = masked ? model::Sensitive(process::Mask(field->mask, value)) : std::move(value);
    view.masked = masked;
    view.source = loaded.dossier.provenances[cell.provenance].source;
    view.verified_ms = cell.verified_ms;
    view.confidence = cell.confidence;
    at->values.push_back(std::move(view));
  }
  for (const gate::Refusal& refusal : granted.refusals) {
    withheld.push_back({catalog.Find(refusal.field), refusal.reason, {}});
  }
  return {};
}

}  // namespace fiducia::apps
