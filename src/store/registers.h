// Registers: sealed documents about the house's own people, all in the tenant's bucket, so that
// what belongs together (a user's end and the end of their sessions) changes together.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

struct RegisterRow {
  std::string kind;  // user, department, grant, session, request, export
  Uuid id;
  uint32_t version = 0;
  Bytes body;
};

Result<std::vector<RegisterRow>> ListRegister(db::Session& data, model::TenantId tenant,
                                              std::string_view kind);
// Errors: kConflict if the id exists.
Status InsertRegister(db::Session& data, model::TenantId tenant, const RegisterRow& row);
// Replaces the document if it still has version - 1. Errors: kVersionMismatch.
Status UpdateRegister(db::Session& data, model::TenantId tenant, const RegisterRow& row);
// Fine if it is gone.
Status DeleteRegister(db::Session& data, model::TenantId tenant, std::string_view kind,
                      const Uuid& id);
// All of them, for recovery and for the state digest.
Status WalkRegisters(db::Session& data, model::TenantId tenant,
                     const std::function<Status(const RegisterRow& row)>& each);
// Names a document in the state digest.
Bytes RegisterPlace(model::TenantId tenant, std::string_view kind, const Uuid& id);

}  // namespace fiducia::store
