#include "govern/assure/duties.h"

#include <algorithm>

#include "store/config_rows.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "duty";
constexpr std::string_view kManage = "duties.manage";
constexpr std::string_view kOfficer = "privacy_officer";
constexpr int64_t kDayMs = 86400000;
// What is new is looked at within a quarter.
constexpr int64_t kFirstDays = 90;
constexpr size_t kNoteLeast = 10;
constexpr size_t kNoteMost = 2000;

Json ToJson(const Duty& duty) {
  return {{"kind", duty.kind},
          {"ref", duty.ref},
          {"owner", duty.owner},
          {"every", duty.every},
          {"since", duty.since_ms},
          {"reviewed", duty.reviewed_ms},
          {"by", duty.reviewed_by.Text()},
          {"note", duty.note}};
}

Duty DutyFrom(const guard::Document& document) {
  const Json& json = document.json;
  Duty duty;
  duty.id = document.id;
  duty.version = document.version;
  duty.kind = JsonText(json, "kind");
  duty.ref = JsonText(json, "ref");
  duty.owner = JsonText(json, "owner");
  duty.every = JsonText(json, "every");
  duty.since_ms = json.value("since", int64_t{0});
  duty.reviewed_ms = json.value("reviewed", int64_t{0});
  duty.reviewed_by = Uuid::Parse(JsonText(json, "by")).value_or(Uuid());
  duty.note = JsonText(json, "note");
  return duty;
}

Duty Thing(std::string kind, std::string ref, std::string owner, std::string every) {
  Duty duty;
  duty.kind = std::move(kind);
  duty.ref = std::move(ref);
  duty.owner = owner.empty() ? std::string(kOfficer) : std::move(owner);
  duty.every = std::move(every);
  return duty;
}

}  // namespace

int64_t Duty::DueDay() const {
  return reviewed_ms == 0
             ? since_ms / kDayMs + kFirstDays
             : rules::AfterPeriod(reviewed_ms / kDayMs, every).value_or(reviewed_ms / kDayMs);
}

Result<std::unique_ptr<Duties>> Duties::Open(Parts parts) {
  std::unique_ptr<Duties> made(new Duties(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    made->known_[document.id] = DutyFrom(document);
  }
  if (documents.empty()) {
    FID_TRY(made->Tick());
  }
  return made;
}

// All there is to answer for now, with whom it falls to if nobody was named.
Result<std::vector<Duty>> Duties::Things() const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const rules::Policy& policy = common.gate.policy();
  std::vector<Duty> things;
  things.reserve(policy.purposes.size());
  for (const auto& [id, purpose] : policy.purposes) {
    things.push_back(Thing("purpose", id, purpose.owner, "P12M"));
  }
  std::set<std::string> classes;
  for (const rules::Field& field : policy.catalog.fields()) {
    classes.insert(field.data_class);
  }
  for (const std::string& data_class : classes) {
    things.push_back(Thing("dataset", data_class, "", "P12M"));
  }
  {
    FID_ASSIGN(const auto lease, common.records.engine().Read());
    FID_ASSIGN(const auto sources, store::ListSources(lease->session(store::Which::kData), 0));
    for (const store::Source& source : sources) {
      // What people wrote there may be a name; it counts if it is a role or a person's id.
      const bool known =
          policy.FindRole(source.owner) != nullptr || Uuid::Parse(source.owner).has_value();
      things.push_back(Thing("source", source.id, known ? source.owner : "", "P12M"));
    }
  }
  for (const Recipient& recipient : parts_.recipients.All()) {
    if (recipient.state != RecipientState::kEnded) {
      things.push_back(Thing("recipient", recipient.code, recipient.owner, "P6M"));
    }
  }
  for (const rules::Notice& notice : policy.notices) {
    things.push_back(Thing("notice", notice.id, "", "P12M"));
  }
  for (const auto& [regime, pack] : policy.laws.packs()) {
    things.push_back(Thing("policy", "laws:" + regime, "", "P6M"));
  }
  things.push_back(Thing("policy", "roles", "", "P12M"));
  things.push_back(Thing("policy", "agreement:" + policy.agreement.id, "", "P12M"));
  for (const rules::Course& course : policy.courses) {
    things.push_back(Thing("policy", "course:" + course.id, "", "P12M"));
  }
  return things;
}

Status Duties::Tick() {
  const std::lock_guard changing(changing_);
  FID_ASSIGN(std::vector<Duty> things, Things());
  std::map<std::pair<std::string, std::string>, Duty> before;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, duty] : known_) {
      before[{duty.kind, duty.ref}] = duty;
    }
  }
  std::vector<guard::DocumentChange> changes;
  std::vector<Duty> added;
  for (Duty& thing : things) {
    if (before.erase({thing.kind, thing.ref}) == 0) {
      thing.id = Uuid::V7(parts_.clock, parts_.rng);
      thing.version = 1;
      thing.since_ms = parts_.clock.NowMs();
      changes.push_back({std::string(kKind), thing.id, 1, ToJson(thing)});
      added.push_back(std::move(thing));
    }
  }
  for (const auto& [place, duty] : before) {
    changes.push_back({std::string(kKind), duty.id, duty.version, std::nullopt});
  }
  if (changes.empty()) {
    return {};
  }
  model::Access system;
  system.actor.role = "system";
  audit::Leaf leaf = parts_.authorizations.parts().gate.NewLeaf(system, "duty.take_on", "done");
  leaf.count = changes.size();
  FID_TRY(parts_.book.Commit(changes, {leaf}));
  const std::lock_guard lock(mutex_);
  for (const auto& [place, duty] : before) {
    known_.erase(duty.id);
  }
  for (Duty& duty : added) {
    const Uuid id = duty.id;
    known_[id] = std::move(duty);
  }
  return {};
}

bool Duties::IsOwner(const model::Access& access, const Duty& duty) const {
  if (duty.owner == access.actor.id.Text()) {
    return true;
  }
  return access.actor.leases != nullptr &&
         std::any_of(access.actor.leases->begin(), access.actor.leases->end(),
                     [&](const model::Lease& lease) { return lease.role == duty.owner; });
}

Result<std::vector<Duty>> Duties::List(const model::Access& access) const {
  const bool all = parts_.authorizations.parts().gate.Require(access.actor, kManage).has_value();
  std::vector<Duty> list;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, duty] : known_) {
      if (all || IsOwner(access, duty)) {
        list.push_back(duty);
      }
    }
  }
  std::sort(list.begin(), list.end(), [](const Duty& a, const Duty& b) {
    return std::tuple(a.DueDay(), a.kind, a.ref) < std::tuple(b.DueDay(), b.kind, b.ref);
  });
  return list;
}

Result<Duty> Duties::Find(const model::Access& access, const Uuid& id) const {
  FID_ASSIGN(const auto list, List(access));
  for (const Duty& duty : list) {
    if (duty.id == id) {
      return duty;
    }
  }
  return Fail(Code::kNotFound, "there is no such duty of yours");
}

Status Duties::Save(Duty& duty, const audit::Leaf& leaf) {
  ++duty.version;
  FID_TRY(parts_.book.Commit({{std::string(kKind), duty.id, duty.version, ToJson(duty)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[duty.id] = duty;
  return {};
}

Result<Duty> Duties::Assign(const model::Access& access, const Uuid& id, const std::string& owner,
                            const std::string& every) {
  const auto& parts = parts_.authorizations.parts();
  FID_TRY(parts.gate.Require(access.actor, kManage));
  const auto person = Uuid::Parse(owner);
  const bool known = parts.gate.policy().FindRole(owner) != nullptr ||
                     (person && parts.people.Find(*person).has_value());
  const auto period = rules::AfterPeriod(0, every);
  if (!known || !period || *period < 28 || *period > 1100) {
    return Fail(Code::kInvalidInput,
                "an owner is a person or a role; a period is from a month to three years, as P12M");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Duty duty, Find(access, id));
  duty.owner = owner;
  duty.every = every;
  audit::Leaf leaf = parts.gate.NewLeaf(access, "duty.assign", "done");
  leaf.detail = duty.kind + " " + duty.ref;
  FID_TRY(Save(duty, leaf));
  return duty;
}

Result<Duty> Duties::Review(const model::Access& access, const Uuid& id, const std::string& note) {
  if (note.size() < kNoteLeast || note.size() > kNoteMost) {
    return Fail(Code::kReasonRequired, "say what you looked at, in 10 to 2,000 characters");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Duty duty, Find(access, id));
  duty.reviewed_ms = parts_.clock.NowMs();
  duty.reviewed_by = access.actor.id;
  duty.note = note;
  audit::Leaf leaf = parts_.authorizations.parts().gate.NewLeaf(access, "duty.review", "done");
  leaf.detail = duty.kind + " " + duty.ref;
  FID_TRY(Save(duty, leaf));
  return duty;
}

std::map<std::string, std::string> Duties::OwnersOf(std::string_view kind) const {
  std::map<std::string, std::string> owners;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, duty] : known_) {
    if (duty.kind == kind) {
      owners[duty.ref] = duty.owner;
    }
  }
  return owners;
}

}  // namespace fiducia::govern
