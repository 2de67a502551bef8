#include "collect/events/intake.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "model/names.h"
#include "process/contact/ticket.h"
#include "store/erasures.h"
#include "store/event_receipts.h"
#include "store/merges.h"
#include "store/placement.h"

namespace fiducia::collect {

namespace {

constexpr int kIdentityBits = 128;
constexpr int64_t kDayMs = 86400000;
constexpr int64_t kRememberedMs = 30 * kDayMs;
constexpr int64_t kSameByWord = 20000;  // thousandths of log2 odds: the site itself says so

// A name of a value that may stand in a count: nothing that looks like a value itself.
std::string CountedPath(std::string_view path) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._- $";
  const bool plain = path.size() <= 64 && path.find_first_not_of(kPlain) == std::string_view::npos;
  return plain ? std::string(path) : "other";
}

// The address without its last part: the last byte, or all but the first three groups.
std::string Truncated(std::string_view address) {
  if (const size_t dot = address.rfind('.'); dot != std::string_view::npos) {
    return std::string(address.substr(0, dot)) + ".0";
  }
  size_t end = 0;
  for (int groups = 0; groups < 3 && end != std::string_view::npos; ++groups) {
    end = address.find(':', end == 0 ? 0 : end + 1);
  }
  return end == std::string_view::npos ? std::string() : std::string(address.substr(0, end)) + "::";
}

std::string KeyOf(const store::Token& token) {
  return std::to_string(token.kind) + ":" + token.value;
}

}  // namespace

// Holds identities until the batch that may bring them is durable, or failed.
class Intake::Claim {
 public:
  Claim(Intake& intake, std::set<std::string> wanted)
      : intake_(intake), wanted_(std::move(wanted)) {
    std::unique_lock lock(intake_.claims_mutex_);
    intake_.released_.wait(lock, [&] {
      return std::none_of(wanted_.begin(), wanted_.end(),
                          [&](const std::string& one) { return intake_.claimed_.contains(one); });
    });
    intake_.claimed_.insert(wanted_.begin(), wanted_.end());
  }
  ~Claim() {
    {
      const std::lock_guard lock(intake_.claims_mutex_);
      for (const std::string& one : wanted_) {
        intake_.claimed_.erase(one);
      }
    }
    intake_.released_.notify_all();
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  Intake& intake_;
  std::set<std::string> wanted_;
};

// One batch.
class Intake::Run {
 public:
  Run(Intake& intake, const StreamPtr& stream)
      : parts_(intake.parts_), intake_(intake), stream_(*stream) {
    access_.actor = stream_.actor;
    access_.purpose = stream_.spec.purposes[0];
    now_ms_ = parts_.clock.NowMs();
  }

  Result<std::vector<EventOutcome>> Take(std::vector<Json>& items, const Json& shared);

 private:
  struct Item {
    CollectedEvent event;
    EventOutcome outcome;
    Bytes message;                         // hash; empty: cannot be told from others
    std::vector<std::string> purposes;     // that it is taken in for
    model::FieldSet writable;              // for them
    std::vector<store::Token> identities;  // user first
    std::vector<process::FieldInput> inputs;
    std::vector<process::Cleaned> cleaned;   // of the person
    std::vector<process::EventField> entry;  // of the timeline
    std::optional<process::SealedEvent> sealed;
    model::SubjectRef subject;
    Bytes pseudonym;
    vault::SubjectKeyPtr key;  // of an item with a ticket
    bool open() const { return outcome.status == "accepted"; }
  };
  // A person as this batch will leave them.
  struct Known {
    store::Dossier dossier;
    vault::SubjectKeyPtr key;
  };
  // A write of a record; several of one record stand in order.
  struct Write {
    process::BuiltRecord built;
    bool is_new = false;
    process::NewRecord record;  // what it brings, in case the record changes meanwhile
    std::vector<process::Cleaned> cleaned;
    bool takes_back = false;  // only ends authorizations
    std::vector<model::BasisEvent> events;
  };
  static void Refuse(Item& item, std::string_view reason) { Close(item, "refused", reason); }
  static void Drop(Item& item, std::string_view reason) { Close(item, "dropped", reason); }
  static void Close(Item& item, std::string_view status, std::string_view reason) {
    item.outcome.status = status;
    item.outcome.reason = reason;
  }

  Status Unseal(Json& json) const;
  void Read(Item& item, Json& json, const Json& shared);
  void FindPurposes(Item& item) const;
  void Clean(Item& item);
  void CleanValue(Item& item, const EventValue& value, const process::Hints& hints);
  void Identify(Item& item) const;
  Result<std::optional<model::SubjectRef>> Lookup(const store::Token& token);
  Status CloseIfKnown(Item& item);
  Status Resolve(Item& item);
  Status TakeBack(const Item& item, Known& known);
  Status TakeNew(Item& item);
  Status TakeKnown(Item& item, const model::SubjectRef& subject);
  Result<Known*> Load(const model::SubjectRef& subject);
  model::Provenance ProvenanceOf(const Item& item) const;
  process::NewRecord RecordOf(const Item& item) const;
  Result<bool> IsSuppressed(const Item& item);
  void Seal(Item& item, const Known& known);
  Status Commit(std::vector<Item>& items);
  Status WriteAll(store::Session& data, std::vector<Item>& items);
  Status WriteOne(store::Session& data, Write& write) const;
  Status WriteTicket(store::Session& data, const Item& item) const;
  void Count(const std::vector<Item>& items);

  const Parts& parts_;
  Intake& intake_;
  const Stream& stream_;
  model::Access access_;
  int64_t now_ms_ = 0;
  std::unique_ptr<store::ReadLease> lease_;
  std::map<std::string, model::SubjectRef> seen_;  // identities of this batch
  std::map<Uuid, Known> known_;
  std::vector<Write> writes_;
  std::vector<std::pair<store::Token, model::SubjectRef>> tokens_;  // of known people
  std::vector<store::MatchPair> pairs_;
  StreamCounts counts_;
};

// What the browser sealed for us alone comes to stand where it belongs, over what came beside it.
Status Intake::Run::Unseal(Json& json) const {
  const Json sealed = json.is_object() && json.contains("context") && json["context"].is_object()
                          ? json["context"].value("sealed", Json())
                          : Json();
  if (sealed.is_null()) {
    return {};
  }
  FID_ASSIGN(const model::Sensitive plain,
             parts_.key.Open(sealed, "fiducia event", JsonText(json, "messageId")));
  FID_ASSIGN(const Json members, ParseJson(plain.Reveal()));
  json["context"].erase("sealed");
  for (const char* member : {"traits", "properties"}) {
    if (members.is_object() && members.contains(member) && members[member].is_object()) {
      json[member].update(members[member]);
    }
  }
  return {};
}

void Intake::Run::Read(Item& item, Json& json, const Json& shared) {
  const Status unsealed = Unseal(json);
  auto event = unsealed ? ReadEvent(json, shared)
                        : Result<CollectedEvent>(std::unexpected(unsealed.error()));
  if (!event) {
    item.outcome.message_id = JsonText(json.is_object() ? json : Json::object(), "messageId");
    if (item.outcome.message_id.size() > 100) {
      item.outcome.message_id.clear();
    }
    return Refuse(item, event.error().text());
  }
  item.event = std::move(*event);
  item.outcome.message_id = item.event.message_id;
  if (!item.event.message_id.empty()) {
    item.message = parts_.records.builder()
                       .vault()
                       .KeyedHash("event", stream_.spec.source + "\x1f" + item.event.message_id)
                       .substr(0, 16);
  }
}

// Consent rides on the event; what is not told is not given.
void Intake::Run::FindPurposes(Item& item) const {
  for (const std::string& purpose : stream_.spec.purposes) {
    const auto given = item.event.consent.find(purpose);
    const bool asked = stream_.spec.BasisOf(purpose) == model::BasisKind::kConsent;
    if (parts_.gate.IsBarred(purpose)) {
      continue;
    }
    if (!asked || (given != item.event.consent.end() && given->second)) {
      item.purposes.push_back(purpose);
    }
  }
  if (item.purposes.empty() && !item.event.about_consent) {
    Drop(item, "no_consent");
  }
  item.writable = parts_.gate.Writable(access_, item.purposes) & stream_.fields;
}

void Intake::Run::CleanValue(Item& item, const EventValue& value, const process::Hints& hints) {
  const auto at = stream_.by_path.find(value.path);
  const rules::Field* field = at == stream_.by_path.end() ? nullptr : at->second;
  const bool about = value.path.starts_with("traits.") || value.path.starts_with("context.traits.");
  const bool content = about || value.path.starts_with("properties.");
  if (field == nullptr || !item.writable.Has(field->number)) {
    ++counts_.left_out[CountedPath(value.path)];
    if (content && stream_.spec.refuse_unknown) {
      Refuse(item, "the event holds a value that the stream is not for");
    }
    return;
  }
  auto cleaned = parts_.records.builder().cleaner().Clean(*field, value.text, hints);
  if (!cleaned) {
    ++counts_.left_out[CountedPath(value.path) + " (invalid)"];
    return;
  }
  const bool person =
      item.event.type == EventType::kIdentify || item.event.type == EventType::kGroup || about;
  const auto same = [&](const auto& list, auto field_of) {
    return std::any_of(list.begin(), list.end(),
                       [&](const auto& one) { return field_of(one) == field; });
  };
  if (person) {
    if (field->many || !same(item.inputs, [](const auto& one) { return one.field; })) {
      item.inputs.push_back({field, {}});
      item.cleaned.push_back(std::move(*cleaned));
    }
  } else if (field->data_class == "interaction" || field->data_class == "transaction") {
    if (field->many || !same(item.entry, [](const auto& one) { return one.field; })) {
      item.entry.push_back({field, std::move(*cleaned)});
    }
  } else {
    ++counts_.left_out[CountedPath(value.path)];
  }
}

void Intake::Run::Clean(Item& item) {
  process::Hints hints;
  hints.region = parts_.jurisdiction.substr(0, 2);
  hints.today_days = now_ms_ / kDayMs;
  std::string first;
  std::string last;
  bool named = false;
  for (EventValue& value : item.event.values) {
    if (value.path == "properties.currency") {
      hints.currency = std::string(value.text.Reveal()).substr(0, 3);
    }
    named = named || value.path == "traits.name";
    if (value.path == "traits.firstName") {
      first = value.text.Reveal();
    } else if (value.path == "traits.lastName") {
      last = value.text.Reveal();
    } else if (value.path == "context.ip") {
      value.text = stream_.spec.ip == IpPolicy::kDrop ? model::Sensitive()
                   : stream_.spec.ip == IpPolicy::kTruncate
                       ? model::Sensitive(Truncated(value.text.Reveal()))
                       : std::move(value.text);
    }
  }
  if (!named && !(first + last).empty()) {
    item.event.values.push_back(
        {"traits.name", model::Sensitive(std::string(TrimAscii(first + " " + last)))});
  }
  explicit_bzero(first.data(), first.size());
  explicit_bzero(last.data(), last.size());
  for (const EventValue& value : item.event.values) {
    const bool part = value.path == "traits.firstName" || value.path == "traits.lastName" ||
                      value.path == "properties.currency" || value.text.empty();
    if (!part && item.open()) {
      CleanValue(item, value, hints);
    }
  }
  item.event.values.clear();
}

void Intake::Run::Identify(Item& item) const {
  const auto add = [&](std::string_view kind, const model::Sensitive& id) {
    if (!id.empty()) {
      item.identities.push_back(parts_.records.builder().vault().TokenFor(
          0, store::kTokenKindRecordKey, kIdentityBits,
          model::Sensitive(stream_.spec.source + "\x1f" + std::string(kind) + "\x1f" +
                           std::string(id.Reveal()))));
    }
  };
  add("user", item.event.user);
  if (item.event.type == EventType::kAlias) {
    add("user", item.event.previous);
    add("anonymous", item.event.previous);
  }
  add("anonymous", item.event.anonymous);
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
      return std::optional(candidate);
    }
    auto loaded = parts_.records.LoadCurrent(*lease_, candidate);
    if (loaded) {
      const model::SubjectRef subject = loaded->dossier.subject;
      known_.try_emplace(subject.id, Known{std::move(loaded->dossier), std::move(loaded->key)});
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
      std::move(provenance), item.entry);
  if (stream_.manner.tickets && item.event.ticket.is_object()) {
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

Status Intake::Run::TakeKnown(Item& item, const model::SubjectRef& subject) {
  FID_ASSIGN(Known* const known, Load(subject));
  FID_TRY(TakeBack(item, *known));
  const store::Standing standing = known->dossier.InForce();
  if (standing.restrictions != 0) {
    Drop(item, "restricted");
    return {};
  }
  // What the person took back since stays taken back, whatever the page says.
  gate::Situation situation;
  situation.standing = &standing;
  std::erase_if(item.purposes, [&](const std::string& purpose) {
    situation.purpose = purpose;
    return !stream_.manner.own_hand && gate::Decider::SaidNo(situation);
  });
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
  return chosen ? TakeKnown(item, *chosen) : TakeNew(item);
}

Status Intake::Run::WriteOne(store::Session& data, Write& write) const {
  process::BuiltRecord& built = write.built;
  const Status written = process::WriteRows(data, built, write.is_new);
  if (!written && written.error().code() == Code::kVersionMismatch) {
    // Somebody changed the record meanwhile: into what it is now.
    const auto stored = store::LoadSubject(data, built.subject);
    if (!stored) {
      return {};  // erased meanwhile
    }
    const process::RecordBuilder& builder = parts_.records.builder();
    FID_ASSIGN(const store::Dossier dossier, builder.Decode(built.subject, *stored));
    FID_ASSIGN(built, write.takes_back
                          ? builder.BuildEvents(dossier, built.key, write.events)
                          : builder.BuildMerge(dossier, built.key, write.record, write.cleaned));
    FID_TRY(process::WriteRows(data, built, false));
  } else {
    FID_TRY(written);
  }
  parts_.records.builder().counts().Add(built.found);
  return {};
}

// Into the ticket that records of the same matter are in, or a new one.
Status Intake::Run::WriteTicket(store::Session& data, const Item& item) const {
  const Json& told = item.event.ticket;
  const vault::Vault& vault = parts_.records.builder().vault();
  const rules::Field& field = *parts_.gate.policy().catalog.Find(process::kTicketField);
  const Bytes hash =
      vault.KeyedHash("ticket", stream_.id.Text() + "\x1f" + JsonText(told, "thread"));
  process::Ticket ticket;
  FID_ASSIGN(ticket.id, Uuid::FromBytes(BytesView(hash).substr(0, 16)));
  const auto row = store::LoadTicket(data, item.subject, ticket.id);
  if (row) {
    FID_ASSIGN(ticket, process::OpenTicket(vault, *item.key, parts_.gate.SystemPermit(item.subject),
                                           field, *row));
  } else if (row.error().code() != Code::kNotFound) {
    return std::unexpected(row.error());
  } else {
    ticket.channel =
        process::ChannelNamed(JsonText(told, "channel")).value_or(process::Channel::kMail);
    ticket.matter =
        process::MatterNamed(JsonText(told, "matter")).value_or(process::Matter::kInquiry);
    ticket.source = stream_.spec.source;
    ticket.opened_ms = now_ms_;
    ticket.opened_by = stream_.id;
  }
  process::AddContact(ticket, {item.sealed->row.event,
                               now_ms_,
                               item.sealed->row.at_ms,
                               {},
                               told.value("rights", std::vector<std::string>())});
  for (const auto& [kind, count] : told.value("taken", std::map<std::string, int>())) {
    ticket.taken[kind] += count;
  }
  return store::PutTicket(data, item.subject,
                          process::SealTicket(vault, *item.key, item.subject, field, ticket));
}

Status Intake::Run::WriteAll(store::Session& data, std::vector<Item>& items) {
  for (Write& write : writes_) {
    FID_TRY(WriteOne(data, write));
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, stream_.manner.operation, "done");
  leaf.basis = model::Name(stream_.spec.basis);
  leaf.detail = stream_.id.Text();
  std::vector<audit::LeafDraft::Member> members;
  std::map<Uuid, bool> alive;
  for (Item& item : items) {
    if (!item.open()) {
      continue;
    }
    if (!item.message.empty()) {
      FID_ASSIGN(const bool is_new, store::KeepEventReceipt(data, item.message, now_ms_));
      if (!is_new) {
        Close(item, "duplicate", "");
        continue;
      }
    }
    if (item.sealed) {
      // The customer may have been erased since it was read.
      const auto [there, asked] = alive.try_emplace(item.subject.id, true);
      if (asked) {
        there->second = store::LoadSubject(data, item.subject).has_value();
      }
      if (!there->second) {
        Drop(item, "erased");
        continue;
      }
      FID_TRY(store::InsertEvent(data, item.subject, item.sealed->row));
      if (item.key != nullptr) {
        FID_TRY(WriteTicket(data, item));
      }
      leaf.clear = leaf.clear | item.sealed->held;
      parts_.records.builder().counts().Add(item.sealed->found);
    }
    ++leaf.count;
    const model::Bucket bucket = store::BucketOf(item.subject);
    if (std::none_of(members.begin(), members.end(),
                     [&](const auto& member) { return member.pseudonym == item.pseudonym; })) {
      members.push_back({bucket, item.pseudonym});
    }
  }
  for (const Write& write : writes_) {
    leaf.clear = leaf.clear | write.built.fields;
  }
  for (const store::MatchPair& pair : pairs_) {
    FID_TRY(store::PutFoundPair(data, pair));
  }
  if (leaf.count == 0 && writes_.empty()) {
    return {};
  }
  FID_TRY(parts_.gate.log().Append(data, parts_.gate.DraftFor(0, leaf, std::move(members))));
  return {};
}

Status Intake::Run::Commit(std::vector<Item>& items) {
  if (std::none_of(items.begin(), items.end(), [](const Item& item) { return item.open(); })) {
    return {};
  }
  store::Job job;
  job.spans_buckets = true;
  const bool any_new =
      std::any_of(writes_.begin(), writes_.end(), [](const Write& w) { return w.is_new; });
  const bool any_refusal = std::any_of(writes_.begin(), writes_.end(),
                                       [](const Write& w) { return !w.built.refusals.empty(); });
  if (any_new || any_refusal) {
    job.keys = [&](store::Session& keys) -> Status {
      for (const Write& write : writes_) {
        FID_TRY(process::WriteKeys(keys, write.built, write.is_new));
      }
      return {};
    };
  }
  if (!writes_.empty() || !tokens_.empty()) {
    job.index = [&](store::Session& index) -> Status {
      for (const Write& write : writes_) {
        for (const store::Token& token : write.built.tokens) {
          FID_TRY(store::AddToken(index, token, write.built.subject));
        }
      }
      for (const auto& [token, subject] : tokens_) {
        FID_TRY(store::AddToken(index, token, subject));
      }
      return {};
    };
  }
  job.data = [&](store::Session& data) { return WriteAll(data, items); };
  return parts_.engine.SubmitAndWait(std::move(job));
}

void Intake::Run::Count(const std::vector<Item>& items) {
  counts_.last_ms = now_ms_;
  for (const Item& item : items) {
    if (item.open()) {
      ++counts_.accepted;
    } else if (item.outcome.status == "duplicate") {
      ++counts_.duplicates;
    } else {
      ++(item.outcome.status == "dropped" ? counts_.dropped : counts_.refused)[item.outcome.reason];
    }
  }
  parts_.streams.Count(stream_.id, counts_);
  parts_.streams.Count(parts_.sources.IdOf(stream_.spec.source), counts_);
}

Status Intake::Run::CloseIfKnown(Item& item) {
  if (!item.open() || item.message.empty()) {
    return {};
  }
  FID_ASSIGN(const bool known,
             store::HasEventReceipt(lease_->session(store::Which::kData), item.message));
  if (known) {
    Close(item, "duplicate", "");
  }
  return {};
}

Result<std::vector<EventOutcome>> Intake::Run::Take(std::vector<Json>& json, const Json& shared) {
  std::vector<Item> items(json.size());
  std::set<std::string> identities;
  std::set<Bytes> messages;
  for (size_t i = 0; i < json.size(); ++i) {
    Item& item = items[i];
    Read(item, json[i], shared);
    if (item.open() && !item.message.empty() && !messages.insert(item.message).second) {
      Close(item, "duplicate", "");
    }
    if (item.open()) {
      FindPurposes(item);
    }
    if (item.open()) {
      Clean(item);
    }
    if (item.open()) {
      Identify(item);
      for (const store::Token& token : item.identities) {
        identities.insert(KeyOf(token));
      }
    }
  }
  {
    const Claim claim(intake_, std::move(identities));
    FID_ASSIGN(lease_, parts_.engine.Read());
    for (Item& item : items) {
      FID_TRY(CloseIfKnown(item));
      if (item.open()) {
        FID_TRY(Resolve(item));
      }
    }
    lease_.reset();
    FID_TRY(Commit(items));
  }
  Count(items);
  std::vector<EventOutcome> outcomes;
  outcomes.reserve(items.size());
  for (Item& item : items) {
    outcomes.push_back(std::move(item.outcome));
  }
  return outcomes;
}

Result<std::vector<EventOutcome>> Intake::Take(const StreamPtr& stream, std::vector<Json> items,
                                               const Json& shared) {
  FID_TRY(parts_.sources.MayBring(stream->spec.source));
  return Run(*this, stream).Take(items, shared);
}

Status Intake::Tick() {
  const int64_t now = parts_.clock.NowMs();
  if (now - forgotten_ms_ < kDayMs) {
    return {};
  }
  forgotten_ms_ = now;
  store::Job job;
  job.spans_buckets = true;
  job.data = [&](store::Session& data) {
    return store::ForgetEventReceipts(data, now - kRememberedMs);
  };
  return parts_.engine.SubmitAndWait(std::move(job));
}

}  // namespace fiducia::collect
