// Answering when, and only when, the audit leaf is durable.
#pragma once

#include <functional>

#include "audit/log.h"

namespace fiducia::gate {

// Called once, on any thread, when the answer may leave.
template <typename T>
using Done = std::move_only_function<void(Result<T>)>;

// If the leaf cannot be made durable, nothing leaves.
template <typename T>
void AnswerAfter(const audit::Receipt& receipt, T answer, Done<T> done) {
  receipt.Await([answer = std::move(answer), done = std::move(done)](const Status& status) mutable {
    done(status ? Result<T>(std::move(answer)) : std::unexpected(status.error()));
  });
}

}  // namespace fiducia::gate
