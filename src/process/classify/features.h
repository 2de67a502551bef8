// What the tagger looks at for one token: its own form and words, and those of its neighbors. Each
// feature is a row of the model; training and use share this one list.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "process/classify/tokens.h"

namespace fiducia::process {

constexpr size_t kMostFeatures = 34;
constexpr uint32_t kModelRows = 1U << 16;

struct Features {
  std::array<uint32_t, kMostFeatures> rows{};
  size_t count = 0;
  // Those behind this one name words beside the token: training leaves some out at random, so that
  // the form of a name counts, not only the sentences it was learned in.
  size_t own = 0;
};

void FeaturesOf(std::span<const Token> tokens, size_t at, Features& out);

}  // namespace fiducia::process
