#include "apps/cursor.h"

#include <charconv>

namespace fiducia::apps {

std::string CursorOf(const Moment& moment) {
  return std::to_string(moment.ms) + "_" + moment.id.Text();
}

Result<Moment> MomentOf(std::string_view cursor) {
  Moment moment;
  const size_t bar = cursor.find('_');
  const char* const begin = cursor.data();
  if (bar == std::string_view::npos ||
      std::from_chars(begin, begin + bar, moment.ms).ec != std::errc()) {
    return Fail(Code::kInvalidInput, "the cursor is not one of ours");
  }
  FID_ASSIGN(moment.id, Uuid::Parse(cursor.substr(bar + 1)));
  return moment;
}

}  // namespace fiducia::apps
