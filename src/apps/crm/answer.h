// Private to crm: answering when, and only when, the audit leaf is durable; and once for a repeated
// request.
#pragma once

#include "apps/crm/customers.h"
#include "store/placement.h"

namespace fiducia::apps {

// If the leaf cannot be made durable, nothing leaves.
template <typename T>
void AnswerAfter(const audit::Receipt& receipt, T answer, Done<T> done) {
  receipt.Await([answer = std::move(answer), done = std::move(done)](const Status& status) mutable {
    done(status ? Result<T>(std::move(answer)) : std::unexpected(status.error()));
  });
}

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
