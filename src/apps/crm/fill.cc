#include "apps/crm/fill.h"

#include <algorithm>

#include "process/classify/value_level.h"

namespace fiducia::apps {

namespace {

// A text may hold more than its field is meant for: what is above the reach is hidden in it.
void HideAbove(const rules::Field& field, const gate::Masks& masks, ValueView& view) {
  if (!process::IsFreeText(field)) {
    return;
  }
  const auto found = process::FindSensitive(view.text.Reveal());
  view.level = std::max(view.level, process::LevelOf(found));
  const model::Level up_to = masks.ClearUpTo(field);
  if (view.level > up_to) {
    view.masked = true;
    view.text = model::Sensitive(process::RedactedAbove(up_to, view.text.Reveal(), found));
  }
}

}  // namespace

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
    view.level = granted.masks.LevelOf(*field);
    view.masked = masked;
    view.text = masked ? model::Sensitive(process::Mask(field->mask, value)) : std::move(value);
    if (!masked) {
      HideAbove(*field, granted.masks, view);
    }
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
