// Subjects, their basis ledger and their timeline. All take the session of the data database.
#pragma once

#include <optional>

#include "db/session.h"
#include "store/dossier.h"

namespace fiducia::store {

struct SubjectRow {
  uint32_t version = 0;
  Bytes body;
  Bytes mac;
};

// Errors: kNotFound.
Result<SubjectRow> LoadSubject(db::Session& data, const model::SubjectRef& subject);
// Errors: kConflict if the id exists.
Status InsertSubject(db::Session& data, const model::SubjectRef& subject, const SubjectRow& row);
// Replaces the row if it still has `expected`. Errors: kVersionMismatch.
Status UpdateSubject(db::Session& data, const model::SubjectRef& subject, uint32_t expected,
                     const SubjectRow& row);
// Deletes the row, its ledger, its timeline. Fine if they are gone.
Status DeleteSubject(db::Session& data, const model::SubjectRef& subject);

Status AppendBasisEvent(db::Session& data, const model::SubjectRef& subject,
                        const model::BasisEvent& event);
Result<std::vector<model::BasisEvent>> LoadBasisEvents(db::Session& data,
                                                       const model::SubjectRef& subject);

struct TimelineRow {
  int64_t at_ms = 0;
  Uuid event;
  Bytes body;
};
Status InsertEvent(db::Session& data, const model::SubjectRef& subject, const TimelineRow& row);
// Fine if it is gone.
Status DeleteEvent(db::Session& data, const model::SubjectRef& subject, int64_t at_ms,
                   const Uuid& event);
// Newest first, older than (`before_ms`, `before_event`).
Result<std::vector<TimelineRow>> LoadTimeline(db::Session& data, const model::SubjectRef& subject,
                                              int64_t before_ms, const Uuid& before_event,
                                              int limit);

// Walks all subjects in key order, from after (`bucket`, `subject`). For recovery and reports.
struct WalkedSubject {
  model::Bucket bucket = 0;
  model::SubjectRef subject;
  SubjectRow row;
};
Result<std::vector<WalkedSubject>> WalkSubjects(db::Session& data, model::TenantId tenant,
                                                model::Bucket bucket, const Uuid& after, int limit);
// The subjects of one bucket after `after`, in the order of their ids.
Result<std::vector<WalkedSubject>> ListSubjects(db::Session& data, model::Bucket bucket,
                                                model::TenantId tenant, const Uuid& after,
                                                int limit);
Result<int64_t> CountSubjects(db::Session& data, model::TenantId tenant);

struct ErasureIntent {
  model::SubjectRef subject;
  bool suppress = true;  // the identifiers are remembered
};
Status AddErasureIntent(db::Session& data, const ErasureIntent& intent, int64_t now_ms);
Status RemoveErasureIntent(db::Session& data, const model::SubjectRef& subject);
Result<std::vector<ErasureIntent>> LoadErasureIntents(db::Session& data);

}  // namespace fiducia::store
