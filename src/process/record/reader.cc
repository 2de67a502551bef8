#include "process/record/reader.h"

namespace fiducia::process {

Result<LoadedRecord> RecordReader::Load(store::ReadLease& lease,
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
                                                            const model::SubjectRef& subject,
                                                            int limit) const {
  constexpr size_t kMacSize = 16;
  FID_ASSIGN(const auto rows, store::LoadTimeline(lease.session(store::Which::kData), subject,
                                                  INT64_MAX, Uuid(), limit));
  std::vector<LoadedEvent> events;
  for (const store::TimelineRow& row : rows) {
    const BytesView body = row.body;
    if (body.size() < kMacSize) {
      return Fail(Code::kCorrupt, "a stored record is damaged");
    }
    std::string table = std::string(vault::kTimelineTable) + ":" + std::string(row.event.bytes());
    FID_TRY(builder_.vault().CheckRow(subject, table, 1, body.substr(kMacSize),
                                      body.substr(0, kMacSize)));
    FID_ASSIGN(store::Dossier event, store::DecodeDossier(subject, 1, body.substr(kMacSize)));
    events.push_back({row.at_ms, row.event, std::move(table), std::move(event)});
  }
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
