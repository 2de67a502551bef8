#include "rules/decision_model.h"

#include <algorithm>

#include "rules/policy.h"
#include "rules/toml_reader.h"

namespace fiducia::rules {

namespace {

template <typename T>
const T* FindById(const std::vector<T>& all, std::string_view id) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& one) { return one.id == id; });
  return found == all.end() ? nullptr : &*found;
}

bool IsTold(const Policy& policy, const std::string& purpose) {
  for (const Notice& notice : policy.notices) {
    for (const Clause& clause : notice.clauses) {
      if (clause.purpose == purpose && clause.automated) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

const DecisionModel::Outcome* DecisionModel::FindOutcome(std::string_view outcome) const {
  return FindById(outcomes, outcome);
}

const DecisionModel::Reason* DecisionModel::FindReason(std::string_view reason) const {
  return FindById(reasons, reason);
}

DecisionModel ReadDecisionModel(const TomlTable& file, const Policy& policy) {
  file.AllowOnly({"id", "purpose", "name", "logic", "inputs", "solely_automated",
                  "significant_effect", "owner", "outcome", "reason"});
  DecisionModel model;
  model.id = file.Text("id");
  model.purpose = file.Text("purpose");
  model.name = file.Both("name");
  model.logic = file.Both("logic");
  model.inputs = file.Words("inputs");
  model.solely_automated = file.Flag("solely_automated");
  model.significant_effect = file.Flag("significant_effect");
  model.owner = file.Text("owner");
  const Purpose* purpose = policy.FindPurpose(model.purpose);
  if (purpose == nullptr) {
    file.Refuse("purpose", "the purpose '" + model.purpose + "' is not declared");
  }
  if (!IsTold(policy, model.purpose)) {
    file.Refuse("purpose", "no clause of the notice says that a machine decides for this purpose");
  }
  for (const std::string& input : model.inputs) {
    const Field* field = policy.catalog.Find(input);
    if (field == nullptr || !purpose->fields.Has(field->number)) {
      file.Refuse("inputs", "the purpose does not work with the field '" + input + "'");
    }
  }
  for (const TomlTable& table : file.Tables("outcome")) {
    table.AllowOnly({"id", "text", "adverse"});
    model.outcomes.push_back({table.Text("id"), table.Both("text"), table.Flag("adverse")});
  }
  for (const TomlTable& table : file.Tables("reason")) {
    table.AllowOnly({"id", "text"});
    model.reasons.push_back({table.Text("id"), table.Both("text")});
  }
  if (model.outcomes.size() < 2 || model.reasons.empty()) {
    file.Refuse("outcome", "a decision has two outcomes or more, and reasons");
  }
  return model;
}

}  // namespace fiducia::rules
