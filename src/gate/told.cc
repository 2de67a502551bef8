#include "gate/told.h"

namespace fiducia::gate {

const model::FieldSet& Told::Of(std::string_view version, std::string_view purpose) const {
  static const model::FieldSet kNothing;
  auto known = versions.find(version);
  if (known == versions.end()) {
    known = versions.find(first);
  }
  if (known == versions.end()) {
    return kNothing;
  }
  const auto fields = known->second.find(purpose);
  return fields == known->second.end() ? kNothing : fields->second;
}

}  // namespace fiducia::gate
