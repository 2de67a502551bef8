#include "audit/verify.h"

#include <algorithm>
#include <deque>
#include <future>
#include <thread>

#include "audit/cbor.h"
#include "audit/checkpoint.h"
#include "audit/leaf.h"
#include "audit/publisher.h"
#include "audit/tree.h"
#include "base/worker_pool.h"
#include "store/audit_rows.h"

namespace fiducia::audit {

namespace {

constexpr size_t kFindingsMax = 100;
constexpr uint64_t kPage = 4096;

// What one worker finds out about one tile. Tiles are checked side by side; what ties one to the
// next (the chain and the tree) is checked in order afterwards.
struct TileCheck {
  std::vector<Finding> findings;
  std::vector<crypto::Digest> hashes;
  Bytes first_previous;  // what the first entry says of the one before
  bool complete = false;
};

// The head of an entry: [1, place, previous, …]. The rest is looked at by DecodeEntry only if
// asked.
struct EntryHead {
  uint64_t seq = 0;
  BytesView previous;
};

Result<EntryHead> ReadHead(BytesView entry) {
  CborReader in(entry);
  EntryHead head;
  FID_ASSIGN(const size_t size, in.Array());
  FID_ASSIGN(const uint64_t format, in.Number());
  FID_ASSIGN(head.seq, in.Number());
  FID_ASSIGN(head.previous, in.Blob());
  if (size != 4 || format != 1 || in.done()) {
    return Fail(Code::kCorrupt, "an audit leaf is malformed");
  }
  return head;
}

class Verifier {
 public:
  Verifier(std::string folder, VerifyReport& report)
      : folder_(std::move(folder)), report_(report) {}

  void Find(std::string what, uint64_t place) {
    if (report_.findings.size() < kFindingsMax) {
      report_.findings.push_back({std::move(what), static_cast<int64_t>(place)});
    }
  }

  TileCheck CheckTile(uint64_t index, uint64_t width) const;
  void CheckFiles(uint64_t size, const crypto::Digest& root, const Progress& progress);
  void CheckDatabase(store::Session& data, uint64_t size);

 private:
  void Join(uint64_t index, const TileCheck& tile);
  void CheckRow(const store::LeafRow& row, uint64_t size);

  std::string folder_;
  VerifyReport& report_;
  CompactTree tree_;
  crypto::Digest last_{};
  uint64_t bundle_index_ = UINT64_MAX;
  std::vector<Bytes> bundle_;
};

TileCheck Verifier::CheckTile(uint64_t index, uint64_t width) const {
  TileCheck check;
  const uint64_t base = index * kTileWidth;
  const auto find = [&](const char* what, uint64_t place) {
    check.findings.push_back({what, static_cast<int64_t>(place)});
  };
  const auto content = ReadAtLeast(folder_, "entries", index, width);
  if (!content) {
    find("bundle_missing", base);
    return check;
  }
  const auto tile = ReadAtLeast(folder_, "0", index, width);
  const bool has_tile = tile && tile->size() >= width * 32;
  if (!has_tile) {
    find("tile_missing", base);
  }
  ByteReader in(*content);
  check.hashes.reserve(width);
  for (uint64_t i = 0; i < width; ++i) {
    const BytesView entry = in.Short();
    if (!in.ok()) {
      find("bundle_malformed", base + i);
      return check;
    }
    const auto head = ReadHead(entry);
    if (!head) {
      find("leaf_malformed", base + i);
    } else if (head->seq != base + i) {
      find("leaf_out_of_order", base + i);
    } else if (i > 0 && head->previous != crypto::View(check.hashes.back())) {
      find("chain_broken", base + i);
    }
    if (i == 0 && head) {
      check.first_previous = head->previous;
    }
    check.hashes.push_back(LeafHash(entry));
    if (has_tile && BytesView(*tile).substr(32 * i, 32) != crypto::View(check.hashes.back())) {
      find("leaf_altered", base + i);
    }
  }
  check.complete = true;
  return check;
}

void Verifier::Join(uint64_t index, const TileCheck& tile) {
  for (const Finding& finding : tile.findings) {
    Find(finding.what, static_cast<uint64_t>(finding.place));
  }
  if (tile.complete && tile.first_previous != crypto::View(last_)) {
    Find("chain_broken", index * kTileWidth);
  }
  for (const crypto::Digest& hash : tile.hashes) {
    tree_.Append(hash);
    last_ = hash;
  }
}

void Verifier::CheckFiles(uint64_t size, const crypto::Digest& root, const Progress& progress) {
  constexpr uint64_t kRunTiles = 16;  // tiles to one task
  const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  WorkerPool pool(threads, SIZE_MAX);
  const uint64_t tiles = (size + kTileWidth - 1) / kTileWidth;
  std::deque<std::future<std::vector<TileCheck>>> running;
  uint64_t started = 0;
  uint64_t joined = 0;
  while (joined < tiles) {
    while (started < tiles && running.size() < static_cast<size_t>(threads) * 2) {
      const uint64_t first = started;
      const uint64_t end = std::min(tiles, first + kRunTiles);
      auto promise = std::make_shared<std::promise<std::vector<TileCheck>>>();
      running.push_back(promise->get_future());
      pool.Post([this, first, end, size, promise] {
        std::vector<TileCheck> checks;
        for (uint64_t index = first; index < end; ++index) {
          checks.push_back(CheckTile(index, std::min(kTileWidth, size - index * kTileWidth)));
        }
        promise->set_value(std::move(checks));
      });
      started = end;
    }
    for (const TileCheck& tile : running.front().get()) {
      Join(joined++, tile);
    }
    running.pop_front();
    if (progress) {
      progress(std::min(size, joined * kTileWidth), size);
    }
  }
  if (tree_.size() == size && tree_.Root() != root) {
    Find("root_mismatch", size);
  }
}

void Verifier::CheckRow(const store::LeafRow& row, uint64_t size) {
  if (row.seq >= size) {
    // Not published yet: it must carry on the chain.
    const auto entry = DecodeEntry(row.body);
    if (!entry) {
      Find("leaf_malformed", row.seq);
    } else if (entry->seq != row.seq) {
      Find("leaf_out_of_order", row.seq);
    } else if (entry->previous != crypto::View(last_)) {
      Find("chain_broken", row.seq);
    }
    last_ = LeafHash(row.body);
    return;
  }
  const uint64_t index = row.seq / kTileWidth;
  if (index != bundle_index_) {
    bundle_index_ = index;
    const auto content =
        ReadAtLeast(folder_, "entries", index, std::min(kTileWidth, size - index * kTileWidth));
    bundle_ = content ? SplitBundle(*content).value_or(std::vector<Bytes>()) : std::vector<Bytes>();
  }
  if (row.seq % kTileWidth < bundle_.size() && bundle_[row.seq % kTileWidth] != row.body) {
    Find("database_leaf_altered", row.seq);
  }
}

void Verifier::CheckDatabase(store::Session& data, uint64_t size) {
  const auto count = store::CountLeaves(data, 0);
  if (!count) {
    Find("database_unreadable", 0);
    return;
  }
  report_.database = *count;
  if (*count < size) {
    Find("database_behind_checkpoint", *count);
  }
  for (uint64_t at = 0; at < *count; at += kPage) {
    const auto rows = store::LoadLeaves(data, 0, at, kPage);
    if (!rows) {
      Find("database_unreadable", at);
      return;
    }
    uint64_t expected = at;
    for (const store::LeafRow& row : *rows) {
      for (; expected < row.seq; ++expected) {
        Find("database_leaf_missing", expected);
      }
      CheckRow(row, size);
      ++expected;
    }
    for (const uint64_t end = std::min(at + kPage, *count); expected < end; ++expected) {
      Find("database_leaf_missing", expected);
    }
  }
}

}  // namespace

VerifyReport Verify(const std::string& folder, const std::string& verifier, store::Session* data,
                    const Progress& progress) {
  VerifyReport report;
  Verifier check(folder, report);
  const auto note = ReadWholeFile(folder + "/checkpoint");
  if (!note) {
    check.Find("checkpoint_missing", 0);
    return report;
  }
  const auto checkpoint = OpenCheckpoint(*note, verifier);
  if (!checkpoint) {
    check.Find("checkpoint_not_signed_by_this_log", 0);
    return report;
  }
  report.size = checkpoint->size;
  report.root = ToBase64(crypto::View(checkpoint->root));
  check.CheckFiles(checkpoint->size, checkpoint->root, progress);
  if (data != nullptr) {
    check.CheckDatabase(*data, checkpoint->size);
  }
  return report;
}

}  // namespace fiducia::audit
