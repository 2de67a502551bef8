// Turns cleaned values into a sealed record: cells, tokens, basis events, and the row that binds
// them. Everything that puts personal data into the store goes through here.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "gate/gate.h"
#include "process/classify/text_counts.h"
#include "process/clean/cleaner.h"
#include "rules/policy.h"
#include "store/erasures.h"
#include "store/subjects.h"
#include "vault/vault.h"

namespace fiducia::process {

struct FieldInput {
  const rules::Field* field = nullptr;
  model::Sensitive raw;
};

struct NewRecord {
  model::TenantId tenant = 0;
  model::SubjectKind kind = model::SubjectKind::kPerson;
  std::vector<FieldInput> fields;
  model::Provenance provenance;
  std::vector<model::BasisEvent> bases;  // seq and times are filled in
  std::vector<store::Token> extra_tokens;
  Bytes near;  // a hash whose bucket the record is to lie in; empty: any
  // What `bases` say was said by the person themselves: it counts whatever was on record before.
  bool by_own_hand = false;
};

// A record ready to be written, or changed.
struct BuiltRecord {
  model::SubjectRef subject;
  vault::SubjectKeyPtr key;
  store::WrappedKey key_row;  // of a new record
  store::Dossier dossier;
  store::SubjectRow row;
  std::vector<store::Token> tokens;        // to add before the row
  std::vector<store::Token> stale_tokens;  // to remove after the row
  std::vector<store::Token> fingerprints;  // of what it writes, for suppression
  std::vector<model::BasisEvent> events;   // to append
  std::vector<store::Refusal> refusals;    // of them, those that a restore must not lose
  model::FieldSet fields;                  // written
  std::vector<FoundText> found;            // in free texts; counted once they are written
  TextCounts* counts = nullptr;
  int conflicts = 0;  // single values that differ and were left as they are
};

// What a change does to one field.
enum class ChangeKind { kSet, kAdd, kRemove };
struct Change {
  const rules::Field* field = nullptr;
  ChangeKind kind = ChangeKind::kSet;
  std::vector<model::Sensitive> raws;
};

// Another record of the person a record is of.
struct OtherRecord {
  const store::Dossier& dossier;
  const vault::SubjectKeyPtr& key;
};

// Thread safe.
class RecordBuilder {
 public:
  // All must outlive the builder.
  RecordBuilder(const Cleaner& cleaner, const vault::Vault& vault, const gate::Gate& gate,
                TextCounts& counts, const Clock& clock, Rng& rng);

  // Errors: kInvalidValue at the field's number.
  Result<BuiltRecord> BuildNew(NewRecord record, const Hints& hints) const;
  // The same with values that were cleaned already, in the order of `record.fields`.
  Result<BuiltRecord> BuildCleaned(NewRecord record, std::vector<Cleaned> cleaned) const;

  // A changed copy of `current`. Set replaces all values of a field; several values need a field
  // that takes many.
  Result<BuiltRecord> BuildChange(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                  const std::vector<Change>& changes,
                                  const model::Provenance& provenance, const Hints& hints) const;

  // Adds what `record` knows and `current` lacks; a single value that differs stays and is counted.
  Result<BuiltRecord> BuildMerge(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                 NewRecord record, std::vector<Cleaned> cleaned) const;

  // Appends events to the ledger of a copy of `current`; an event whose `cause` is 1 follows from
  // the first of them. Errors: kConflict if the standing grew too large.
  Result<BuiltRecord> BuildEvents(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                  std::vector<model::BasisEvent> events) const;
  // Whether these are all events of the ledger, as they were written. Errors: kCorrupt.
  Status CheckLedger(const store::Dossier& dossier,
                     const std::vector<model::BasisEvent>& events) const;

  // A copy of `current` in which the values of `fields` are known to be right as of now.
  // Errors: kNotFound if it holds none of them.
  Result<BuiltRecord> BuildVerified(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                    const model::FieldSet& fields) const;

  // A copy of `current` without the values that came in one of these ways.
  using Came = std::function<bool(const model::Provenance& provenance)>;
  Result<BuiltRecord> BuildWithout(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                   const Came& came) const;

  // Two records of one person, which is a choice that can be taken back. `current` takes over what
  // it lacks, and the values of `preferred` fields, of `other`; what gives way is kept. The other
  // record stays as it is, but for the mark of BuildMarked. Errors: kConflict if either does not
  // stand for itself.
  Result<BuiltRecord> BuildJoin(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                const OtherRecord& other, const Uuid& merge,
                                const model::FieldSet& preferred) const;
  // Takes it back: values that came with the merge go, those that gave way return unless the field
  // was changed since. Errors: kNotFound if there is no such merge.
  Result<BuiltRecord> BuildParted(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                                  const Uuid& merge) const;
  // Marked as merged into another; nil: standing for itself again.
  BuiltRecord BuildMarked(const store::Dossier& current, const vault::SubjectKeyPtr& key,
                          const Uuid& into) const;

  // Tokens of one cleaned value.
  std::vector<store::Token> TokensOf(model::TenantId tenant, const rules::Field& field,
                                     const Cleaned& cleaned) const;
  // The tokens of all values a record holds, opened under a system permit.
  Result<std::vector<store::Token>> TokensOf(const store::Dossier& dossier,
                                             const vault::SubjectKey& key) const;

  // Whether the record holds this value in this field, or one that sounds alike. Opened inside the
  // vault boundary: a token only says "maybe".
  Result<bool> Holds(const store::Dossier& dossier, const vault::SubjectKey& key,
                     const rules::Field& field, bool sound, const Cleaned& wanted) const;

  // The fingerprint of a value that identifies a person, for suppression.
  std::optional<store::Token> FingerprintOf(model::TenantId tenant, const rules::Field& field,
                                            const Cleaned& cleaned) const;
  Result<std::vector<store::Token>> FingerprintsOf(const store::Dossier& dossier,
                                                   const vault::SubjectKey& key) const;

  // Checks a row against its MAC and decodes it. Errors: kCorrupt.
  Result<store::Dossier> Decode(const model::SubjectRef& subject,
                                const store::SubjectRow& row) const;

  const Cleaner& cleaner() const { return cleaner_; }
  TextCounts& counts() const { return counts_; }
  const vault::Vault& vault() const { return vault_; }

 private:
  uint8_t ProvenancePlace(store::Dossier& dossier, const model::Provenance& p) const;
  void AddCell(BuiltRecord& built, const rules::Field& field, const Cleaned& cleaned,
               uint8_t provenance) const;
  Status RemoveCells(BuiltRecord& built, const rules::Field& field) const;
  void AddEvent(BuiltRecord& built, model::BasisEvent event) const;
  void FillTerm(model::BasisEvent& event) const;
  Bytes NextHead(const Bytes& head, uint32_t before, const model::BasisEvent& event) const;
  void Finish(BuiltRecord& built) const;
  Result<Cleaned> Reopen(const BuiltRecord& built, const store::Cell& cell,
                         const rules::Field& field) const;
  BuiltRecord StartFrom(const store::Dossier& current, const vault::SubjectKeyPtr& key) const;

  const Cleaner& cleaner_;
  const vault::Vault& vault_;
  const gate::Gate& gate_;
  TextCounts& counts_;
  const Clock& clock_;
  Rng& rng_;
};

// The place of a refusal's MAC.
constexpr std::string_view kRefusalTable = "refusal";

// What the keys and the data database hold of a record that was built: its wrapped key and what the
// person took back; its row and its ledger. Errors of a changed record: kVersionMismatch, before
// anything was written.
Status WriteKeys(store::Session& keys, const BuiltRecord& built, bool is_new);
Status WriteRows(store::Session& data, const BuiltRecord& built, bool is_new);

// The keys, index and data phases of writing a record; `then` runs last, inside the data phase.
store::Job WriteJob(const std::shared_ptr<const BuiltRecord>& built, bool is_new,
                    std::move_only_function<Status(store::Session& data)> then);
// Removes what a written change made stale. Runs as a job of its own, after the write.
store::Job CleanupJob(const std::shared_ptr<const BuiltRecord>& built);

}  // namespace fiducia::process
