// Every quarter somebody else looks at each grant and each service key in force and says whether it
// is still needed. What nobody has confirmed when the time is over ends by itself.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "guard/service_keys.h"
#include "guard/sign_in.h"

namespace fiducia::guard {

constexpr int64_t kRecertifyMs = 14 * int64_t{86400000};  // how long people have for it

enum class ItemKind { kGrant, kKey };
// kGone: it ended in another way before anybody decided.
enum class ItemState { kOpen, kKept, kEnded, kLapsed, kGone };
std::string_view Name(ItemKind kind);
std::string_view Name(ItemState state);

struct RecertifiedItem {
  ItemKind kind = ItemKind::kGrant;
  Uuid object;  // the grant or the key
  Uuid holder;  // whose grant it is; nil for a key
  std::string role;
  std::string department;
  std::string label;  // of a key
  Uuid given_by;      // nil for a key
  int64_t given_ms = 0;
  int64_t until_ms = 0;
  ItemState state = ItemState::kOpen;
  Uuid by;
  int64_t at_ms = 0;
};

struct Recertification {
  Uuid id;
  uint32_t version = 0;
  std::string quarter;  // 2026-Q4; empty: started by hand
  int64_t opened_ms = 0;
  int64_t due_ms = 0;
  int64_t closed_ms = 0;
  std::vector<RecertifiedItem> items;
};

// Thread safe.
class Recertifications {
 public:
  // Both must outlive it.
  static Result<std::unique_ptr<Recertifications>> Open(SignIn& sign_in, ServiceKeys& keys);

  // Opens the one of a new quarter, and closes those whose time is over. Call now and then.
  Status Tick();
  // Starts one at once, after a reorganization for example. Errors: kRoleRefused, kConflict while
  // another is open.
  Result<Recertification> Start(const model::Access& access);
  // Keeps or ends one grant or key. Errors: kRoleRefused, kNotFound, kStepUpRequired, kDenied for
  // one's own and for what one gave, kConflict if it was decided or is over.
  Result<Recertification> Decide(const model::Access& access, const Session& session,
                                 const Uuid& id, const Uuid& object, bool keep);
  // With the items that this person may see: their department's, or all. Errors: kRoleRefused.
  Result<std::vector<Recertification>> For(const model::Access& access) const;
  // Whether this person may decide this item.
  Status MayDecide(const model::Access& access, const RecertifiedItem& item) const;

 private:
  Recertifications(SignIn& sign_in, ServiceKeys& keys) : sign_in_(sign_in), keys_(keys) {}
  std::vector<RecertifiedItem> InForce() const;
  Result<Recertification> Make(const std::string& quarter, const audit::Leaf& leaf);
  Status Close(Recertification recertification);
  std::set<Uuid> IdsInForce() const;
  Status End(const model::Access& access, const RecertifiedItem& item, std::string_view op,
             const Recertification& changed);
  void Keep(Recertification recertification);
  std::vector<Recertification> All() const;
  // The departments whose people this person answers for; none: all.
  Result<std::optional<std::vector<std::string>>> Reach(const model::Access& access) const;

  SignIn& sign_in_;
  ServiceKeys& keys_;
  std::mutex deciding_;  // one at a time
  mutable std::mutex mutex_;
  std::map<Uuid, Recertification> known_;
};

}  // namespace fiducia::guard
