// The receipt of an authorization for the person: a consent record after ISO/IEC TS 27560 in
// JSON-LD with the Data Privacy Vocabulary, signed by the key of the audit log. It holds no value
// of the person.
#pragma once

#include <string>
#include <string_view>

#include "audit/log.h"
#include "model/types.h"
#include "rules/policy.h"

namespace fiducia::govern {

std::string WriteConsentReceipt(const rules::Policy& policy, const audit::Log& log,
                                const model::SubjectRef& subject, const model::BasisEvent& event);

struct ConsentReceiptFacts {
  std::string customer;
  std::string purpose;
  std::string state;  // given, withdrawn …
  std::string at;
  std::string verifier;
};
// Offline. `verifier` empty: the one in the receipt. Errors: kInvalidInput, kCorrupt.
Result<ConsentReceiptFacts> CheckConsentReceipt(std::string_view text, std::string_view verifier);

}  // namespace fiducia::govern
