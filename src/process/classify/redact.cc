#include "process/classify/redact.h"

namespace fiducia::process {

std::string Redacted(std::string_view text, const std::vector<Entity>& found) {
  std::string clean;
  size_t at = 0;
  for (const Entity& entity : found) {
    clean.append(text.substr(at, entity.from - at));
    clean.append("[").append(Name(entity.kind)).append("]");
    at = entity.to;
  }
  clean.append(text.substr(at));
  return clean;
}

}  // namespace fiducia::process
