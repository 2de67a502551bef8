#include "govern/lawful/guardians.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "guardianship";
constexpr std::string_view kRecord = "guardians.record";
constexpr int kEachMost = 4;  // guardians of one minor

Json ToJson(const Guardianship& one) {
  return {{"minor", one.minor.Text()},
          {"guardian", one.guardian.Text()},
          {"relation", one.relation},
          {"reference", one.reference},
          {"by", one.by.Text()},
          {"at", one.at_ms},
          {"confirmed_by", one.confirmed_by.Text()},
          {"confirmed", one.confirmed_ms},
          {"ended_by", one.ended_by.Text()},
          {"ended", one.ended_ms}};
}

Result<Guardianship> From(const guard::Document& document) {
  Guardianship one;
  one.id = document.id;
  one.version = document.version;
  const Json& json = document.json;
  FID_ASSIGN(one.minor, Uuid::Parse(JsonText(json, "minor")));
  FID_ASSIGN(one.guardian, Uuid::Parse(JsonText(json, "guardian")));
  one.relation = JsonText(json, "relation");
  one.reference = JsonText(json, "reference");
  FID_ASSIGN(one.by, Uuid::Parse(JsonText(json, "by")));
  one.at_ms = json.value("at", int64_t{0});
  FID_ASSIGN(one.confirmed_by, Uuid::Parse(JsonText(json, "confirmed_by")));
  one.confirmed_ms = json.value("confirmed", int64_t{0});
  FID_ASSIGN(one.ended_by, Uuid::Parse(JsonText(json, "ended_by")));
  one.ended_ms = json.value("ended", int64_t{0});
  return one;
}

}  // namespace

std::string Guardianship::state() const {
  return ended_ms != 0 ? "ended" : confirmed_ms != 0 ? "confirmed" : "proposed";
}

Result<std::unique_ptr<Guardians>> Guardians::Open(Parts parts) {
  std::unique_ptr<Guardians> made(new Guardians(std::move(parts)));
  FID_ASSIGN(const auto documents, made->parts_.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Guardianship one, From(document));
    made->known_[one.id] = std::move(one);
  }
  return made;
}

Result<bool> Guardians::IsMinor(const Uuid& customer) const {
  const int64_t now = parts_.clock.NowMs();
  FID_ASSIGN(const process::LoadedRecord record, parts_.records.LoadFresh({0, customer}));
  FID_ASSIGN(const PersonFacts facts,
             FactsOf(parts_.records, parts_.gate, record, parts_.jurisdiction, now));
  return NeedsGuardian(parts_.gate.policy().laws, facts, now);
}

Result<Guardianship> Guardians::Find(const Uuid& minor, const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end() || found->second.minor != minor) {
    return Fail(Code::kNotFound, "there is no such guardian on record");
  }
  return found->second;
}

Status Guardians::Save(const model::Access& access, Guardianship& one, std::string_view op) {
  FID_ASSIGN(const process::LoadedRecord record, parts_.records.LoadFresh({0, one.minor}));
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "done");
  leaf.pseudonym = record.key->pseudonym;
  ++one.version;
  FID_TRY(parts_.book.Commit({{std::string(kKind), one.id, one.version, ToJson(one)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[one.id] = one;
  return {};
}

Result<Guardianship> Guardians::Propose(const model::Access& access, const Uuid& minor,
                                        const Uuid& guardian, const std::string& relation,
                                        const std::string& reference) {
  FID_TRY(parts_.gate.Require(access.actor, kRecord));
  static const std::set<std::string> kRelations = {"parent", "legal_guardian", "court_appointed"};
  if (!kRelations.contains(relation)) {
    return Fail(Code::kInvalidInput, "a guardian is a parent, a legal_guardian or court_appointed");
  }
  if (reference.empty() || !IsReference(reference)) {
    return Fail(Code::kInvalidInput,
                "name the proof that was seen by a reference: at most 80 of A-Z, a-z, 0-9 and "
                ". _ : / -, and no words about people");
  }
  if (minor == guardian) {
    return Fail(Code::kConflict, "nobody is their own guardian");
  }
  FID_ASSIGN(const bool needs, IsMinor(minor));
  FID_ASSIGN(const bool needs_too, IsMinor(guardian));
  if (!needs) {
    return Fail(Code::kConflict,
                "no birth date on record says that this person needs a guardian under the law");
  }
  if (needs_too) {
    return Fail(Code::kConflict, "a minor is no guardian");
  }
  {
    const std::lock_guard lock(mutex_);
    int live = 0;
    for (const auto& [id, other] : known_) {
      const bool stands = other.minor == minor && other.ended_ms == 0;
      if (stands && other.guardian == guardian) {
        return Fail(Code::kConflict, "this guardian is on record already");
      }
      live += stands ? 1 : 0;
    }
    if (live >= kEachMost) {
      return Fail(Code::kConflict, "a minor has four guardians at most");
    }
  }
  Guardianship one;
  one.id = Uuid::V7(parts_.clock, parts_.rng);
  one.minor = minor;
  one.guardian = guardian;
  one.relation = relation;
  one.reference = reference;
  one.by = access.actor.id;
  one.at_ms = parts_.clock.NowMs();
  FID_TRY(Save(access, one, "guardian.record"));
  return one;
}

Result<Guardianship> Guardians::Confirm(const model::Access& access, const Uuid& minor,
                                        const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, "guardians.confirm"));
  FID_ASSIGN(Guardianship one, Find(minor, id));
  if (one.state() != "proposed") {
    return Fail(Code::kConflict, "it is confirmed or over already");
  }
  if (one.by == access.actor.id) {
    return Fail(Code::kDenied, "somebody else than who put it on record confirms it");
  }
  one.confirmed_by = access.actor.id;
  one.confirmed_ms = parts_.clock.NowMs();
  FID_TRY(Save(access, one, "guardian.confirm"));
  return one;
}

Result<Guardianship> Guardians::End(const model::Access& access, const Uuid& minor,
                                    const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, kRecord));
  FID_ASSIGN(Guardianship one, Find(minor, id));
  if (one.ended_ms != 0) {
    return Fail(Code::kConflict, "it is over already");
  }
  one.ended_by = access.actor.id;
  one.ended_ms = parts_.clock.NowMs();
  FID_TRY(Save(access, one, "guardian.end"));
  return one;
}

Result<std::vector<Guardianship>> Guardians::List(const model::Access& access,
                                                  const Uuid& minor) const {
  FID_TRY(parts_.gate.Require(access.actor, kRecord));
  const std::lock_guard lock(mutex_);
  std::vector<Guardianship> all;
  for (const auto& [id, one] : known_) {
    if (one.minor == minor) {
      all.push_back(one);
    }
  }
  std::reverse(all.begin(), all.end());  // the newest first: ids grow with time
  return all;
}

std::vector<Guardianship> Guardians::WardsOf(const Uuid& guardian) const {
  std::vector<Guardianship> wards;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, one] : known_) {
      if (one.guardian == guardian && one.state() == "confirmed") {
        wards.push_back(one);
      }
    }
  }
  // Of age, or gone: then nobody speaks for them any more.
  std::erase_if(wards, [&](const Guardianship& one) {
    const auto minor = IsMinor(one.minor);
    return !minor || !*minor;
  });
  return wards;
}

Result<Self> Guardians::Speak(const Uuid& guardian, const Uuid& minor) const {
  bool confirmed = false;
  {
    const std::lock_guard lock(mutex_);
    confirmed = std::any_of(known_.begin(), known_.end(), [&](const auto& entry) {
      const Guardianship& one = entry.second;
      return one.guardian == guardian && one.minor == minor && one.state() == "confirmed";
    });
  }
  const auto needs = confirmed ? IsMinor(minor) : Result<bool>(false);
  if (!needs || !*needs) {
    return Fail(Code::kNotFound, "you speak for nobody of that name");
  }
  FID_ASSIGN(const process::LoadedRecord record, parts_.records.LoadFresh({0, guardian}));
  return Self{{0, minor}, guardian, record.key->pseudonym};
}

Result<model::Sensitive> Guardians::NameFor(const Uuid& guardian, const Uuid& minor) const {
  FID_ASSIGN(const Self self, Speak(guardian, minor));
  FID_ASSIGN(const process::LoadedRecord record, parts_.records.LoadFresh(self.subject));
  const gate::Gate& gate = parts_.gate;
  audit::Leaf leaf = gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "self.name");
  if (const rules::Field* field = gate.policy().catalog.Find("name_full"); field != nullptr) {
    leaf.clear.Add(field->number);
  }
  FID_TRY(gate.Record(record.dossier.subject.tenant, leaf).Wait());
  return FirstValue(parts_.records, gate, record, "name_full");
}

Status Guardians::Forget(const Uuid& customer) {
  std::vector<guard::DocumentChange> changes;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, one] : known_) {
    if (one.minor == customer || one.guardian == customer) {
      changes.push_back({std::string(kKind), id, one.version, std::nullopt});
    }
  }
  FID_TRY(parts_.book.Commit(changes, {}));
  for (const guard::DocumentChange& change : changes) {
    known_.erase(change.id);
  }
  return {};
}

}  // namespace fiducia::govern
