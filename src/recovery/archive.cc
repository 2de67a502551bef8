#include "recovery/archive.h"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "audit/publisher.h"
#include "base/uuid.h"

namespace fiducia::recovery {

namespace fs = std::filesystem;

namespace {

constexpr size_t kChunk = 1 << 20;

crypto::Key256 MacKey(const crypto::Key256& key) {
  return crypto::Derive(key.view(), {"manifest"});
}

// Ties a chunk to its stream, file and place: none can be left out, moved or cut off.
Bytes ChunkContext(const std::string& stream, int64_t number, uint64_t chunk, bool last) {
  Bytes context;
  ByteWriter out(context);
  out.Short("fiducia backup");
  out.Short(stream);
  out.U64(static_cast<uint64_t>(number));
  out.U64(chunk);
  out.U8(last ? 1 : 0);
  return context;
}

std::string NameOf(int64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
  return number == 0 ? "base" : digits + ".seg";
}

Json ToJson(const ArchiveEntry& entry, const Bytes& previous) {
  Json json;
  json["n"] = entry.number;
  json["file"] = entry.file;
  json["bytes"] = entry.bytes;
  json["time"] = FormatTime(entry.time_ms);
  json["witness"] = entry.witness;
  json["facts"] = entry.facts;
  json["previous"] = ToHex(previous);
  return json;
}

Bytes MacOf(const crypto::Hmac& mac, const std::string& stream, const std::string& line) {
  return Bytes(crypto::View(mac.Compute({stream, "\n", line})));
}

Status AppendDurably(const std::string& path, BytesView text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool good = fd >= 0 &&
                    write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    fsync(fd) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return good ? Status() : Fail(Code::kUnavailable, "the backup cannot be written");
}

// One line, checked. `previous` becomes its MAC.
Result<ArchiveEntry> ReadLine(std::string_view text, const crypto::Hmac& mac,
                              const std::string& stream, Bytes& previous) {
  auto json = ParseJson(text);
  if (!json || !json->is_object() || !json->contains("mac")) {
    return Fail(Code::kCorrupt, "a line of a backup manifest is malformed");
  }
  const std::string claimed = JsonText(*json, "mac");
  json->erase("mac");
  const Bytes expected = MacOf(mac, stream, WriteJson(*json));
  if (!EqualConstantTime(ToHex(expected), claimed)) {
    return Fail(Code::kCorrupt,
                "a line of a backup manifest was altered, or the root key is another's");
  }
  if (JsonText(*json, "previous") != ToHex(previous)) {
    return Fail(Code::kCorrupt, "a line of a backup manifest is missing");
  }
  previous = expected;
  ArchiveEntry entry;
  entry.number = json->value("n", int64_t{-1});
  entry.file = JsonText(*json, "file");
  entry.bytes = json->value("bytes", int64_t{0});
  entry.witness = JsonText(*json, "witness");
  entry.facts = json->value("facts", Json());
  FID_ASSIGN(entry.time_ms, ParseTime(JsonText(*json, "time")));
  if (entry.file != NameOf(entry.number)) {
    return Fail(Code::kCorrupt, "a line of a backup manifest is malformed");
  }
  return entry;
}

Result<ArchiveStream> ReadStream(const std::string& folder, const crypto::Key256& key) {
  ArchiveStream stream{folder, {}};
  const std::string name = fs::path(folder).filename();
  const crypto::Hmac mac(MacKey(key).view());
  FID_ASSIGN(const Bytes text, audit::ReadWholeFile(folder + "/manifest"));
  Bytes previous;
  size_t from = 0;
  // What follows the last newline was being written when the machine stopped.
  for (size_t end = text.find('\n'); end != Bytes::npos; end = text.find('\n', from)) {
    FID_ASSIGN(ArchiveEntry entry,
               ReadLine(BytesView(text).substr(from, end - from), mac, name, previous));
    if (entry.number != static_cast<int64_t>(stream.entries.size())) {
      return Fail(Code::kCorrupt, "a line of a backup manifest is missing");
    }
    stream.entries.push_back(std::move(entry));
    from = end + 1;
  }
  return stream;
}

}  // namespace

crypto::Key256 BackupKey(const crypto::Key256& root) {
  return crypto::Derive(root.view(), {"backup"});
}

ArchiveWriter::ArchiveWriter(std::string folder, const crypto::Key256& key, Rng& rng)
    : folder_(std::move(folder)),
      stream_(fs::path(folder_).filename()),
      key_(crypto::Derive(key.view(), {"chunks"})),
      mac_(MacKey(key).view()),
      rng_(rng) {}

ArchiveWriter::~ArchiveWriter() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Create(const std::string& folder,
                                                             const std::string& kind,
                                                             const crypto::Key256& key,
                                                             const Clock& clock, Rng& rng) {
  const std::string path = folder + "/" + kind + "/" + Uuid::V7(clock, rng).Text();
  std::error_code error;
  fs::create_directories(path, error);
  fs::permissions(path, fs::perms::owner_all, error);
  if (error) {
    return Fail(Code::kUnavailable, "the backup folder cannot be written");
  }
  return std::unique_ptr<ArchiveWriter>(new ArchiveWriter(path, key, rng));
}

Status ArchiveWriter::Begin() {
  entry_ = {};
  entry_.number = number_;
  entry_.file = NameOf(number_);
  pending_.clear();
  chunk_ = 0;
  const std::string path = folder_ + "/" + entry_.file;
  if (fd_ >= 0) {
    close(fd_);
  }
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  return fd_ >= 0 ? Status() : Fail(Code::kUnavailable, "the backup folder cannot be written");
}

Status ArchiveWriter::Flush(bool last) {
  while (last || pending_.size() >= kChunk) {
    const size_t size = std::min(kChunk, pending_.size());
    const bool is_last = last && size == pending_.size();
    Bytes sealed;
    crypto::Seal(key_, BytesView(pending_).substr(0, size),
                 ChunkContext(stream_, entry_.number, chunk_++, is_last), rng_, sealed);
    Bytes framed;
    ByteWriter(framed).Long(sealed);
    if (write(fd_, framed.data(), framed.size()) != static_cast<ssize_t>(framed.size())) {
      return Fail(Code::kUnavailable, "the backup cannot be written: is its disk full?");
    }
    entry_.bytes += static_cast<int64_t>(framed.size());
    pending_.erase(0, size);
    if (is_last) {
      break;
    }
  }
  return {};
}

Status ArchiveWriter::Write(BytesView piece) {
  pending_ += piece;
  return Flush(false);
}

Status ArchiveWriter::Finish(int64_t time_ms, const std::string& witness, Json facts) {
  FID_TRY(Flush(true));
  if (fsync(fd_) != 0) {
    return Fail(Code::kUnavailable, "the backup cannot be written");
  }
  close(fd_);
  fd_ = -1;
  FID_TRY(audit::SyncFolder(folder_));
  entry_.time_ms = time_ms;
  entry_.witness = witness;
  entry_.facts = std::move(facts);
  Json json = ToJson(entry_, previous_);
  const Bytes mac = MacOf(mac_, stream_, WriteJson(json));
  json["mac"] = ToHex(mac);
  FID_TRY(AppendDurably(folder_ + "/manifest", WriteJson(json) + "\n"));
  previous_ = mac;
  total_ += entry_.bytes;
  ++number_;
  return {};
}

Result<std::vector<ArchiveStream>> ReadArchive(const std::string& folder, const std::string& kind,
                                               const crypto::Key256& key) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(folder) / kind, error)) {
    // A stream without a manifest was stopped before its base was complete.
    if (fs::exists(entry.path() / "manifest", error)) {
      names.push_back(entry.path());
    }
  }
  std::sort(names.begin(), names.end());  // UUIDv7: in the order they were made
  std::vector<ArchiveStream> streams;
  for (const std::string& name : names) {
    FID_ASSIGN(ArchiveStream stream, ReadStream(name, key));
    if (!stream.entries.empty()) {
      streams.push_back(std::move(stream));
    }
  }
  if (streams.empty()) {
    return Fail(Code::kNotFound, "there is no backup in this folder");
  }
  return streams;
}

Status ReadArchiveFile(const ArchiveStream& stream, const ArchiveEntry& entry,
                       const crypto::Key256& key,
                       const std::function<Status(BytesView piece)>& each) {
  const crypto::AeadKey chunks(crypto::Derive(key.view(), {"chunks"}));
  const std::string name = fs::path(stream.folder).filename();
  const int fd = open((stream.folder + "/" + entry.file).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Fail(Code::kCorrupt, "a file of the backup is missing", entry.number);
  }
  int64_t left = entry.bytes;
  uint64_t chunk = 0;
  Status status;
  while (status && left > 0) {
    Bytes length(4, '\0');
    Bytes sealed;
    bool good = read(fd, length.data(), 4) == 4;
    const size_t size = ByteReader(length).U32();
    good = good && size >= crypto::kNonceSize + crypto::kTagSize && size <= 2 * kChunk;
    if (good) {
      sealed.resize(size);
      good = read(fd, sealed.data(), size) == static_cast<ssize_t>(size);
    }
    left -= 4 + static_cast<int64_t>(size);
    Bytes piece(good ? size - crypto::kNonceSize - crypto::kTagSize : 0, '\0');
    good = good && crypto::Open(chunks, sealed,
                                ChunkContext(name, entry.number, chunk++, left <= 0), piece);
    status = good ? each(piece)
                  : Fail(Code::kCorrupt, "a file of the backup was altered or cut", entry.number);
  }
  close(fd);
  return status;
}

}  // namespace fiducia::recovery
