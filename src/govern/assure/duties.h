// Duties: who answers for each source, dataset, purpose, recipient and policy, and by when it has
// to be looked at again.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "govern/lawful/notices.h"
#include "govern/lawful/recipients.h"

namespace fiducia::govern {

struct Duty {
  Uuid id;
  uint32_t version = 0;
  std::string kind;   // purpose, source, dataset, recipient, notice, policy
  std::string ref;    // the id of what it is about
  std::string owner;  // a person's id, or a role
  std::string every;  // ISO 8601
  int64_t since_ms = 0;
  int64_t reviewed_ms = 0;
  Uuid reviewed_by;
  std::string note;  // of the last review

  int64_t DueDay() const;
};

// Thread safe. All parts must outlive it.
class Duties {
 public:
  struct Parts {
    const Notices& notices;
    const Recipients& recipients;
    const Authorizations& authorizations;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Duties>> Open(Parts parts);

  // All, the most urgent first; without the right to manage them, one's own.
  Result<std::vector<Duty>> List(const model::Access& access) const;
  // Names another owner or period. Errors: kRoleRefused, kNotFound, kInvalidInput.
  Result<Duty> Assign(const model::Access& access, const Uuid& id, const std::string& owner,
                      const std::string& every);
  // By the owner, or by who manages them. Errors: kNotFound, kReasonRequired without a word about
  // it.
  Result<Duty> Review(const model::Access& access, const Uuid& id, const std::string& note);
  // Takes on what is new, drops what is gone. Call now and then.
  Status Tick();
  // By ref, of one kind.
  std::map<std::string, std::string> OwnersOf(std::string_view kind) const;

 private:
  explicit Duties(Parts parts) : parts_(parts) {}
  bool IsOwner(const model::Access& access, const Duty& duty) const;
  Result<Duty> Find(const model::Access& access, const Uuid& id) const;
  Status Save(Duty& duty, const audit::Leaf& leaf);
  Result<std::vector<Duty>> Things() const;

  Parts parts_;
  std::mutex changing_;  // one change at a time
  mutable std::mutex mutex_;
  std::map<Uuid, Duty> known_;
};

}  // namespace fiducia::govern
