// Decisions that machines make about people, declared: what they rest on, what they can come to,
// and the words in which a person is told why.
#pragma once

#include <string>
#include <vector>

#include "rules/texts.h"

namespace fiducia::rules {

struct Policy;
class TomlTable;

struct DecisionModel {
  struct Outcome {
    std::string id;
    Texts text;
    bool adverse = false;
  };
  struct Reason {
    std::string id;
    Texts text;
  };
  std::string id;
  std::string purpose;
  Texts name;
  Texts logic;  // in plain words
  std::vector<std::string> inputs;
  bool solely_automated = false;
  bool significant_effect = false;
  std::string owner;
  std::vector<Outcome> outcomes;
  std::vector<Reason> reasons;

  const Outcome* FindOutcome(std::string_view outcome) const;
  const Reason* FindReason(std::string_view reason) const;
};

// Throws TomlTable::Fault, also where people were not told that a machine decides.
DecisionModel ReadDecisionModel(const TomlTable& file, const Policy& policy);

}  // namespace fiducia::rules
