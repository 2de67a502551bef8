// What a message in somebody's own words asks for, and who may have written it: a first reading of
// mail and notes, for a person to confirm.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/rights/case.h"

namespace fiducia::govern {

// The rights of which the text speaks, Chinese or English; in the order of Right.
std::vector<Right> RightsIn(std::string_view text);

// Mail addresses and phone numbers in it, each once, as they are written; at most `most`.
std::vector<model::Sensitive> ContactsIn(std::string_view text, size_t most);

}  // namespace fiducia::govern
