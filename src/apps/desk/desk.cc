#include "apps/desk/desk.h"

#include <algorithm>

#include "apps/cursor.h"
#include "apps/source_door.h"
#include "base/letters.h"
#include "base/text.h"
#include "govern/rights/reading.h"
#include "rules/jurisdictions.h"
#include "store/subjects.h"

namespace fiducia::apps {

namespace {

constexpr int64_t kDayMs = 86400000;
constexpr int kForgottenAtOnce = 500;
constexpr size_t kWordsMost = 200000;
constexpr size_t kNoteMost = 8000;  // characters of one value, as its field takes it
constexpr int kMinutesMost = 24 * 60;

Status Check(const Contact& contact) {
  const std::string_view text = contact.text.Reveal();
  if (TrimAscii(text).empty() || text.size() > kWordsMost) {
    return Fail(Code::kInvalidInput, "a contact has words, at most 200,000 bytes of them");
  }
  if (contact.minutes < 0 || contact.minutes > kMinutesMost) {
    return Fail(Code::kInvalidInput, "a call is at most a day long");
  }
  return {};
}

process::SiftOptions OptionsOf(const Contact& contact) {
  return {contact.channel, contact.customer, contact.keep};
}

// Of which the customer spoke.
std::vector<std::string> RightsOf(const Contact& contact) {
  std::vector<std::string> names;
  for (const govern::Right right :
       govern::RightsIn(process::SaidByCustomer(contact.text.Reveal(), OptionsOf(contact)))) {
    names.emplace_back(govern::Name(right));
  }
  return names;
}

// A long text as several values, each as long as one may be, parted between lines where it can be.
std::vector<std::string> PartsOf(std::string_view text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  size_t line = 0;  // the end of the last whole line
  size_t count = 0;
  for (size_t at = 0; at < text.size();) {
    (void)NextCharacter(text, at);
    line = text[at - 1] == '\n' ? at : line;
    if (++count == kNoteMost) {
      const size_t cut = line > begin ? line : at;
      parts.emplace_back(text.substr(begin, cut - begin));
      begin = cut;
      count = CountCharacters(text.substr(begin, at - begin));
    }
  }
  if (begin < text.size()) {
    parts.emplace_back(text.substr(begin));
  }
  std::erase_if(parts, [](const std::string& part) { return TrimAscii(part).empty(); });
  return parts;
}

process::Sifted Sifted(const Contact& contact) {
  process::Sifted sifted = process::Sift(contact.text.Reveal(), OptionsOf(contact));
  sifted.matter = contact.matter.value_or(sifted.matter);
  return sifted;
}

Result<store::TicketMoment> PlaceOf(const TicketQuery& query) {
  store::TicketMoment place;
  if (!query.open) {
    place.moved_ms = INT64_MAX;
  }
  if (query.cursor.empty()) {
    return place;
  }
  FID_ASSIGN(const Moment moment, MomentOf(query.cursor));
  place.moved_ms = moment.ms;
  place.ticket = moment.id;
  return place;
}

// A ticket that changes by itself, with no contact.
struct Changing {
  const Desk::Parts& parts;
  const process::LoadedRecord& record;  // that it stands with
  const rules::Field& field;
};

Result<audit::LeafDraft> AskChange(const Changing& changing, const model::Access& access,
                                   std::string_view op, const Uuid& ticket) {
  model::FieldSet fields;
  fields.Add(changing.field.number);
  FID_ASSIGN(
      gate::WriteGranted granted,
      changing.parts.gate.AskWrite(access, op, {changing.record.dossier, *changing.record.key},
                                   fields, {}, ticket.Text()));
  return std::move(granted.leaf);
}

store::Job ChangeJob(const Changing& changing, const process::Ticket& ticket,
                     audit::LeafDraft leaf) {
  const model::SubjectRef& subject = changing.record.dossier.subject;
  store::Job job;
  job.data = [&log = changing.parts.gate.log(), subject,
              row = process::SealTicket(changing.parts.records.builder().vault(),
                                        *changing.record.key, subject, changing.field, ticket),
              leaf = std::move(leaf)](store::Session& data) -> Status {
    FID_TRY(store::LoadSubject(data, subject));
    FID_TRY(store::PutTicket(data, subject, row));
    FID_TRY(log.Append(data, leaf));
    return {};
  };
  return job;
}

}  // namespace

struct Desk::Holder {
  const process::LoadedRecord& own;     // that stands for the customer, and decides
  const process::LoadedRecord& record;  // that the ticket stands with
};

struct Desk::Found {
  process::LoadedRecord record;
  process::Ticket ticket;
};

// A contact, ready to be written.
struct Desk::Prepared {
  process::SealedEvent entry;
  store::TicketRow row;
  audit::LeafDraft leaf;
  Written written;
};

Desk::Desk(Parts parts)
    : parts_(parts),
      ticket_field_(*parts.gate.policy().catalog.Find(process::kTicketField)),
      note_field_(*parts.gate.policy().catalog.Find(process::kNoteField)) {}

Result<ContactPreview> Desk::Preview(const model::Access& access, const Contact& contact) const {
  FID_TRY(parts_.gate.Require(access.actor, "tickets.write"));
  FID_TRY(parts_.gate.CheckAccess(access));
  FID_TRY(Check(contact));
  ContactPreview preview;
  preview.sifted = Sifted(contact);
  preview.rights = RightsOf(contact);
  preview.text = model::Sensitive(std::move(preview.sifted.text));
  return preview;
}

Result<std::vector<process::EventField>> Desk::FieldsOf(const Contact& contact,
                                                        const process::Sifted& sifted) const {
  const process::Cleaner& cleaner = parts_.records.builder().cleaner();
  process::Hints hints;
  hints.today_days = parts_.clock.NowMs() / kDayMs;
  std::vector<process::EventField> fields;
  const auto add = [&](const rules::Field& field, std::string text) -> Status {
    FID_ASSIGN(process::Cleaned cleaned,
               cleaner.Clean(field, model::Sensitive(std::move(text)), hints));
    fields.push_back({&field, std::move(cleaned)});
    return {};
  };
  for (std::string& part : PartsOf(sifted.text)) {
    FID_TRY(add(note_field_, std::move(part)));
  }
  if (contact.channel == process::Channel::kPhone) {
    std::string call = contact.inbound ? "call in" : "call out";
    if (contact.minutes > 0) {
      call += ", " + std::to_string(contact.minutes) + " minutes";
    }
    FID_TRY(add(*parts_.gate.policy().catalog.Find("call_log"), std::move(call)));
  }
  return fields;
}

Result<Desk::Found> Desk::Load(store::ReadLease& lease, const model::SubjectRef& subject,
                               const Uuid& ticket) const {
  FID_ASSIGN(process::LoadedRecord record, parts_.records.LoadEven(lease, subject));
  FID_ASSIGN(const store::TicketRow row,
             store::LoadTicket(lease.session(store::Which::kData), subject, ticket));
  FID_ASSIGN(process::Ticket opened,
             process::OpenTicket(parts_.records.builder().vault(), *record.key,
                                 parts_.gate.SystemPermit(subject), ticket_field_, row));
  return Found{std::move(record), std::move(opened)};
}

Result<Desk::Found> Desk::TicketFor(store::ReadLease& lease, const model::Access& access,
                                    const model::SubjectRef& subject,
                                    const std::optional<Uuid>& ticket,
                                    const Contact& contact) const {
  if (ticket) {
    FID_ASSIGN(Found found, Load(lease, subject, *ticket));
    // What the customer said since stands with the record that this one was joined to.
    if (!found.record.dossier.merged_into.is_nil()) {
      return Fail(Code::kMerged, "the record was joined to another: open a ticket there");
    }
    return found;
  }
  Found found;
  FID_ASSIGN(found.record, parts_.records.Load(lease, subject));
  found.ticket.id = Uuid::V7(parts_.clock, parts_.rng);
  found.ticket.channel = contact.channel;
  found.ticket.source = contact.source;
  found.ticket.opened_ms = parts_.clock.NowMs();
  found.ticket.opened_by = access.actor.id;
  return found;
}

// A contact as an entry of the timeline, and the ticket with it.
Result<Desk::Prepared> Desk::Prepare(const model::Access& access, Found found,
                                     const Contact& contact) const {
  const model::SubjectRef& subject = found.record.dossier.subject;
  const vault::SubjectKey& key = *found.record.key;
  const vault::Vault& vault = parts_.records.builder().vault();
  const int64_t now_ms = parts_.clock.NowMs();
  const int64_t said_ms = std::min(contact.at_ms, now_ms);
  const process::Sifted sifted = Sifted(contact);
  const bool is_new = found.ticket.version == 0;
  if (is_new) {
    found.ticket.matter = sifted.matter;
  }
  const Uuid entry = Uuid::V7(parts_.clock, parts_.rng);
  FID_ASSIGN(const auto fields, FieldsOf(contact, sifted));
  Prepared prepared;
  prepared.entry =
      process::SealEvent(vault, key, {subject, entry, said_ms},
                         {contact.source, "interaction", "", access.actor.id, {}, now_ms}, fields);
  process::AddContact(found.ticket, {entry, now_ms, said_ms, sifted.kinds, RightsOf(contact)});
  prepared.row = process::SealTicket(vault, key, subject, ticket_field_, found.ticket);
  model::FieldSet held = prepared.entry.held;
  held.Add(ticket_field_.number);
  FID_ASSIGN(gate::WriteGranted granted,
             parts_.gate.AskWrite(access, is_new ? "ticket.open" : "ticket.add",
                                  {found.record.dossier, key}, held, {}, found.ticket.id.Text()));
  prepared.leaf = std::move(granted.leaf);
  prepared.written = {subject, found.ticket.version, found.ticket.id, false};
  return prepared;
}

void Desk::Take(const model::Access& access, const model::SubjectRef& subject,
                const std::optional<Uuid>& ticket, const Contact& contact,
                const Idempotency& idempotency, Done<Written> done) const {
  auto run = [&]() -> Result<std::optional<Written>> {
    FID_TRY(parts_.gate.Require(access.actor, "tickets.write"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_TRY(Check(contact));
    if (!contact.keep.empty() && !SaysWhy(access.reason)) {
      return Fail(Code::kReasonRequired,
                  "what stays in the words needs a reason of at least three letters");
    }
    const store::AnswerPlace place{store::BucketOf(subject), 0, access.actor.id,
                                   idempotency.key_hash};
    FID_ASSIGN(const auto repeated, Repeated(parts_.engine, place, idempotency));
    if (repeated) {
      return repeated;
    }
    FID_TRY(RequireSource(parts_.engine, parts_.sources, contact.source));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(Found found, TicketFor(*lease, access, subject, ticket, contact));
    FID_ASSIGN(Prepared prepared, Prepare(access, std::move(found), contact));
    const Written written = prepared.written;
    store::Job job;
    job.data = [this, place, prepared = std::move(prepared),
                idempotency](store::Session& data) -> Status {
      const model::SubjectRef& whose = prepared.written.subject;
      // The customer may have been erased since it was read.
      FID_TRY(store::LoadSubject(data, whose));
      FID_TRY(store::InsertEvent(data, whose, prepared.entry.row));
      FID_TRY(store::PutTicket(data, whose, prepared.row));
      FID_TRY(Keep(data, place, idempotency, prepared.written, parts_.clock.NowMs()));
      FID_TRY(parts_.gate.log().Append(data, prepared.leaf));
      parts_.records.builder().counts().Add(prepared.entry.found);
      return {};
    };
    job.done = Acknowledge(written, Counted(parts_.sources, contact.source, std::move(done)));
    parts_.engine.Submit(std::move(job));
    return std::optional<Written>();
  };
  AnswerUnlessUnderWay(run(), done);
}

void Desk::Close(const model::Access& access, const model::SubjectRef& subject, const Uuid& ticket,
                 process::Outcome outcome, Done<Written> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "tickets.write"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(Found found, Load(*lease, subject, ticket));
    if (!found.ticket.open) {
      return Fail(Code::kConflict, "the ticket is closed");
    }
    const int64_t now_ms = parts_.clock.NowMs();
    ++found.ticket.version;
    found.ticket.open = false;
    found.ticket.outcome = outcome;
    found.ticket.closed_ms = now_ms;
    found.ticket.moved_ms = now_ms;
    found.ticket.closed_by = access.actor.id;
    const Changing changing{parts_, found.record, ticket_field_};
    FID_ASSIGN(audit::LeafDraft leaf, AskChange(changing, access, "ticket.close", ticket));
    const Written written{subject, found.ticket.version, ticket, false};
    store::Job job = ChangeJob(changing, found.ticket, std::move(leaf));
    job.done = Acknowledge(written, std::move(done));
    parts_.engine.Submit(std::move(job));
    return {};
  };
  if (const Status status = run(); !status) {
    done(std::unexpected(status.error()));
  }
}

Result<std::string> Desk::HandOver(const model::Access& access, const model::SubjectRef& subject,
                                   const Uuid& ticket,
                                   const std::vector<govern::Right>& rights) const {
  FID_TRY(parts_.gate.Require(access.actor, "tickets.write"));
  FID_TRY(parts_.gate.CheckAccess(access));
  if (std::find(rights.begin(), rights.end(), govern::Right::kRectify) != rights.end()) {
    return Fail(Code::kInvalidInput, "what is wrong in the record is corrected there");
  }
  Found found;
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(found, Load(*lease, subject, ticket));
  }
  if (!found.ticket.request.empty()) {
    return Fail(Code::kConflict, "a request was made of this ticket already");
  }
  const Changing changing{parts_, found.record, ticket_field_};
  FID_ASSIGN(audit::LeafDraft leaf, AskChange(changing, access, "ticket.request", ticket));
  govern::Intake intake;
  intake.customer =
      found.record.dossier.merged_into.is_nil() ? subject.id : found.record.dossier.merged_into;
  intake.rights = rights;
  intake.channel = found.ticket.channel == process::Channel::kPhone  ? "phone"
                   : found.ticket.channel == process::Channel::kMail ? "mail"
                                                                     : "desk";
  intake.received_ms = found.ticket.asked_ms == 0 ? found.ticket.opened_ms : found.ticket.asked_ms;
  FID_ASSIGN(const govern::RightsCase made, parts_.rights.HandIn(access, std::move(intake)));
  ++found.ticket.version;
  found.ticket.request = made.number;
  FID_TRY(parts_.engine.SubmitAndWait(ChangeJob(changing, found.ticket, std::move(leaf))));
  return made.number;
}

Result<TicketView> Desk::View(const model::Access& access, const Holder& holder,
                              const store::TicketRow& row, audit::Leaf& leaf,
                              std::vector<audit::LeafDraft::Member>& members) const {
  const auto& [own, record] = holder;
  TicketView view;
  view.subject = record.dossier.subject;
  view.ticket.id = row.ticket;
  view.ticket.version = row.version;
  view.ticket.open = row.open;
  view.ticket.moved_ms = row.moved_ms;
  model::FieldSet wanted;
  wanted.Add(ticket_field_.number);
  const auto shown =
      parts_.gate.AskInSet(access, {own.dossier, *own.key}, model::Op::kRead, wanted, wanted);
  if (!shown || !shown->masks.clear.Has(ticket_field_.number)) {
    view.withheld = !shown && shown.error().code() == Code::kRestricted ? gate::Reason::kRestricted
                    : !shown || shown->refusals.empty()                 ? gate::Reason::kNoBasis
                                                        : shown->refusals.front().reason;
    return view;
  }
  FID_ASSIGN(const model::Permit permit, parts_.gate.PermitFor(*shown, own.dossier, view.subject));
  FID_ASSIGN(view.ticket, process::OpenTicket(parts_.records.builder().vault(), *record.key, permit,
                                              ticket_field_, row));
  leaf.clear = leaf.clear | wanted;
  members.push_back({store::BucketOf(own.dossier.subject), own.key->pseudonym});
  return view;
}

void Desk::List(const model::Access& access, const TicketQuery& query,
                Done<TicketPage> done) const {
  auto run = [&]() -> Result<std::pair<TicketPage, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "tickets.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_ASSIGN(const store::TicketMoment place, PlaceOf(query));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    store::Session& data = lease->session(store::Which::kData);
    FID_ASSIGN(const auto rows, store::ListTickets(data, 0, query.open, place, query.limit + 1));
    TicketPage page;
    FID_ASSIGN(page.waiting, store::CountOpenTickets(data, 0));
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "ticket.list", "allowed");
    std::vector<audit::LeafDraft::Member> members;
    const size_t shown = std::min(rows.size(), static_cast<size_t>(query.limit));
    for (size_t i = 0; i < shown; ++i) {
      const auto& [subject, row] = rows[i];
      const auto record = parts_.records.LoadEven(*lease, subject);
      if (!record) {
        continue;  // being erased
      }
      const auto own = record->dossier.merged_into.is_nil()
                           ? record
                           : parts_.records.LoadCurrent(*lease, subject);
      if (!own) {
        continue;
      }
      FID_ASSIGN(TicketView view, View(access, {*own, *record}, row, leaf, members));
      page.tickets.push_back(std::move(view));
    }
    if (rows.size() > shown) {
      const store::TicketRow& last = rows[shown - 1].second;
      page.next = CursorOf({last.moved_ms, last.ticket});
    }
    leaf.count = members.size();
    leaf.set_root = audit::SetRoot(members);
    const audit::Receipt receipt = parts_.gate.Record(0, leaf, std::move(members));
    return std::pair(std::move(page), receipt);
  };
  AnswerWith(run(), std::move(done));
}

void Desk::Of(const model::Access& access, const model::SubjectRef& subject,
              Done<TicketPage> done) const {
  auto run = [&]() -> Result<std::pair<TicketPage, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "tickets.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const process::LoadedRecord own, parts_.records.LoadCurrent(*lease, subject));
    FID_ASSIGN(const auto records, parts_.records.LoadWhole(*lease, own));
    TicketPage page;
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "ticket.read", "allowed");
    leaf.pseudonym = own.key->pseudonym;
    std::vector<audit::LeafDraft::Member> members;
    for (const process::LoadedRecord& record : records) {
      FID_ASSIGN(const auto rows,
                 store::LoadTicketsOf(lease->session(store::Which::kData), record.dossier.subject));
      for (const store::TicketRow& row : rows) {
        FID_ASSIGN(TicketView view, View(access, {own, record}, row, leaf, members));
        page.waiting += view.ticket.open ? 1 : 0;
        page.tickets.push_back(std::move(view));
      }
    }
    std::stable_sort(page.tickets.begin(), page.tickets.end(),
                     [](const TicketView& a, const TicketView& b) {
                       return a.ticket.moved_ms > b.ticket.moved_ms;
                     });
    const audit::Receipt receipt =
        parts_.gate.log().Queue(parts_.gate.DraftOf(leaf, own.dossier.subject));
    return std::pair(std::move(page), receipt);
  };
  AnswerWith(run(), std::move(done));
}

Status Desk::Tick() {
  const int64_t now_ms = parts_.clock.NowMs();
  if (now_ms - forgotten_ms_ < kDayMs) {
    return {};
  }
  forgotten_ms_ = now_ms;
  // As long as the catalog keeps what was said.
  const int64_t today = now_ms / kDayMs;
  const auto ends = rules::AfterPeriod(today, ticket_field_.retention_period);
  if (!ends) {
    return {};
  }
  const int64_t before_ms = (today - (*ends - today)) * kDayMs;
  std::vector<store::ListedTicket> old;
  do {
    {
      FID_ASSIGN(const auto lease, parts_.engine.Read());
      FID_ASSIGN(old, store::ListOldTickets(lease->session(store::Which::kData), 0, before_ms,
                                            kForgottenAtOnce));
    }
    for (const auto& [subject, row] : old) {
      FID_TRY(Forget(subject, row.ticket));
    }
  } while (!old.empty());
  return {};
}

Status Desk::Forget(const model::SubjectRef& subject, const Uuid& ticket) const {
  model::Access access;
  access.actor.role = "system";
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "ticket.forget", "done");
  leaf.detail = ticket.Text();
  store::Job job;
  job.data = [&, leaf = parts_.gate.DraftOf(leaf, subject)](store::Session& data) -> Status {
    FID_TRY(store::DeleteTicket(data, subject, ticket));
    FID_TRY(parts_.gate.log().Append(data, leaf));
    return {};
  };
  return parts_.engine.SubmitAndWait(std::move(job));
}

}  // namespace fiducia::apps
