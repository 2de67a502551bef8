// How alike two values of a kind are, in a few ordered levels: what the weights are found for.
#pragma once

#include "process/resolve/values.h"

namespace fiducia::process {

constexpr int kLevels = 8;
constexpr int kSame = 7;
constexpr int kSound = 6;    // of names: another script or spelling, the same sound
constexpr int kCrossed = 6;  // given and family name changed places

// How alike two values of a kind are: 0 not at all, kSame the same text. The levels between are
// ordered, and which of them a kind uses is its own.
int CompareValues(MatchKind kind, const MatchValue& a, const MatchValue& b);

}  // namespace fiducia::process
