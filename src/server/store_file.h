// The file of a home that says where its store is; without one it is SQLite in the home.
#pragma once

#include "server/instance.h"

namespace fiducia::server {

// Errors: kInvalidInput if the file is malformed, kDenied if others may read it: it can hold a
// password.
Result<db::StoreAddress> ReadStoreFile(const Home& home);
// Writes nothing for SQLite.
Status WriteStoreFile(const Home& home, const db::StoreAddress& address);

}  // namespace fiducia::server
