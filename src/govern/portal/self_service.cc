#include "govern/portal/self_service.h"

#include <algorithm>
#include <charconv>

#include "model/names.h"
#include "process/clean/cleaner.h"
#include "process/contact/ticket.h"
#include "store/audit_rows.h"
#include "store/imports.h"
#include "store/placement.h"

namespace fiducia::govern {

namespace {

using model::BasisAction;
using model::BasisKind;

constexpr int kLeavesLooked = 500;  // for the grid
constexpr int kEventsShown = 10000;
constexpr std::string_view kSource = "portal";

bool InForceFor(const store::BasisState& basis, const rules::Purpose& purpose, int64_t now) {
  return basis.purpose == purpose.id && basis.InForce(now) && purpose.AllowsBasis(basis.basis);
}

model::Access AccessOf(const gate::Gate& gate, const process::LoadedRecord& record,
                       const Self& self) {
  const audit::Leaf leaf = gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "");
  model::Access access;
  access.actor.id = leaf.actor;
  access.actor.role = leaf.role;
  return access;
}

}  // namespace

audit::Receipt SelfService::Record(const process::LoadedRecord& record, const Self& self,
                                   std::string_view op) const {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  return gate.log().Queue(
      gate.DraftOf(gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, op),
                   record.dossier.subject));
}

Result<OwnValue> SelfService::OpenCell(const Place& place, const gate::Granted& granted,
                                       const store::Cell& cell) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const model::SubjectRef subject = place.body.subject;
  FID_ASSIGN(const model::Permit permit,
             common.gate.PermitFor(granted, place.record.dossier, subject));
  FID_ASSIGN(model::Sensitive text,
             common.records.builder().vault().Open(
                 permit, place.key, {subject, place.table, cell.field, cell.ordinal, cell.version},
                 cell.sealed));
  OwnValue value;
  value.masked = granted.masks.masked.Has(cell.field);
  value.text = value.masked
                   ? model::Sensitive(
                         process::Mask(common.gate.policy().catalog.Find(cell.field)->mask, text))
                   : parts_.redactions.Hide(place.record.dossier.subject.id, std::move(text));
  value.provenance = place.body.provenances[cell.provenance];
  value.verified_ms = cell.verified_ms;
  const bool of_record = place.table == vault::kDossierTable;
  value.stale = of_record && common.gate.policy()
                                 .catalog.Find(cell.field)
                                 ->IsStale(place.body.SeenMs(cell), common.clock.NowMs());
  return value;
}

Status SelfService::FillEvents(store::ReadLease& lease, const process::LoadedRecord& record,
                               const gate::Granted& granted, OwnView& view) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_ASSIGN(const auto events, common.records.LoadTimeline(lease, record, kEventsShown));
  for (const process::LoadedEvent& event : events) {
    OwnEvent own{event.id, event.at_ms, "", {}};
    if (!event.body.provenances.empty()) {
      own.kind = event.body.provenances[0].channel;
    }
    for (const store::Cell& cell : event.body.cells) {
      const rules::Field* field = common.gate.policy().catalog.Find(cell.field);
      if (field != nullptr) {
        FID_ASSIGN(OwnValue value,
                   OpenCell({record, event.body, *event.key, event.table}, granted, cell));
        own.fields.push_back({field, {}, {}});
        own.fields.back().values.push_back(std::move(value));
      }
    }
    view.events.push_back(std::move(own));
  }
  return {};
}

// What the customer turned to the service desk for stands among what happened.
Status SelfService::FillTickets(store::ReadLease& lease, const process::LoadedRecord& record,
                                const gate::Granted& granted, OwnView& view) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const rules::Field& field = *common.gate.policy().catalog.Find(process::kTicketField);
  FID_ASSIGN(std::vector<process::LoadedRecord> held, common.records.LoadWhole(lease, record));
  for (const process::LoadedRecord& each : held) {
    const model::SubjectRef& subject = each.dossier.subject;
    FID_ASSIGN(const auto rows, store::LoadTicketsOf(lease.session(store::Which::kData), subject));
    for (const store::TicketRow& row : rows) {
      FID_ASSIGN(const model::Permit permit,
                 common.gate.PermitFor(granted, record.dossier, subject));
      FID_ASSIGN(const process::Ticket ticket, process::OpenTicket(common.records.builder().vault(),
                                                                   *each.key, permit, field, row));
      OwnValue value;
      value.text = process::Told(ticket);
      value.provenance = {ticket.source, "interaction", "", ticket.opened_by, {}, ticket.opened_ms};
      OwnEvent own{ticket.id, ticket.opened_ms, "interaction", {}};
      own.fields.push_back({&field, {}, {}});
      own.fields.back().values.push_back(std::move(value));
      view.events.push_back(std::move(own));
    }
  }
  std::stable_sort(view.events.begin(), view.events.end(),
                   [](const OwnEvent& a, const OwnEvent& b) { return a.at_ms > b.at_ms; });
  return {};
}

void SelfService::View(const Self& self, bool fresh, gate::Done<OwnView> done) const {
  const Authorizations::Parts& parts = parts_.authorizations.parts();
  auto run = [&]() -> Result<std::pair<OwnView, audit::Receipt>> {
    const process::RecordReader& records = parts.records;
    const gate::Gate& gate = parts.gate;
    FID_ASSIGN(const auto lease, records.engine().Read());
    FID_ASSIGN(const process::LoadedRecord record, records.Load(*lease, self.subject));
    const store::Dossier& dossier = record.dossier;
    FID_ASSIGN(const gate::Granted granted,
               gate.AskAsSubject({dossier, *record.key, self.pseudonym}, "self.read", fresh));
    const int64_t now = parts.clock.NowMs();
    FID_ASSIGN(const PersonFacts facts, FactsOf(records, gate, record, parts.jurisdiction, now));
    OwnView view;
    view.kind = dossier.kind;
    view.version = dossier.version;
    view.restrictions = dossier.standing.restrictions;
    view.created_ms = dossier.created_ms;
    view.regimes = facts.regimes;
    view.needs_guardian = NeedsGuardian(gate.policy().laws, facts, now);
    for (const store::Cell& cell : dossier.cells) {
      const rules::Field* field = gate.policy().catalog.Find(cell.field);
      if (field == nullptr) {
        continue;
      }
      FID_ASSIGN(OwnValue value,
                 OpenCell({record, dossier, *record.key, vault::kDossierTable}, granted, cell));
      auto at = std::find_if(view.fields.begin(), view.fields.end(),
                             [&](const OwnField& f) { return f.field == field; });
      if (at == view.fields.end()) {
        at = view.fields.insert(view.fields.end(), OwnField{field, {}, {}});
        for (const auto& [id, purpose] : gate.policy().purposes) {
          const bool used =
              std::any_of(dossier.standing.bases.begin(), dossier.standing.bases.end(),
                          [&](const store::BasisState& b) { return InForceFor(b, purpose, now); });
          if (used && purpose.fields.Has(cell.field)) {
            at->purposes.push_back(id);
          }
        }
      }
      at->values.push_back(std::move(value));
    }
    FID_TRY(FillEvents(*lease, record, granted, view));
    FID_TRY(FillTickets(*lease, record, granted, view));
    return std::pair(std::move(view), granted.receipt);
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  gate::AnswerAfter(result->second, std::move(result->first), std::move(done));
}

void SelfService::Verify(const Self& self, const std::vector<std::string>& fields,
                         gate::Done<uint32_t> done) const {
  const Authorizations::Parts& parts = parts_.authorizations.parts();
  const auto run = [&]() -> Status {
    model::FieldSet wanted;
    for (const std::string& id : fields) {
      const rules::Field* field = parts.gate.policy().catalog.Find(id);
      if (field == nullptr) {
        return Fail(Code::kUnknownField, "a field is not in the catalog");
      }
      wanted.Add(field->number);
    }
    FID_ASSIGN(const process::LoadedRecord record, parts.records.LoadFresh(self.subject));
    FID_ASSIGN(process::BuiltRecord made,
               parts.records.builder().BuildVerified(record.dossier, record.key, wanted));
    const auto built = std::make_shared<const process::BuiltRecord>(std::move(made));
    audit::Leaf leaf =
        parts.gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "self.verify");
    leaf.clear = built->fields;
    leaf.row_mac = built->row.mac;
    process::WriteChange(
        parts.records.engine(), parts.gate, built, parts.gate.DraftOf(leaf, self.subject),
        [version = built->row.version, done = std::move(done)](const Status& status) mutable {
          done(status ? Result<uint32_t>(version) : std::unexpected(status.error()));
        });
    return {};
  };
  const Status status = run();
  if (!status) {
    done(std::unexpected(status.error()));
  }
}

std::string SelfService::DepartmentOf(const Uuid& actor) const {
  const auto user = parts_.authorizations.parts().people.Find(actor);
  return user ? (*user)->department : "";
}

Result<std::vector<OwnAccess>> SelfService::LeavesOf(store::ReadLease& lease,
                                                     const process::LoadedRecord& record,
                                                     uint64_t before, int limit) const {
  const model::SubjectRef subject = record.dossier.subject;
  store::Session& data = lease.session(store::Which::kData);
  const model::Bucket bucket = store::BucketOf(subject);
  FID_ASSIGN(
      std::vector<uint64_t> places,
      store::LoadLeafPlacesOf(data, bucket, subject.tenant, record.key->pseudonym, before, limit));
  FID_ASSIGN(const auto imports, store::LoadImportsOf(data, subject));
  for (const store::SubjectImport& import : imports) {
    if (import.row.leaf < before) {
      places.push_back(import.row.leaf);
    }
  }
  std::sort(places.begin(), places.end(), std::greater<>());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<OwnAccess> leaves;
  for (const uint64_t seq : places) {
    if (leaves.size() == static_cast<size_t>(limit)) {
      break;
    }
    auto row = store::LoadLeafOf(data, bucket, subject.tenant, seq);
    if (!row) {  // a leaf about a set lives with the tenant
      row = store::LoadLeafOf(data, store::BucketOfTenant(subject.tenant), subject.tenant, seq);
    }
    if (!row) {
      return std::unexpected(row.error());
    }
    FID_ASSIGN(audit::Entry entry, audit::DecodeEntry(row->body));
    const std::string department = DepartmentOf(entry.leaf.actor);
    leaves.push_back({seq, std::move(entry.leaf), department});
  }
  return leaves;
}

Use SelfService::UseOf(const rules::Purpose& purpose, const process::LoadedRecord& record,
                       const std::vector<model::BasisEvent>& events, const SeenBy& seen) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const int64_t now = common.clock.NowMs();
  const store::Standing& standing = record.dossier.standing;
  Use use;
  use.purpose = &purpose;
  use.state = "unset";
  bool locked = false;
  for (const store::BasisState& basis : standing.bases) {
    if (basis.purpose != purpose.id) {
      continue;
    }
    if (!InForceFor(basis, purpose, now)) {
      use.state = use.state == "on" ? "on" : "off";
      continue;
    }
    use.state = "on";
    use.basis = model::Name(basis.basis);
    use.until_ms = basis.until_ms;
    locked = locked || !store::CanBeObjectedTo(basis.basis);
    const std::string current = common.gate.told()->current;
    use.asked_anew =
        use.asked_anew ||
        (basis.basis == BasisKind::kConsent && !basis.notice.empty() && basis.notice != current &&
         !(common.gate.told()->Now(purpose.id) - common.gate.told()->Of(basis.notice, purpose.id))
              .empty());
  }
  use.can_switch = !locked && !purpose.overriding &&
                   (use.state == "on" || purpose.AllowsBasis(BasisKind::kConsent));
  std::vector<guard::Department> departments = common.people.Departments();
  std::erase_if(departments, [&](const guard::Department& d) {
    const auto reach = common.people.PurposesOfDepartment(d.code);
    return reach && std::find(reach->begin(), reach->end(), purpose.id) == reach->end();
  });
  if (departments.empty()) {
    departments.emplace_back();
  }
  for (const guard::Department& department : departments) {
    UseRow row;
    row.department = department.code;
    row.name = department.name;
    for (const char* data_class :
         {"identity", "contact", "transaction", "interaction", "preference", "credit", "social"}) {
      const model::FieldSet fields = common.gate.policy().catalog.OfClass(data_class) &
                                     purpose.fields & common.gate.told()->Now(purpose.id);
      if (fields.empty()) {
        continue;
      }
      UseCell cell{data_class, false, {}};
      fields.ForEach([&](model::FieldNo number) {
        const rules::Field* field = common.gate.policy().catalog.Find(number);
        cell.fields.push_back(field->id);
        cell.on = cell.on || AnswerOf(common.gate.policy(), events,
                                      {purpose.id, model::kView, field->id, department.code, now})
                                 .yes;
      });
      row.cells.push_back(std::move(cell));
    }
    if (const auto known = seen.find({purpose.id, department.code}); known != seen.end()) {
      row.last_ms = known->second.last_ms;
      row.count = known->second.count;
    }
    use.rows.push_back(std::move(row));
  }
  return use;
}

void SelfService::Uses(const Self& self, gate::Done<std::vector<Use>> done) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  auto run = [&]() -> Result<std::pair<std::vector<Use>, audit::Receipt>> {
    FID_ASSIGN(const auto lease, common.records.engine().Read());
    FID_ASSIGN(const process::LoadedRecord record, common.records.Load(*lease, self.subject));
    FID_ASSIGN(const auto events, common.records.LoadLedger(*lease, record.dossier));
    FID_ASSIGN(const auto leaves, LeavesOf(*lease, record, UINT64_MAX, kLeavesLooked));
    SeenBy seen;
    for (const OwnAccess& access : leaves) {
      const bool read = access.entry.decision == "allowed" && access.entry.role != "customer" &&
                        access.entry.role != "guardian";
      if (read) {
        Seen& one = seen[{access.entry.purpose, access.department}];
        one.last_ms = std::max(one.last_ms, access.entry.time_ms);
        ++one.count;
      }
    }
    std::vector<Use> uses;
    for (const auto& [id, purpose] : common.gate.policy().purposes) {
      if (!common.gate.told()->Now(id).empty()) {
        uses.push_back(UseOf(purpose, record, events, seen));
      }
    }
    return std::pair(std::move(uses), Record(record, self, "self.uses"));
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  gate::AnswerAfter(result->second, std::move(result->first), std::move(done));
}

Result<model::BasisEvent> SelfService::EventOf(const process::LoadedRecord& record,
                                               const Switch& change, bool fresh) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const rules::Purpose* purpose = common.gate.policy().FindPurpose(change.purpose);
  if (purpose == nullptr) {
    return Fail(Code::kUnknownPurpose, "the purpose is not declared");
  }
  if (purpose->overriding) {
    return Fail(Code::kConflict, "the law demands this: it cannot be switched off");
  }
  model::BasisEvent event;
  event.purpose = purpose->id;
  event.source = kSource;
  event.jurisdiction = common.jurisdiction;
  event.notice = common.gate.told()->current;
  event.locale = change.locale;
  event.evidence = {change.channel, change.method, "", Uuid()};
  const bool part = !change.department.empty() || !change.data_class.empty();
  if (!change.data_class.empty()) {
    event.scope.fields = common.gate.policy().catalog.OfClass(change.data_class) & purpose->fields;
    if (event.scope.fields->empty()) {
      return Fail(Code::kInvalidInput, "the purpose does not use this class of data");
    }
  }
  if (!change.department.empty()) {
    event.scope.departments = {change.department};
  }
  const int64_t now = common.clock.NowMs();
  bool objectable = false;
  bool consented = false;
  bool any = false;
  for (const store::BasisState& basis : record.dossier.standing.bases) {
    if (InForceFor(basis, *purpose, now)) {
      any = true;
      consented = consented || basis.basis == BasisKind::kConsent;
      objectable =
          objectable || (basis.basis != BasisKind::kConsent && store::CanBeObjectedTo(basis.basis));
    }
  }
  if (!change.on) {
    if (any && !consented && !objectable) {
      return Fail(
          Code::kConflict,
          "a contract or a duty under the law carries this: it ends with them. You can have "
          "the record restricted");
    }
    event.action = objectable  ? BasisAction::kObjected
                   : consented ? BasisAction::kWithdrawn
                               : BasisAction::kRefused;
    return event;
  }
  event.action = BasisAction::kGiven;
  event.consent = model::ConsentType::kExpress;
  if (part) {
    model::FieldSet fields = event.scope.fields.value_or(purpose->fields);
    const model::FieldSet sensitive =
        fields & common.gate.policy().catalog.AtLevel(model::Level::kL4);
    event.kind = model::AuthorizationKind::kSpecific;
    if (!sensitive.empty()) {
      if (!fresh) {
        return Fail(Code::kStepUpRequired, "this weighs more: come in anew with a fresh link");
      }
      event.separate = true;
      event.consent = model::ConsentType::kExplicit;
    }
    event.scope.fields = fields;
  }
  return event;
}

void SelfService::Write(const process::LoadedRecord& record, const Self& self,
                        std::vector<model::BasisEvent> events, std::vector<Advice> advice,
                        gate::Done<Recorded> done) const {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  parts_.authorizations.Write(AccessOf(gate, record, self), record, std::move(events),
                              std::move(advice), std::move(done));
}

void SelfService::Set(const Self& self, const Switch& change, bool fresh,
                      gate::Done<Recorded> done) const {
  auto run = [&]() -> Status {
    FID_ASSIGN(const process::LoadedRecord record,
               parts_.authorizations.parts().records.LoadFresh(self.subject));
    FID_ASSIGN(model::BasisEvent event, EventOf(record, change, fresh));
    event.guardian = self.guardian;
    FID_ASSIGN(std::vector<Advice> advice, parts_.authorizations.Judge(record, event));
    Write(record, self, parts_.authorizations.WithWhatFollows(event), std::move(advice),
          std::move(done));
    return {};
  };
  if (const Status status = run(); !status) {
    done(std::unexpected(status.error()));
  }
}

void SelfService::Restrict(const Self& self, bool restricted, gate::Done<Recorded> done) const {
  auto run = [&]() -> Status {
    FID_ASSIGN(const process::LoadedRecord record,
               parts_.authorizations.parts().records.LoadFresh(self.subject));
    const bool before = (record.dossier.standing.restrictions & model::kRestrictedBySubject) != 0;
    if (before == restricted) {
      return Fail(Code::kConflict, restricted ? Literal("the record is restricted so already")
                                              : Literal("the record is not restricted so"));
    }
    model::BasisEvent event;
    event.action = restricted ? BasisAction::kRestricted : BasisAction::kLifted;
    event.restriction = model::kRestrictedBySubject;
    event.source = kSource;
    event.evidence = {"portal", "switch", "", Uuid()};
    event.guardian = self.guardian;
    Write(record, self, {std::move(event)}, {}, std::move(done));
    return {};
  };
  if (const Status status = run(); !status) {
    done(std::unexpected(status.error()));
  }
}

void SelfService::Accesses(const Self& self, const std::string& cursor, int limit,
                           gate::Done<OwnAccesses> done) const {
  auto run = [&]() -> Result<std::pair<OwnAccesses, audit::Receipt>> {
    uint64_t before = UINT64_MAX;
    const char* begin = cursor.data();
    const auto [end, error] = std::from_chars(begin, begin + cursor.size(), before);
    if (!cursor.empty() && (error != std::errc() || end != begin + cursor.size())) {
      return Fail(Code::kInvalidInput, "the cursor is not one of ours");
    }
    const process::RecordReader& records = parts_.authorizations.parts().records;
    FID_ASSIGN(const auto lease, records.engine().Read());
    FID_ASSIGN(const process::LoadedRecord record, records.Load(*lease, self.subject));
    OwnAccesses view;
    FID_ASSIGN(view.accesses, LeavesOf(*lease, record, before, limit + 1));
    if (view.accesses.size() > static_cast<size_t>(limit)) {
      view.accesses.resize(static_cast<size_t>(limit));
      view.next = std::to_string(view.accesses.back().leaf);
    }
    return std::pair(std::move(view), Record(record, self, "self.accesses"));
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  gate::AnswerAfter(result->second, std::move(result->first), std::move(done));
}

void SelfService::Ledger(const Self& self, gate::Done<LedgerView> done) const {
  auto run = [&]() -> Result<std::pair<LedgerView, audit::Receipt>> {
    const process::RecordReader& records = parts_.authorizations.parts().records;
    FID_ASSIGN(const auto lease, records.engine().Read());
    FID_ASSIGN(const process::LoadedRecord record, records.Load(*lease, self.subject));
    LedgerView view;
    view.at_ms = parts_.clock.NowMs();
    FID_ASSIGN(view.events, records.LoadLedger(*lease, record.dossier));
    view.standing = record.dossier.standing;
    return std::pair(std::move(view), Record(record, self, "self.ledger"));
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  gate::AnswerAfter(result->second, std::move(result->first), std::move(done));
}

void SelfService::Receipt(const Self& self, uint32_t seq, gate::Done<std::string> done) const {
  Ledger(self, [this, subject = self.subject, seq,
                done = std::move(done)](Result<LedgerView> view) mutable {
    if (!view) {
      return done(std::unexpected(view.error()));
    }
    if (seq < 1 || seq > view->events.size()) {
      return done(Fail(Code::kNotFound, "there is no such authorization"));
    }
    done(parts_.authorizations.ReceiptOf(subject, view->events[seq - 1]));
  });
}

void SelfService::Signal(const Self& self, gate::Done<bool> done) const {
  auto run = [&]() -> Result<bool> {
    const Authorizations::Parts& common = parts_.authorizations.parts();
    FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(self.subject));
    std::vector<model::BasisEvent> events;
    for (const auto& [id, purpose] : common.gate.policy().purposes) {
      const auto& exclusions = record.dossier.standing.exclusions;
      const bool already = std::any_of(
          exclusions.begin(), exclusions.end(), [&, name = id](const store::Exclusion& e) {
            return e.objection && e.purpose == name && e.department.empty();
          });
      if (!purpose.opt_out_signal || already) {
        continue;
      }
      model::BasisEvent event;
      event.action = BasisAction::kObjected;
      event.basis = BasisKind::kLegitimateInterest;
      event.purpose = id;
      event.source = kSource;
      event.jurisdiction = common.jurisdiction;
      event.evidence = {"portal", "gpc", "", Uuid()};
      event.guardian = self.guardian;
      events.push_back(std::move(event));
    }
    if (events.empty()) {
      return false;
    }
    Write(record, self, std::move(events), {},
          [done = std::move(done)](Result<Recorded> r) mutable {
            done(r ? Result<bool>(true) : std::unexpected(r.error()));
          });
    return true;
  };
  const auto outcome = run();
  if (!outcome) {
    done(std::unexpected(outcome.error()));
  } else if (!*outcome) {
    done(false);
  }
}

}  // namespace fiducia::govern
