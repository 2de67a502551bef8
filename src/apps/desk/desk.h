// The service desk: what customers say by phone, mail, chat or in the shop, taken in without what
// the desk does not need, as tickets that stay open until somebody closes them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apps/answer.h"
#include "govern/rights/cases.h"
#include "process/contact/ticket.h"
#include "process/record/event.h"
#include "process/record/reader.h"

namespace fiducia::apps {

// One call, mail, chat or visit as somebody wrote it down.
struct Contact {
  process::Channel channel = process::Channel::kPhone;
  model::Sensitive text;
  std::string customer;                   // the speaker of a chat who is the customer; empty: found
  std::set<std::string> keep;             // kinds that stay in the words, against a reason
  std::optional<process::Matter> matter;  // as somebody sorted it; none: as the words have it
  std::string source;
  int64_t at_ms = 0;
  int minutes = 0;      // of a call; 0: not told
  bool inbound = true;  // the customer called us
};

// A contact as the desk would keep it.
struct ContactPreview {
  model::Sensitive text;
  process::Sifted sifted;           // its text is in `text`
  std::vector<std::string> rights;  // that the words speak of
};

struct TicketView {
  model::SubjectRef subject;
  process::Ticket ticket;  // of a withheld one: its id, whether it is open and when it moved
  std::optional<gate::Reason> withheld;
};
struct TicketPage {
  std::vector<TicketView> tickets;
  std::string next;     // cursor; empty at the end
  int64_t waiting = 0;  // open ones, all together
};

struct TicketQuery {
  bool open = true;
  int limit = 50;
  std::string cursor;
};

// Thread safe. All collaborators must outlive it.
class Desk {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    govern::RightsCases& rights;
    govern::SourceRegister& sources;
    const Clock& clock;
    Rng& rng;
  };
  explicit Desk(Parts parts);

  // Nothing is kept. Errors: kInvalidInput.
  Result<ContactPreview> Preview(const model::Access& access, const Contact& contact) const;
  // Into a new ticket, or into `ticket`, which is open from then on. The event of what was written
  // is the ticket. Errors: kReasonRequired if something is to stay in the words, kUnknownSource,
  // kInvalidInput, kNotFound, kMerged for a ticket of a record that was joined to another, those of
  // a write.
  void Take(const model::Access& access, const model::SubjectRef& subject,
            const std::optional<Uuid>& ticket, const Contact& contact,
            const Idempotency& idempotency, Done<Written> done) const;
  // Errors: kNotFound, kConflict if it is closed.
  void Close(const model::Access& access, const model::SubjectRef& subject, const Uuid& ticket,
             process::Outcome outcome, Done<Written> done) const;

  // What was said is a request under the law: makes a case of it, whose time runs from when it was
  // said; gives its number. Errors: kInvalidInput for no right, or a correction, which the desk
  // makes itself; kNotFound; kConflict if there is a case already.
  Result<std::string> HandOver(const model::Access& access, const model::SubjectRef& subject,
                               const Uuid& ticket, const std::vector<govern::Right>& rights) const;

  void List(const model::Access& access, const TicketQuery& query, Done<TicketPage> done) const;
  // Of one customer and all records that are joined to theirs, the one that moved last first.
  void Of(const model::Access& access, const model::SubjectRef& subject,
          Done<TicketPage> done) const;
  // Forgets what was closed long ago. Call now and then.
  Status Tick();

 private:
  struct Found;   // a ticket with the record it stands with
  struct Holder;  // whose a ticket is
  struct Prepared;
  Result<std::vector<process::EventField>> FieldsOf(const Contact& contact,
                                                    const process::Sifted& sifted) const;
  Result<Found> Load(store::ReadLease& lease, const model::SubjectRef& subject,
                     const Uuid& ticket) const;
  Result<Found> TicketFor(store::ReadLease& lease, const model::Access& access,
                          const model::SubjectRef& subject, const std::optional<Uuid>& ticket,
                          const Contact& contact) const;
  Result<Prepared> Prepare(const model::Access& access, Found found, const Contact& contact) const;
  Result<TicketView> View(const model::Access& access, const Holder& holder,
                          const store::TicketRow& row, audit::Leaf& leaf,
                          std::vector<audit::LeafDraft::Member>& members) const;
  Status Forget(const model::SubjectRef& subject, const Uuid& ticket) const;

  Parts parts_;
  const rules::Field& ticket_field_;
  const rules::Field& note_field_;
  int64_t forgotten_ms_ = 0;
};

}  // namespace fiducia::apps
