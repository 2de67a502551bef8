// Private to crm: answering once for a repeated request.
#pragma once

#include "apps/crm/customers.h"
#include "store/placement.h"

namespace fiducia::apps {

using gate::AnswerAfter;

// What a write job does once it is durable, or has failed.
inline std::move_only_function<void(const Status&)> Acknowledge(const Written& written,
                                                                Done<Written> done) {
  return [written, done = std::move(done)](const Status& status) mutable {
    done(status ? Result<Written>(written) : std::unexpected(status.error()));
  };
}

// Keeps the answer in the transaction of the change, and so in the bucket of the change.
inline Status Keep(store::Session& data, const store::AnswerPlace& place,
                   const Idempotency& idempotency, const Written& written, int64_t now_ms) {
  if (idempotency.key_hash.empty()) {
    return {};
  }
  return store::KeepAnswer(data, place,
                           {idempotency.request_hash, static_cast<int>(written.version),
                            written.subject.id.Text() + " " + written.event.Text()},
                           now_ms);
}

}  // namespace fiducia::apps
