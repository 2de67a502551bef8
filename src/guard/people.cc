#include "guard/people.h"

#include <algorithm>
#include <mutex>

#include "base/text.h"
#include "crypto/second_factor.h"
#include "guard/sessions.h"
#include "guard/standing.h"

namespace fiducia::guard {

namespace {

constexpr int64_t kDayMs = 86400000;
constexpr int64_t kSetupMs = 2 * kDayMs;
constexpr size_t kTokenSize = 32;

Bytes LoginHash(const vault::Vault& vault, const model::Sensitive& login) {
  return vault.KeyedHash("login", FoldCase(login.Reveal()));
}

bool IsText(const model::Sensitive& value, size_t longest) {
  const std::string_view text = value.Reveal();
  return !text.empty() && text.size() <= longest && IsOneLine(text);
}

bool IsLogin(const model::Sensitive& value) {
  const std::string_view text = value.Reveal();
  return IsText(value, 80) && CountCharacters(text) >= 3 && text.find(' ') == text.npos;
}

}  // namespace

Result<std::unique_ptr<People>> People::Open(const Parts& parts) {
  std::unique_ptr<People> people(new People(parts));
  FID_TRY(people->LoadAll());
  return people;
}

Status People::LoadAll() {
  FID_ASSIGN(const auto users, parts_.book.Load(kUserKind));
  for (const Document& document : users) {
    FID_ASSIGN(User user, UserFrom(document.id, document.version, document.json));
    Keep(std::move(user));
  }
  FID_ASSIGN(const auto departments, parts_.book.Load(kDepartmentKind));
  for (const Document& document : departments) {
    Department department = DepartmentFrom(document);
    departments_[department.code] = std::move(department);
  }
  FID_ASSIGN(const auto grants, parts_.book.Load(kGrantKind));
  for (const Document& document : grants) {
    FID_ASSIGN(Grant grant, GrantFrom(document, parts_.gate.policy().catalog));
    grants_[grant.id] = std::move(grant);
  }
  return {};
}

void People::Keep(User user) {
  const Uuid id = user.id;
  logins_[LoginHash(parts_.vault, user.login)] = id;
  users_[id] = std::make_shared<const User>(std::move(user));
}

Result<UserPtr> People::Find(const Uuid& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) {
    return Fail(Code::kNotFound, "there is no such person");
  }
  return found->second;
}

UserPtr People::FindByLogin(const model::Sensitive& login) const {
  const Bytes hash = LoginHash(parts_.vault, login);
  const std::shared_lock lock(mutex_);
  const auto found = logins_.find(hash);
  return found == logins_.end() ? nullptr : users_.at(found->second);
}

UserPtr People::FindByPasskey(BytesView credential_id) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [id, user] : users_) {
    for (const Passkey& passkey : user->passkeys) {
      if (passkey.credential.id == credential_id) {
        return user;
      }
    }
  }
  return nullptr;
}

UserPtr People::FindBySsoAccount(const Bytes& account) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [id, user] : users_) {
    if (!user->sso_account.empty() && EqualConstantTime(user->sso_account, account)) {
      return user;
    }
  }
  return nullptr;
}

UserPtr People::FindBySetupToken(std::string_view token) const {
  const Bytes hash = parts_.vault.KeyedHash("setup", token);
  const int64_t now = parts_.clock.NowMs();
  const std::shared_lock lock(mutex_);
  for (const auto& [id, user] : users_) {
    if (!user->setup_hash.empty() && EqualConstantTime(user->setup_hash, hash) &&
        now < user->setup_until_ms && user->state != UserState::kDisabled) {
      return user;
    }
  }
  return nullptr;
}

std::vector<UserPtr> People::List() const {
  const std::shared_lock lock(mutex_);
  std::vector<UserPtr> list;
  list.reserve(users_.size());
  for (const auto& [id, user] : users_) {
    list.push_back(user);
  }
  return list;
}

std::optional<std::vector<std::string>> People::PurposesOfDepartment(
    const std::string& code) const {
  const std::shared_lock lock(mutex_);
  return PurposesOf(code);
}

std::vector<Department> People::Departments() const {
  const std::shared_lock lock(mutex_);
  std::vector<Department> list;
  list.reserve(departments_.size());
  for (const auto& [code, department] : departments_) {
    list.push_back(department);
  }
  return list;
}

std::vector<Grant> People::Grants() const {
  const std::shared_lock lock(mutex_);
  std::vector<Grant> list;
  list.reserve(grants_.size());
  for (const auto& [id, grant] : grants_) {
    list.push_back(grant);
  }
  return list;
}

std::vector<Grant> People::GrantsOf(const Uuid& user) const {
  std::vector<Grant> list = Grants();
  std::erase_if(list, [&](const Grant& grant) { return grant.user != user; });
  return list;
}

audit::Leaf People::NewLeaf(const Uuid& actor, std::string_view op) const {
  model::Access access;
  access.actor.id = actor;
  access.actor.role = "person";
  return parts_.gate.NewLeaf(access, op, "done");
}

Invitation People::Open(User& user) const {
  Bytes secret(kTokenSize, '\0');
  parts_.rng.Fill(secret);
  Invitation invitation{user.id, ToBase64Url(secret), parts_.clock.NowMs() + kSetupMs};
  user.setup_hash = parts_.vault.KeyedHash("setup", invitation.setup_token);
  user.setup_until_ms = invitation.until_ms;
  return invitation;
}

Result<Invitation> People::Add(const model::Access& access, NewUser command) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  const std::lock_guard writing(writing_);
  command.login = model::Sensitive(FoldCase(command.login.Reveal()));
  if (!IsLogin(command.login) || !IsText(command.name, 160)) {
    return Fail(Code::kInvalidInput,
                "a person has a login of 3 to 80 characters without blanks, and a name");
  }
  if (!command.email.empty() && !IsText(command.email, 160)) {
    return Fail(Code::kInvalidInput, "the e-mail address is malformed");
  }
  if (command.locale != "en" && command.locale != "zh-CN" && command.locale != "zh-TW") {
    return Fail(Code::kInvalidInput, "a language is en, zh-CN or zh-TW");
  }
  {
    const std::shared_lock lock(mutex_);
    if (!command.department.empty() && !departments_.contains(command.department)) {
      return Fail(Code::kInvalidInput, "there is no such department");
    }
    if (logins_.contains(LoginHash(parts_.vault, command.login))) {
      return Fail(Code::kConflict, "this login is in use");
    }
  }
  User user;
  user.id = Uuid::V7(parts_.clock, parts_.rng);
  user.version = 1;
  user.login = std::move(command.login);
  user.name = std::move(command.name);
  user.email = std::move(command.email);
  user.locale = command.locale;
  user.department = command.department;
  user.created_ms = parts_.clock.NowMs();
  Invitation invitation = Open(user);
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "person.add", "done");
  leaf.detail = user.id.Text();
  FID_TRY(parts_.book.Commit({{std::string(kUserKind), user.id, 1, ToJson(user)}}, {leaf}));
  const std::unique_lock lock(mutex_);
  Keep(std::move(user));
  return invitation;
}

Status People::Change(const Uuid& id, const std::function<Status(User& user)>& change,
                      const audit::Leaf& leaf, std::vector<DocumentChange> with) {
  const std::lock_guard writing(writing_);
  FID_ASSIGN(const UserPtr before, Find(id));
  User user = *before;
  ++user.version;
  FID_TRY(change(user));
  with.push_back({std::string(kUserKind), id, user.version, ToJson(user)});
  FID_TRY(parts_.book.Commit(with, {leaf}));
  const std::unique_lock lock(mutex_);
  Keep(std::move(user));
  return {};
}

Result<Invitation> People::Invite(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "person.invite", "done");
  leaf.detail = id.Text();
  Invitation invitation;
  FID_TRY(Change(
      id,
      [&](User& user) -> Status {
        if (user.state == UserState::kDisabled) {
          return Fail(Code::kConflict, "this person's account is disabled");
        }
        invitation = Open(user);
        return {};
      },
      leaf));
  return invitation;
}

// Ends grants and sessions together with what `change` does.
Status People::EndStanding(const model::Access& access, const Uuid& id, const std::string& op,
                           const std::function<void(User& user)>& change) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  if (access.actor.id == id) {
    return Fail(Code::kDenied, "nobody changes their own standing: ask another administrator");
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "done");
  leaf.detail = id.Text();
  std::vector<DocumentChange> with = parts_.sessions.ChangesToEnd(id);
  std::vector<Grant> ended;
  for (Grant grant : GrantsOf(id)) {
    if (grant.revoked_ms == 0) {
      grant.revoked_ms = parts_.clock.NowMs();
      ++grant.version;
      with.push_back({std::string(kGrantKind), grant.id, grant.version, ToJson(grant)});
      ended.push_back(std::move(grant));
    }
  }
  FID_TRY(Change(
      id,
      [&](User& user) -> Status {
        change(user);
        return {};
      },
      leaf, std::move(with)));
  parts_.sessions.Forget(id);
  const std::unique_lock lock(mutex_);
  for (Grant& grant : ended) {
    grants_[grant.id] = std::move(grant);
  }
  return {};
}

Status People::Disable(const model::Access& access, const Uuid& id) {
  return EndStanding(access, id, "person.disable", [&](User& user) {
    user.state = UserState::kDisabled;
    user.disabled_ms = parts_.clock.NowMs();
    user.setup_hash.clear();
  });
}

Status People::Move(const model::Access& access, const Uuid& id, const std::string& department) {
  {
    const std::shared_lock lock(mutex_);
    if (!departments_.contains(department)) {
      return Fail(Code::kInvalidInput, "there is no such department");
    }
  }
  return EndStanding(access, id, "person.move", [&](User& user) { user.department = department; });
}

Status People::Enable(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "person.enable", "done");
  leaf.detail = id.Text();
  return Change(
      id,
      [&](User& user) -> Status {
        if (user.state != UserState::kDisabled) {
          return Fail(Code::kConflict, "this person's account is not disabled");
        }
        // Whoever held the old proofs is out, and so are the grants: the way back for somebody who
        // lost all of them, and of no use to an administrator who opens the invitation himself.
        User anew;
        anew.id = user.id;
        anew.version = user.version;
        anew.login = std::move(user.login);
        anew.name = std::move(user.name);
        anew.email = std::move(user.email);
        anew.locale = user.locale;
        anew.department = user.department;
        anew.agreements = std::move(user.agreements);
        anew.courses = std::move(user.courses);
        anew.views = std::move(user.views);
        anew.created_ms = user.created_ms;
        user = std::move(anew);
        return {};
      },
      leaf);
}

Status People::PutDepartment(const model::Access& access, Department department) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  const std::lock_guard writing(writing_);
  {
    const std::shared_lock lock(mutex_);
    FID_TRY(CheckDepartment(department, departments_, parts_.gate.policy()));
    const auto found = departments_.find(department.code);
    const bool fresh = found == departments_.end();
    department.id = fresh ? Uuid::V7(parts_.clock, parts_.rng) : found->second.id;
    department.version = fresh ? 1 : found->second.version + 1;
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "department.put", "done");
  leaf.detail = department.code;
  FID_TRY(parts_.book.Commit(
      {{std::string(kDepartmentKind), department.id, department.version, ToJson(department)}},
      {leaf}));
  const std::unique_lock lock(mutex_);
  departments_[department.code] = std::move(department);
  return {};
}

Status People::CheckGrant(const model::Access& access, const GrantCommand& command) const {
  if (command.user == access.actor.id) {
    return Fail(Code::kDenied, "nobody gives a grant to themselves");
  }
  const rules::Policy& policy = parts_.gate.policy();
  FID_ASSIGN(const UserPtr user, Find(command.user));
  if (user->state == UserState::kDisabled) {
    return Fail(Code::kConflict, "this person's account is disabled");
  }
  std::vector<std::string> held;
  const int64_t now = parts_.clock.NowMs();
  for (const Grant& grant : GrantsOf(command.user)) {
    if (grant.revoked_ms == 0 && now < grant.lease.until_ms) {
      held.push_back(grant.lease.role);
    }
  }
  const std::shared_lock lock(mutex_);
  if (!command.lease.department.empty() && !departments_.contains(command.lease.department)) {
    return Fail(Code::kInvalidInput, "there is no such department");
  }
  return CheckLease(command.lease, held, policy, now);
}

Result<Uuid> People::WriteGrant(const model::Access& access, GrantCommand command,
                                const std::string& op) {
  const std::lock_guard writing(writing_);
  Grant grant;
  grant.id = Uuid::V7(parts_.clock, parts_.rng);
  grant.version = 1;
  grant.user = command.user;
  grant.lease = std::move(command.lease);
  gate::Compile(grant.lease, parts_.gate.policy().catalog);
  grant.reason = command.reason;
  grant.given_by = access.actor.id;
  grant.given_ms = parts_.clock.NowMs();
  grant.request = command.request;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "done");
  leaf.detail = grant.id.Text() + " " + grant.user.Text() + " " + grant.lease.role;
  FID_TRY(parts_.book.Commit({{std::string(kGrantKind), grant.id, 1, ToJson(grant)}}, {leaf}));
  const std::unique_lock lock(mutex_);
  const Uuid id = grant.id;
  grants_[id] = std::move(grant);
  return id;
}

Result<Uuid> People::Give(const model::Access& access, GrantCommand command) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  FID_TRY(CheckGrant(access, command));
  return WriteGrant(access, std::move(command), "grant.give");
}

Result<Uuid> People::GiveEmergency(const model::Access& access, GrantCommand command) {
  return WriteGrant(access, std::move(command), "grant.emergency");
}

Result<Uuid> People::GiveApproved(const model::Access& approver, GrantCommand command) {
  FID_TRY(CheckGrant(approver, command));
  return WriteGrant(approver, std::move(command), "grant.approved");
}

Status People::Revoke(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, "people.manage"));
  return EndGrant(access, id, "grant.revoke", {});
}

Status People::EndGrant(const model::Access& access, const Uuid& id, std::string_view op,
                        std::vector<DocumentChange> with) {
  const std::lock_guard writing(writing_);
  Grant grant;
  {
    const std::shared_lock lock(mutex_);
    const auto found = grants_.find(id);
    if (found == grants_.end() || found->second.revoked_ms != 0) {
      return Fail(Code::kNotFound, "there is no such grant in force");
    }
    grant = found->second;
  }
  grant.revoked_ms = parts_.clock.NowMs();
  ++grant.version;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, op, "done");
  leaf.detail = id.Text() + " " + grant.user.Text() + " " + grant.lease.role;
  with.push_back({std::string(kGrantKind), id, grant.version, ToJson(grant)});
  FID_TRY(parts_.book.Commit(with, {leaf}));
  const std::unique_lock lock(mutex_);
  grants_[id] = std::move(grant);
  return {};
}

// A department works for no purpose that its parent does not.
std::optional<std::vector<std::string>> People::PurposesOf(const std::string& code) const {
  std::optional<std::vector<std::string>> purposes;
  std::string at = code;
  for (int depth = 0; depth < 20 && !at.empty(); ++depth) {
    const auto found = departments_.find(at);
    if (found == departments_.end()) {
      break;
    }
    if (const auto& own = found->second.purposes) {
      purposes = Both(purposes, own);
    }
    at = found->second.parent;
  }
  return purposes;
}

model::Actor People::ActorOf(const User& user) const {
  model::Actor actor;
  actor.id = user.id;
  actor.trained = IsTrained(user);
  if (user.state != UserState::kActive) {
    return actor;
  }
  std::vector<model::Lease> leases;
  const int64_t now = parts_.clock.NowMs();
  const std::shared_lock lock(mutex_);
  for (const auto& [id, grant] : grants_) {
    if (grant.user == user.id && grant.revoked_ms == 0 && grant.lease.from_ms <= now &&
        now < grant.lease.until_ms) {
      model::Lease lease = grant.lease;
      lease.purposes = Both(lease.purposes, PurposesOf(lease.department));
      if (actor.role.find(lease.role) == std::string::npos) {
        actor.role += (actor.role.empty() ? "" : "+") + lease.role;
      }
      leases.push_back(std::move(lease));
    }
  }
  actor.leases = std::make_shared<const std::vector<model::Lease>>(std::move(leases));
  return actor;
}

bool People::HasSigned(const User& user) const {
  const rules::Agreement& agreement = parts_.gate.policy().agreement;
  const auto found = user.agreements.find(agreement.id);
  return found != user.agreements.end() && found->second.version == agreement.version;
}

bool People::IsTrained(const User& user) const {
  const int64_t now = parts_.clock.NowMs();
  for (const rules::Course& course : parts_.gate.policy().courses) {
    const auto found = user.courses.find(course.id);
    const bool passed = found != user.courses.end() && found->second.version == course.version &&
                        now < found->second.at_ms + course.valid_days * kDayMs;
    if (!passed && now >= user.created_ms + course.grace_days * kDayMs) {
      return false;
    }
  }
  return true;
}

}  // namespace fiducia::guard
