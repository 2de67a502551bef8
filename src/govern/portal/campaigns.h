// Asking customers to look at what is held about them and has not been looked at for long: a
// message that leads to the portal, where they confirm or correct it. No value and no link that
// lets anybody in stands in the message.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "govern/portal/doors.h"

namespace fiducia::govern {

struct Campaign {
  Uuid id;
  std::vector<std::string> fields;  // ids; those whose time is over are asked about
  int most = 0;                     // customers to ask
  int64_t started_ms = 0;
  int64_t closed_ms = 0;  // 0: it runs
  Uuid by;
  int64_t passed = 0;       // had something stale, but must not or cannot be written to
  std::vector<Uuid> asked;  // customers
  int64_t confirmed = 0;    // looked at it, or gave something newer, since
};

// Thread safe. All parts must outlive it.
class Campaigns {
 public:
  struct Parts {
    const Authorizations& authorizations;
    const Doors& doors;
    courier::Outbox& outbox;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Campaigns>> Open(Parts parts);

  // Asks the customers whose values are stale and who can be written to, at most `most`; nobody is
  // asked twice within ninety days, and nobody who restricted the use of their data. Errors:
  // kUnknownField; kInvalidInput for a field that never gets stale, for 0 or more than 1000.
  Result<Campaign> Start(const model::Access& access, const std::vector<std::string>& fields,
                         int most);
  // Newest first, with who has answered by now.
  Result<std::vector<Campaign>> List(const model::Access& access) const;
  // Counts no more. Errors: kNotFound; kConflict if it is closed already.
  Result<Campaign> Close(const model::Access& access, const Uuid& id);

 private:
  struct Held {
    uint32_t version = 0;
    Campaign campaign;
  };
  explicit Campaigns(Parts parts) : parts_(parts) {}
  Result<model::FieldSet> FieldsOf(const std::vector<std::string>& ids) const;
  std::set<Uuid> AskedLately() const;
  Status Ask(const model::Access& access, const process::LoadedRecord& record, bool& asked) const;
  Status Count(Campaign& campaign) const;

  Parts parts_;
  std::mutex changing_;
  mutable std::mutex mutex_;
  std::map<Uuid, Held> known_;
};

}  // namespace fiducia::govern
