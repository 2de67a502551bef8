#include "recovery/operations.h"

#include <filesystem>

#include "store/keys.h"
#include "store/placement.h"

namespace fiducia::recovery {

Status Operations::Record(const model::Actor& actor, const std::string& op) const {
  audit::Leaf leaf;
  leaf.time_ms = parts_.clock.NowMs();
  leaf.actor = actor.id;
  leaf.role = actor.role;
  leaf.op = op;
  leaf.decision = "done";
  return parts_.log.Queue(audit::Draft(store::BucketOfTenant(0), 0, leaf)).Wait();
}

Result<FsckReport> Operations::Fsck(const model::Actor& actor) const {
  FID_TRY(Record(actor, "fsck"));
  return recovery::Fsck(parts_);
}

Result<BackupReport> Operations::BackUp(const model::Actor& actor, const std::string& folder,
                                        int64_t every_ms) {
  if (!std::filesystem::path(folder).is_absolute()) {
    return Fail(Code::kInvalidInput, "the backup folder must be an absolute path");
  }
  FID_TRY(Record(actor, "backup"));
  const std::lock_guard lock(mutex_);
  if (backup_ == nullptr || backup_->report().folder != folder) {
    backup_ = std::make_unique<Backup>(parts_, key_, folder, rng_);
  }
  FID_TRY(backup_->Run());
  backup_->Repeat(every_ms);
  return backup_->report();
}

Result<BackupReport> Operations::LastBackup() const {
  const std::lock_guard lock(mutex_);
  if (backup_ == nullptr) {
    return Fail(Code::kNotFound, "no backup was made since the start");
  }
  return backup_->report();
}

Result<Operations::KeysReport> Operations::Keys() const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  db::Session& keys = lease->session(store::Which::kKeys);
  KeysReport report;
  FID_ASSIGN(const auto epochs, store::LoadEpochKeys(keys));
  for (const store::EpochKey& epoch : epochs) {
    report.epochs.emplace_back(epoch.epoch, epoch.created_ms);
  }
  if (!epochs.empty()) {
    FID_ASSIGN(const auto old, store::LoadKeysOfOtherEpochs(keys, epochs.back().epoch, 1));
    report.rewrap_unfinished = !old.empty();
  }
  return report;
}

}  // namespace fiducia::recovery
