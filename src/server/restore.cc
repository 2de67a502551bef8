#include "server/restore.h"

#include <filesystem>

#include "audit/publisher.h"
#include "recovery/archive.h"
#include "server/home_files.h"
#include "store/placement.h"

namespace fiducia::server {

namespace fs = std::filesystem;

namespace {

Trouble Because(const Error& error) { return TroubleOf(error); }

// Removes what a failed restore has made.
class Cleaner {
 public:
  explicit Cleaner(std::string folder) : folder_(std::move(folder)) {}
  ~Cleaner() {
    std::error_code error;
    if (!folder_.empty()) {
      fs::remove_all(folder_, error);
    }
  }
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  void Keep() { folder_.clear(); }

 private:
  std::string folder_;
};

Status MakeHome(const Home& home, const std::string& root_key) {
  std::error_code error;
  for (const std::string& folder :
       {home.folder, home.Db(), home.Audit(), home.folder + "/tls", home.folder + "/run"}) {
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
  }
  FID_ASSIGN(const Bytes key, audit::ReadWholeFile(root_key));
  FID_TRY(audit::WriteFileDurably(home.RootKey(), key));
  return WriteCertificate(home, "localhost");
}

}  // namespace

Outcome<RestoreResult> Restore(const Home& home, const RestoreOptions& options,
                               const recovery::Progress& progress) {
  std::error_code error;
  if (fs::exists(home.folder, error) && !fs::is_empty(home.folder, error)) {
    return std::unexpected(Trouble{"the folder to restore into is not empty", Code::kConflict});
  }
  const int64_t started = SystemClock().MonotonicMs();
  Cleaner cleaner(home.folder);
  RestoreResult result;
  const auto bring_back = [&]() -> Status {
    FID_TRY(MakeHome(home, options.root_key));
    FID_ASSIGN(const crypto::Key256 root, ReadRootKey(home, options.passphrase));
    FID_ASSIGN(result.files,
               recovery::RestoreFiles({options.from, options.until_ms}, recovery::BackupKey(root),
                                      home.Db(), progress));
    if (!result.files.witness.empty()) {
      FID_TRY(audit::WriteFileDurably(home.Witness(), result.files.witness));
    }
    return {};
  };
  if (const Status status = bring_back(); !status) {
    return std::unexpected(Because(status.error()));
  }
  auto instance = Instance::Open(home, {.passphrase = options.passphrase, .recovering = true});
  if (!instance) {
    return std::unexpected(instance.error());
  }
  auto replay = recovery::Replay((*instance)->recovery(), progress);
  if (!replay) {
    return std::unexpected(Because(replay.error()));
  }
  result.replay = *replay;
  const Status witnessed = (*instance)->CheckWitness();
  result.behind = !witnessed;
  if (witnessed) {
    fs::remove(home.Witness(), error);
  }
  result.leaves = (*instance)->log().published_size();
  instance->reset();
  cleaner.Keep();
  result.milliseconds = SystemClock().MonotonicMs() - started;
  return result;
}

Outcome<std::string> Recover(const Home& home, const OpenOptions& options,
                             const std::string& reason) {
  if (reason.size() < 10 || reason.find('\n') != std::string::npos) {
    return std::unexpected(
        Trouble{"say in one line, of at least ten characters, why the log is cut back",
                Code::kInvalidInput});
  }
  const auto witness = audit::ReadWholeFile(home.Witness());
  if (!witness) {
    return std::unexpected(Trouble{
        "there is nothing to recover: no witnessed checkpoint stands in the way", Code::kConflict});
  }
  OpenOptions opening = options;
  opening.recovering = true;
  auto instance = Instance::Open(home, opening);
  if (!instance) {
    return std::unexpected(instance.error());
  }
  std::string file;
  const auto state = [&]() -> Status {
    FID_TRY(recovery::ReplayAnswers((*instance)->recovery()));
    FID_ASSIGN(const std::string now, (*instance)->log().Publish());
    const std::string text = "fiducia recovery statement\n" + FormatTime(SystemClock().NowMs()) +
                             "\n" + reason + "\nwitnessed:\n" + *witness + "continued from:\n" +
                             now;
    FID_ASSIGN(const std::string note, (*instance)->SignStatement(text));
    audit::Leaf leaf;
    leaf.time_ms = SystemClock().NowMs();
    leaf.actor = (*instance)->operator_id();
    leaf.role = "operator";
    leaf.op = "recovery";
    leaf.decision = "done";
    leaf.commitment = (*instance)->vault().HashOf(note);
    const audit::LeafDraft draft = audit::Draft(store::BucketOfTenant(0), 0, leaf);
    FID_TRY((*instance)->log().Queue(draft).Wait());
    file =
        home.Audit() + "/recovery-" + std::to_string((*instance)->log().published_size()) + ".txt";
    FID_TRY(audit::WriteFileDurably(file, note));
    FID_TRY((*instance)->log().Publish());
    std::error_code error;
    fs::remove(home.Witness(), error);
    return {};
  };
  if (const Status status = state(); !status) {
    return std::unexpected(Because(status.error()));
  }
  return file;
}

Outcome<DrillResult> Drill(const std::string& scratch, const RestoreOptions& options,
                           const recovery::Progress& progress) {
  const Cleaner cleaner(scratch);
  const Home home{scratch};
  auto restored = Restore(home, options, progress);
  if (!restored) {
    return std::unexpected(restored.error());
  }
  DrillResult result;
  result.restored = *restored;
  result.rto_ms = restored->milliseconds;
  result.rpo_ms = std::max<int64_t>(0, SystemClock().NowMs() - restored->files.newest_ms);
  {
    auto instance = Instance::Open(home, {.passphrase = options.passphrase, .recovering = true});
    if (!instance) {
      return std::unexpected(instance.error());
    }
    auto checked = recovery::Fsck((*instance)->recovery(), progress);
    if (!checked) {
      return std::unexpected(Because(checked.error()));
    }
    result.fsck = std::move(*checked);
    result.keys_epoch = (*instance)->keys().epoch();
  }
  result.audit = VerifyHome(home);
  return result;
}

}  // namespace fiducia::server
