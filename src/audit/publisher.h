// Writes committed leaves as C2SP tiles and signs checkpoints, in a thread of its own, once a
// second.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/tree.h"

namespace fiducia::audit {

// Files: tile/<level>/…, tile/entries/…, checkpoint, verifier.
class Publisher {
 public:
  Publisher(std::string folder, std::string origin, crypto::SigningKey key);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Loads the published tree. Errors: kCorrupt if files and checkpoint do not fit.
  Status Load();
  void Start();
  void Add(std::vector<Bytes> entries);  // committed, in order
  Status Flush();                        // publishes what was added; returns once it is on disk

  std::string Sign(const std::string& text) const { return SignNote(text, origin_, key_); }
  std::string verifier() const { return VerifierText(origin_, key_.public_key); }
  uint64_t size() const;  // published
  Result<std::string> checkpoint() const;
  Result<std::vector<crypto::Digest>> ReadTile(int level, uint64_t index, uint64_t size) const;
  Result<Bytes> ReadEntry(uint64_t place) const;

 private:
  void Loop();
  Status PublishLocked();
  Status Append(const Bytes& entry);
  Status WriteFull(size_t level);
  Status WritePartials();

  std::string folder_;
  std::string origin_;
  crypto::SigningKey key_;

  mutable std::mutex mutex_;  // guards queue_, stop_, published_
  std::condition_variable wake_;
  std::vector<Bytes> queue_;
  uint64_t published_ = 0;
  bool stop_ = false;

  std::mutex write_mutex_;  // one writer of files; guards all below
  CompactTree tree_;
  Bytes bundle_;                                     // entries of the open tile
  std::vector<std::vector<crypto::Digest>> levels_;  // hashes of the open tile, by level
  std::vector<std::string> stale_;                   // partial files that a fuller one replaces
  std::thread thread_;
};

// The tile or bundle `index` with at least `width` entries: a running publisher replaces a part by
// a fuller one at any moment. Errors: kNotFound.
Result<Bytes> ReadAtLeast(const std::string& folder, const std::string& kind, uint64_t index,
                          uint64_t width);

// Splits a bundle: each entry after its 16-bit length. Errors: kCorrupt.
Result<std::vector<Bytes>> SplitBundle(BytesView bundle);

// The same without waiting for the disk: SyncFolder makes a whole round of files durable at once.
Status WriteFile(const std::string& path, BytesView content);
Status SyncFolder(const std::string& folder);
// Writes by way of a temporary file, durable before the rename.
Status WriteFileDurably(const std::string& path, BytesView content);
Result<Bytes> ReadWholeFile(const std::string& path);  // Errors: kNotFound

}  // namespace fiducia::audit
