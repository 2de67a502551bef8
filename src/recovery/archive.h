// A backup on disk: streams of one database each, encrypted, every file named in a manifest whose
// lines are chained. The form: docs/formats/backup.md.
//
//   DIR/keys/<stream>/  manifest  base  000001.seg …     short retention: it bounds erasure
//   DIR/data/<stream>/  …                                 the index is never backed up
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace fiducia::recovery {

// The key of all backups of an installation, from its root key.
crypto::Key256 BackupKey(const crypto::Key256& root);

// One line of a manifest.
struct ArchiveEntry {
  int64_t number = 0;  // 0 is the base
  std::string file;
  int64_t bytes = 0;
  int64_t time_ms = 0;  // all that was acknowledged before this moment is in
  std::string witness;  // the audit log's newest checkpoint then, as text; may be empty
  Json facts;           // counts, for drills
};

// Appends to one stream.
class ArchiveWriter {
 public:
  // Makes DIR/<kind>/<stream>.
  static Result<std::unique_ptr<ArchiveWriter>> Create(const std::string& folder,
                                                       const std::string& kind,
                                                       const crypto::Key256& key,
                                                       const Clock& clock, Rng& rng);
  // A new file; pieces go in with Write, and it counts once Finish has named it in the manifest.
  Status Begin();
  Status Write(BytesView piece);
  // Durable. All that was acknowledged before `time_ms` is in it.
  Status Finish(int64_t time_ms, const std::string& witness, Json facts);
  const std::string& folder() const { return folder_; }
  int64_t bytes() const { return total_; }
  ~ArchiveWriter();
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

 private:
  ArchiveWriter(std::string folder, const crypto::Key256& key, Rng& rng);
  Status Flush(bool last);

  std::string folder_;
  std::string stream_;
  crypto::AeadKey key_;
  crypto::Hmac mac_;
  Rng& rng_;
  int fd_ = -1;
  ArchiveEntry entry_;
  Bytes pending_;
  uint64_t chunk_ = 0;
  int64_t number_ = 0;
  int64_t total_ = 0;
  Bytes previous_;
};

struct ArchiveStream {
  std::string folder;
  std::vector<ArchiveEntry> entries;
};
// The streams of a kind, oldest first, each as far as its manifest is whole: a last line that was
// being written when the machine stopped is left out. Errors: kNotFound if there is none, kCorrupt
// if a line was altered, left out or is of another installation.
Result<std::vector<ArchiveStream>> ReadArchive(const std::string& folder, const std::string& kind,
                                               const crypto::Key256& key);
// The decrypted pieces of one file. Errors: kCorrupt, kUnavailable.
Status ReadArchiveFile(const ArchiveStream& stream, const ArchiveEntry& entry,
                       const crypto::Key256& key,
                       const std::function<Status(BytesView piece)>& each);

}  // namespace fiducia::recovery
