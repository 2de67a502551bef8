// The Merkle tree of RFC 6962 over static tile files (C2SP tlog-tiles): 256 hashes a tile.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/hash.h"

namespace fiducia::audit {

constexpr uint64_t kTileWidth = 256;

// The right edge of a growing tree: enough to give its root.
class CompactTree {
 public:
  void Append(const crypto::Digest& leaf_hash) { AppendSubtree(0, leaf_hash); }
  // Appends a full subtree of 2^height leaves; the size must be a multiple of that.
  void AppendSubtree(int height, crypto::Digest hash);
  uint64_t size() const { return size_; }
  crypto::Digest Root() const;

 private:
  struct Node {
    int height;
    crypto::Digest hash;
  };
  std::vector<Node> edge_;
  uint64_t size_ = 0;
};

// Gives the hashes of tile `index` at `level` (up to 256), or an error.
using TileSource =
    std::function<Result<std::vector<crypto::Digest>>(int level, uint64_t index, uint64_t size)>;

// RFC 6962 section 2.1.1 and 2.1.2. Errors: kInvalidInput if the range is not inside the tree.
Result<std::vector<crypto::Digest>> InclusionProof(uint64_t leaf, uint64_t size,
                                                   const TileSource& tiles);
Result<std::vector<crypto::Digest>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                     const TileSource& tiles);

// For clients and tests: RFC 9162 sections 2.1.3.2 and 2.1.4.2.
bool VerifyInclusion(uint64_t leaf, uint64_t size, const crypto::Digest& leaf_hash,
                     const std::vector<crypto::Digest>& proof, const crypto::Digest& root);
bool VerifyConsistency(uint64_t old_size, uint64_t size, const crypto::Digest& old_root,
                       const crypto::Digest& root, const std::vector<crypto::Digest>& proof);

// tile/<level>/<index>, index in groups of three digits: 1234067 is x001/x234/067.
std::string TilePath(const std::string& level, uint64_t index, uint64_t width);

}  // namespace fiducia::audit
