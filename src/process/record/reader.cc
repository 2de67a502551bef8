#include "process/record/reader.h"

#include <algorithm>

#include "process/record/event.h"

namespace fiducia::process {

Result<LoadedRecord> RecordReader::Load(store::ReadLease& lease,
                                        const model::SubjectRef& subject) const {
  FID_ASSIGN(LoadedRecord record, LoadEven(lease, subject));
  if (!record.dossier.merged_into.is_nil()) {
    return Fail(Code::kMerged, "the record was merged into another");
  }
  return record;
}

Result<LoadedRecord> RecordReader::LoadCurrent(store::ReadLease& lease,
                                               const model::SubjectRef& subject) const {
  FID_ASSIGN(LoadedRecord record, LoadEven(lease, subject));
  if (record.dossier.merged_into.is_nil()) {
    return record;
  }
  return Load(lease, {subject.tenant, record.dossier.merged_into});
}

Result<std::vector<LoadedRecord>> RecordReader::LoadWhole(store::ReadLease& lease,
                                                          const LoadedRecord& record) const {
  std::vector<LoadedRecord> all;
  for (const store::Joined& one : record.dossier.joined) {
    auto joined = LoadEven(lease, {record.dossier.subject.tenant, one.subject});
    if (joined) {
      all.push_back(std::move(*joined));
    } else if (joined.error().code() == Code::kCorrupt) {
      return std::unexpected(joined.error());
    }  // else its time was over and it was destroyed by itself
  }
  all.push_back(record);
  return all;
}

Result<bool> RecordReader::IsHeld(store::ReadLease& lease, const store::Dossier& dossier) const {
  if ((dossier.standing.restrictions & model::kRestrictedHold) != 0) {
    return true;
  }
  if (dossier.merged_into.is_nil()) {
    return false;
  }
  const auto stands = LoadEven(lease, {dossier.subject.tenant, dossier.merged_into});
  if (!stands) {
    const Code code = stands.error().code();
    if (code == Code::kErased || code == Code::kNotFound) {
      return false;
    }
    return std::unexpected(stands.error());
  }
  return (stands->dossier.standing.restrictions & model::kRestrictedHold) != 0;
}

Result<LoadedRecord> RecordReader::LoadEven(store::ReadLease& lease,
                                            const model::SubjectRef& subject) const {
  // One row holds values, bases and restrictions: reading it is a snapshot of all that decides.
  auto row = store::LoadSubject(lease.session(store::Which::kData), subject);
  FID_ASSIGN(vault::SubjectKeyPtr key,
             builder_.vault().keys().Get(lease.session(store::Which::kKeys), subject));
  if (!row) {
    return std::unexpected(row.error());
  }
  FID_ASSIGN(store::Dossier dossier, builder_.Decode(subject, *row));
  return LoadedRecord{std::move(dossier), std::move(key)};
}

Result<LoadedRecord> RecordReader::LoadFresh(const model::SubjectRef& subject) const {
  FID_ASSIGN(const auto lease, engine_.Read());
  return Load(*lease, subject);
}

Result<std::vector<model::BasisEvent>> RecordReader::LoadLedger(
    store::ReadLease& lease, const store::Dossier& dossier) const {
  FID_ASSIGN(auto events,
             store::LoadBasisEvents(lease.session(store::Which::kData), dossier.subject));
  // What was appended since the record was read is not part of what it says.
  if (events.size() > dossier.basis_seq) {
    events.resize(dossier.basis_seq);
  }
  FID_TRY(builder_.CheckLedger(dossier, events));
  return events;
}

Result<std::vector<LoadedEvent>> RecordReader::LoadTimeline(store::ReadLease& lease,
                                                            const LoadedRecord& record,
                                                            int limit) const {
  std::vector<LoadedEvent> events;
  FID_ASSIGN(const std::vector<LoadedRecord> whole, LoadWhole(lease, record));
  for (const LoadedRecord& of : whole) {
    const model::SubjectRef& subject = of.dossier.subject;
    FID_ASSIGN(const auto rows, store::LoadTimeline(lease.session(store::Which::kData), subject,
                                                    INT64_MAX, Uuid(), limit));
    for (const store::TimelineRow& row : rows) {
      FID_ASSIGN(store::Dossier event, OpenEvent(builder_.vault(), subject, row));
      events.push_back({row.at_ms, row.event, EventTable(row.event), std::move(event), of.key});
    }
  }
  std::sort(events.begin(), events.end(), [](const LoadedEvent& a, const LoadedEvent& b) {
    return std::pair(a.at_ms, a.id) > std::pair(b.at_ms, b.id);
  });
  events.resize(std::min(events.size(), static_cast<size_t>(limit)));
  return events;
}

void WriteChange(store::Engine& engine, const gate::Gate& gate,
                 const std::shared_ptr<const BuiltRecord>& built, audit::LeafDraft leaf,
                 std::move_only_function<void(const Status&)> done) {
  store::Job job =
      WriteJob(built, false, [&gate, leaf = std::move(leaf)](store::Session& data) -> Status {
        FID_TRY(gate.log().Append(data, leaf));
        return {};
      });
  job.done = std::move(done);
  engine.Submit(std::move(job));
}

}  // namespace fiducia::process
