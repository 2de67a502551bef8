// Reads records: the row, checked against its MAC, with the key that its cells are sealed under.
#pragma once

#include "process/record/record.h"

namespace fiducia::process {

struct LoadedRecord {
  store::Dossier dossier;
  vault::SubjectKeyPtr key;
};

// An entry of the timeline, checked against its MAC. Its cells open under `table`.
struct LoadedEvent {
  int64_t at_ms = 0;
  Uuid id;
  std::string table;
  store::Dossier body;
  vault::SubjectKeyPtr key;  // of the record that the event stands with
};

// Thread safe.
class RecordReader {
 public:
  // Both must outlive the reader.
  RecordReader(store::Engine& engine, const RecordBuilder& builder)
      : engine_(engine), builder_(builder) {}

  // Errors: kNotFound, kErased, kCorrupt, kMerged if another record stands for it.
  Result<LoadedRecord> Load(store::ReadLease& lease, const model::SubjectRef& subject) const;
  Result<LoadedRecord> LoadFresh(const model::SubjectRef& subject) const;
  // The same, of the record that stands for it.
  Result<LoadedRecord> LoadCurrent(store::ReadLease& lease, const model::SubjectRef& subject) const;
  // The row itself, merged or not: for what keeps each record right.
  Result<LoadedRecord> LoadEven(store::ReadLease& lease, const model::SubjectRef& subject) const;
  // Every record that this one stands for, itself last. Errors: kCorrupt.
  Result<std::vector<LoadedRecord>> LoadWhole(store::ReadLease& lease,
                                              const LoadedRecord& record) const;
  // Whether it is kept for a legal claim, itself or with the record that stands for it.
  Result<bool> IsHeld(store::ReadLease& lease, const store::Dossier& dossier) const;
  // The events of the ledger, up to what the record knows of. Errors: kCorrupt if they were
  // altered.
  Result<std::vector<model::BasisEvent>> LoadLedger(store::ReadLease& lease,
                                                    const store::Dossier& dossier) const;

  // Of the record and all that are joined to it, newest first. Errors: kCorrupt.
  Result<std::vector<LoadedEvent>> LoadTimeline(store::ReadLease& lease, const LoadedRecord& record,
                                                int limit) const;

  store::Engine& engine() const { return engine_; }
  const RecordBuilder& builder() const { return builder_; }

 private:
  store::Engine& engine_;
  const RecordBuilder& builder_;
};

// Writes a changed record and its leaf in one transaction; `done` is told once that is durable.
void WriteChange(store::Engine& engine, const gate::Gate& gate,
                 const std::shared_ptr<const BuiltRecord>& built, audit::LeafDraft leaf,
                 std::move_only_function<void(const Status&)> done);

}  // namespace fiducia::process
