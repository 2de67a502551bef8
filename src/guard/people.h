// The house's own people: who they are, where they work, and the grants that say what they may do.
// Held in memory, written through; a change of a person's standing ends their sessions with it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "guard/passwords.h"
#include "guard/register_book.h"
#include "guard/user.h"

namespace fiducia::guard {

class Sessions;

struct Department {
  Uuid id;
  uint32_t version = 0;
  std::string code;  // a-z, 0-9, _ and -; shown in grants and in the audit log
  rules::Texts name;
  std::string parent;  // code; empty: the top
  // What the department works for: its people's grants reach no other purpose. None: no limit.
  std::optional<std::vector<std::string>> purposes;
};

struct Grant {
  Uuid id;
  uint32_t version = 0;
  Uuid user;
  model::Lease lease;
  std::string reason;
  Uuid given_by;
  int64_t given_ms = 0;
  int64_t revoked_ms = 0;
  Uuid request;  // the access request it came from, if any
};

struct NewUser {
  model::Sensitive login;
  model::Sensitive name;
  model::Sensitive email;
  std::string locale;
  std::string department;
};
struct Invitation {
  Uuid user;
  std::string setup_token;  // shown once: whoever holds it chooses the password
  int64_t until_ms = 0;
};

// Thread safe.
class People {
 public:
  struct Parts {
    const RegisterBook& book;
    const gate::Gate& gate;
    const vault::Vault& vault;
    const Clock& clock;
    Rng& rng;
    Sessions& sessions;
  };
  static Result<std::unique_ptr<People>> Open(const Parts& parts);

  // Errors: kNotFound.
  Result<UserPtr> Find(const Uuid& id) const;
  UserPtr FindByLogin(const model::Sensitive& login) const;  // nullptr: nobody
  UserPtr FindByPasskey(BytesView credential_id) const;
  UserPtr FindBySsoAccount(const Bytes& account) const;
  UserPtr FindBySetupToken(std::string_view token) const;
  std::vector<UserPtr> List() const;
  std::vector<Department> Departments() const;
  // What a department may work for, with what its parents allow; none: no limit.
  std::optional<std::vector<std::string>> PurposesOfDepartment(const std::string& code) const;
  std::vector<Grant> Grants() const;
  std::vector<Grant> GrantsOf(const Uuid& user) const;

  // Errors: kConflict for a login in use, kInvalidInput.
  Result<Invitation> Add(const model::Access& access, NewUser command);
  Result<Invitation> Invite(const model::Access& access, const Uuid& user);
  // Ends sessions and grants in the same transaction. Errors: kDenied for oneself.
  Status Disable(const model::Access& access, const Uuid& user);
  // As if just added: without grants, password and second factors, until invited anew.
  Status Enable(const model::Access& access, const Uuid& user);
  // Moves to another department: grants end, sessions too; new grants are given by somebody.
  Status Move(const model::Access& access, const Uuid& user, const std::string& department);
  Status PutDepartment(const model::Access& access, Department department);

  struct GrantCommand {
    Uuid user;
    model::Lease lease;
    std::string reason;
    Uuid request;
  };
  // Errors: kDenied for oneself, kInvalidInput for a role that is none for people or a term over 90
  // days, kConflict if the roles of one person must not meet.
  Result<Uuid> Give(const model::Access& access, GrantCommand command);
  Status CheckGrant(const model::Access& access, const GrantCommand& command) const;
  // The same as the outcome of a request that another person approved.
  Result<Uuid> GiveApproved(const model::Access& approver, GrantCommand command);
  // Opened by the person who needs it, at once: the caller has told others.
  Result<Uuid> GiveEmergency(const model::Access& access, GrantCommand command);
  Status Revoke(const model::Access& access, const Uuid& grant);
  // The same for who may end it on other grounds; `with` goes into the same transaction.
  Status EndGrant(const model::Access& access, const Uuid& grant, std::string_view op,
                  std::vector<DocumentChange> with);

  // What this person may do now.
  model::Actor ActorOf(const User& user) const;
  // Whether courses and agreement are in order.
  bool IsTrained(const User& user) const;
  bool HasSigned(const User& user) const;

  // Changes a person's own document: `change` sees a copy; `leaf` says what happened. `with` goes
  // into the same transaction.
  Status Change(const Uuid& user, const std::function<Status(User& user)>& change,
                const audit::Leaf& leaf, std::vector<DocumentChange> with = {});
  audit::Leaf NewLeaf(const Uuid& actor, std::string_view op) const;
  const Clock& clock() const { return parts_.clock; }
  Rng& rng() const { return parts_.rng; }
  const RegisterBook& book() const { return parts_.book; }
  const gate::Gate& gate() const { return parts_.gate; }
  const vault::Vault& vault() const { return parts_.vault; }

 private:
  explicit People(const Parts& parts) : parts_(parts) {}
  Status LoadAll();
  void Keep(User user);
  Result<Uuid> WriteGrant(const model::Access& access, GrantCommand command, const std::string& op);
  Status EndStanding(const model::Access& access, const Uuid& user, const std::string& op,
                     const std::function<void(User& user)>& change);
  // The purposes a department's people may work for; none: no limit.
  std::optional<std::vector<std::string>> PurposesOf(const std::string& department) const;
  Invitation Open(User& user) const;

  Parts parts_;
  std::mutex writing_;  // changes are made one at a time
  mutable std::shared_mutex mutex_;
  std::map<Uuid, UserPtr> users_;
  std::map<Bytes, Uuid> logins_;  // by keyed hash
  std::map<std::string, Department> departments_;
  std::map<Uuid, Grant> grants_;
};

}  // namespace fiducia::guard
