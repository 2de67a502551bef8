#include "guard/recertification.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "guard/standing.h"

namespace fiducia::guard {

namespace {

constexpr std::string_view kKind = "recertification";
constexpr std::string_view kCapability = "access.recertify";
constexpr int64_t kDayMs = 86400000;
constexpr int kDepthMost = 20;  // of the tree of departments

constexpr std::array<std::string_view, 2> kItemKinds = {"grant", "key"};
constexpr std::array<std::string_view, 5> kItemStates = {"open", "kept", "ended", "lapsed", "gone"};

int64_t TimeFrom(const Json& json, const char* key) { return json.value(key, int64_t{0}); }

Json ToJson(const RecertifiedItem& item) {
  return {{"kind", Name(item.kind)},
          {"object", item.object.Text()},
          {"holder", item.holder.Text()},
          {"role", item.role},
          {"department", item.department},
          {"label", item.label},
          {"by_giver", item.given_by.Text()},
          {"given", item.given_ms},
          {"until", item.until_ms},
          {"state", Name(item.state)},
          {"by", item.by.Text()},
          {"at", item.at_ms}};
}

RecertifiedItem ItemFrom(const Json& json) {
  RecertifiedItem item;
  item.kind = FromName<ItemKind>(kItemKinds, JsonText(json, "kind"));
  item.object = IdFrom(json, "object");
  item.holder = IdFrom(json, "holder");
  item.role = JsonText(json, "role");
  item.department = JsonText(json, "department");
  item.label = JsonText(json, "label");
  item.given_by = IdFrom(json, "by_giver");
  item.given_ms = TimeFrom(json, "given");
  item.until_ms = TimeFrom(json, "until");
  item.state = FromName<ItemState>(kItemStates, JsonText(json, "state"));
  item.by = IdFrom(json, "by");
  item.at_ms = TimeFrom(json, "at");
  return item;
}

Json ToJson(const Recertification& one) {
  Json json = {{"quarter", one.quarter},
               {"opened", one.opened_ms},
               {"due", one.due_ms},
               {"closed", one.closed_ms},
               {"items", Json::array()}};
  for (const RecertifiedItem& item : one.items) {
    json["items"].push_back(ToJson(item));
  }
  return json;
}

Recertification RecertificationFrom(const Document& document) {
  Recertification one;
  one.id = document.id;
  one.version = document.version;
  one.quarter = JsonText(document.json, "quarter");
  one.opened_ms = TimeFrom(document.json, "opened");
  one.due_ms = TimeFrom(document.json, "due");
  one.closed_ms = TimeFrom(document.json, "closed");
  for (const Json& item : document.json.value("items", Json::array())) {
    one.items.push_back(ItemFrom(item));
  }
  return one;
}

DocumentChange ChangeOf(const Recertification& one) {
  return {std::string(kKind), one.id, one.version, ToJson(one)};
}

struct Quarter {
  std::string name;
  int64_t start_ms = 0;
};

Quarter QuarterOf(int64_t now_ms) {
  const CivilDate date = CivilFromDays(now_ms / kDayMs);
  const int quarter = (date.month - 1) / 3;
  return {std::to_string(date.year) + "-Q" + std::to_string(quarter + 1),
          DaysFromCivil(date.year, quarter * 3 + 1, 1) * kDayMs};
}

model::Access AsSystem() {
  model::Access access;
  access.actor.role = "system";
  return access;
}

}  // namespace

std::string_view Name(ItemKind kind) { return kItemKinds[static_cast<size_t>(kind)]; }
std::string_view Name(ItemState state) { return kItemStates[static_cast<size_t>(state)]; }

Result<std::unique_ptr<Recertifications>> Recertifications::Open(SignIn& sign_in,
                                                                 ServiceKeys& keys) {
  std::unique_ptr<Recertifications> made(new Recertifications(sign_in, keys));
  FID_ASSIGN(const auto documents, sign_in.people().book().Load(kKind));
  for (const Document& document : documents) {
    made->Keep(RecertificationFrom(document));
  }
  return made;
}

void Recertifications::Keep(Recertification recertification) {
  const std::lock_guard lock(mutex_);
  const Uuid id = recertification.id;
  known_[id] = std::move(recertification);
}

std::vector<Recertification> Recertifications::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<Recertification> all;
  all.reserve(known_.size());
  for (const auto& [id, one] : known_) {
    all.push_back(one);
  }
  return all;
}

std::vector<RecertifiedItem> Recertifications::InForce() const {
  const int64_t now = sign_in_.people().clock().NowMs();
  std::vector<RecertifiedItem> items;
  for (const Grant& grant : sign_in_.people().Grants()) {
    if (grant.revoked_ms == 0 && now < grant.lease.until_ms) {
      items.push_back({.object = grant.id,
                       .holder = grant.user,
                       .role = grant.lease.role,
                       .department = grant.lease.department,
                       .given_by = grant.given_by,
                       .given_ms = grant.given_ms,
                       .until_ms = grant.lease.until_ms});
    }
  }
  for (const ServiceKey& key : keys_.List()) {
    if (key.revoked_ms == 0 && now < key.expires_ms) {
      items.push_back({.kind = ItemKind::kKey,
                       .object = key.id,
                       .role = key.scope.lease.role,
                       .department = key.scope.lease.department,
                       .label = key.scope.label,
                       .given_ms = key.created_ms,
                       .until_ms = key.expires_ms});
    }
  }
  return items;
}

std::set<Uuid> Recertifications::IdsInForce() const {
  std::set<Uuid> ids;
  for (const RecertifiedItem& item : InForce()) {
    ids.insert(item.object);
  }
  return ids;
}

Result<Recertification> Recertifications::Make(const std::string& quarter,
                                               const audit::Leaf& leaf) {
  const People& people = sign_in_.people();
  Recertification one;
  one.id = Uuid::V7(people.clock(), people.rng());
  one.version = 1;
  one.quarter = quarter;
  one.opened_ms = people.clock().NowMs();
  one.due_ms = one.opened_ms + kRecertifyMs;
  one.items = InForce();
  FID_TRY(people.book().Commit({ChangeOf(one)}, {leaf}));
  Keep(one);
  return one;
}

Status Recertifications::Tick() {
  const std::lock_guard deciding(deciding_);
  const People& people = sign_in_.people();
  const int64_t now = people.clock().NowMs();
  const Quarter quarter = QuarterOf(now);
  bool done = false;
  for (Recertification& one : All()) {
    done = done || one.quarter == quarter.name;
    if (one.closed_ms == 0 && now >= one.due_ms) {
      FID_TRY(Close(std::move(one)));
    }
  }
  // What was given since the quarter began was looked at when it was given.
  const std::vector<RecertifiedItem> live = InForce();
  const bool older = std::any_of(live.begin(), live.end(), [&](const RecertifiedItem& item) {
    return item.given_ms < quarter.start_ms;
  });
  if (done || !older) {
    return {};
  }
  audit::Leaf leaf = people.gate().NewLeaf(AsSystem(), "recertification.open", "done");
  leaf.detail = quarter.name;
  FID_TRY(Make(quarter.name, leaf));
  return {};
}

Result<Recertification> Recertifications::Start(const model::Access& access) {
  FID_ASSIGN(const auto reach, Reach(access));
  if (reach) {
    return Fail(Code::kRoleRefused, "only who answers for the whole house starts one");
  }
  const std::lock_guard deciding(deciding_);
  for (const Recertification& one : All()) {
    if (one.closed_ms == 0) {
      return Fail(Code::kConflict, "a recertification is under way");
    }
  }
  return Make("", sign_in_.people().gate().NewLeaf(access, "recertification.open", "done"));
}

// A manager's lease for a department reaches its people and those of the departments below.
Result<std::optional<std::vector<std::string>>> Recertifications::Reach(
    const model::Access& access) const {
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, kCapability));
  std::vector<std::string> codes;
  for (const model::Lease& lease : *access.actor.leases) {
    const rules::Role* role = people.gate().policy().FindRole(lease.role);
    if (role == nullptr || !role->can.contains(std::string(kCapability))) {
      continue;
    }
    if (lease.department.empty()) {
      return std::nullopt;
    }
    codes.push_back(lease.department);
  }
  const std::vector<Department> departments = people.Departments();
  for (int depth = 0; depth < kDepthMost; ++depth) {
    for (const Department& department : departments) {
      const auto has = [&](const std::string& code) {
        return std::find(codes.begin(), codes.end(), code) != codes.end();
      };
      if (has(department.parent) && !has(department.code)) {
        codes.push_back(department.code);
      }
    }
  }
  return codes;
}

Status Recertifications::MayDecide(const model::Access& access, const RecertifiedItem& item) const {
  FID_ASSIGN(const auto reach, Reach(access));
  if (reach && std::find(reach->begin(), reach->end(), item.department) == reach->end()) {
    return Fail(Code::kNotFound, "there is nothing of this id in your departments");
  }
  if (item.holder == access.actor.id) {
    return Fail(Code::kDenied, "nobody confirms their own grant");
  }
  if (item.given_by == access.actor.id) {
    return Fail(Code::kDenied, "who gave it does not confirm it: leave it to somebody else");
  }
  return {};
}

Result<std::vector<Recertification>> Recertifications::For(const model::Access& access) const {
  FID_ASSIGN(const auto reach, Reach(access));
  std::vector<Recertification> all = All();
  const std::set<Uuid> live = IdsInForce();
  for (Recertification& one : all) {
    std::erase_if(one.items, [&](const RecertifiedItem& item) {
      return reach && std::find(reach->begin(), reach->end(), item.department) == reach->end();
    });
    for (RecertifiedItem& item : one.items) {
      if (item.state == ItemState::kOpen && !live.contains(item.object)) {
        item.state = ItemState::kGone;
      }
    }
  }
  std::reverse(all.begin(), all.end());  // the newest first: ids grow with time
  return all;
}

Status Recertifications::End(const model::Access& access, const RecertifiedItem& item,
                             std::string_view op, const Recertification& changed) {
  const std::string whole = (item.kind == ItemKind::kGrant ? "grant." : "key.") + std::string(op);
  if (item.kind == ItemKind::kGrant) {
    return sign_in_.people().EndGrant(access, item.object, whole, {ChangeOf(changed)});
  }
  return keys_.End(access, item.object, whole, {ChangeOf(changed)});
}

Result<Recertification> Recertifications::Decide(const model::Access& access,
                                                 const Session& session, const Uuid& id,
                                                 const Uuid& object, bool keep) {
  FID_TRY(Reach(access));
  const std::lock_guard deciding(deciding_);
  Recertification one;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end()) {
      return Fail(Code::kNotFound, "there is no such recertification");
    }
    one = found->second;
  }
  const auto item = std::find_if(one.items.begin(), one.items.end(),
                                 [&](const RecertifiedItem& i) { return i.object == object; });
  if (item == one.items.end()) {
    return Fail(Code::kNotFound, "there is nothing of this id in your departments");
  }
  FID_TRY(MayDecide(access, *item));
  FID_TRY(sign_in_.RequireFresh(session));
  const People& people = sign_in_.people();
  if (one.closed_ms != 0 || item->state != ItemState::kOpen || !IdsInForce().contains(object)) {
    return Fail(Code::kConflict, "this was decided already, or is over");
  }
  ++one.version;
  item->state = keep ? ItemState::kKept : ItemState::kEnded;
  item->by = access.actor.id;
  item->at_ms = people.clock().NowMs();
  if (keep) {
    audit::Leaf leaf = people.gate().NewLeaf(access, "recertification.keep", "done");
    leaf.detail = object.Text();
    FID_TRY(people.book().Commit({ChangeOf(one)}, {leaf}));
  } else {
    FID_TRY(End(access, *item, "end", one));
  }
  Keep(one);
  return one;
}

// What is still open ends now, each with the change of the list; then the list is closed.
Status Recertifications::Close(Recertification one) {
  const People& people = sign_in_.people();
  const std::set<Uuid> live = IdsInForce();
  for (RecertifiedItem& item : one.items) {
    if (item.state != ItemState::kOpen) {
      continue;
    }
    item.at_ms = people.clock().NowMs();
    if (!live.contains(item.object)) {
      item.state = ItemState::kGone;  // on record with the closing
      continue;
    }
    item.state = ItemState::kLapsed;
    ++one.version;
    FID_TRY(End(AsSystem(), item, "lapse", one));
    Keep(one);
  }
  ++one.version;
  one.closed_ms = people.clock().NowMs();
  audit::Leaf leaf = people.gate().NewLeaf(AsSystem(), "recertification.close", "done");
  leaf.detail = one.id.Text();
  FID_TRY(people.book().Commit({ChangeOf(one)}, {leaf}));
  Keep(std::move(one));
  return {};
}

}  // namespace fiducia::guard
