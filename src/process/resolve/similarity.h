// How alike two short texts are. Texts are UTF-32 or ASCII bytes; both give the same figures.
#pragma once

#include <string_view>

namespace fiducia::process {

// Jaro-Winkler (prefix scale 0.1, at most 4 characters): 0 nothing alike, 1 the same. Two empty
// texts are the same. Texts longer than 64 characters are compared by their first 64.
double JaroWinkler(std::string_view a, std::string_view b);
double JaroWinkler(std::u32string_view a, std::u32string_view b);

// Edits (insert, delete, replace, swap of neighbors) that turn one into the other, no more than
// `most` + 1.
int EditDistance(std::string_view a, std::string_view b, int most);
int EditDistance(std::u32string_view a, std::u32string_view b, int most);

}  // namespace fiducia::process
