// Private to crm: what of a record or an event may be shown, opened.
#pragma once

#include "apps/crm/views.h"
#include "process/record/reader.h"

namespace fiducia::apps {

// What the gate granted.
struct Filling {
  const rules::Policy& policy;
  const vault::Vault& vault;
  const model::Permit& permit;
  const gate::Masks& masks;
  const std::vector<gate::Refusal>& refusals;
};

// `table`: where the cells of `loaded` are sealed to.
Status FillFields(const Filling& granted, const process::LoadedRecord& loaded,
                  std::string_view table, std::vector<FieldView>& fields,
                  std::vector<FieldView>& withheld);

}  // namespace fiducia::apps
