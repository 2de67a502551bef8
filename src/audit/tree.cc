#include "audit/tree.h"

#include <bit>
#include <cstdio>

#include "audit/leaf.h"

namespace fiducia::audit {

namespace {

using crypto::Digest;
using crypto::View;

Digest Join(const Digest& left, const Digest& right) { return NodeHash(View(left), View(right)); }

// The hash over leaves [lo, hi) of a tree whose tiles are at hand.
class Ranges {
 public:
  Ranges(const TileSource& tiles, uint64_t size) : tiles_(tiles), size_(size) {}

  Result<Digest> Hash(uint64_t lo, uint64_t hi) const {
    const uint64_t n = hi - lo;
    FID_CHECK(n > 0);
    if (std::has_single_bit(n) && lo % n == 0) {
      return Full(lo, std::countr_zero(n));
    }
    const uint64_t split = std::bit_floor(n - 1);
    FID_ASSIGN(const Digest left, Hash(lo, lo + split));
    FID_ASSIGN(const Digest right, Hash(lo + split, hi));
    return Join(left, right);
  }

 private:
  // A full subtree of 2^height leaves: up to eight levels are folded inside one tile.
  Result<Digest> Full(uint64_t lo, int height) const {
    const int level = height / 8;
    const uint64_t first = lo >> (8 * level);
    const auto count = uint64_t{1} << (height % 8);
    FID_ASSIGN(const std::vector<Digest> tile, tiles_(level, first / kTileWidth, size_));
    const uint64_t at = first % kTileWidth;
    if (at + count > tile.size()) {
      return Fail(Code::kCorrupt, "an audit tile is too short");
    }
    std::vector<Digest> hashes(tile.begin() + static_cast<ptrdiff_t>(at),
                               tile.begin() + static_cast<ptrdiff_t>(at + count));
    for (; hashes.size() > 1; hashes.resize(hashes.size() / 2)) {
      for (size_t i = 0; i < hashes.size() / 2; ++i) {
        hashes[i] = Join(hashes[2 * i], hashes[2 * i + 1]);
      }
    }
    return hashes[0];
  }

  const TileSource& tiles_;
  uint64_t size_;
};

Status Path(const Ranges& ranges, uint64_t leaf, uint64_t lo, uint64_t hi,
            std::vector<Digest>& proof) {
  if (hi - lo == 1) {
    return {};
  }
  const uint64_t split = lo + std::bit_floor(hi - lo - 1);
  const bool in_left = leaf < split;
  FID_TRY(in_left ? Path(ranges, leaf, lo, split, proof) : Path(ranges, leaf, split, hi, proof));
  FID_ASSIGN(const Digest sibling, in_left ? ranges.Hash(split, hi) : ranges.Hash(lo, split));
  proof.push_back(sibling);
  return {};
}

Status SubProof(const Ranges& ranges, uint64_t old_size, uint64_t lo, uint64_t hi, bool whole,
                std::vector<Digest>& proof) {
  if (old_size == hi) {
    if (!whole) {
      FID_ASSIGN(const Digest hash, ranges.Hash(lo, hi));
      proof.push_back(hash);
    }
    return {};
  }
  const uint64_t split = lo + std::bit_floor(hi - lo - 1);
  if (old_size <= split) {
    FID_TRY(SubProof(ranges, old_size, lo, split, whole, proof));
    FID_ASSIGN(const Digest right, ranges.Hash(split, hi));
    proof.push_back(right);
  } else {
    FID_TRY(SubProof(ranges, old_size, split, hi, false, proof));
    FID_ASSIGN(const Digest left, ranges.Hash(lo, split));
    proof.push_back(left);
  }
  return {};
}

}  // namespace

void CompactTree::AppendSubtree(int height, Digest hash) {
  size_ += uint64_t{1} << height;
  while (!edge_.empty() && edge_.back().height == height) {
    hash = Join(edge_.back().hash, hash);
    edge_.pop_back();
    ++height;
  }
  edge_.push_back({height, hash});
}

Digest CompactTree::Root() const {
  if (edge_.empty()) {
    return crypto::Sha256({});
  }
  Digest root = edge_.back().hash;
  for (size_t i = edge_.size() - 1; i > 0; --i) {
    root = Join(edge_[i - 1].hash, root);
  }
  return root;
}

Result<std::vector<Digest>> InclusionProof(uint64_t leaf, uint64_t size, const TileSource& tiles) {
  if (leaf >= size) {
    return Fail(Code::kInvalidInput, "the leaf is not in a tree of this size");
  }
  std::vector<Digest> proof;
  FID_TRY(Path(Ranges(tiles, size), leaf, 0, size, proof));
  return proof;
}

Result<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                             const TileSource& tiles) {
  if (old_size == 0 || old_size > size) {
    return Fail(Code::kInvalidInput, "the older size must lie between 1 and the newer");
  }
  std::vector<Digest> proof;
  FID_TRY(SubProof(Ranges(tiles, size), old_size, 0, size, true, proof));
  return proof;
}

bool VerifyInclusion(uint64_t leaf, uint64_t size, const Digest& leaf_hash,
                     const std::vector<Digest>& proof, const Digest& root) {
  if (leaf >= size) {
    return false;
  }
  uint64_t fn = leaf;
  uint64_t sn = size - 1;
  Digest r = leaf_hash;
  for (const Digest& p : proof) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1) != 0 || fn == sn) {
      r = Join(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = Join(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

bool VerifyConsistency(uint64_t old_size, uint64_t size, const Digest& old_root, const Digest& root,
                       const std::vector<Digest>& proof) {
  if (old_size == size) {
    return old_root == root && proof.empty();
  }
  if (old_size == 0 || old_size > size || proof.empty()) {
    return false;
  }
  std::vector<Digest> path = proof;
  if (std::has_single_bit(old_size)) {
    path.insert(path.begin(), old_root);
  }
  uint64_t fn = old_size - 1;
  uint64_t sn = size - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  Digest fr = path[0];
  Digest sr = path[0];
  for (size_t i = 1; i < path.size(); ++i) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1) != 0 || fn == sn) {
      fr = Join(path[i], fr);
      sr = Join(path[i], sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = Join(sr, path[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == old_root && sr == root;
}

std::string TilePath(const std::string& level, uint64_t index, uint64_t width) {
  std::string path;
  char buffer[8];
  for (uint64_t rest = index, group = 0;; ++group) {
    std::snprintf(buffer, sizeof buffer, group == 0 ? "%03u" : "x%03u",
                  static_cast<unsigned>(rest % 1000));
    path.insert(0, path.empty() ? "" : "/").insert(0, buffer);
    rest /= 1000;
    if (rest == 0) {
      break;
    }
  }
  path = "tile/" + level + "/" + path;
  return width == kTileWidth ? path : path + ".p/" + std::to_string(width);
}

}  // namespace fiducia::audit
