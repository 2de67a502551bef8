// What PostgreSQL's five-letter codes mean to us (PostgreSQL 15, appendix A).
#pragma once

#include <string_view>

#include "base/result.h"

namespace fiducia::db {

Error PgError(std::string_view sqlstate);
// Another transaction was in the way: run the whole of ours again.
bool IsConflictOfTransactions(std::string_view sqlstate);
// The server we talk to cannot serve writes now, another may: connect anew.
bool IsLostServer(std::string_view sqlstate);
// The fault lies in what was asked, not in the state of the server.
bool IsFaultOfRequest(std::string_view sqlstate);

}  // namespace fiducia::db
