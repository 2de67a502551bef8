// What people were told, as the gate needs it: by published version of a notice, the fields that
// each purpose works with. What was not told does not happen.
#pragma once

#include <map>
#include <string>

#include "model/field_set.h"

namespace fiducia::gate {

struct Told {
  using Fields = std::map<std::string, model::FieldSet, std::less<>>;  // by purpose
  std::string first;                                                   // id@version, the oldest
  std::string current;                                                 // and the newest
  std::map<std::string, Fields, std::less<>> versions;                 // by id@version

  // Under a version; without one, the first: what nobody was shown is not agreed to.
  const model::FieldSet& Of(std::string_view version, std::string_view purpose) const;
  const model::FieldSet& Now(std::string_view purpose) const { return Of(current, purpose); }
};

}  // namespace fiducia::gate
