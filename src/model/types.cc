#include "model/types.h"

namespace fiducia::model {

Actor ActorWith(const Uuid& id, std::string role) {
  Actor actor{id, role, {}, true};
  std::vector<Lease> leases(1);
  leases[0].role = std::move(role);
  actor.leases = std::make_shared<const std::vector<Lease>>(std::move(leases));
  return actor;
}

}  // namespace fiducia::model
