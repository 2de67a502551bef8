// Private to apps: where a list by time goes on, as text: <ms>_<id>.
#pragma once

#include <string>

#include "base/result.h"
#include "base/uuid.h"

namespace fiducia::apps {

struct Moment {
  int64_t ms = 0;
  Uuid id;
};
std::string CursorOf(const Moment& moment);
// Errors: kInvalidInput.
Result<Moment> MomentOf(std::string_view cursor);

}  // namespace fiducia::apps
