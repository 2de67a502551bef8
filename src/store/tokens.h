// Blind-index tokens: who might hold a value, without the value. A reader opens each candidate and
// compares, so a stale or colliding token only costs a look.
#pragma once

#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

struct Token {
  uint32_t kind = 0;  // field number * 2, plus 1 for a sound index; or kTokenKind…
  Bytes value;        // at least 2 bytes
};

constexpr uint32_t kTokenKindRecordKey = 2000;    // the source's own key of a record
constexpr uint32_t kTokenKindFingerprint = 2001;  // a whole imported row

Status AddToken(db::Session& index, const Token& token, const model::SubjectRef& subject);
Status RemoveToken(db::Session& index, const Token& token, const model::SubjectRef& subject);
// At most `limit` subjects after `after`, in the order of their ids.
Result<std::vector<model::SubjectRef>> FindByToken(db::Session& index, model::TenantId tenant,
                                                   const Token& token, const Uuid& after,
                                                   int limit);

}  // namespace fiducia::store
