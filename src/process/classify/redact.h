// A text without what points to a person: each find becomes its kind in brackets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "process/classify/recognizers.h"

namespace fiducia::process {

// `found` is in the order of the text, none overlapping another.
std::string Redacted(std::string_view text, const std::vector<Entity>& found);

}  // namespace fiducia::process
