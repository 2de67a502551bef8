// Imports: their progress, what each row became, and the quarantine of refused rows (sealed).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/session.h"
#include "model/types.h"
#include "store/tokens.h"

namespace fiducia::store {

struct ImportRow {
  Uuid id;
  std::string state;  // running, done, failed, reverted
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  int64_t rows_done = 0;
  std::string facts;  // JSON: source, basis, purposes, counts …; no personal data
};
Result<ImportRow> LoadImport(db::Session& data, model::TenantId tenant, const Uuid& id);
// The newest first; those before `before`, if given.
Result<std::vector<ImportRow>> ListImports(db::Session& data, model::TenantId tenant,
                                           const std::optional<Uuid>& before, int limit);
// All of them, the newest first, until `visit` gives false.
Status EachImport(db::Session& data, model::TenantId tenant,
                  const std::function<bool(const ImportRow& import)>& visit);
Status PutImport(db::Session& data, model::TenantId tenant, const ImportRow& import);

enum class RowAction : uint8_t { kCreated = 1, kMatched = 2 };
struct ImportedRow {
  model::SubjectRef subject;
  int64_t row = 0;
  RowAction action = RowAction::kCreated;
  Bytes tokens;  // fingerprint (16 bytes) and, if the source has record keys, that token (16 bytes)
  uint64_t leaf = 0;
};
// The tokens behind `ImportedRow::tokens`.
std::vector<Token> TokensOfImport(const ImportedRow& row);
Status InsertImportedRow(db::Session& data, const Uuid& import, const ImportedRow& row);
// What imports did to one subject, in order.
struct SubjectImport {
  Uuid import;
  ImportedRow row;
};
Result<std::vector<SubjectImport>> LoadImportsOf(db::Session& data,
                                                 const model::SubjectRef& subject);
// Subjects an import created or added to, in order, after `after` of `bucket`. Walks buckets.
struct TouchedSubject {
  model::Bucket bucket = 0;
  model::SubjectRef subject;
};
Result<std::vector<TouchedSubject>> LoadTouchedBy(db::Session& data, model::TenantId tenant,
                                                  const Uuid& import, model::Bucket bucket,
                                                  const Uuid& after, int limit);

// Subjects that one row went into. Walks buckets.
Result<std::vector<TouchedSubject>> LoadTouchedByRow(db::Session& data, model::TenantId tenant,
                                                     const Uuid& import, int64_t row);
Status DeleteImportedRow(db::Session& data, const model::SubjectRef& subject, const Uuid& import,
                         int64_t row);

enum class RejectState : uint8_t { kOpen = 0, kRepaired = 1, kUndone = 2 };
struct Reject {
  int64_t row = 0;
  std::string field;
  std::string reason;
  RejectState state = RejectState::kOpen;
  Bytes sealed;  // the whole row, under the key of the import
};
Status PutReject(db::Session& data, model::TenantId tenant, const Uuid& import,
                 const Reject& reject);
Result<std::vector<Reject>> LoadRejects(db::Session& data, model::TenantId tenant,
                                        const Uuid& import, int64_t after_row, int limit);
Status DeleteRejects(db::Session& data, model::TenantId tenant, const Uuid& import);

}  // namespace fiducia::store
