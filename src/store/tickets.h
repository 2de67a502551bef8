// Matters that customers brought to the service desk. What a ticket says is sealed; whose it is,
// whether it is open and when it last moved are not. All take the session of the data database.
#pragma once

#include <utility>
#include <vector>

#include "db/session.h"
#include "model/types.h"
#include "store/state_rows.h"

namespace fiducia::store {

struct TicketRow {
  Uuid ticket;
  uint32_t version = 0;
  bool open = true;
  int64_t moved_ms = 0;
  Bytes body;
};

// What the state digest counts of a row: all of it.
Bytes TicketContent(const TicketRow& row);
// All of them, as the state digest counts them. Walks buckets.
Status WalkTickets(db::Session& data, const EachStateRow& each);

// Errors: kNotFound.
Result<TicketRow> LoadTicket(db::Session& data, const model::SubjectRef& subject,
                             const Uuid& ticket);
// The one that moved last first.
Result<std::vector<TicketRow>> LoadTicketsOf(db::Session& data, const model::SubjectRef& subject);
// A new one has version 1; a changed one the version after the one it was made from. Errors:
// kVersionMismatch.
Status PutTicket(db::Session& data, const model::SubjectRef& subject, const TicketRow& row);

// One that is not there is none.
Status DeleteTicket(db::Session& data, const model::SubjectRef& subject, const Uuid& ticket);

using ListedTicket = std::pair<model::SubjectRef, TicketRow>;
struct TicketMoment {
  int64_t moved_ms = 0;
  Uuid ticket;
};
// Open ones: who waits longest first, behind `after`. Closed ones: the last closed first, before
// `after`. Walks buckets.
Result<std::vector<ListedTicket>> ListTickets(db::Session& data, model::TenantId tenant, bool open,
                                              const TicketMoment& after, int limit);
Result<int64_t> CountOpenTickets(db::Session& data, model::TenantId tenant);
// Closed ones that have not moved since, the oldest first. Walks buckets.
Result<std::vector<ListedTicket>> ListOldTickets(db::Session& data, model::TenantId tenant,
                                                 int64_t before_ms, int limit);

}  // namespace fiducia::store
