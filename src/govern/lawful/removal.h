// Taking parts out of a record: values and entries of the timeline go, the rest stays.
#pragma once

#include <string>
#include <vector>

#include "govern/lawful/authorizations.h"

namespace fiducia::govern {

struct Removal {
  model::FieldSet fields;
  std::vector<std::pair<int64_t, Uuid>> events;  // of the timeline: when, which
  std::string op;                                // of the leaf
};

// Durable when it returns. Errors: kVersionMismatch if the record has changed meanwhile.
Status RemoveParts(const Authorizations::Parts& parts, const model::Access& access,
                   const process::LoadedRecord& record, const Removal& removal);

}  // namespace fiducia::govern
