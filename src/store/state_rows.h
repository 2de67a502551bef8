// The state digest as it is stored: per bucket, a masked sum over all rows of subjects. What the
// numbers mean is gate/state_digest's business.
#pragma once

#include <optional>
#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

struct StateSum {
  model::Bucket bucket = 0;
  model::TenantId tenant = 0;
  int64_t rows = 0;
  int64_t changes = 0;  // groups that changed the sum: no mask is used twice
  Bytes sum;            // 32 bytes
};
Result<std::vector<StateSum>> LoadStateSums(db::Session& data);
Status PutStateSum(db::Session& data, const StateSum& sum);

// What all sums were when a leaf was written that commits to them. Only the last one is kept.
struct StateMark {
  uint64_t leaf = 0;
  Bytes sums;
};
Result<std::optional<StateMark>> LoadStateMark(db::Session& data, model::TenantId tenant);
Status PutStateMark(db::Session& data, model::TenantId tenant, const StateMark& mark);

// The rows behind the sums, for checking them. Walks all buckets.
struct StateRow {
  model::SubjectRef subject;
  int64_t number = 0;  // seq of a basis event
  Uuid event;          // of the timeline, or the ticket
  Bytes content;
};
using EachStateRow = std::function<Status(const StateRow&)>;
Status WalkBasisEvents(db::Session& data, const EachStateRow& each);
Status WalkTimeline(db::Session& data, const EachStateRow& each);

// Names of rows, as the watch is told.
Bytes SubjectPlace(const model::SubjectRef& subject);
Bytes BasisPlace(const model::SubjectRef& subject, int64_t seq);
Bytes TimelinePlace(const model::SubjectRef& subject, const Uuid& event);
Bytes TicketPlace(const model::SubjectRef& subject, const Uuid& ticket);

}  // namespace fiducia::store
