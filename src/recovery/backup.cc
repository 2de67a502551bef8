#include "recovery/backup.h"

#include <chrono>
#include <filesystem>

#include "base/log.h"

namespace fiducia::recovery {

namespace fs = std::filesystem;

struct Backup::Stream {
  std::unique_ptr<db::PageStream> pages;
  std::unique_ptr<ArchiveWriter> archive;
  bool has_base = false;
};

Backup::Backup(const Parts& parts, crypto::Key256 key, std::string folder, Rng& rng)
    : parts_(parts), key_(std::move(key)), folder_(std::move(folder)), rng_(rng) {
  report_.folder = folder_;
  thread_ = std::thread([this] { Loop(); });
}

Backup::~Backup() {
  {
    const std::lock_guard lock(report_mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

BackupReport Backup::report() const {
  const std::lock_guard lock(report_mutex_);
  return report_;
}

void Backup::Repeat(int64_t every_ms) {
  {
    const std::lock_guard lock(report_mutex_);
    report_.every_ms = every_ms;
  }
  wake_.notify_all();
}

void Backup::Loop() {
  std::unique_lock lock(report_mutex_);
  while (!stop_) {
    const int64_t every = report_.every_ms;
    if (every == 0) {
      wake_.wait(lock);
      continue;
    }
    if (wake_.wait_for(lock, std::chrono::milliseconds(every)) == std::cv_status::no_timeout) {
      continue;
    }
    lock.unlock();
    if (const auto done = Run(); !done) {
      LogError("the backup could not be continued", done.error());
    }
    lock.lock();
  }
}

Result<BackupReport> Backup::Run() {
  const int64_t started = parts_.clock.MonotonicMs();
  const int64_t begun = parts_.clock.NowMs();
  Status status;
  {
    const std::lock_guard lock(mutex_);
    status = RunLocked();
    if (!status) {
      // The streams may be half way: the next run starts new ones.
      keys_.reset();
      data_.reset();
    }
  }
  const std::lock_guard lock(report_mutex_);
  report_.failures = status ? 0 : report_.failures + 1;
  if (!status) {
    return std::unexpected(status.error());
  }
  report_.time_ms = begun;
  report_.bytes = keys_->archive->bytes() + data_->archive->bytes();
  ++report_.segments;
  report_.milliseconds = parts_.clock.MonotonicMs() - started;
  return report_;
}

Status Backup::RunLocked() {
  if (keys_ == nullptr) {
    keys_ = std::make_unique<Stream>();
    data_ = std::make_unique<Stream>();
    // Both hold their logs before either is copied: what is acknowledged later is in a segment.
    FID_TRY(Start(*keys_, store::Which::kKeys, "keys"));
    FID_TRY(Start(*data_, store::Which::kData, "data"));
    FID_TRY(Prune("keys", keys_->archive->folder(), Retention().keys_ms));
    FID_TRY(Prune("data", data_->archive->folder(), Retention().data_ms));
  }
  // Data before keys: every record in it has its key in the keys that follow.
  FID_TRY(Continue(*data_, store::Which::kData));
  return Continue(*keys_, store::Which::kKeys);
}

Status Backup::Start(Stream& stream, store::Which which, const std::string& kind) {
  FID_ASSIGN(stream.pages, parts_.engine.Stream(which));
  FID_ASSIGN(stream.archive, ArchiveWriter::Create(folder_, kind, key_, parts_.clock, rng_));
  const int64_t time_ms = parts_.clock.NowMs();
  FID_TRY(stream.archive->Begin());
  FID_TRY(stream.pages->Base([&](BytesView piece) { return stream.archive->Write(piece); }));
  return stream.archive->Finish(time_ms, "", Json::object());
}

Status Backup::Continue(Stream& stream, store::Which which) {
  std::string witness;
  if (which == store::Which::kData) {
    FID_ASSIGN(witness, parts_.log.Publish());
  }
  const int64_t time_ms = parts_.clock.NowMs();
  FID_TRY(stream.archive->Begin());
  const auto write = [&](const db::PageBatch& batch) -> Status {
    Bytes head;
    ByteWriter out(head);
    out.U32(batch.page_size);
    out.U32(batch.pages_after);
    out.U32(static_cast<uint32_t>(batch.pages.size()));
    FID_TRY(stream.archive->Write(head));
    return stream.archive->Write(batch.pages);
  };
  // Where nothing changed the segment is empty: its line says so, and up to when.
  FID_TRY(stream.pages->Next(write));
  return stream.archive->Finish(time_ms, witness, Facts(which));
}

Json Backup::Facts(store::Which which) const {
  Json facts = Json::object();
  const auto lease = parts_.engine.Read();
  if (lease && which == store::Which::kKeys) {
    const auto epochs = store::LoadEpochKeys((*lease)->session(which));
    facts["epoch"] = epochs && !epochs->empty() ? epochs->back().epoch : 0;
  }
  return facts;
}

// Streams of a kind that ended longer ago than they are kept. The newest stays, and so does the one
// before it until the newest has a base.
Status Backup::Prune(const std::string& kind, const std::string& newest, int64_t keep_ms) const {
  FID_ASSIGN(const auto streams, ReadArchive(folder_, kind, key_));
  for (const ArchiveStream& stream : streams) {
    std::error_code error;
    if (stream.folder != newest && stream.entries.back().time_ms < parts_.clock.NowMs() - keep_ms) {
      fs::remove_all(stream.folder, error);
    }
  }
  return {};
}

}  // namespace fiducia::recovery
