// A record that the installation has signed, for people to keep and check offline: JSON with the
// record, a signed note over its exact text, and the key. The form: docs/formats/signed_record.md.
#pragma once

#include <string>
#include <string_view>

#include "audit/log.h"
#include "base/json.h"

namespace fiducia::audit {

// `format`: name and version, such as fiducia-rights-certificate/1.
std::string WriteSignedRecord(const Log& log, std::string_view format, const Json& record);

struct SignedRecord {
  Json record;
  std::string verifier;  // the key that was used
};
// `verifier` empty: the one in the file, which proves only that the file fits itself. Errors:
// kInvalidInput for another format, kCorrupt for what was not signed so.
Result<SignedRecord> CheckSignedRecord(std::string_view text, std::string_view format,
                                       std::string_view verifier);

}  // namespace fiducia::audit
