#include "db/wal_stream.h"

#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace fiducia::db {

namespace {

// https://www.sqlite.org/fileformat2.html, section 4: header 32 bytes, then frames of a 24-byte
// header and a page.
constexpr int64_t kHeader = 32;
constexpr int64_t kFrameHeader = 24;
constexpr size_t kBatchFrames = 4096;
constexpr size_t kPieceBytes = 1 << 20;

class File {
 public:
  explicit File(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool good() const { return fd_ >= 0; }
  // Exactly `size` bytes, or an error.
  Result<Bytes> Read(int64_t at, size_t size) const {
    Bytes bytes(size, '\0');
    size_t have = 0;
    while (have < size) {
      const ssize_t n =
          pread(fd_, bytes.data() + have, size - have, at + static_cast<int64_t>(have));
      if (n <= 0) {
        return Fail(Code::kUnavailable, "a database file cannot be read");
      }
      have += static_cast<size_t>(n);
    }
    return bytes;
  }
  int64_t Size() const { return lseek(fd_, 0, SEEK_END); }

 private:
  int fd_;
};

}  // namespace

void OnCommit(WalState& state, int frames) {
  state.frames = frames;
  if (frames >= kCheckpointFrames && state.holders == 0) {
    (void)state.writer->CheckpointSome();
  }
}

Result<std::unique_ptr<PageStream>> WalStream::Open(GroupQueue& queue, WalState& state) {
  // On the writer's thread: no commit is half way.
  FID_TRY(queue.RunBetween([&state]() -> Status {
    ++state.holders;
    state.frames = state.writer->CheckpointSome();  // a log left by a crash is counted too
    return {};
  }));
  return std::unique_ptr<PageStream>(new WalStream(queue, state));
}

WalStream::~WalStream() { --state_.holders; }

int64_t WalStream::waiting() const {
  return std::max<int64_t>(0, state_.frames - next_) * (4096 + kFrameHeader);
}

Status WalStream::Base(const std::function<Status(BytesView piece)>& each) {
  const File file(state_.file);
  if (!file.good()) {
    return Fail(Code::kUnavailable, "a database file cannot be read");
  }
  const int64_t size = file.Size();
  for (int64_t at = 0; at < size; at += kPieceBytes) {
    FID_ASSIGN(const Bytes piece,
               file.Read(at, static_cast<size_t>(std::min<int64_t>(kPieceBytes, size - at))));
    FID_TRY(each(piece));
  }
  // What the log holds was not in the file for certain: it comes first with Next.
  next_ = 0;
  salt_ = {};
  return {};
}

Status WalStream::ReadUpTo(int frames, bool between_groups,
                           const std::function<Status(const PageBatch& batch)>& each) {
  const File log(state_.file + "-wal");
  if (frames == 0 || !log.good()) {
    return {};
  }
  FID_ASSIGN(const Bytes header, log.Read(0, kHeader));
  ByteReader in(header);
  in.Raw(8);
  const uint32_t page_size = in.U32();
  in.Raw(4);
  const BytesView salt = in.Raw(8);
  if (salt != BytesView(salt_.data(), salt_.size())) {
    if (!between_groups) {
      return {};  // it is being started anew: the count is of the old one still
    }
    next_ = 0;  // it was started anew, after all of the old one was given
    std::copy(salt.begin(), salt.end(), salt_.begin());
  }
  PageBatch batch;
  std::unordered_map<uint32_t, size_t> places;  // page to its place in the batch
  const auto stride = static_cast<size_t>(kFrameHeader) + page_size;
  while (next_ < frames) {
    FID_ASSIGN(
        const Bytes frame,
        log.Read(kHeader + static_cast<int64_t>(next_) * static_cast<int64_t>(stride), stride));
    ByteReader head(frame);
    const uint32_t number = head.U32();
    const uint32_t commit = head.U32();
    const auto [place, fresh] = places.try_emplace(number, batch.pages.size());
    if (fresh) {
      ByteWriter(batch.pages).U32(number);
      batch.pages.append(frame, static_cast<size_t>(kFrameHeader));
    } else {
      batch.pages.replace(place->second + 4, page_size, frame, static_cast<size_t>(kFrameHeader),
                          page_size);
    }
    ++next_;
    if (commit != 0) {
      batch.page_size = page_size;
      batch.pages_after = commit;
      if (places.size() >= kBatchFrames || next_ == frames) {
        FID_TRY(each(batch));
        batch = {};
        places.clear();
      }
    }
  }
  return {};
}

Status WalStream::Next(const std::function<Status(const PageBatch& batch)>& each) {
  // Most of it beside the writer …
  FID_TRY(ReadUpTo(state_.frames, false, each));
  // … the rest between two groups, so that the log may be started anew.
  return queue_.RunBetween([&]() -> Status {
    FID_TRY(ReadUpTo(state_.frames, true, each));
    (void)state_.writer->CheckpointSome();
    return {};
  });
}

Status ApplyPages(int fd, const PageBatch& batch) {
  ByteReader in(batch.pages);
  while (in.ok() && in.left() > 0) {
    const uint32_t number = in.U32();
    const BytesView page = in.Raw(batch.page_size);
    if (!in.ok() || number == 0) {
      return Fail(Code::kCorrupt, "a batch of pages is malformed");
    }
    const auto at = static_cast<off_t>(number - 1) * static_cast<off_t>(batch.page_size);
    if (pwrite(fd, page.data(), page.size(), at) != static_cast<ssize_t>(page.size())) {
      return Fail(Code::kUnavailable, "a database file cannot be written");
    }
  }
  const auto size = static_cast<off_t>(batch.pages_after) * static_cast<off_t>(batch.page_size);
  if (!in.ok() || ftruncate(fd, size) != 0) {
    return Fail(Code::kUnavailable, "a database file cannot be written");
  }
  return {};
}

Status CheckDatabaseFile(const std::string& file) {
  FID_ASSIGN(const auto session, SqliteSession::Open(file, SqliteMode::kWrite));
  constexpr Statement kCheck{"sqlite.check", Tag::kReference, "PRAGMA integrity_check"};
  std::string verdict;
  FID_TRY(session->Query(kCheck, {}, [&](const Row& row) -> Status {
    verdict = verdict.empty() ? std::string(row.Bytes(0)) : verdict;
    return {};
  }));
  if (verdict != "ok") {
    return Fail(Code::kCorrupt, "the database file is damaged");
  }
  return {};
}

}  // namespace fiducia::db
