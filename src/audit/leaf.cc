#include "audit/leaf.h"

#include <algorithm>

#include "audit/cbor.h"

namespace fiducia::audit {

namespace {

enum Key : uint64_t {
  kTime = 1,
  kActor = 2,
  kRole = 3,
  kOp = 4,
  kDecision = 5,
  kReason = 6,
  kSubject = 7,
  kPurpose = 8,
  kBasis = 9,
  kClear = 10,
  kMasked = 11,
  kPolicy = 12,
  kCase = 13,
  kCount = 14,
  kSetRoot = 15,
  kRowMac = 16,
  kCommitment = 17,
  kDetail = 18,
  kBuckets = 19,
};

constexpr uint64_t kFormat = 1;

// Collects the members that have a value, then writes them as one map.
class MapBuilder {
 public:
  void Number(Key key, uint64_t v) {
    if (v != 0) {
      Put(key).Number(v);
    }
  }
  void Blob(Key key, BytesView v) {
    if (!v.empty()) {
      Put(key).Blob(v);
    }
  }
  void Text(Key key, std::string_view v) {
    if (!v.empty()) {
      Put(key).Text(v);
    }
  }
  Bytes Finish() const {
    Bytes out;
    out.reserve(items_.size() + 2);
    CborWriter(out).Map(count_);
    out += items_;
    return out;
  }

 private:
  CborWriter Put(Key key) {
    ++count_;
    CborWriter writer(items_);
    writer.Number(key);
    return writer;
  }
  Bytes items_;
  size_t count_ = 0;
};

// Two bytes each, ascending.
Bytes PackBuckets(const std::set<model::Bucket>& buckets) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (const model::Bucket bucket : buckets) {
    out.U16(static_cast<uint16_t>(bucket));
  }
  return bytes;
}

Result<std::set<model::Bucket>> UnpackBuckets(BytesView bytes) {
  std::set<model::Bucket> buckets;
  ByteReader in(bytes);
  while (in.ok() && in.left() > 0) {
    buckets.insert(in.U16());
  }
  if (!in.ok()) {
    return Fail(Code::kCorrupt, "an audit leaf is malformed");
  }
  return buckets;
}

}  // namespace

Bytes SetRoot(const std::vector<LeafDraft::Member>& members) {
  std::vector<Bytes> sorted;
  sorted.reserve(members.size());
  for (const auto& member : members) {
    sorted.push_back(member.pseudonym);
  }
  std::sort(sorted.begin(), sorted.end());
  Bytes all;
  for (const Bytes& one : sorted) {
    all += one;
  }
  return all.empty() ? Bytes() : Bytes(crypto::View(crypto::Sha256({all})));
}

LeafDraft Draft(model::Bucket bucket, model::TenantId tenant, const Leaf& leaf) {
  MapBuilder map;
  map.Number(kTime, static_cast<uint64_t>(leaf.time_ms));
  map.Blob(kActor, leaf.actor.is_nil() ? BytesView() : leaf.actor.bytes());
  map.Text(kRole, leaf.role);
  map.Text(kOp, leaf.op);
  map.Text(kDecision, leaf.decision);
  map.Text(kReason, leaf.reason);
  map.Blob(kSubject, leaf.pseudonym);
  map.Text(kPurpose, leaf.purpose);
  map.Text(kBasis, leaf.basis);
  map.Blob(kClear, leaf.clear.Pack());
  map.Blob(kMasked, leaf.masked.Pack());
  map.Text(kPolicy, leaf.policy);
  map.Text(kCase, leaf.case_id);
  map.Number(kCount, leaf.count);
  map.Blob(kSetRoot, leaf.set_root);
  map.Blob(kRowMac, leaf.row_mac);
  map.Blob(kCommitment, leaf.commitment);
  map.Text(kDetail, leaf.detail);
  map.Blob(kBuckets, PackBuckets(leaf.buckets));
  return {bucket, tenant, leaf.pseudonym, map.Finish(), {}};
}

Bytes EncodeEntry(uint64_t seq, BytesView previous, BytesView body) {
  Bytes entry;
  entry.reserve(body.size() + 48);
  CborWriter out(entry);
  out.Array(4);
  out.Number(kFormat);
  out.Number(seq);
  out.Blob(previous);
  entry += body;
  return entry;
}

Result<Entry> DecodeEntry(BytesView bytes) {
  CborReader in(bytes);
  Entry entry;
  FID_ASSIGN(const size_t size, in.Array());
  FID_ASSIGN(const uint64_t format, in.Number());
  FID_ASSIGN(entry.seq, in.Number());
  FID_ASSIGN(const BytesView previous, in.Blob());
  entry.previous = previous;
  FID_ASSIGN(const CborMap map, in.Map());
  if (!in.done() || size != 4 || format != kFormat) {
    return Fail(Code::kCorrupt, "an audit leaf is malformed");
  }
  const auto view = [&](Key key) {
    const auto found = map.find(key);
    return found == map.end() ? BytesView() : found->second.view;
  };
  const auto number = [&](Key key) {
    const auto found = map.find(key);
    return found == map.end() ? uint64_t{0} : found->second.number;
  };
  Leaf& leaf = entry.leaf;
  leaf.time_ms = static_cast<int64_t>(number(kTime));
  leaf.actor = Uuid::FromBytes(view(kActor)).value_or(Uuid());
  leaf.role = view(kRole);
  leaf.op = view(kOp);
  leaf.decision = view(kDecision);
  leaf.reason = view(kReason);
  leaf.pseudonym = view(kSubject);
  leaf.purpose = view(kPurpose);
  leaf.basis = view(kBasis);
  leaf.clear = model::FieldSet::Unpack(view(kClear));
  leaf.masked = model::FieldSet::Unpack(view(kMasked));
  leaf.policy = view(kPolicy);
  leaf.case_id = view(kCase);
  leaf.count = number(kCount);
  leaf.set_root = view(kSetRoot);
  leaf.row_mac = view(kRowMac);
  leaf.commitment = view(kCommitment);
  leaf.detail = view(kDetail);
  FID_ASSIGN(leaf.buckets, UnpackBuckets(view(kBuckets)));
  return entry;
}

crypto::Digest LeafHash(BytesView entry) { return crypto::Sha256({BytesView("\0", 1), entry}); }

crypto::Digest NodeHash(BytesView left, BytesView right) {
  return crypto::Sha256({BytesView("\x01", 1), left, right});
}

}  // namespace fiducia::audit
