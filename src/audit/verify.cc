#include "audit/verify.h"

#include <algorithm>

#include "audit/checkpoint.h"
#include "audit/leaf.h"
#include "audit/publisher.h"
#include "audit/tree.h"
#include "store/audit_rows.h"

namespace fiducia::audit {

namespace {

constexpr size_t kFindingsMax = 100;
constexpr uint64_t kPage = 4096;

class Verifier {
 public:
  Verifier(std::string folder, VerifyReport& report)
      : folder_(std::move(folder)), report_(report) {}

  void Find(std::string what, uint64_t place) {
    if (report_.findings.size() < kFindingsMax) {
      report_.findings.push_back({std::move(what), static_cast<int64_t>(place)});
    }
  }

  // Reads the entries of one tile, or none with a finding.
  std::vector<Bytes> ReadBundle(uint64_t index, uint64_t width) {
    const auto content = ReadAtLeast("entries", index, width);
    if (!content) {
      Find("bundle_missing", index * kTileWidth);
      return {};
    }
    auto entries = SplitBundle(*content);
    if (!entries || entries->size() < width) {
      Find("bundle_malformed", index * kTileWidth);
      return {};
    }
    entries->resize(width);
    return std::move(*entries);
  }

  void CheckEntry(uint64_t place, const Bytes& bytes) {
    const auto entry = DecodeEntry(bytes);
    if (!entry) {
      Find("leaf_malformed", place);
    } else if (entry->seq != place) {
      Find("leaf_out_of_order", place);
    } else if (entry->previous != crypto::View(last_)) {
      Find("chain_broken", place);
    }
    last_ = LeafHash(bytes);
  }

  void CheckTile(uint64_t index, uint64_t width, const std::vector<Bytes>& entries) {
    const auto tile = ReadAtLeast("0", index, width);
    if (!tile || tile->size() < width * 32) {
      Find("tile_missing", index * kTileWidth);
      return;
    }
    for (size_t i = 0; i < entries.size(); ++i) {
      if (BytesView(*tile).substr(32 * i, 32) != crypto::View(LeafHash(entries[i]))) {
        Find("leaf_altered", index * kTileWidth + i);
      }
    }
  }

  void CheckFiles(uint64_t size, const crypto::Digest& root, const Progress& progress) {
    for (uint64_t index = 0; index * kTileWidth < size; ++index) {
      const uint64_t width = std::min(kTileWidth, size - index * kTileWidth);
      const std::vector<Bytes> entries = ReadBundle(index, width);
      for (size_t i = 0; i < entries.size(); ++i) {
        CheckEntry(index * kTileWidth + i, entries[i]);
        tree_.Append(last_);
      }
      CheckTile(index, width, entries);
      if (progress && index % 64 == 0) {
        progress(index * kTileWidth, size);
      }
    }
    if (tree_.size() == size && tree_.Root() != root) {
      Find("root_mismatch", size);
    }
  }

  void CheckDatabase(store::Session& data, uint64_t size);

 private:
  // A tile of this width, or, where a running server has replaced it meanwhile, a fuller one.
  Result<Bytes> ReadAtLeast(const std::string& kind, uint64_t index, uint64_t width) const {
    for (uint64_t w = width; w <= kTileWidth; ++w) {
      auto content = ReadWholeFile(folder_ + "/" + TilePath(kind, index, w));
      if (content) {
        return content;
      }
    }
    return Fail(Code::kNotFound, "a file is missing");
  }
  void CheckRow(const store::LeafRow& row, uint64_t size);

  std::string folder_;
  VerifyReport& report_;
  CompactTree tree_;
  crypto::Digest last_{};
  uint64_t bundle_index_ = UINT64_MAX;
  std::vector<Bytes> bundle_;
};

void Verifier::CheckRow(const store::LeafRow& row, uint64_t size) {
  if (row.seq >= size) {
    CheckEntry(row.seq, row.body);
    return;
  }
  const uint64_t index = row.seq / kTileWidth;
  if (index != bundle_index_) {
    bundle_index_ = index;
    bundle_ = ReadBundle(index, std::min(kTileWidth, size - index * kTileWidth));
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
