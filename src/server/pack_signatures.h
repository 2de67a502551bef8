// Packs of law that an installation adds are signed: by its own log key, or by one of
// policy/signers.
#pragma once

#include <string>

#include "base/result.h"

namespace fiducia::server {

// What is signed of a pack: its name and its hash.
std::string PackStatement(const std::string& name, const std::string& text);

// "" if every pack and calendar below `policy_folder` has a good signature beside it; else what is
// wrong with which file.
std::string WrongWithPacks(const std::string& policy_folder, const std::string& own_verifier);

}  // namespace fiducia::server
