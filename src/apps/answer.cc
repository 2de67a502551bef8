#include "apps/answer.h"

namespace fiducia::apps {

Result<std::optional<Written>> Repeated(store::Engine& engine, const store::AnswerPlace& place,
                                        const Idempotency& idempotency) {
  if (idempotency.key_hash.empty()) {
    return std::optional<Written>();
  }
  FID_ASSIGN(const auto lease, engine.Read());
  FID_ASSIGN(const auto kept, store::LoadAnswer(lease->session(store::Which::kData), place));
  if (!kept) {
    return std::optional<Written>();
  }
  if (kept->request_hash != idempotency.request_hash) {
    return Fail(Code::kConflict, "this Idempotency-Key was used for another request");
  }
  // Kept as "<subject> <event>", the version as the status.
  Written written;
  FID_ASSIGN(written.subject.id, Uuid::Parse(std::string_view(kept->answer).substr(0, 36)));
  FID_ASSIGN(written.event, Uuid::Parse(std::string_view(kept->answer).substr(37, 36)));
  written.version = static_cast<uint32_t>(kept->status);
  written.repeated = true;
  return std::optional<Written>(written);
}

}  // namespace fiducia::apps
