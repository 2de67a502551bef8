// Every record that is held, one after the other.
#pragma once

#include <functional>

#include "store/session.h"
#include "store/subjects.h"

namespace fiducia::process {

// False: no further.
using EachRow =
    std::function<Result<bool>(store::ReadLease& lease, const store::WalkedSubject& walked)>;

// In the order of the keys, page by page; each page has a lease of its own, so that a long walk
// holds none for long. What is written meanwhile may be seen or not.
Status WalkRows(store::Engine& engine, const EachRow& each);

}  // namespace fiducia::process
