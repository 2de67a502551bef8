// Everything in a text that points to a person: numbers by their form, names and places by the
// tagger.
#pragma once

#include <string_view>
#include <vector>

#include "process/classify/entity.h"
#include "process/classify/tagger.h"

namespace fiducia::process {

// In the order of the text; none overlaps another. `text` is UTF-8. Time is linear in its length,
// memory grows with what is found only.
std::vector<Entity> FindEntities(std::string_view text,
                                 const TaggerModel& model = TaggerModel::Shipped());

}  // namespace fiducia::process
