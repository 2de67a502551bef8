#include "server/migrate.h"

#include <filesystem>

#include "server/store_file.h"
#include "store/registry.h"

namespace fiducia::server {

Outcome<MigrateResult> Migrate(
    const Home& home, const OpenOptions& options, const std::string& store,
    const std::string& keys_store, const std::string& schema,
    const std::function<void(const std::string& table, int64_t rows)>& progress) {
  MigrateResult result;
  std::string detail;
  db::StoreAddress to{
      home.folder + "/run", store, keys_store, schema, Uuid::V7(SystemClock(), SystemRng()), false};
  const auto move = [&]() -> Status {
    FID_ASSIGN(const db::StoreAddress from, ReadStoreFile(home));
    if (!from.data.empty()) {
      return Fail(Code::kConflict, "this installation is on PostgreSQL already");
    }
    // Holds the lock of the home: no server starts meanwhile.
    FID_ASSIGN(const auto source, db::OpenStore(from, store::Migrations(), &detail));
    {
      FID_ASSIGN(const auto target, db::OpenStore(to, store::Migrations(), &detail));
    }
    FID_ASSIGN(const auto lease, source->Read());
    FID_ASSIGN(result.tables, db::CopyStore(*lease, to, store::Migrations(), progress));
    to.folder = home.Db();
    return WriteStoreFile(home, to);
  };
  if (const Status status = move(); !status) {
    Trouble trouble = TroubleOf(status.error());
    if (!detail.empty()) {
      trouble.text += "\n" + detail;
    }
    return std::unexpected(trouble);
  }
  // What arrived is opened and looked at, record by record, before the move counts.
  auto checked = [&]() -> Outcome<recovery::FsckReport> {
    auto instance = Instance::Open(home, options);
    if (!instance) {
      return std::unexpected(instance.error());
    }
    auto report = recovery::Fsck((*instance)->recovery());
    if (!report) {
      return std::unexpected(TroubleOf(report.error()));
    }
    return *report;
  }();
  if (!checked || !checked->ok()) {
    std::error_code error;
    std::filesystem::remove(home.Store(), error);
    return std::unexpected(checked ? Trouble{"what arrived does not pass fsck (" +
                                                 checked->findings[0].what +
                                                 "): the installation stays where it was",
                                             Code::kCorrupt}
                                   : checked.error());
  }
  result.fsck = std::move(*checked);
  return result;
}

}  // namespace fiducia::server
