#include "govern/lawful/retention.h"

#include <algorithm>
#include <future>

#include "audit/signed_record.h"
#include "base/clock.h"
#include "govern/lawful/removal.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "retention_run";
constexpr std::string_view kCapability = "retention.run";
constexpr int64_t kDayMs = 86400000;
constexpr int kPage = 500;
constexpr int kEventsMost = 100000;
// A run that touches more waits for a person: so many people, and so much of all.
constexpr int64_t kFreely = 100;
constexpr int64_t kFreelyPercent = 1;

Json ToJson(const RetentionRun& run) {
  return {
      {"state", run.state},        {"day", run.plan.day},       {"looked_at", run.plan.looked_at},
      {"people", run.plan.people}, {"whole", run.plan.whole},   {"held", run.plan.held},
      {"values", run.plan.values}, {"events", run.plan.events}, {"by_class", run.plan.by_class},
      {"made", run.made_ms},       {"done", run.done_ms},       {"by", run.approved_by.Text()},
      {"set_root", run.set_root}};
}

RetentionRun RunFrom(const guard::Document& document) {
  const Json& json = document.json;
  const auto number = [&](const char* key) { return json.value(key, int64_t{0}); };
  RetentionRun run;
  run.id = document.id;
  run.version = document.version;
  run.state = JsonText(json, "state");
  run.plan = {number("day"),    number("looked_at"),
              number("people"), number("whole"),
              number("held"),   number("values"),
              number("events"), json.value("by_class", std::map<std::string, int64_t>())};
  run.made_ms = number("made");
  run.done_ms = number("done");
  run.approved_by = Uuid::Parse(JsonText(json, "by")).value_or(Uuid());
  run.set_root = JsonText(json, "set_root");
  return run;
}

model::Access AsSystem() {
  model::Access access;
  access.actor.role = "system";
  access.purpose = "legal_compliance";
  return access;
}

void Count(RetentionPlan& plan, const rules::Catalog& catalog, const DueItems& due) {
  if (due.held) {
    ++plan.held;
    return;
  }
  ++plan.people;
  plan.whole += due.whole ? 1 : 0;
  plan.values += due.fields.count();
  plan.events += static_cast<int64_t>(due.events.size());
  due.fields.ForEach(
      [&](model::FieldNo number) { ++plan.by_class[catalog.Find(number)->data_class]; });
}

// Until when the laws and the catalog keep the values of one person.
class Terms {
 public:
  // `ended`: the day on which the relationship ended, 0 if it has not.
  Terms(const rules::Policy& policy, const std::set<std::string>& regimes, int64_t day,
        int64_t ended)
      : policy_(policy), regimes_(regimes), day_(day), ended_(ended) {}

  // The last day on which a value that began on `start` is kept; 0: no end yet.
  int64_t LastDay(const rules::Field& field, int64_t start) {
    if (start == 0) {
      return 0;
    }
    const std::vector<rules::Applied>& laws = LawsOf(field.data_class);
    const rules::Retention law = rules::RetentionOf(laws, start);
    int64_t end = *rules::AfterPeriod(start, field.retention_period);
    if (law.erase_day != 0 && law.restrict_day == 0) {
      end = std::min(end, law.erase_day);
    }
    for (const rules::Applied& applied : laws) {
      if (applied.rule->effect == rules::Effect::kRetainMin &&
          applied.truth == rules::Truth::kYes) {
        end = std::max(end, rules::AfterPeriod(start, applied.rule->period).value_or(end));
      }
    }
    return end;
  }

  int64_t StartOf(const rules::Field& field, const model::Provenance& provenance,
                  int64_t verified_ms, int64_t event_ms) const {
    if (field.retention_after == "relationship_end") {
      return ended_;
    }
    if (field.retention_after == "last_confirmed") {
      return std::max(provenance.collected_ms, verified_ms) / kDayMs;
    }
    return (event_ms != 0 ? event_ms : provenance.collected_ms) / kDayMs;
  }

 private:
  const std::vector<rules::Applied>& LawsOf(const std::string& data_class) {
    const auto known = by_class_.find(data_class);
    if (known != by_class_.end()) {
      return known->second;
    }
    rules::Facts about;
    about.words["class"] = {data_class};
    return by_class_[data_class] = policy_.laws.Applying(regimes_, "retain", about, day_);
  }

  const rules::Policy& policy_;
  const std::set<std::string>& regimes_;
  int64_t day_;
  int64_t ended_;
  std::map<std::string, std::vector<rules::Applied>> by_class_;
};

}  // namespace

Result<std::unique_ptr<Retentions>> Retentions::Open(Parts parts) {
  std::unique_ptr<Retentions> made(new Retentions(std::move(parts)));
  FID_ASSIGN(const auto documents, made->parts_.book.Load(kKind));
  for (const guard::Document& document : documents) {
    made->runs_[document.id] = RunFrom(document);
  }
  return made;
}

Status Retentions::Save(RetentionRun& run, const audit::Leaf& leaf) {
  ++run.version;
  FID_TRY(parts_.book.Commit({{std::string(kKind), run.id, run.version, ToJson(run)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  runs_[run.id] = run;
  return {};
}

// The day after which nothing but the law carried the record; 0 while something does.
int64_t Retentions::EndOfRelationship(const store::Dossier& dossier,
                                      const std::vector<model::BasisEvent>& events) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  int64_t end = dossier.created_ms;
  for (const store::BasisState& basis : dossier.standing.bases) {
    const rules::Purpose* purpose = common.gate.policy().FindPurpose(basis.purpose);
    if (purpose == nullptr || purpose->overriding) {
      continue;
    }
    if (basis.InForce(common.clock.NowMs())) {
      return 0;
    }
    const bool ran_out = basis.live && basis.until_ms != 0;
    const int64_t ended = ran_out ? basis.until_ms
                          : basis.seq >= 1 && basis.seq <= events.size()
                              ? events[basis.seq - 1].at_ms
                              : dossier.updated_ms;
    end = std::max(end, ended);
  }
  return end / kDayMs;
}

Result<DueItems> Retentions::DueOf(store::ReadLease& lease, const process::LoadedRecord& record,
                                   int64_t day) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const store::Dossier& dossier = record.dossier;
  const rules::Policy& policy = common.gate.policy();
  FID_ASSIGN(const auto ledger, common.records.LoadLedger(lease, dossier));
  FID_ASSIGN(const PersonFacts facts, FactsOf(common.records, common.gate, record,
                                              common.jurisdiction, common.clock.NowMs()));
  Terms terms(policy, facts.regimes, day, EndOfRelationship(dossier, ledger));
  DueItems due;
  due.subject = dossier.subject;
  due.held = (dossier.standing.restrictions & model::kRestrictedHold) != 0;
  model::FieldSet kept;
  for (const store::Cell& cell : dossier.cells) {
    const rules::Field* field = policy.catalog.Find(cell.field);
    if (field == nullptr) {
      kept.Add(cell.field);
      continue;
    }
    const int64_t last = terms.LastDay(
        *field, terms.StartOf(*field, dossier.provenances[cell.provenance], cell.verified_ms, 0));
    last != 0 && last < day ? due.fields.Add(cell.field) : kept.Add(cell.field);
  }
  due.fields = due.fields - kept;  // of several values of a field all or none
  // Each record by itself: one that is joined to another is looked at in its turn.
  process::LoadedRecord own = record;
  own.dossier.joined.clear();
  FID_ASSIGN(const auto events, common.records.LoadTimeline(lease, own, kEventsMost));
  for (const process::LoadedEvent& event : events) {
    const bool over =
        std::all_of(event.body.cells.begin(), event.body.cells.end(), [&](const store::Cell& cell) {
          const rules::Field* field = policy.catalog.Find(cell.field);
          const int64_t last =
              field == nullptr
                  ? 0
                  : terms.LastDay(*field,
                                  terms.StartOf(*field, event.body.provenances[cell.provenance], 0,
                                                event.at_ms));
          return last != 0 && last < day;
        });
    if (over) {
      due.events.emplace_back(event.at_ms, event.id);
    }
  }
  due.whole = dossier.joined.empty() && kept.empty() && due.events.size() == events.size() &&
              !dossier.cells.empty();
  return due;
}

Result<RetentionPlan> Retentions::Walk(int64_t day, const Each& each) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  RetentionPlan plan;
  plan.day = day;
  model::Bucket bucket = 0;
  Uuid after;
  for (;;) {
    std::vector<std::pair<process::LoadedRecord, DueItems>> found;
    size_t seen = 0;
    {
      FID_ASSIGN(const auto lease, common.records.engine().Read());
      FID_ASSIGN(const auto page,
                 store::WalkSubjects(lease->session(store::Which::kData), 0, bucket, after, kPage));
      seen = page.size();
      for (const store::WalkedSubject& walked : page) {
        bucket = walked.bucket;
        after = walked.subject.id;
        ++plan.looked_at;
        auto record = common.records.LoadEven(*lease, walked.subject);
        if (!record) {
          if (record.error().code() == Code::kCorrupt) {
            return std::unexpected(record.error());
          }
          continue;  // gone meanwhile
        }
        FID_ASSIGN(DueItems due, DueOf(*lease, *record, day));
        if (!due.fields.empty() || !due.events.empty()) {
          Count(plan, common.gate.policy().catalog, due);
          found.emplace_back(std::move(*record), std::move(due));
        }
      }
    }
    for (const auto& [record, due] : found) {
      if (each && !due.held) {
        FID_TRY(each(record, due));
      }
    }
    if (seen < kPage) {
      return plan;
    }
  }
}

Status Retentions::Destroy(const model::Access& access, const process::LoadedRecord& record,
                           const DueItems& due) const {
  if (due.whole) {
    const auto receipt = parts_.erase(access, due.subject);
    return receipt ? Status() : Status(std::unexpected(receipt.error()));
  }
  return RemoveParts(parts_.authorizations.parts(), access, record,
                     {due.fields, due.events, "retention.remove"});
}

Result<RetentionRun> Retentions::Carry(const model::Access& access, RetentionRun run) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  std::vector<Bytes> touched;
  FID_ASSIGN(run.plan,
             Walk(run.plan.day, [&](const process::LoadedRecord& record, const DueItems& due) {
               touched.push_back(record.key->pseudonym);
               return Destroy(access, record, due);
             }));
  std::sort(touched.begin(), touched.end());
  Bytes all;
  for (const Bytes& one : touched) {
    all += one;
  }
  run.set_root = ToHex(common.records.builder().vault().HashOf(all));
  run.state = "done";
  run.done_ms = common.clock.NowMs();
  audit::Leaf leaf = common.gate.NewLeaf(access, "retention.run", "done");
  leaf.count = touched.size();
  leaf.detail = rules::FormatDay(run.plan.day);
  FID_TRY(Save(run, leaf));
  return run;
}

Result<RetentionPlan> Retentions::Simulate(const model::Access& access, int64_t day) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  return Walk(day, {});
}

Status Retentions::Tick() {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const int64_t today = common.clock.NowMs() / kDayMs;
  const std::lock_guard running(running_);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, run] : runs_) {
      if (run.plan.day == today || run.state == "waiting") {
        return {};  // one a day, and none beside one that waits
      }
    }
  }
  RetentionRun run;
  run.id = Uuid::V7(parts_.clock, parts_.rng);
  run.made_ms = common.clock.NowMs();
  FID_ASSIGN(run.plan, Walk(today, {}));
  if (run.plan.people == 0) {
    run.state = "done";
    run.done_ms = run.made_ms;
    const std::lock_guard lock(mutex_);
    runs_[run.id] = run;  // nothing to put on record; not looked at again today
    return {};
  }
  const bool few =
      run.plan.people <= kFreely || run.plan.people * 100 <= run.plan.looked_at * kFreelyPercent;
  if (!few) {
    run.state = "waiting";
    return Save(run, common.gate.NewLeaf(AsSystem(), "retention.wait", "done"));
  }
  run.state = "running";
  const auto done = Carry(AsSystem(), run);
  return done ? Status() : Status(std::unexpected(done.error()));
}

Result<RetentionRun> Retentions::Decide(const model::Access& access, const Uuid& id, bool approve) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kCapability));
  const std::lock_guard running(running_);
  RetentionRun run;
  {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(id);
    if (found == runs_.end()) {
      return Fail(Code::kNotFound, "there is no such run");
    }
    run = found->second;
  }
  if (run.state != "waiting") {
    return Fail(Code::kConflict, "this run does not wait for anybody");
  }
  run.approved_by = access.actor.id;
  if (!approve) {
    run.state = "dropped";
    FID_TRY(Save(run, common.gate.NewLeaf(access, "retention.drop", "done")));
    return run;
  }
  run.state = "running";
  model::Access doing = access;
  doing.purpose = "legal_compliance";
  return Carry(doing, std::move(run));
}

Result<std::vector<RetentionRun>> Retentions::Runs(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  const std::lock_guard lock(mutex_);
  std::vector<RetentionRun> all;
  for (auto at = runs_.rbegin(); at != runs_.rend(); ++at) {
    if (at->second.version > 0) {
      all.push_back(at->second);
    }
  }
  return all;
}

Result<std::string> Retentions::Certificate(const model::Access& access, const Uuid& id) const {
  FID_ASSIGN(const auto all, Runs(access));
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const RetentionRun& r) { return r.id == id; });
  if (found == all.end()) {
    return Fail(Code::kNotFound, "there is no such run");
  }
  if (found->state != "done") {
    return Fail(Code::kConflict, "the run is not done");
  }
  const audit::Log& log = parts_.authorizations.parts().gate.log();
  Json record = ToJson(*found);
  record["day"] = rules::FormatDay(found->plan.day);
  record["made"] = FormatTime(found->made_ms);
  record["done"] = FormatTime(found->done_ms);
  record["run"] = id.Text();
  return audit::WriteSignedRecord(log, kDestructionFormat, record);
}

}  // namespace fiducia::govern
