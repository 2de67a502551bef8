// Private to db: the engines behind OpenStore.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "db/engine.h"

namespace fiducia::db {

// Each takes over `lock_fd`, the lock on the installation's folder.
Result<std::unique_ptr<Engine>> OpenSqlite(const std::string& folder, int lock_fd,
                                           std::span<const Migration> migrations);
Result<std::unique_ptr<Engine>> OpenPostgres(const StoreAddress& address, int lock_fd,
                                             std::span<const Migration> migrations,
                                             std::string* detail);

Result<std::unique_ptr<SchemaSession>> OpenBareSqlite(const std::string& folder, Which which,
                                                      Access access);
Result<std::unique_ptr<SchemaSession>> OpenBarePostgres(const StoreAddress& address, Which which,
                                                        Access access);

}  // namespace fiducia::db
