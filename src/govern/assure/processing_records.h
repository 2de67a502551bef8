// The record of processing as it is now, and as it was frozen month by month, with its hash in the
// audit log.
#pragma once

#include <mutex>
#include <vector>

#include "govern/assure/duties.h"
#include "govern/assure/processing_record.h"

namespace fiducia::govern {

struct FrozenRecord {
  Uuid id;
  std::string month;  // 2026-11
  int64_t frozen_ms = 0;
  std::string hash;  // SHA-256 over the text, hex
  std::string text;  // JSON
};

// Thread safe. All parts must outlive it.
class ProcessingRecords {
 public:
  struct Parts {
    const Notices& notices;
    const Recipients& recipients;
    const Assessments& assessments;
    const Duties& duties;
    const Authorizations& authorizations;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<ProcessingRecords>> Open(Parts parts);

  // Errors: kRoleRefused.
  Result<Json> Now(const model::Access& access) const;
  // Newest first.
  Result<std::vector<FrozenRecord>> Frozen(const model::Access& access) const;
  // Errors: kNotFound.
  Result<FrozenRecord> Find(const model::Access& access, const std::string& month) const;
  // Freezes this month's, unless it is frozen. Call now and then.
  Status Tick();

 private:
  explicit ProcessingRecords(Parts parts) : parts_(parts) {}
  Result<Json> Build() const;

  Parts parts_;
  mutable std::mutex mutex_;
  std::vector<FrozenRecord> frozen_;  // oldest first
};

}  // namespace fiducia::govern
