// What the layers above see of a database: sessions, jobs and the engine. They depend on store,
// never on db.
#pragma once

#include "db/engine.h"

namespace fiducia::store {

using db::Engine;
using db::Job;
using db::Participant;
using db::ReadLease;
using db::RowWatch;
using db::Session;
using db::Which;

}  // namespace fiducia::store
