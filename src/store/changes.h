// What changed last of each customer, for those who follow. All take the session of the data
// database.
#pragma once

#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

// Numbers count commits; 0: before counting began, or never.
struct ChangeRow {
  model::SubjectRef subject;
  int64_t seq = 0;  // the last change of all
  int64_t at_ms = 0;
  int64_t created_seq = 0;
  int64_t record_seq = 0;
  int64_t basis_seq = 0;
  int64_t timeline_seq = 0;
  bool erased = false;
};

// A part that did not change now has 0 and keeps the number it had.
Status PutChange(db::Session& data, const ChangeRow& row);
// In the order of their numbers, those behind the place (`seq`, `subject`).
Result<std::vector<ChangeRow>> ListChanges(db::Session& data, model::TenantId tenant, int64_t seq,
                                           const Uuid& subject, int limit);
Result<int64_t> LastChange(db::Session& data);

}  // namespace fiducia::store
