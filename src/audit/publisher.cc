#include "audit/publisher.h"

#include <chrono>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "audit/leaf.h"
#include "base/log.h"

namespace fiducia::audit {

namespace fs = std::filesystem;

namespace {

Status Write(const std::string& path, BytesView content, bool durably) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  const std::string temporary = path + ".new";
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Fail(Code::kUnavailable, "a file cannot be written");
  }
  bool ok = true;
  for (size_t at = 0; ok && at < content.size();) {
    const ssize_t n = write(fd, content.data() + at, content.size() - at);
    ok = n > 0;
    at += ok ? static_cast<size_t>(n) : 0;
  }
  ok = ok && (!durably || fsync(fd) == 0);
  close(fd);
  ok = ok && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (!ok) {
    return Fail(Code::kUnavailable, "a file cannot be written");
  }
  return {};
}

}  // namespace

Status WriteFileDurably(const std::string& path, BytesView content) {
  return Write(path, content, true);
}

Status WriteFile(const std::string& path, BytesView content) { return Write(path, content, false); }

Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool ok = fd >= 0 && syncfs(fd) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return ok ? Status() : Fail(Code::kUnavailable, "the disk cannot be written");
}

Result<Bytes> ReadWholeFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Fail(Code::kNotFound, "a file is missing");
  }
  const off_t size = lseek(fd, 0, SEEK_END);
  Bytes content(size > 0 ? static_cast<size_t>(size) : 0, '\0');
  size_t have = 0;
  ssize_t n = 1;
  while (have < content.size() && n > 0) {
    n = pread(fd, content.data() + have, content.size() - have, static_cast<off_t>(have));
    have += n > 0 ? static_cast<size_t>(n) : 0;
  }
  close(fd);
  content.resize(have);
  return content;
}

Result<Bytes> ReadAtLeast(const std::string& folder, const std::string& kind, uint64_t index,
                          uint64_t width) {
  // Parts only grow, but one may take another's place behind our back: then once more.
  for (int round = 0; round < 5; ++round) {
    for (uint64_t w = width; w <= kTileWidth; ++w) {
      auto content = ReadWholeFile(folder + "/" + TilePath(kind, index, w));
      if (content) {
        return content;
      }
    }
  }
  return Fail(Code::kNotFound, "a file is missing");
}

Result<std::vector<Bytes>> SplitBundle(BytesView bundle) {
  std::vector<Bytes> entries;
  ByteReader in(bundle);
  while (in.ok() && in.left() > 0) {
    entries.emplace_back(in.Short());
  }
  if (!in.ok()) {
    return Fail(Code::kCorrupt, "an audit bundle is cut short");
  }
  return entries;
}

Publisher::Publisher(std::string folder, std::string origin, crypto::SigningKey key)
    : folder_(std::move(folder)), origin_(std::move(origin)), key_(std::move(key)), levels_(1) {}

Publisher::~Publisher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
    (void)Flush();
  }
}

Status Publisher::Load() {
  const std::string verifier = VerifierText(origin_, key_.public_key);
  const auto note = ReadWholeFile(folder_ + "/checkpoint");
  if (!note) {
    return WriteFileDurably(folder_ + "/verifier", verifier + "\n");
  }
  FID_ASSIGN(const Checkpoint checkpoint, OpenCheckpoint(*note, verifier));
  published_ = checkpoint.size;
  // The open tile of every level, from the top down, is the right edge of the tree.
  size_t top = 0;
  while (checkpoint.size >> (8 * (top + 1)) > 0) {
    ++top;
  }
  levels_.resize(top + 1);
  for (size_t level = top + 1; level-- > 0;) {
    const uint64_t width = checkpoint.size >> (8 * level);
    if (width % kTileWidth != 0) {
      FID_ASSIGN(levels_[level],
                 ReadTile(static_cast<int>(level), width / kTileWidth, checkpoint.size));
    }
    for (const crypto::Digest& hash : levels_[level]) {
      tree_.AppendSubtree(static_cast<int>(8 * level), hash);
    }
  }
  if (checkpoint.size % kTileWidth != 0) {
    FID_ASSIGN(bundle_, ReadWholeFile(folder_ + "/" +
                                      TilePath("entries", checkpoint.size / kTileWidth,
                                               checkpoint.size % kTileWidth)));
  }
  if (tree_.size() != checkpoint.size || tree_.Root() != checkpoint.root) {
    return Fail(Code::kCorrupt, "the audit files do not fit their checkpoint");
  }
  return {};
}

void Publisher::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Publisher::Loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_; });
    if (!queue_.empty()) {
      lock.unlock();
      if (const Status status = Flush(); !status) {
        LogError("the audit log could not be published", status.error());
      }
      lock.lock();
    }
  }
}

void Publisher::Add(std::vector<Bytes> entries) {
  const std::lock_guard lock(mutex_);
  queue_.insert(queue_.end(), std::make_move_iterator(entries.begin()),
                std::make_move_iterator(entries.end()));
}

Status Publisher::Flush() {
  const std::lock_guard writing(write_mutex_);
  std::vector<Bytes> entries;
  {
    const std::lock_guard lock(mutex_);
    entries.swap(queue_);
  }
  Status status;
  size_t done = 0;
  for (; status && done < entries.size(); ++done) {
    status = Append(entries[done]);
  }
  if (status && !entries.empty()) {
    status = WritePartials();
  }
  if (!status) {
    // What is not on disk yet is tried again; what was appended stays in the open tiles.
    const std::lock_guard lock(mutex_);
    queue_.insert(queue_.begin(),
                  std::make_move_iterator(entries.begin() + static_cast<ptrdiff_t>(done)),
                  std::make_move_iterator(entries.end()));
  }
  return status;
}

Status Publisher::Append(const Bytes& entry) {
  const crypto::Digest hash = LeafHash(entry);
  ByteWriter(bundle_).Short(entry);
  tree_.Append(hash);
  levels_[0].push_back(hash);
  if (levels_[0].size() < kTileWidth) {
    return {};
  }
  FID_TRY(WriteFile(folder_ + "/" + TilePath("entries", tree_.size() / kTileWidth - 1, kTileWidth),
                    bundle_));
  bundle_.clear();
  return WriteFull(0);
}

// Writes the full tile of `level` and carries its hash one level up.
Status Publisher::WriteFull(size_t level) {
  Bytes tile;
  CompactTree fold;
  for (const crypto::Digest& hash : levels_[level]) {
    tile += crypto::View(hash);
    fold.Append(hash);  // the fold over 256 hashes is the subtree's root
  }
  const uint64_t index = (tree_.size() >> (8 * (level + 1))) - 1;
  FID_TRY(WriteFile(folder_ + "/" + TilePath(std::to_string(level), index, kTileWidth), tile));
  levels_[level].clear();
  if (levels_.size() == level + 1) {
    levels_.emplace_back();
  }
  levels_[level + 1].push_back(fold.Root());
  return levels_[level + 1].size() < kTileWidth ? Status() : WriteFull(level + 1);
}

Status Publisher::WritePartials() {
  std::vector<std::string> written;
  const auto write = [&](const std::string& kind, size_t level, BytesView content) {
    const uint64_t width = tree_.size() >> (8 * level);
    written.push_back(folder_ + "/" + TilePath(kind, width / kTileWidth, width % kTileWidth));
    return WriteFile(written.back(), content);
  };
  if (!bundle_.empty()) {
    FID_TRY(write("entries", 0, bundle_));
  }
  for (size_t level = 0; level < levels_.size(); ++level) {
    if (!levels_[level].empty()) {
      Bytes tile;
      for (const crypto::Digest& hash : levels_[level]) {
        tile += crypto::View(hash);
      }
      FID_TRY(write(std::to_string(level), level, tile));
    }
  }
  const std::string note = SignCheckpoint({origin_, tree_.size(), tree_.Root()}, key_);
  FID_TRY(SyncFolder(folder_));
  FID_TRY(WriteFileDurably(folder_ + "/checkpoint", note));
  for (const std::string& old : stale_) {
    if (std::find(written.begin(), written.end(), old) == written.end()) {
      std::error_code error;
      fs::remove(old, error);
    }
  }
  stale_ = std::move(written);
  const std::lock_guard lock(mutex_);
  published_ = tree_.size();
  return {};
}

uint64_t Publisher::size() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

Result<std::string> Publisher::checkpoint() const { return ReadWholeFile(folder_ + "/checkpoint"); }

Result<std::vector<crypto::Digest>> Publisher::ReadTile(int level, uint64_t index,
                                                        uint64_t size) const {
  const uint64_t width = std::min(kTileWidth, (size >> (8 * level)) - index * kTileWidth);
  const auto content = ReadAtLeast(folder_, std::to_string(level), index, width);
  if (!content || content->size() < width * 32) {
    return Fail(Code::kCorrupt, "an audit tile is missing or too short",
                static_cast<int64_t>(index));
  }
  std::vector<crypto::Digest> hashes(width);
  for (size_t i = 0; i < width; ++i) {
    std::memcpy(hashes[i].data(), content->data() + 32 * i, 32);
  }
  return hashes;
}

Result<Bytes> Publisher::ReadEntry(uint64_t place) const {
  const uint64_t size_now = size();
  if (place >= size_now) {
    return Fail(Code::kNotFound, "there is no such leaf");
  }
  const uint64_t index = place / kTileWidth;
  const auto content =
      ReadAtLeast(folder_, "entries", index, std::min(kTileWidth, size_now - index * kTileWidth));
  if (!content) {
    return Fail(Code::kCorrupt, "an audit bundle is missing");
  }
  FID_ASSIGN(const std::vector<Bytes> entries, SplitBundle(*content));
  if (place % kTileWidth >= entries.size()) {
    return Fail(Code::kCorrupt, "an audit bundle is too short");
  }
  return entries[place % kTileWidth];
}

}  // namespace fiducia::audit
