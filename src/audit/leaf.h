// One entry of the audit log: who did what, to whom, for which purpose, and what was decided. It
// holds no personal data: the subject stands there by a pseudonym that dies with the subject's key.
// The bytes: docs/formats/audit_leaf.md.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "crypto/hash.h"
#include "model/types.h"

namespace fiducia::audit {

struct Leaf {
  int64_t time_ms = 0;
  Uuid actor;
  std::string role;
  std::string op;        // read, reveal, write, search, create, erase, import.start …
  std::string decision;  // allowed, refused, done
  std::string reason;    // code of a refusal
  Bytes pseudonym;       // 16 bytes, or empty
  std::string purpose;
  std::string basis;
  model::FieldSet clear;
  model::FieldSet masked;
  std::string policy;  // version of the policy that decided
  std::string case_id;
  uint64_t count = 0;  // subjects in a set
  Bytes set_root;      // SHA-256 over the sorted pseudonyms of a set
  Bytes row_mac;       // MAC of the row after a change
  Bytes commitment;    // to a typed reason
  std::string detail;  // a source, an import id, a key id
  // Of a change to a set: where its records lie, if not with the leaf.
  std::set<model::Bucket> buckets;
};

// Where a leaf goes. `members` links a leaf about a set to each of its subjects.
struct LeafDraft {
  model::Bucket bucket = 0;
  model::TenantId tenant = 0;
  Bytes pseudonym;
  Bytes body;  // encoded Leaf
  struct Member {
    model::Bucket bucket;
    Bytes pseudonym;
  };
  std::vector<Member> members;
};

// What a leaf about a set commits to; empty for none.
Bytes SetRoot(const std::vector<LeafDraft::Member>& members);

LeafDraft Draft(model::Bucket bucket, model::TenantId tenant, const Leaf& leaf);

// The entry in the tree: [1, seq, previous entry's hash, body].
Bytes EncodeEntry(uint64_t seq, BytesView previous, BytesView body);

struct Entry {
  uint64_t seq = 0;
  Bytes previous;
  Leaf leaf;
};
// Errors: kCorrupt.
Result<Entry> DecodeEntry(BytesView bytes);

// RFC 6962: SHA-256 of 0x00 and the entry.
crypto::Digest LeafHash(BytesView entry);
crypto::Digest NodeHash(BytesView left, BytesView right);

}  // namespace fiducia::audit
