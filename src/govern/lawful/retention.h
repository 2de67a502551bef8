// Retention: what is kept no longer goes. The end of a value is the catalog's period from its own
// start, shortened where a law sets a maximum, lengthened where a law sets a minimum; a hold stops
// it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "govern/lawful/authorizations.h"
#include "guard/register_book.h"

namespace fiducia::govern {

// Of the certificate of a run, as audit::CheckSignedRecord takes it.
constexpr std::string_view kDestructionFormat = "fiducia-destruction-certificate/1";

// What is due of one person on a day.
struct DueItems {
  model::SubjectRef subject;
  model::FieldSet fields;                        // of the record
  std::vector<std::pair<int64_t, Uuid>> events;  // of the timeline: when, which
  bool whole = false;                            // nothing would be left
  bool held = false;                             // a hold or a law keeps it; nothing is done
};

struct RetentionPlan {
  int64_t day = 0;
  int64_t looked_at = 0;
  int64_t people = 0;  // of whom something goes
  int64_t whole = 0;   // of whom all goes
  int64_t held = 0;    // of whom something would go, were it not held
  int64_t values = 0;
  int64_t events = 0;
  std::map<std::string, int64_t> by_class;  // values
};

struct RetentionRun {
  Uuid id;
  uint32_t version = 0;
  std::string state;  // waiting, running, done, dropped
  RetentionPlan plan;
  int64_t made_ms = 0;
  int64_t done_ms = 0;
  Uuid approved_by;
  std::string set_root;  // hex: SHA-256 over the sorted pseudonyms of whom it touched
};

// Thread safe. All parts must outlive it.
class Retentions {
 public:
  struct Parts {
    const Authorizations& authorizations;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
    std::function<Result<std::string>(const model::Access&, const model::SubjectRef&)> erase;
  };
  static Result<std::unique_ptr<Retentions>> Open(Parts parts);

  // What would go on a day. Changes nothing. Errors: kRoleRefused.
  Result<RetentionPlan> Simulate(const model::Access& access, int64_t day) const;
  // One run a day: carried out at once if it touches few, else it waits for a person. Call now and
  // then.
  Status Tick();
  // Lets a waiting run go on, or drops it. What is due is looked up anew. Errors: kRoleRefused,
  // kNotFound, kConflict.
  Result<RetentionRun> Decide(const model::Access& access, const Uuid& id, bool approve);
  Result<std::vector<RetentionRun>> Runs(const model::Access& access) const;  // newest first
  // What was destroyed, signed; no personal data. Errors: kConflict if it is not done.
  Result<std::string> Certificate(const model::Access& access, const Uuid& id) const;

  // What is due of one record on a day.
  Result<DueItems> DueOf(store::ReadLease& lease, const process::LoadedRecord& record,
                         int64_t day) const;

 private:
  explicit Retentions(Parts parts) : parts_(std::move(parts)) {}
  using Each = std::function<Status(const process::LoadedRecord&, const DueItems&)>;
  Result<RetentionPlan> Walk(int64_t day, const Each& each) const;
  int64_t EndOfRelationship(const store::Dossier& dossier,
                            const std::vector<model::BasisEvent>& events) const;
  Status Destroy(const model::Access& access, const process::LoadedRecord& record,
                 const DueItems& due) const;
  Result<RetentionRun> Carry(const model::Access& access, RetentionRun run);
  Status Save(RetentionRun& run, const audit::Leaf& leaf);

  Parts parts_;
  std::mutex running_;
  mutable std::mutex mutex_;
  std::map<Uuid, RetentionRun> runs_;
};

}  // namespace fiducia::govern
