// How sensitive a free text is by what it holds, whatever the level of its field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/types.h"
#include "process/classify/entity.h"
#include "process/classify/topics.h"
#include "rules/policy.h"

namespace fiducia::process {

struct SensitiveFind {
  size_t from = 0;  // bytes
  size_t to = 0;
  model::Level level = model::Level::kL1;
  std::string_view kind;  // name of an EntityKind or of a Topic
};

// Whether people write what they like into it.
bool IsFreeText(const rules::Field& field);

// Names, numbers and addresses (L2 to L4 as the fields that take them), and what the laws protect
// most (L4); what is of L1 is left out. In the order of the text, none overlapping another; where
// two do, the higher level stands.
std::vector<SensitiveFind> FindSensitive(std::string_view text);

// The same of what was found already.
std::vector<SensitiveFind> SensitiveOf(const std::vector<Entity>& entities,
                                       const std::vector<TopicFind>& topics);
// Finds in any order, sorted; those that overlap become one, of the higher level.
std::vector<SensitiveFind> Apart(std::vector<SensitiveFind> found);

// Of a whole text; L1 if nothing was found.
model::Level LevelOf(const std::vector<SensitiveFind>& found);

// The text with every find above `level` as its kind in brackets.
std::string RedactedAbove(model::Level level, std::string_view text,
                          const std::vector<SensitiveFind>& found);

}  // namespace fiducia::process
