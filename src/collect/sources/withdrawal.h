// What a source brought, taken out again once the source is cut off: who is known from it alone is
// erased, its values leave the records of others.
#pragma once

#include <functional>

#include "govern/lawful/source_terms.h"
#include "process/record/reader.h"

namespace fiducia::collect {

struct Withdrawn {
  int64_t looked = 0;   // records gone through
  int64_t only = 0;     // of people known from it alone
  int64_t some = 0;     // that hold values of others too
  int64_t values = 0;   // of it
  int64_t entries = 0;  // of it, in timelines
  int64_t held = 0;     // records left as they are: kept for a legal claim
};

// Thread safe. All parts must outlive it.
class Withdrawal {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    const govern::SourceRegister& sources;
    // Destroys one record, without keeping the person from coming back.
    std::function<Status(const model::Access&, const model::SubjectRef&)> erase;
  };
  explicit Withdrawal(Parts parts) : parts_(std::move(parts)) {}

  // Goes through everything. Without `really` nothing changes. May be stopped at any moment and
  // run again: what is done is done. Errors: kConflict for a source that is not cut off; those of
  // an erasure.
  Result<Withdrawn> Run(const model::Access& access, const std::string& source, bool really) const;

 private:
  struct Entries;
  Result<Entries> EntriesOf(store::ReadLease& lease, const vault::SubjectKey& key,
                            const model::SubjectRef& subject, const std::string& source) const;
  Status Reduce(const model::Access& access, const std::string& source, process::BuiltRecord built,
                const Entries& entries) const;

  Parts parts_;
};

}  // namespace fiducia::collect
