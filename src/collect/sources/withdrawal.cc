#include "collect/sources/withdrawal.h"

#include <algorithm>

#include "process/record/walk.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kCapability = "sources.terms";

}  // namespace

Status Withdrawal::Reduce(const model::Access& access, const std::string& source,
                          process::BuiltRecord built) const {
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "source.reduce", "done");
  leaf.pseudonym = built.key->pseudonym;
  leaf.clear = built.fields;
  leaf.row_mac = built.row.mac;
  leaf.detail = source;
  const auto shared = std::make_shared<const process::BuiltRecord>(std::move(built));
  store::Job job = process::WriteJob(
      shared, false,
      [this, draft = parts_.gate.DraftOf(leaf, shared->subject)](store::Session& data) -> Status {
        FID_TRY(parts_.gate.log().Append(data, draft));
        return {};
      });
  FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
  return parts_.engine.SubmitAndWait(process::CleanupJob(shared));
}

Status Withdrawal::Remove(const model::Access& access, const std::string& source,
                          process::BuiltRecord built) const {
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "source.remove", "done");
  leaf.pseudonym = built.key->pseudonym;
  leaf.detail = source;
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  const auto shared = std::make_shared<const process::BuiltRecord>(std::move(built));
  FID_TRY(parts_.engine.SubmitAndWait(process::CleanupJob(shared)));
  const model::ErasureOrder order = parts_.gate.ResumeErasure(shared->subject);
  FID_TRY(parts_.records.builder().vault().keys().Shred(order));
  store::Job job;
  job.data = [&](store::Session& data) { return store::DeleteSubject(data, order.subject()); };
  return parts_.engine.SubmitAndWait(std::move(job));
}

Result<Withdrawn> Withdrawal::Run(const model::Access& access, const std::string& source,
                                  bool really) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  if (parts_.sources.Terms(source).cut_ms == 0) {
    return Fail(Code::kConflict, "the source is not cut off");
  }
  const process::RecordBuilder& builder = parts_.records.builder();
  const auto came = [&](const model::Provenance& provenance) {
    return provenance.source == source;
  };
  Withdrawn counts;
  FID_TRY(process::WalkRows(
      parts_.engine,
      [&](store::ReadLease& lease, const store::WalkedSubject& walked) -> Result<bool> {
        ++counts.looked;
        FID_ASSIGN(const store::Dossier dossier, builder.Decode(walked.subject, walked.row));
        const auto of_it = std::count_if(
            dossier.cells.begin(), dossier.cells.end(),
            [&](const store::Cell& cell) { return came(dossier.provenances[cell.provenance]); });
        if (of_it == 0) {
          return true;
        }
        const auto key =
            builder.vault().keys().Get(lease.session(store::Which::kKeys), walked.subject);
        if (!key) {
          return true;  // erased since
        }
        const bool only = of_it == static_cast<int64_t>(dossier.cells.size());
        ++(only ? counts.only : counts.some);
        counts.values += of_it;
        if (!really) {
          return true;
        }
        FID_ASSIGN(process::BuiltRecord built, builder.BuildWithout(dossier, *key, came));
        const Status done = only ? Remove(access, source, std::move(built))
                                 : Reduce(access, source, std::move(built));
        // Changed while we looked: the next run sees it.
        if (!done && done.error().code() != Code::kVersionMismatch) {
          return std::unexpected(done.error());
        }
        return true;
      }));
  if (really) {
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "source.withdraw", "done");
    leaf.detail = source;
    leaf.count = static_cast<uint64_t>(counts.only + counts.some);
    FID_TRY(parts_.gate.Record(0, leaf).Wait());
  }
  return counts;
}

}  // namespace fiducia::collect
