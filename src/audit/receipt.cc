#include "audit/receipt.h"

#include "base/json.h"

namespace fiducia::audit {

namespace {

constexpr std::string_view kFormat = "fiducia-erasure-receipt/1";
constexpr std::string_view kEntryFormat = "fiducia-access-proof/1";

Result<crypto::Digest> ToDigest(std::string_view base64) {
  FID_ASSIGN(const Bytes bytes, FromBase64(base64));
  crypto::Digest digest{};
  if (bytes.size() != digest.size()) {
    return Fail(Code::kInvalidInput, "a hash in the receipt has the wrong length");
  }
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

// The entry at `place`, the path from it, the checkpoint and its key.
Status PutProof(const Log& log, uint64_t place, Json& json) {
  FID_ASSIGN(const std::string note, log.checkpoint());
  FID_ASSIGN(const Checkpoint checkpoint, OpenCheckpoint(note, log.verifier()));
  FID_ASSIGN(const Bytes entry, log.ReadEntry(place));
  FID_ASSIGN(const auto proof, InclusionProof(place, checkpoint.size, log.tiles()));
  json["leaf"] = place;
  json["entry"] = ToBase64(entry);
  json["hashes"] = Json::array();
  for (const crypto::Digest& hash : proof) {
    json["hashes"].push_back(ToBase64(crypto::View(hash)));
  }
  json["checkpoint"] = note;
  json["verifier"] = log.verifier();
  return {};
}

struct Proven {
  uint64_t place = 0;
  Bytes entry;
  Checkpoint checkpoint;
};

// Checks what PutProof wrote. The caller has looked at the format.
Result<Proven> CheckProof(const Json& json, const std::string& verifier) {
  const bool shaped = json.contains("leaf") && json["leaf"].is_number_unsigned() &&
                      json.contains("hashes") && json["hashes"].is_array();
  if (!shaped) {
    return Fail(Code::kInvalidInput, "the proof lacks a part");
  }
  Proven proven;
  proven.place = json["leaf"].get<uint64_t>();
  FID_ASSIGN(proven.entry, FromBase64(JsonText(json, "entry")));
  std::vector<crypto::Digest> hashes;
  for (const Json& one : json["hashes"]) {
    if (!one.is_string()) {
      return Fail(Code::kInvalidInput, "the proof lacks a part");
    }
    FID_ASSIGN(const crypto::Digest hash, ToDigest(one.get<std::string>()));
    hashes.push_back(hash);
  }
  const auto checkpoint = OpenCheckpoint(JsonText(json, "checkpoint"), verifier);
  if (!checkpoint) {
    return Fail(Code::kCorrupt, "the checkpoint is not signed by this log");
  }
  if (!VerifyInclusion(proven.place, checkpoint->size, LeafHash(proven.entry), hashes,
                       checkpoint->root)) {
    return Fail(Code::kCorrupt, "the entry does not stand in the signed log");
  }
  proven.checkpoint = *checkpoint;
  return proven;
}

}  // namespace

Result<std::string> WriteEntryProof(const Log& log, uint64_t place) {
  Json json = {{"format", kEntryFormat}};
  FID_TRY(PutProof(log, place, json));
  return WriteJsonPretty(json) + "\n";
}

Result<EntryFacts> CheckEntryProof(std::string_view text, std::string_view verifier) {
  const auto json = ParseJson(text);
  if (!json || !json->is_object() || JsonText(*json, "format") != kEntryFormat) {
    return Fail(Code::kInvalidInput, "this is not the proof of an entry");
  }
  EntryFacts facts;
  facts.verifier = verifier.empty() ? JsonText(*json, "verifier") : std::string(verifier);
  FID_ASSIGN(const Proven proven, CheckProof(*json, facts.verifier));
  FID_ASSIGN(facts.entry, DecodeEntry(proven.entry));
  if (facts.entry.seq != proven.place) {
    return Fail(Code::kCorrupt, "the entry says that it stands elsewhere");
  }
  facts.log = proven.checkpoint.origin;
  return facts;
}

Bytes ErasureCommitment(BytesView salt, const model::SubjectRef& subject) {
  Bytes head;
  ByteWriter out(head);
  out.Short("fiducia erasure");
  out.Short(salt);
  out.U32(subject.tenant);
  out.Raw(subject.id.bytes());
  return Bytes(crypto::View(crypto::Sha256({head})));
}

Result<std::string> WriteErasureReceipt(const Log& log, const model::SubjectRef& subject,
                                        BytesView salt, uint64_t place) {
  Json json;
  json["format"] = kFormat;
  json["customer"] = subject.id.Text();
  json["tenant"] = subject.tenant;
  json["salt"] = ToBase64(salt);
  FID_TRY(PutProof(log, place, json));
  return WriteJsonPretty(json) + "\n";
}

Result<ErasureFacts> CheckErasureReceipt(std::string_view text, std::string_view verifier) {
  const auto json = ParseJson(text);
  if (!json || !json->is_object() || JsonText(*json, "format") != kFormat ||
      !json->contains("tenant") || !(*json)["tenant"].is_number_unsigned()) {
    return Fail(Code::kInvalidInput, "this is not a receipt of an erasure");
  }
  ErasureFacts facts;
  facts.customer = JsonText(*json, "customer");
  facts.verifier = verifier.empty() ? JsonText(*json, "verifier") : std::string(verifier);
  FID_ASSIGN(const Uuid id, Uuid::Parse(facts.customer));
  FID_ASSIGN(const Bytes salt, FromBase64(JsonText(*json, "salt")));
  FID_ASSIGN(const Proven proven, CheckProof(*json, facts.verifier));
  facts.place = proven.place;
  FID_ASSIGN(const Entry entry, DecodeEntry(proven.entry));
  const model::SubjectRef subject{(*json)["tenant"].get<model::TenantId>(), id};
  if (entry.seq != facts.place || entry.leaf.op != "erase.finished" ||
      entry.leaf.decision != "done") {
    return Fail(Code::kCorrupt, "the entry is not that of a finished erasure");
  }
  if (entry.leaf.commitment != ErasureCommitment(salt, subject)) {
    return Fail(Code::kCorrupt, "the entry is about another customer");
  }
  facts.log = proven.checkpoint.origin;
  facts.size = proven.checkpoint.size;
  facts.erased_ms = entry.leaf.time_ms;
  return facts;
}

}  // namespace fiducia::audit
