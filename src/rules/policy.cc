#include "rules/policy.h"

#include <algorithm>

namespace fiducia::rules {

const Field* Catalog::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &fields_[found->second];
}

const Field* Catalog::Find(model::FieldNo number) const {
  const int at = number < model::kFieldMax ? by_number_[number] : -1;
  return at < 0 ? nullptr : &fields_[static_cast<size_t>(at)];
}

model::FieldSet Catalog::OfClass(std::string_view data_class) const {
  model::FieldSet set;
  for (const Field& field : fields_) {
    if (field.data_class == data_class) {
      set.Add(field.number);
    }
  }
  return set;
}

void Catalog::Add(Field field) {
  by_id_[field.id] = fields_.size();
  by_number_[field.number] = static_cast<int>(fields_.size());
  at_[static_cast<size_t>(field.level)].Add(field.number);
  for (size_t level = static_cast<size_t>(field.level); level < up_to_.size(); ++level) {
    up_to_[level].Add(field.number);
  }
  if (!field.index.empty()) {
    indexed_.Add(field.number);
  }
  fields_.push_back(std::move(field));
}

bool Combination::In(const model::FieldSet& fields) const {
  return std::all_of(parts.begin(), parts.end(),
                     [&](const model::FieldSet& part) { return !(part & fields).empty(); });
}

model::Level Purpose::LevelOf(const Field& field) const {
  const model::Level level = raised_l4.Has(field.number)   ? model::Level::kL4
                             : raised_l3.Has(field.number) ? model::Level::kL3
                                                           : model::Level::kL1;
  return std::max(level, field.level);
}

bool Purpose::AllowsBasis(model::BasisKind basis) const {
  return std::find(bases.begin(), bases.end(), basis) != bases.end();
}

const Purpose* Policy::FindPurpose(std::string_view id) const {
  const auto found = purposes.find(id);
  return found == purposes.end() ? nullptr : &found->second;
}

std::vector<const Purpose*> Policy::Below(std::string_view id) const {
  std::vector<const Purpose*> below;
  for (const auto& [name, purpose] : purposes) {
    // The loader has checked that no chain of parents bites its tail.
    for (const Purpose* at = &purpose; at != nullptr; at = FindPurpose(at->parent)) {
      if (at->parent == id) {
        below.push_back(&purpose);
        break;
      }
    }
  }
  return below;
}

const Role* Policy::FindRole(std::string_view id) const {
  const auto found = roles.find(id);
  return found == roles.end() ? nullptr : &found->second;
}

const DecisionModel* Policy::FindDecision(std::string_view id) const {
  const auto found = std::find_if(decisions.begin(), decisions.end(),
                                  [&](const DecisionModel& model) { return model.id == id; });
  return found == decisions.end() ? nullptr : &*found;
}

std::string_view EmbeddedText(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == name) {
      return file.content;
    }
  }
  return {};
}

}  // namespace fiducia::rules
