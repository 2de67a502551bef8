// The receipt of an erasure: a file by which the person, or a court, can check offline and for ever
// that it stands in the company's log. The company keeps nothing that tells who the person was.
// The form: docs/formats/erasure_receipt.md.
#pragma once

#include <string>

#include "audit/log.h"

namespace fiducia::audit {

constexpr size_t kReceiptSaltSize = 16;

// What the leaf of an erasure commits to; the salt opens it.
Bytes ErasureCommitment(BytesView salt, const model::SubjectRef& subject);

// The receipt's text (JSON) for the leaf at `place`, which must be published.
Result<std::string> WriteErasureReceipt(const Log& log, const model::SubjectRef& subject,
                                        BytesView salt, uint64_t place);

// One entry of the log with the path to a signed checkpoint: anybody can check it, offline.
Result<std::string> WriteEntryProof(const Log& log, uint64_t place);
struct EntryFacts {
  Entry entry;
  std::string log;
  std::string verifier;
};
// `verifier` empty: the one in the proof. Errors: kInvalidInput, kCorrupt.
Result<EntryFacts> CheckEntryProof(std::string_view text, std::string_view verifier);

struct ErasureFacts {
  std::string customer;
  std::string log;       // origin of the log
  std::string verifier;  // the key that was used
  int64_t erased_ms = 0;
  uint64_t place = 0;
  uint64_t size = 0;
};
// `verifier` overrides the one in the receipt: a receipt that brings its own key proves only that
// it fits itself. Errors: kInvalidInput if it is not a receipt, kCorrupt with what does not fit.
Result<ErasureFacts> CheckErasureReceipt(std::string_view text, std::string_view verifier);

}  // namespace fiducia::audit
