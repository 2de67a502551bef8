// The register of recipients: who outside of the house may be given what, for which purpose, and
// the refusal where something is not in order. Everything given is put on record for each person.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "govern/lawful/authorizations.h"
#include "govern/lawful/notices.h"
#include "govern/lawful/recipient.h"
#include "guard/service_keys.h"
#include "store/disclosures.h"

namespace fiducia::govern {

// Thread safe. All parts must outlive it.
class Recipients {
 public:
  struct Parts {
    const Authorizations& authorizations;
    const Notices& notices;
    guard::ServiceKeys& keys;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Recipients>> Open(Parts parts);

  // By code. Errors: kRoleRefused.
  Result<std::vector<Recipient>> List(const model::Access& access) const;
  Result<Recipient> Find(const model::Access& access, const Uuid& id) const;
  // Makes one (id nil), or changes it: its audits and its state stay. Errors: kRoleRefused,
  // kInvalidInput, kUnknownField, kUnknownPurpose, kNotFound, kConflict for a code that is taken.
  Result<Recipient> Put(const model::Access& access, Recipient wanted);
  // Errors: kNotFound, kInvalidInput for a day to come.
  Result<Recipient> AddAudit(const model::Access& access, const Uuid& id, AuditResult result,
                             int64_t day, const std::string& note);
  // Suspends, ends, or lets go on. Its keys end with it; what lies ready for it is not handed out
  // any more. Errors: kNotFound, kReasonRequired, kConflict for one that has ended.
  Result<Recipient> SetState(const model::Access& access, const Uuid& id, RecipientState state,
                             const std::string& reason);

  // What stands against giving it something now; with a purpose, also what people were told.
  std::vector<Obstacle> Obstacles(const Recipient& recipient, const std::string& purpose = {},
                                  const std::vector<std::string>& fields = {}) const;
  // Errors: kNotFound, kConflict that says what is not in order; it is put on record.
  Result<Recipient> MayGive(const model::Access& access, const std::string& code,
                            const std::string& purpose,
                            const std::vector<std::string>& fields) const;
  // Whether a key of a recipient may be used now; of any other key: yes.
  Status MayUseKey(const Uuid& key) const;
  // Puts on record that something of these people goes to a recipient. Durable when it returns,
  // so that nothing leaves before.
  Status Given(const Recipient& recipient, const std::vector<std::string>& fields,
               const std::vector<model::SubjectRef>& people) const;
  // How many people it was given something of.
  Result<int64_t> PeopleOf(const Uuid& id) const;
  // Who was given something of a person: name, and when.
  Result<std::vector<std::pair<Recipient, store::Disclosure>>> Of(
      const model::SubjectRef& subject) const;
  std::vector<Recipient> All() const;

 private:
  explicit Recipients(Parts parts) : parts_(parts) {}
  std::optional<Recipient> Known(const Uuid& id) const;
  Status Save(Recipient& recipient, const audit::Leaf& leaf);
  std::map<std::string, std::set<std::string>> Told() const;
  int64_t Today() const { return parts_.clock.NowMs() / 86400000; }
  bool IsSensitive(const std::vector<std::string>& fields) const;

  Parts parts_;
  std::mutex changing_;  // one change at a time
  mutable std::mutex mutex_;
  std::map<Uuid, Recipient> known_;
};

}  // namespace fiducia::govern
