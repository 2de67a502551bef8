#include "govern/lawful/removal.h"

#include <future>

namespace fiducia::govern {

Status RemoveParts(const Authorizations::Parts& parts, const model::Access& access,
                   const process::LoadedRecord& record, const Removal& removal) {
  const model::SubjectRef subject = record.dossier.subject;
  std::vector<process::Change> changes;
  removal.fields.ForEach([&](model::FieldNo number) {
    changes.push_back({parts.gate.policy().catalog.Find(number), process::ChangeKind::kRemove, {}});
  });
  FID_ASSIGN(process::BuiltRecord made,
             parts.records.builder().BuildChange(
                 record.dossier, record.key, changes,
                 {"retention", "system", "", {}, {}, parts.clock.NowMs()}, {}));
  auto built = std::make_shared<const process::BuiltRecord>(std::move(made));
  audit::Leaf leaf = parts.gate.NewLeaf(access, removal.op, "done");
  leaf.pseudonym = record.key->pseudonym;
  leaf.clear = removal.fields;
  leaf.count = removal.events.size();
  leaf.row_mac = built->row.mac;
  store::Job job = process::WriteJob(
      built, false, [&, draft = parts.gate.DraftOf(leaf, subject)](store::Session& data) -> Status {
        for (const auto& [at_ms, event] : removal.events) {
          FID_TRY(store::DeleteEvent(data, subject, at_ms, event));
        }
        FID_TRY(parts.gate.log().Append(data, draft));
        return {};
      });
  FID_TRY(parts.records.engine().SubmitAndWait(std::move(job)));
  return built->stale_tokens.empty()
             ? Status()
             : parts.records.engine().SubmitAndWait(process::CleanupJob(built));
}

}  // namespace fiducia::govern
