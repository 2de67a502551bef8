// Finding what is held, planning what becomes of it, and carrying out what was decided.
#include <algorithm>
#include <future>

#include "base/clock.h"
#include "govern/lawful/removal.h"
#include "govern/rights/cases.h"
#include "store/disclosures.h"
#include "store/imports.h"
#include "store/tickets.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kCapability = "rights.handle";
constexpr int64_t kDayMs = 86400000;
constexpr int64_t kFetchMs = 7 * kDayMs;
constexpr int kEventsMost = 100000;
// What was needed to answer is needed for a while after: a complaint may follow.
constexpr int64_t kEvidenceMs = 30 * kDayMs;

std::vector<std::string> Classes() {
  return {"identity", "contact", "transaction", "interaction", "preference", "credit", "social"};
}

void DropWords(RightsCase& one) {
  one.text = model::Sensitive();
  one.corrections.clear();
  for (CaseProcess& each : one.processes) {
    each.words = model::Sensitive();
  }
}

}  // namespace

Result<std::vector<Found>> RightsCases::Search(const model::Access& access, const Uuid& id) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kCapability));
  FID_ASSIGN(const RightsCase one, Load(id));
  if (one.customer.is_nil()) {
    return Fail(Code::kConflict, "first say whose case it is");
  }
  const model::SubjectRef subject{0, one.customer};
  FID_ASSIGN(const auto lease, common.records.engine().Read());
  FID_ASSIGN(const process::LoadedRecord record, common.records.Load(*lease, subject));
  store::Session& data = lease->session(store::Which::kData);
  const auto count = [](const auto& list) { return static_cast<int64_t>(list.size()); };
  // In the record and in all that are joined to it.
  std::vector<Found> all = {{"subjects", 0},    {"timeline", 0},    {"basis_events", 0},
                            {"import_rows", 0}, {"disclosures", 0}, {"rights_case", 0, false},
                            {"tickets", 0}};
  FID_ASSIGN(std::vector<process::LoadedRecord> held, common.records.LoadWhole(*lease, record));
  for (const process::LoadedRecord& each : held) {
    const model::SubjectRef& place = each.dossier.subject;
    FID_ASSIGN(const auto events, common.records.LoadLedger(*lease, each.dossier));
    FID_ASSIGN(const auto timeline, store::LoadTimeline(data, place, INT64_MAX, Uuid(), 100000));
    FID_ASSIGN(const auto imports, store::LoadImportsOf(data, place));
    FID_ASSIGN(const auto given, store::LoadDisclosures(data, place));
    all[0].count += count(each.dossier.cells);
    all[1].count += count(timeline);
    all[2].count += count(events);
    all[3].count += count(imports);
    all[4].count += count(given);
    FID_ASSIGN(const auto tickets, store::LoadTicketsOf(data, place));
    all[6].count += count(tickets);
  }
  all[5].count = count(Of(one.customer));
  FID_TRY(common.gate.Record(0, LeafFor(access, one, "rights.search")).Wait());
  return all;
}

// Class by class: erased, or kept because a law says so, restricted until then.
Result<std::vector<CaseItem>> RightsCases::Plan(const model::SubjectRef& subject) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_ASSIGN(const auto lease, common.records.engine().Read());
  FID_ASSIGN(const process::LoadedRecord record, common.records.Load(*lease, subject));
  FID_ASSIGN(const PersonFacts facts, FactsOf(common.records, common.gate, record,
                                              common.jurisdiction, common.clock.NowMs()));
  FID_ASSIGN(const auto timeline, store::LoadTimeline(lease->session(store::Which::kData), subject,
                                                      INT64_MAX, Uuid(), 1));
  std::vector<CaseItem> plan;
  for (const std::string& data_class : Classes()) {
    const model::FieldSet held =
        record.dossier.held() & common.gate.policy().catalog.OfClass(data_class);
    const bool events = data_class == "transaction" && !timeline.empty();
    if (held.empty() && !events) {
      continue;
    }
    CaseItem item{data_class, "erase", "", 0};
    rules::Facts about;
    about.words["class"] = {data_class};
    for (const rules::Applied& applied :
         laws().Applying(facts.regimes, "retain", about, common.clock.NowMs() / kDayMs)) {
      if (applied.rule->effect != rules::Effect::kRetainMin ||
          applied.truth != rules::Truth::kYes) {
        continue;
      }
      const auto until =
          rules::AfterPeriod(record.dossier.updated_ms / kDayMs, applied.rule->period);
      if (until && *until > item.until_day && *until > common.clock.NowMs() / kDayMs) {
        item = {data_class, "restrict_until", applied.rule->id, *until};
      }
    }
    plan.push_back(std::move(item));
  }
  return plan;
}

// Recipients are told of what was erased, corrected or restricted (GDPR Art. 19, PIPL Art. 21, 47).
Status RightsCases::AddTasks(RightsCase& one, Right right) const {
  FID_ASSIGN(const auto recipients, parts_.hands.recipients({0, one.customer}));
  for (const auto& [id, code] : recipients) {
    const bool there = std::any_of(one.tasks.begin(), one.tasks.end(), [&](const CaseTask& task) {
      return task.recipient == id && task.right == Name(right);
    });
    if (!there) {
      one.tasks.push_back(
          {id, code, std::string(Name(right)), parts_.clock.NowMs(), 0, Uuid(), ""});
    }
  }
  return {};
}

Result<RightsCase> RightsCases::CloseTask(const model::Access& access, const Uuid& id,
                                          const Uuid& recipient, const std::string& evidence) {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  constexpr size_t kLeast = 3;
  constexpr size_t kMost = 200;
  if (evidence.size() < kLeast || evidence.size() > kMost) {
    return Fail(Code::kReasonRequired, "say where the proof is kept, in 3 to 200 characters");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  bool found = false;
  for (CaseTask& task : one.tasks) {
    if (task.recipient == recipient && task.done_ms == 0) {
      task.done_ms = parts_.clock.NowMs();
      task.by = access.actor.id;
      task.evidence = evidence;
      found = true;
    }
  }
  if (!found) {
    return Fail(Code::kNotFound, "the case has no open task of this recipient");
  }
  FID_TRY(Save(one, LeafFor(access, one, "rights.told"), access.actor.id, "recipient told"));
  return one;
}

// The classes that no law keeps go at once; of what is left nothing is used but what the law
// demands.
Status RightsCases::RemoveWhatMayGo(const model::Access& access,
                                    const process::LoadedRecord& record,
                                    CaseProcess& process) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const rules::Catalog& catalog = common.gate.policy().catalog;
  model::FieldSet kept;
  for (const CaseItem& item : process.items) {
    if (item.action == "restrict_until" && item.until_day > common.clock.NowMs() / kDayMs) {
      kept = kept | catalog.OfClass(item.data_class);
    }
  }
  // Whose record it is has to stay known as long as a part of it is kept.
  kept = kept | (catalog.OfClass("identity") & catalog.UpTo(model::Level::kL2));
  // From the record and from all that are joined to it, each by itself.
  std::vector<process::LoadedRecord> all;
  {
    FID_ASSIGN(const auto lease, common.records.engine().Read());
    FID_ASSIGN(all, common.records.LoadWhole(*lease, record));
  }
  for (process::LoadedRecord& one : all) {
    Removal removal{one.dossier.held() - kept, {}, "rights.remove"};
    {
      process::LoadedRecord own = one;
      own.dossier.joined.clear();
      FID_ASSIGN(const auto lease, common.records.engine().Read());
      FID_ASSIGN(const auto events, common.records.LoadTimeline(*lease, own, kEventsMost));
      for (const process::LoadedEvent& event : events) {
        if ((event.body.held() & kept).empty()) {
          removal.events.emplace_back(event.at_ms, event.id);
        }
      }
    }
    if (!removal.fields.empty() || !removal.events.empty()) {
      FID_TRY(RemoveParts(parts_.authorizations.parts(), access, one, removal));
    }
  }
  return parts_.hands.restrict(access, record.dossier.subject);
}

Status RightsCases::CarryErasure(const model::Access& access, RightsCase& one,
                                 CaseProcess& process) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const model::SubjectRef subject{0, one.customer};
  FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(subject));
  if ((record.dossier.standing.restrictions & model::kRestrictedHold) != 0) {
    process.state = CaseState::kOnHold;
    return {};
  }
  const bool kept = std::any_of(process.items.begin(), process.items.end(), [&](const CaseItem& i) {
    return i.action == "restrict_until" && i.until_day > common.clock.NowMs() / kDayMs;
  });
  if (kept) {
    // A law keeps a part: the rest goes now, and that part by itself when its time is over.
    if (process.removed_ms == 0) {
      FID_TRY(RemoveWhatMayGo(access, record, process));
      FID_TRY(AddTasks(one, Right::kErase));
      process.removed_ms = common.clock.NowMs();
    }
    process.state = CaseState::kOnHold;
    process.outcome = Outcome::kPartial;
    process.reason = process.reason.empty() ? "legal_duty" : process.reason;
    Meet(process, {"answer", "apply"});
    return {};
  }
  FID_TRY(AddTasks(one, Right::kErase));
  auto receipt = parts_.hands.erase(access, subject);
  if (!receipt) {
    return std::unexpected(receipt.error());
  }
  process.receipt = std::move(*receipt);
  process.state = CaseState::kDone;
  process.done_ms = common.clock.NowMs();
  Meet(process, {"answer", "apply"});
  DropWords(one);  // nothing of the person stays in the case either
  parts_.hands.forget(one.customer);
  return {};
}

// To everything that the house does without having to: what rests on its own interest, and all
// marketing.
Status RightsCases::CarryObjection(const model::Access& access, const model::SubjectRef& subject) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(subject));
  std::set<std::string> purposes;
  for (const store::BasisState& basis : record.dossier.standing.bases) {
    const rules::Purpose* purpose = common.gate.policy().FindPurpose(basis.purpose);
    const bool stops = purpose != nullptr && !purpose->overriding &&
                       basis.InForce(common.clock.NowMs()) && store::CanBeObjectedTo(basis.basis);
    if (stops && basis.basis != model::BasisKind::kConsent) {
      purposes.insert(basis.purpose);
    }
  }
  purposes.insert("marketing");
  std::vector<model::BasisEvent> events;
  for (const std::string& id : purposes) {
    model::BasisEvent event;
    event.action = model::BasisAction::kObjected;
    event.basis = model::BasisKind::kLegitimateInterest;
    event.purpose = id;
    event.source = "portal";
    event.jurisdiction = common.jurisdiction;
    event.evidence = {"desk", "rights_case", "", access.actor.id};
    for (model::BasisEvent& each : parts_.authorizations.WithWhatFollows(event)) {
      events.push_back(std::move(each));
    }
  }
  std::promise<Status> written;
  auto answer = written.get_future();
  parts_.authorizations.Write(
      access, record, std::move(events), {}, [&written](const Result<Recorded>& recorded) {
        written.set_value(recorded ? Status() : std::unexpected(recorded.error()));
      });
  return answer.get();
}

Status RightsCases::Carry(const model::Access& access, RightsCase& one, CaseProcess& process) {
  const model::SubjectRef subject{0, one.customer};
  const int64_t now = parts_.clock.NowMs();
  switch (process.right) {
    case Right::kErase:
      return CarryErasure(access, one, process);
    case Right::kAccess:
    case Right::kPortability:
      process.state = CaseState::kDelivered;
      process.fetch_until_ms = now + kFetchMs;
      Meet(process, {"answer"});
      return {};
    case Right::kRectify:
      FID_TRY(parts_.hands.rectify(access, subject, one.corrections));
      FID_TRY(AddTasks(one, Right::kRectify));
      break;
    case Right::kRestrict:
      FID_TRY(parts_.hands.restrict(access, subject));
      FID_TRY(AddTasks(one, Right::kRestrict));
      break;
    case Right::kObject:
      FID_TRY(CarryObjection(access, subject));
      break;
    case Right::kHumanReview:
      break;  // the decision itself is the answer
  }
  process.state = CaseState::kDone;
  process.done_ms = now;
  Meet(process, {"answer", "apply"});
  return {};
}

Result<RightsCase> RightsCases::Execute(const model::Access& access, const Uuid& id, Right right) {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  CaseProcess* process = one.Find(right);
  if (process == nullptr || process->state != CaseState::kDecided) {
    return Fail(Code::kConflict, "there is nothing decided that waits to be carried out");
  }
  if (right == Right::kErase && process->decided_by == access.actor.id) {
    return Fail(Code::kDenied, "somebody else than who decided it carries an erasure out");
  }
  FID_TRY(Carry(access, one, *process));
  FID_TRY(Save(one, LeafFor(access, one, "rights.execute"), access.actor.id,
               "carried out: " + std::string(Name(process->state)), Name(right)));
  return one;
}

Status RightsCases::MayFetch(const model::SubjectRef& subject, const Uuid& id, Right right) const {
  FID_ASSIGN(RightsCase one, Load(id));
  const CaseProcess* process = one.Find(right);
  if (one.customer != subject.id || process == nullptr) {
    return Fail(Code::kNotFound, "there is no such case");
  }
  if (process->state != CaseState::kDelivered || parts_.clock.NowMs() >= process->fetch_until_ms) {
    return Fail(Code::kErased,
                "there is nothing to fetch, or no more: it can be had once, for seven days");
  }
  return {};
}

Result<RightsCase> RightsCases::Fetched(const Self& self, const Uuid& id, Right right) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const std::lock_guard changing(changing_);
  FID_TRY(MayFetch(self.subject, id, right));
  FID_ASSIGN(RightsCase one, Load(id));
  CaseProcess* process = one.Find(right);
  process->state = CaseState::kDone;
  process->done_ms = common.clock.NowMs();
  FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(self.subject));
  audit::Leaf leaf =
      common.gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "rights.fetch");
  leaf.detail = one.number;
  FID_TRY(Save(one, leaf, Uuid(), "fetched", Name(right)));
  return one;
}

Status RightsCases::Tick() {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const int64_t started = common.clock.NowMs();
  model::Access system;
  system.actor.role = "system";
  std::vector<Uuid> ids;
  std::vector<Uuid> over;  // closed so long ago that what was said is needed no more
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, one] : known_) {
      const bool words = !one.text.empty() || !one.corrections.empty() ||
                         std::any_of(one.processes.begin(), one.processes.end(),
                                     [](const CaseProcess& p) { return !p.words.empty(); });
      if (one.IsOpen()) {
        ids.push_back(id);
      } else if (words && common.clock.NowMs() >= one.closed_ms + kEvidenceMs) {
        over.push_back(id);
      }
    }
  }
  for (const Uuid& id : over) {
    const std::lock_guard changing(changing_);
    FID_ASSIGN(RightsCase one, Load(id));
    DropWords(one);
    FID_TRY(Save(one, LeafFor(system, one, "rights.forget"), Uuid(), "evidence removed"));
  }
  for (const Uuid& id : ids) {
    const std::lock_guard changing(changing_);
    FID_ASSIGN(RightsCase one, Load(id));
    for (CaseProcess& process : one.processes) {
      const bool late =
          process.state == CaseState::kDelivered && common.clock.NowMs() >= process.fetch_until_ms;
      if (process.state == CaseState::kOnHold) {
        // It was approved: once nothing holds the record, it goes without anybody asking again.
        if (const Status status = CarryErasure(system, one, process);
            !status && status.error().code() != Code::kErased) {
          return status;
        }
      }
      const bool carried = process.state == CaseState::kDone && process.right == Right::kErase;
      const bool removed = process.state == CaseState::kOnHold && process.removed_ms != 0 &&
                           process.removed_ms >= started;
      if (late) {
        process.state = CaseState::kDone;
        process.done_ms = common.clock.NowMs();
      }
      const bool erased = carried && one.closed_ms == 0 && process.done_ms >= started;
      if (late || erased || removed) {
        FID_TRY(Save(one, LeafFor(system, one, "rights.tick"), Uuid(),
                     late     ? "not fetched in time"
                     : erased ? "the hold is over: erased"
                              : "the hold is over: erased but for what a law keeps",
                     Name(process.right)));
        break;
      }
    }
  }
  return {};
}

}  // namespace fiducia::govern
