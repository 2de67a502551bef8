// Numbers and addresses that point to a person, in running text, Chinese and English: found by
// their form, decided by their check digits and by the words beside them.
#pragma once

#include <string_view>
#include <vector>

#include "process/classify/entity.h"

namespace fiducia::process {

// In the order of the text; none overlaps another. `text` is UTF-8; time is linear in its length.
std::vector<Entity> FindNumbered(std::string_view text);

}  // namespace fiducia::process
