// What the name of a column says about it.
#pragma once

#include <optional>
#include <string_view>

#include "process/classify/columns.h"

namespace fiducia::process {

// kNone: the name speaks of something that is not about a person; nothing: it says nothing.
std::optional<ColumnKind> KindByName(std::string_view name);

// Closed lists of words that a column of one kind holds: "male", "bachelors", "QLD".
bool IsWordOf(ColumnKind kind, std::string_view value);

}  // namespace fiducia::process
