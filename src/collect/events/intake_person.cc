// Whose events they are, and what they change in a record.
#include <algorithm>

#include "collect/events/intake_run.h"
#include "model/names.h"
#include "store/erasures.h"

namespace fiducia::collect {

namespace {

constexpr int64_t kSameByWord = 20000;  // thousandths of log2 odds: the site itself says so
constexpr int kCandidatesMost = 50;     // behind one token

}  // namespace

// Whether it is one more entry in the timeline of people who are known, and nothing else.
Result<bool> Intake::Run::OnlyAddsTo(const Item& item) {
  if (!item.inputs.empty() || stream_.manner.own_hand ||
      std::any_of(item.event.consent.begin(), item.event.consent.end(),
                  [](const auto& said) { return !said.second; })) {
    return false;
  }
  for (const store::Token& token : item.identities) {
    FID_ASSIGN(const auto found, Lookup(token));
    if (!found) {
      return false;
    }
    const store::Standing standing = known_.at(found->id).dossier.InForce();
    if (!std::all_of(item.purposes.begin(), item.purposes.end(),
                     [&](const std::string& p) { return standing.Knows(p); })) {
      return false;
    }
  }
  return true;
}

// The identities of all others.
Result<std::set<std::string>> Intake::Run::Changing(const std::vector<Item>& items) {
  std::set<std::string> changing;
  for (const Item& item : items) {
    if (item.open()) {
      FID_ASSIGN(const bool adds, OnlyAddsTo(item));
      for (const store::Token& token : item.identities) {
        if (!adds) {
          changing.insert(KeyOf(token));
        }
      }
    }
  }
  return changing;
}

// What the lease has shown, and the lease.
void Intake::Run::Forget() {
  seen_.clear();
  known_.clear();
  lease_.reset();
}

Result<std::optional<model::SubjectRef>> Intake::Run::Lookup(const store::Token& token) {
  if (const auto seen = seen_.find(KeyOf(token)); seen != seen_.end()) {
    return std::optional(seen->second);
  }
  FID_ASSIGN(const auto found,
             store::FindByToken(lease_->session(store::Which::kIndex), 0, token, {}, 5));
  for (const model::SubjectRef& candidate : found) {
    // The token may point at a record that was erased since; a merged one leads on.
    if (known_.contains(candidate.id)) {
      seen_[KeyOf(token)] = candidate;
      return std::optional(candidate);
    }
    auto loaded = parts_.records.LoadCurrent(*lease_, candidate);
    if (loaded) {
      const model::SubjectRef subject = loaded->dossier.subject;
      known_.try_emplace(subject.id, Known{std::move(loaded->dossier), std::move(loaded->key)});
      seen_[KeyOf(token)] = subject;
      return std::optional(subject);
    }
  }
  return std::optional<model::SubjectRef>();
}

Result<Intake::Run::Known*> Intake::Run::Load(const model::SubjectRef& subject) {
  const auto found = known_.find(subject.id);
  if (found != known_.end()) {
    return &found->second;
  }
  FID_ASSIGN(process::LoadedRecord loaded, parts_.records.Load(*lease_, subject));
  return &(known_[subject.id] = {std::move(loaded.dossier), std::move(loaded.key)});
}

model::Provenance Intake::Run::ProvenanceOf(const Item& item) const {
  const std::string& first = item.purposes.empty() ? stream_.spec.purposes[0] : item.purposes[0];
  return {stream_.spec.source,
          stream_.manner.channel,
          std::string(model::Name(stream_.spec.BasisOf(first))),
          stream_.id,
          {},
          now_ms_};
}

process::NewRecord Intake::Run::RecordOf(const Item& item) const {
  process::NewRecord record;
  for (const process::FieldInput& input : item.inputs) {
    record.fields.push_back({input.field, {}});
  }
  record.provenance = ProvenanceOf(item);
  record.by_own_hand = stream_.manner.own_hand;
  for (const std::string& purpose : item.purposes) {
    model::BasisEvent basis;
    basis.basis = stream_.spec.BasisOf(purpose);
    basis.consent = basis.basis == model::BasisKind::kConsent ? stream_.manner.consent
                                                              : model::ConsentType::kNone;
    basis.locale = stream_.manner.locale;
    basis.purpose = purpose;
    basis.jurisdiction = parts_.jurisdiction;
    basis.source = stream_.spec.source;
    basis.notice = parts_.gate.told()->current;
    basis.evidence = stream_.manner.evidence;
    record.bases.push_back(std::move(basis));
  }
  record.extra_tokens = item.identities;
  return record;
}

// A person who asked to be erased does not come back unawares.
Result<bool> Intake::Run::IsSuppressed(const Item& item) {
  for (size_t i = 0; i < item.inputs.size(); ++i) {
    const auto fingerprint =
        parts_.records.builder().FingerprintOf(0, *item.inputs[i].field, item.cleaned[i]);
    if (fingerprint) {
      FID_ASSIGN(const bool suppressed,
                 store::IsSuppressed(lease_->session(store::Which::kData), 0, *fingerprint));
      if (suppressed) {
        return true;
      }
    }
  }
  return false;
}

void Intake::Run::Seal(Item& item, const Known& known) {
  item.subject = known.dossier.subject;
  item.pseudonym = known.key->pseudonym;
  if (item.entry.empty()) {
    return;
  }
  const bool bought = std::any_of(
      item.entry.begin(), item.entry.end(),
      [](const process::EventField& one) { return one.field->data_class == "transaction"; });
  model::Provenance provenance = ProvenanceOf(item);
  provenance.channel = bought ? "transaction" : "interaction";
  item.sealed = process::SealEvent(
      parts_.records.builder().vault(), *known.key,
      {item.subject, Uuid::V7(parts_.clock, parts_.rng), HappenedMs(item.event, now_ms_)},
      provenance, item.entry);
  if (item.event.ticket.is_object()) {
    item.key = known.key;
  }
}

Status Intake::Run::TakeNew(Item& item) {
  if (item.purposes.empty()) {
    Drop(item, "no_consent");
    return {};
  }
  FID_ASSIGN(const bool suppressed, IsSuppressed(item));
  if (suppressed && !stream_.manner.own_hand) {
    Drop(item, "erased");
    return {};
  }
  Write write;
  write.is_new = true;
  auto built = parts_.records.builder().BuildCleaned(RecordOf(item), std::move(item.cleaned));
  if (!built) {
    Refuse(item, built.error().text());
    return {};
  }
  write.built = std::move(*built);
  Known& known = known_[write.built.subject.id];
  known = {write.built.dossier, write.built.key};
  for (const store::Token& token : item.identities) {
    seen_[KeyOf(token)] = write.built.subject;
  }
  Seal(item, known);
  writes_.push_back(std::move(write));
  return {};
}

// What a person no longer allows, by their own hand on the page: on record before anything else.
Status Intake::Run::TakeBack(const Item& item, Known& known) {
  if (!item.event.about_consent) {
    return {};
  }
  std::vector<model::BasisEvent> events;
  for (const std::string& purpose : stream_.spec.purposes) {
    const auto said = item.event.consent.find(purpose);
    const auto& bases = known.dossier.standing.bases;
    const bool live = std::any_of(bases.begin(), bases.end(), [&](const store::BasisState& basis) {
      return basis.live && basis.purpose == purpose && basis.basis == model::BasisKind::kConsent;
    });
    if (live && said != item.event.consent.end() && !said->second) {
      model::BasisEvent event;
      event.action = model::BasisAction::kWithdrawn;
      event.purpose = purpose;
      event.source = stream_.spec.source;
      event.jurisdiction = parts_.jurisdiction;
      event.evidence = stream_.manner.evidence;
      events.push_back(std::move(event));
    }
  }
  if (events.empty()) {
    return {};
  }
  Write write;
  write.takes_back = true;
  FID_ASSIGN(write.built, parts_.records.builder().BuildEvents(known.dossier, known.key, events));
  write.events = std::move(events);
  known.dossier = write.built.dossier;
  writes_.push_back(std::move(write));
  return {};
}

// What the person took back stays taken back, whatever the page says: also what only those purposes
// need of the event.
void Intake::Run::Narrow(Item& item, const store::Standing& standing) {
  gate::Situation situation;
  situation.standing = &standing;
  const size_t taken_back = std::erase_if(item.purposes, [&](const std::string& purpose) {
    situation.purpose = purpose;
    return !stream_.manner.own_hand && gate::Decider::SaidNo(situation);
  });
  if (taken_back == 0 || item.purposes.empty()) {
    return;
  }
  item.writable = parts_.gate.Writable(access_, item.purposes) & stream_.fields;
  const auto left_out = [&](const rules::Field& field) {
    const bool out = !item.writable.Has(field.number);
    if (out) {
      ++counts_.left_out[field.id + " (withdrawn)"];
    }
    return out;
  };
  std::erase_if(item.entry, [&](const process::EventField& one) { return left_out(*one.field); });
  for (size_t i = item.inputs.size(); i-- > 0;) {
    if (left_out(*item.inputs[i].field)) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      item.inputs.erase(item.inputs.begin() + at);
      item.cleaned.erase(item.cleaned.begin() + at);
    }
  }
}

Status Intake::Run::TakeKnown(Item& item, const model::SubjectRef& subject) {
  FID_ASSIGN(Known* const known, Load(subject));
  FID_TRY(TakeBack(item, *known));
  const store::Standing standing = known->dossier.InForce();
  if (standing.restrictions != 0) {
    Drop(item, "restricted");
    return {};
  }
  Narrow(item, standing);
  if (item.purposes.empty() && item.event.about_consent) {
    // Said and done; of the event itself nothing is kept.
    item.entry.clear();
    item.inputs.clear();
    item.subject = subject;
    item.pseudonym = known->key->pseudonym;
    return {};
  }
  if (item.purposes.empty()) {
    Drop(item, "withdrawn");
    return {};
  }
  const bool tells = stream_.manner.own_hand ||
                     std::any_of(item.purposes.begin(), item.purposes.end(),
                                 [&](const std::string& p) { return !standing.Knows(p); });
  if (!item.inputs.empty() || tells) {
    Write write;
    write.record = RecordOf(item);
    write.cleaned = item.cleaned;
    auto built = parts_.records.builder().BuildMerge(known->dossier, known->key, write.record,
                                                     std::move(item.cleaned));
    if (!built) {
      Refuse(item, built.error().text());
      return {};
    }
    write.built = std::move(*built);
    known->dossier = write.built.dossier;
    writes_.push_back(std::move(write));
  }
  for (const store::Token& token : item.identities) {
    if (seen_.try_emplace(KeyOf(token), subject).second) {
      tokens_.emplace_back(token, subject);
    }
  }
  Seal(item, *known);
  return {};
}

// The one customer who holds the value that the record is found by; nobody if several do.
Result<std::optional<model::SubjectRef>> Intake::Run::FindByValue(const Item& item) {
  const process::RecordBuilder& builder = parts_.records.builder();
  std::optional<model::SubjectRef> one;
  for (size_t i = 0; i < item.inputs.size(); ++i) {
    const rules::Field& field = *item.inputs[i].field;
    if (field.id != item.event.match) {
      continue;
    }
    const auto tokens = builder.TokensOf(0, field, item.cleaned[i]);
    if (tokens.empty()) {
      continue;
    }
    FID_ASSIGN(const auto found, store::FindByToken(lease_->session(store::Which::kIndex), 0,
                                                    tokens[0], {}, kCandidatesMost));
    for (const model::SubjectRef& candidate : found) {
      const auto even = parts_.records.LoadEven(*lease_, candidate);
      if (!even) {
        continue;  // a token whose record is gone
      }
      FID_ASSIGN(const bool holds,
                 builder.Holds(even->dossier, *even->key, field, false, item.cleaned[i]));
      if (!holds) {
        continue;
      }
      auto current = parts_.records.LoadCurrent(*lease_, candidate);
      if (!current) {
        continue;
      }
      const model::SubjectRef subject = current->dossier.subject;
      if (one && *one != subject) {
        return std::optional<model::SubjectRef>();
      }
      one = subject;
      known_.try_emplace(subject.id, Known{std::move(current->dossier), std::move(current->key)});
    }
  }
  return one;
}

// Who knows the user id is the one; a visitor known by the device only becomes that user. Two who
// are known apart are not united by an event's word: people look at the pair.
Status Intake::Run::Resolve(Item& item) {
  std::optional<model::SubjectRef> chosen;
  std::vector<store::Token> fresh;
  for (const store::Token& token : item.identities) {
    FID_ASSIGN(const auto found, Lookup(token));
    if (!found) {
      fresh.push_back(token);
    } else if (!chosen) {
      chosen = found;
    } else if (*chosen != *found) {
      const bool turned = found->id < chosen->id;
      store::MatchPair pair;
      pair.subject = turned ? *found : *chosen;
      pair.other = turned ? chosen->id : found->id;
      pair.weight = kSameByWord;
      pair.reasons = "[]";
      pair.found_ms = now_ms_;
      pairs_.push_back(std::move(pair));
    }
  }
  item.identities = std::move(fresh);
  if (!chosen && !item.event.match.empty()) {
    FID_ASSIGN(chosen, FindByValue(item));
    if (chosen) {
      // Anybody can write a sender's address: nothing about the person is learned from it.
      item.inputs.clear();
      item.cleaned.clear();
    }
  }
  return chosen ? TakeKnown(item, *chosen) : TakeNew(item);
}

}  // namespace fiducia::collect
