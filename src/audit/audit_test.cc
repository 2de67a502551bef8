#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "audit/leaf.h"
#include "audit/tree.h"
#include "testing/covers.h"

namespace fiducia::audit {

namespace {

// The tree of RFC 6962 by its definition.
crypto::Digest NaiveRoot(const std::vector<Bytes>& leaves, size_t lo, size_t hi) {
  if (hi - lo == 1) {
    return LeafHash(leaves[lo]);
  }
  size_t split = 1;
  while (split * 2 < hi - lo) {
    split *= 2;
  }
  return NodeHash(crypto::View(NaiveRoot(leaves, lo, lo + split)),
                  crypto::View(NaiveRoot(leaves, lo + split, hi)));
}

class MemoryTiles {
 public:
  void Add(const Bytes& leaf) {
    leaves.push_back(leaf);
    tree.Append(LeafHash(leaf));
    levels[0].push_back(LeafHash(leaf));
    for (int level = 0; level < 2; ++level) {
      auto& below = levels[static_cast<size_t>(level)];
      auto& above = levels[static_cast<size_t>(level) + 1];
      if (below.size() % kTileWidth == 0 && below.size() / kTileWidth > above.size()) {
        CompactTree fold;
        for (size_t i = below.size() - kTileWidth; i < below.size(); ++i) {
          fold.Append(below[i]);
        }
        above.push_back(fold.Root());
      }
    }
  }
  TileSource Source() const {
    return [this](int level, uint64_t index, uint64_t size) -> Result<std::vector<crypto::Digest>> {
      const auto& all = levels[static_cast<size_t>(level)];
      const uint64_t end = std::min<uint64_t>(size >> (8 * level), (index + 1) * kTileWidth);
      return std::vector<crypto::Digest>(all.begin() + static_cast<ptrdiff_t>(index * kTileWidth),
                                         all.begin() + static_cast<ptrdiff_t>(end));
    };
  }
  std::vector<Bytes> leaves;
  std::vector<std::vector<crypto::Digest>> levels{3};
  CompactTree tree;
};

TEST(TreeTest, MatchesThePublishedRoots) {
  // RFC 6962 test vectors of the certificate-transparency project: the empty tree, then leaf "".
  CompactTree tree;
  EXPECT_EQ(ToHex(crypto::View(tree.Root())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  tree.Append(LeafHash(""));
  EXPECT_EQ(ToHex(crypto::View(tree.Root())),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  tree.Append(LeafHash(Bytes(1, '\0')));
  EXPECT_EQ(ToHex(crypto::View(tree.Root())),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

TEST(TreeTest, EveryProofOfEveryLeafVerifiesAndNoOtherDoes) {
  testing::Covers("F5");
  MemoryTiles tiles;
  std::vector<crypto::Digest> roots(1);
  for (uint64_t n = 0; n < 600; ++n) {
    tiles.Add("leaf " + std::to_string(n));
    roots.push_back(tiles.tree.Root());
  }
  for (const uint64_t size : {1UL, 2UL, 3UL, 7UL, 255UL, 256UL, 257UL, 512UL, 600UL}) {
    EXPECT_EQ(roots[size], NaiveRoot(tiles.leaves, 0, size));
    for (uint64_t leaf = 0; leaf < size; leaf += 1 + size / 20) {
      const auto proof = InclusionProof(leaf, size, tiles.Source());
      ASSERT_TRUE(proof);
      const crypto::Digest hash = LeafHash(tiles.leaves[leaf]);
      EXPECT_TRUE(VerifyInclusion(leaf, size, hash, *proof, roots[size]));
      EXPECT_FALSE(VerifyInclusion(leaf, size, LeafHash("other"), *proof, roots[size]));
      EXPECT_FALSE(size > 1 && VerifyInclusion((leaf + 1) % size, size, hash, *proof, roots[size]));
    }
    for (uint64_t old_size = 1; old_size <= size; old_size += 1 + size / 20) {
      const auto proof = ConsistencyProof(old_size, size, tiles.Source());
      ASSERT_TRUE(proof);
      EXPECT_TRUE(VerifyConsistency(old_size, size, roots[old_size], roots[size], *proof));
      EXPECT_FALSE(VerifyConsistency(old_size, size, LeafHash("forged"), roots[size], *proof));
    }
  }
  EXPECT_FALSE(InclusionProof(5, 5, tiles.Source()));
  EXPECT_FALSE(ConsistencyProof(6, 5, tiles.Source()));
}

TEST(TreeTest, TilePathsFollowTheConvention) {
  EXPECT_EQ(TilePath("0", 1234067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(TilePath("entries", 5, 17), "tile/entries/005.p/17");
}

TEST(LeafTest, IsReadBackAsWritten) {
  Leaf leaf;
  leaf.time_ms = 1795521600000;
  leaf.actor = *Uuid::Parse("01a20d74-c6d1-7926-b19b-fe5619a659a3");
  leaf.op = "read";
  leaf.decision = "allowed";
  leaf.pseudonym = Bytes(16, '\x42');
  leaf.purpose = "service";
  leaf.clear = model::FieldSet::Of({1, 30});
  leaf.count = 70000;
  const LeafDraft draft = Draft(3, 0, leaf);
  const Bytes entry = EncodeEntry(300, Bytes(32, '\x01'), draft.body);
  const auto read = DecodeEntry(entry);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, 300U);
  EXPECT_EQ(read->leaf.time_ms, leaf.time_ms);
  EXPECT_EQ(read->leaf.actor, leaf.actor);
  EXPECT_EQ(read->leaf.clear, leaf.clear);
  EXPECT_EQ(read->leaf.count, 70000U);
  for (size_t cut = 0; cut < entry.size(); ++cut) {
    EXPECT_FALSE(DecodeEntry(entry.substr(0, cut))) << cut;
  }
}

TEST(CheckpointTest, OpensOnlyUnderItsOwnKey) {
  const auto key = crypto::SigningKeyFrom(crypto::Key256::Random(SystemRng()));
  const auto other = crypto::SigningKeyFrom(crypto::Key256::Random(SystemRng()));
  const std::string note = SignCheckpoint({"log.example/1", 42, LeafHash("x")}, key);
  const auto opened = OpenCheckpoint(note, VerifierText("log.example/1", key.public_key));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->size, 42U);
  EXPECT_EQ(opened->root, LeafHash("x"));
  EXPECT_FALSE(OpenCheckpoint(note, VerifierText("log.example/1", other.public_key)));
  std::string forged = note;
  forged.replace(forged.find("42"), 2, "43");
  EXPECT_FALSE(OpenCheckpoint(forged, VerifierText("log.example/1", key.public_key)));
  EXPECT_FALSE(OpenCheckpoint("", VerifierText("log.example/1", key.public_key)));
}

}  // namespace

}  // namespace fiducia::audit
