// Disclosures: who outside of the house was given something of a person. A line for each recipient;
// each single one stands in the audit log.
#pragma once

#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

struct Disclosure {
  Uuid recipient;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  int64_t times = 0;
  bool abroad = false;
  bool sensitive = false;  // something that the law of the house calls so was in it
};

// One more time at `disclosure.last_ms`; what was abroad or sensitive once stays so.
Status AddDisclosure(db::Session& data, const model::SubjectRef& subject,
                     const Disclosure& disclosure);
Result<std::vector<Disclosure>> LoadDisclosures(db::Session& data,
                                                const model::SubjectRef& subject);
// How many people a recipient was given something of. Walks buckets.
Result<int64_t> CountDisclosed(db::Session& data, model::TenantId tenant, const Uuid& recipient);
// Of how many people something has left the country since then. Walks buckets.
struct ExportedPeople {
  int64_t people = 0;
  int64_t sensitive = 0;
};
Result<ExportedPeople> CountExported(db::Session& data, model::TenantId tenant, int64_t since_ms);

}  // namespace fiducia::store
