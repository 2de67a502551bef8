// Answering once for a repeated request, and only when the change is durable.
#pragma once

#include <optional>

#include "gate/answer.h"
#include "store/config_rows.h"
#include "store/placement.h"

namespace fiducia::apps {

using gate::AnswerAfter;
using gate::Done;

// An Idempotency-Key as the caller sent it, hashed. Empty: none.
struct Idempotency {
  Bytes key_hash;
  Bytes request_hash;
};

struct Written {
  model::SubjectRef subject;
  uint32_t version = 0;
  Uuid event;             // of a timeline entry
  bool repeated = false;  // answered from an earlier request
};

// What was answered to this request before; none if it is new. Errors: kConflict if its key was
// used for another.
Result<std::optional<Written>> Repeated(store::Engine& engine, const store::AnswerPlace& place,
                                        const Idempotency& idempotency);

// What a write job does once it is durable, or has failed.
inline std::move_only_function<void(const Status&)> Acknowledge(const Written& written,
                                                                Done<Written> done) {
  return [written, done = std::move(done)](const Status& status) mutable {
    done(status ? Result<Written>(written) : std::unexpected(status.error()));
  };
}

// An answer with the receipt of its leaf, or the error that stands for it.
template <typename T>
void AnswerWith(Result<std::pair<T, audit::Receipt>> result, Done<T> done) {
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  AnswerAfter(result->second, std::move(result->first), std::move(done));
}

// A write that failed, or was answered before; nothing if a job is under way that will answer.
inline void AnswerUnlessUnderWay(const Result<std::optional<Written>>& result,
                                 Done<Written>& done) {
  if (!result) {
    done(std::unexpected(result.error()));
  } else if (*result) {
    done(**result);
  }
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
