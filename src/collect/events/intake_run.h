// Private to events: one batch on its way from what was sent to what is on record. Its four steps
// stand in files of their own: read (what the events say and which of it is kept), person (whose
// they are), write (one transaction), and the batch as a whole.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collect/events/intake.h"
#include "store/merges.h"

namespace fiducia::collect {

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
  // A customer at the time of the write: erased, or as the batch knows them, or how they stand now.
  struct Since {
    bool erased = false;
    std::optional<store::Standing> changed;
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
  Result<bool> OnlyAddsTo(const Item& item);
  Result<std::set<std::string>> Changing(const std::vector<Item>& items);
  void Forget();
  Result<std::optional<model::SubjectRef>> Lookup(const store::Token& token);
  Status CloseIfKnown(Item& item);
  Result<std::optional<model::SubjectRef>> FindByValue(const Item& item);
  Status Resolve(Item& item);
  Status TakeBack(const Item& item, Known& known);
  Status TakeNew(Item& item);
  void Narrow(Item& item, const store::Standing& standing);
  Status TakeKnown(Item& item, const model::SubjectRef& subject);
  Result<Known*> Load(const model::SubjectRef& subject);
  model::Provenance ProvenanceOf(const Item& item) const;
  process::NewRecord RecordOf(const Item& item) const;
  Result<bool> IsSuppressed(const Item& item);
  void Seal(Item& item, const Known& known);
  Result<Since> SinceRead(store::Session& data, const Item& item) const;
  void Reconsider(Item& item, const Since& since);
  Status WriteEntry(store::Session& data, Item& item);
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
  std::map<std::string, model::SubjectRef> seen_;  // whose the identities of this batch are
  std::map<Uuid, Known> known_;
  std::vector<Write> writes_;
  std::vector<std::pair<store::Token, model::SubjectRef>> tokens_;  // of known people
  std::vector<store::MatchPair> pairs_;
  StreamCounts counts_;
};

// An identity as a key of maps.
inline std::string KeyOf(const store::Token& token) {
  return std::to_string(token.kind) + ":" + token.value;
}

}  // namespace fiducia::collect
