// A customer's timeline, and the three ways to look at a record's own past: who looked, where
// values came from, on which basis.
#include <algorithm>
#include <charconv>

#include "apps/answer.h"
#include "apps/crm/customers.h"
#include "apps/crm/fill.h"
#include "apps/cursor.h"
#include "apps/source_door.h"
#include "base/text.h"
#include "model/names.h"
#include "process/record/event.h"
#include "store/audit_rows.h"
#include "store/placement.h"
#include "store/subjects.h"

namespace fiducia::apps {

namespace {

constexpr int kEntriesMost = 10000;  // of one customer, looked through for one of them

struct TimelinePage {
  std::vector<store::TimelineRow> rows;
  std::vector<process::LoadedRecord> bodies;  // of the rows, with the key they open under
};
struct PagePlace {
  int64_t before_ms = INT64_MAX;
  Uuid before_event;
  int limit = 0;
};

// Newest first, whichever record it stands with.
Result<TimelinePage> LoadPage(store::ReadLease& lease, const vault::Vault& vault,
                              const std::vector<process::LoadedRecord>& records,
                              const PagePlace& place) {
  TimelinePage page;
  for (const process::LoadedRecord& record : records) {
    const model::SubjectRef& subject = record.dossier.subject;
    FID_ASSIGN(const auto found,
               store::LoadTimeline(lease.session(store::Which::kData), subject, place.before_ms,
                                   place.before_event, place.limit));
    for (const store::TimelineRow& row : found) {
      FID_ASSIGN(store::Dossier event, process::OpenEvent(vault, subject, row));
      const auto at =
          std::find_if(page.rows.begin(), page.rows.end(), [&](const store::TimelineRow& r) {
            return std::pair(r.at_ms, r.event) < std::pair(row.at_ms, row.event);
          });
      page.bodies.insert(page.bodies.begin() + (at - page.rows.begin()),
                         {std::move(event), record.key});
      page.rows.insert(at, row);
    }
  }
  return page;
}

// An entry, as far as it was granted. `body`: of the entry, with the key that it opens under.
Result<EventView> Opened(const Filling& granted, const process::LoadedRecord& body,
                         const Moment& when) {
  EventView event;
  event.id = when.id;
  event.at_ms = when.ms;
  const auto& provenances = body.dossier.provenances;
  event.kind = provenances.empty() ? "" : provenances[0].channel;
  FID_TRY(FillFields(granted, body, process::EventTable(when.id), event.fields, event.withheld));
  return event;
}

}  // namespace

// The values of an event in their one form.
Result<std::vector<process::EventField>> CustomerService::CleanEvent(
    const EventCommand& command) const {
  std::vector<process::EventField> fields;
  for (const auto& [id, values] : command.fields) {
    FID_ASSIGN(const rules::Field* field, FieldOf(id));
    for (const model::Sensitive& raw : values) {
      FID_ASSIGN(process::Cleaned cleaned,
                 parts_.builder.cleaner().Clean(*field, raw, HintsFor(command.region)));
      fields.push_back({field, std::move(cleaned)});
    }
  }
  if (fields.empty()) {
    return Fail(Code::kInvalidInput, "an event needs at least one field");
  }
  return fields;
}

void CustomerService::AddEvent(const model::Access& access, EventCommand command,
                               const Idempotency& idempotency, Done<Written> done) const {
  const auto check = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "timeline.write"));
    FID_TRY(parts_.gate.CheckAccess(access));
    if (command.kind != "transaction" && command.kind != "interaction") {
      return Fail(Code::kInvalidInput, "an event is a transaction or an interaction");
    }
    return {};
  };
  if (const Status status = check(); !status) {
    return done(std::unexpected(status.error()));
  }
  WriteEvent(access, std::move(command), idempotency, std::move(done));
}

// What the caller may write, it has checked.
void CustomerService::WriteEvent(const model::Access& access, EventCommand command,
                                 const Idempotency& idempotency, Done<Written> done) const {
  auto run = [&]() -> Result<std::optional<Written>> {
    const store::AnswerPlace place{store::BucketOf(command.subject), 0, access.actor.id,
                                   idempotency.key_hash};
    FID_ASSIGN(const std::optional<Written> repeated, Repeated(parts_.engine, place, idempotency));
    if (repeated) {
      return repeated;
    }
    FID_TRY(RequireSource(parts_.engine, parts_.sources, command.source));
    FID_ASSIGN(const Loaded loaded, parts_.records.LoadFresh(command.subject));
    const Uuid event = Uuid::V7(parts_.clock, parts_.rng);
    FID_ASSIGN(const auto fields, CleanEvent(command));
    process::SealedEvent sealed = process::SealEvent(
        parts_.builder.vault(), *loaded.key, {command.subject, event, command.at_ms},
        {command.source, command.kind, "", access.actor.id, {}, parts_.clock.NowMs()}, fields);
    FID_ASSIGN(gate::WriteGranted granted,
               parts_.gate.AskWrite(access, "timeline.add", {loaded.dossier, *loaded.key},
                                    sealed.held, sealed.mac()));
    const Written written{command.subject, loaded.dossier.version, event, false};
    store::Job job;
    job.data = [this, place, sealed = std::move(sealed), idempotency, written,
                leaf = std::move(granted.leaf)](store::Session& data) -> Status {
      // The customer may have been erased since it was read.
      FID_TRY(store::LoadSubject(data, written.subject));
      FID_TRY(store::InsertEvent(data, written.subject, sealed.row));
      FID_TRY(Keep(data, place, idempotency, written, parts_.clock.NowMs()));
      FID_TRY(parts_.gate.log().Append(data, leaf));
      parts_.builder.counts().Add(sealed.found);
      return {};
    };
    job.done = Acknowledge(written, Counted(parts_.sources, command.source, std::move(done)));
    parts_.engine.Submit(std::move(job));
    return std::optional<Written>();
  };
  AnswerUnlessUnderWay(run(), done);
}

void CustomerService::Timeline(const model::Access& access, const Place& place,
                               Done<TimelineView> done) const {
  auto run = [&]() -> Result<std::pair<TimelineView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "timeline.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    Moment before{INT64_MAX, {}};
    if (!place.cursor.empty()) {
      FID_ASSIGN(before, MomentOf(place.cursor));
    }
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const Loaded loaded, parts_.records.LoadCurrent(*lease, place.subject));
    FID_ASSIGN(const std::vector<Loaded> records, parts_.records.LoadWhole(*lease, loaded));
    FID_ASSIGN(const TimelinePage page, LoadPage(*lease, parts_.builder.vault(), records,
                                                 {before.ms, before.id, place.limit + 1}));
    const auto& [rows, bodies] = page;
    model::FieldSet held;
    const size_t shown = std::min(rows.size(), static_cast<size_t>(place.limit));
    for (size_t i = 0; i < shown; ++i) {
      held = held | bodies[i].dossier.held();
    }
    FID_ASSIGN(const gate::Granted granted,
               parts_.gate.Ask(access, model::Op::kRead, {loaded.dossier, *loaded.key}, held));
    TimelineView view;
    for (size_t i = 0; i < shown; ++i) {
      std::vector<gate::Refusal> refusals;
      for (const gate::Refusal& refusal : granted.refusals) {
        if (bodies[i].dossier.held().Has(refusal.field)) {
          refusals.push_back(refusal);
        }
      }
      FID_ASSIGN(const model::Permit permit,
                 parts_.gate.PermitFor(granted, loaded.dossier, bodies[i].dossier.subject));
      FID_ASSIGN(EventView event, Opened({parts_.gate.policy(), parts_.builder.vault(), permit,
                                          granted.masks, refusals},
                                         bodies[i], {rows[i].at_ms, rows[i].event}));
      view.events.push_back(std::move(event));
    }
    if (rows.size() > static_cast<size_t>(place.limit)) {
      const EventView& last = view.events.back();
      view.next = CursorOf({last.at_ms, last.id});
    }
    return std::pair(std::move(view), granted.receipt);
  };
  AnswerWith(run(), std::move(done));
}

void CustomerService::RevealEvent(const model::Access& access, const model::SubjectRef& subject,
                                  const Uuid& event, Done<TimelineView> done) const {
  auto run = [&]() -> Result<std::pair<TimelineView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "timeline.read"));
    FID_TRY(parts_.gate.Require(access.actor, "customers.reveal"));
    FID_TRY(parts_.gate.CheckAccess(access));
    if (!SaysWhy(access.reason)) {
      return Fail(Code::kReasonRequired, "a reveal needs a reason of at least three letters");
    }
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const Loaded loaded, parts_.records.LoadCurrent(*lease, subject));
    FID_ASSIGN(const auto events, parts_.records.LoadTimeline(*lease, loaded, kEntriesMost));
    const auto found =
        std::find_if(events.begin(), events.end(),
                     [&](const process::LoadedEvent& one) { return one.id == event; });
    if (found == events.end()) {
      return Fail(Code::kNotFound, "there is no such entry");
    }
    FID_ASSIGN(const gate::Granted granted,
               parts_.gate.Ask(access, model::Op::kReveal, {loaded.dossier, *loaded.key},
                               found->body.held()));
    FID_ASSIGN(const model::Permit permit,
               parts_.gate.PermitFor(granted, loaded.dossier, found->body.subject));
    FID_ASSIGN(EventView shown, Opened({parts_.gate.policy(), parts_.builder.vault(), permit,
                                        granted.masks, granted.refusals},
                                       {found->body, found->key}, {found->at_ms, found->id}));
    TimelineView view;
    view.events.push_back(std::move(shown));
    return std::pair(std::move(view), granted.receipt);
  };
  AnswerWith(run(), std::move(done));
}

void CustomerService::Accesses(const model::Access& access, const Place& place,
                               Done<AccessesView> done) const {
  auto run = [&]() -> Result<std::pair<AccessesView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "accesses.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    uint64_t before = UINT64_MAX;
    if (!place.cursor.empty()) {
      const char* begin = place.cursor.data();
      if (std::from_chars(begin, begin + place.cursor.size(), before).ec != std::errc()) {
        return Fail(Code::kInvalidInput, "the cursor is not one of ours");
      }
    }
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const Loaded loaded, parts_.records.Load(*lease, place.subject));
    store::Session& data = lease->session(store::Which::kData);
    const model::Bucket bucket = store::BucketOf(place.subject);
    FID_ASSIGN(std::vector<uint64_t> places,
               store::LoadLeafPlacesOf(data, bucket, place.subject.tenant, loaded.key->pseudonym,
                                       before, place.limit + 1));
    // Imports record a batch of customers with one leaf.
    FID_ASSIGN(const auto imports, store::LoadImportsOf(data, place.subject));
    for (const store::SubjectImport& import : imports) {
      if (import.row.leaf < before) {
        places.push_back(import.row.leaf);
      }
    }
    std::sort(places.begin(), places.end(), std::greater<>());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    AccessesView view;
    for (const uint64_t seq : places) {
      if (view.accesses.size() == static_cast<size_t>(place.limit)) {
        view.next = std::to_string(view.accesses.back().leaf);
        break;
      }
      auto row = store::LoadLeafOf(data, bucket, place.subject.tenant, seq);
      if (!row) {  // a leaf about a set lives with the tenant
        row = store::LoadLeafOf(data, store::BucketOfTenant(place.subject.tenant),
                                place.subject.tenant, seq);
      }
      if (!row) {
        return std::unexpected(row.error());
      }
      FID_ASSIGN(audit::Entry entry, audit::DecodeEntry(row->body));
      view.accesses.push_back({seq, std::move(entry.leaf)});
    }
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "accesses", "allowed");
    leaf.pseudonym = loaded.key->pseudonym;
    auto draft = parts_.gate.DraftOf(leaf, place.subject);
    return std::pair(std::move(view), parts_.gate.log().Queue(std::move(draft)));
  };
  AnswerWith(run(), std::move(done));
}

void CustomerService::Lineage(const model::Access& access, const model::SubjectRef& subject,
                              Done<LineageView> done) const {
  auto run = [&]() -> Result<std::pair<LineageView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "accesses.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const Loaded loaded, parts_.records.Load(*lease, subject));
    store::Session& data = lease->session(store::Which::kData);
    LineageView view;
    for (const store::Cell& cell : loaded.dossier.cells) {
      view.values.push_back({parts_.gate.policy().catalog.Find(cell.field),
                             loaded.dossier.provenances[cell.provenance], cell.version,
                             cell.verified_ms, cell.confidence, false});
      LineageValue& value = view.values.back();
      value.stale = value.field != nullptr &&
                    value.field->IsStale(loaded.dossier.SeenMs(cell), parts_.clock.NowMs());
    }
    FID_ASSIGN(view.bases, parts_.records.LoadLedger(*lease, loaded.dossier));
    FID_ASSIGN(view.imports, store::LoadImportsOf(data, subject));
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "lineage", "allowed");
    leaf.pseudonym = loaded.key->pseudonym;
    auto draft = parts_.gate.DraftOf(leaf, subject);
    return std::pair(std::move(view), parts_.gate.log().Queue(std::move(draft)));
  };
  AnswerWith(run(), std::move(done));
}

void CustomerService::Explain(const model::Access& access, const model::SubjectRef& subject,
                              const gate::Question& question,
                              Done<gate::Gate::Explanation> done) const {
  auto run = [&]() -> Result<std::pair<gate::Gate::Explanation, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "policy.test"));
    FID_TRY(parts_.gate.Require(access.actor, "accesses.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const Loaded loaded, parts_.records.Load(*lease, subject));
    FID_ASSIGN(auto answers, parts_.gate.Explain(question, &loaded.dossier));
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "explain", "allowed");
    leaf.pseudonym = loaded.key->pseudonym;
    leaf.detail = question.lease.role + " " + question.purpose;
    auto draft = parts_.gate.DraftOf(leaf, subject);
    return std::pair(std::move(answers), parts_.gate.log().Queue(std::move(draft)));
  };
  AnswerWith(run(), std::move(done));
}

}  // namespace fiducia::apps
