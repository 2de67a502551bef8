// What customers say about how their information is treated, each answered to an end.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "govern/lawful/authorizations.h"
#include "guard/register_book.h"
#include "model/sensitive.h"

namespace fiducia::govern {

struct Opinion {
  Uuid id;
  uint32_t version = 0;
  Uuid customer;
  model::Sensitive text;
  int64_t at_ms = 0;
  model::Sensitive answer;
  int64_t answered_ms = 0;  // 0: open
  Uuid answered_by;
};

// Thread safe. All parts must outlive it.
class Feedback {
 public:
  struct Parts {
    const Authorizations& authorizations;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Feedback>> Open(Parts parts);

  // Errors: kInvalidInput, kTooManyRequests if five of the person are open.
  Result<Opinion> Say(const Self& self, model::Sensitive text);
  std::vector<Opinion> Of(const Uuid& customer) const;
  // Drops what a person said who was erased.
  Status Forget(const Uuid& customer);
  // All, the open ones first. Errors: kRoleRefused.
  Result<std::vector<Opinion>> List(const model::Access& access) const;
  // Errors: kRoleRefused, kNotFound, kConflict if it was answered.
  Result<Opinion> Answer(const model::Access& access, const Uuid& id, model::Sensitive text);

 private:
  explicit Feedback(Parts parts) : parts_(parts) {}
  void Keep(Opinion opinion);

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<Uuid, Opinion> known_;
};

}  // namespace fiducia::govern
