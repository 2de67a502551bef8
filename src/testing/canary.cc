#include "testing/canary.h"

#include <algorithm>

namespace fiducia::testing {

namespace {

bool IsOfBase64(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
         c == '/' || c == '-' || c == '_';
}

bool StandsAlone(std::string_view text, size_t at, size_t size) {
  return (at == 0 || !IsOfBase64(text[at - 1])) &&
         (at + size == text.size() || !IsOfBase64(text[at + size]));
}

}  // namespace

bool TellsItself(std::string_view value) {
  const bool digits = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  return value.size() >= (digits ? 9 : 5);
}

::testing::AssertionResult Lacks(std::string_view text, std::string_view value) {
  if (value.empty()) {
    return ::testing::AssertionFailure() << "nothing to look for";
  }
  const bool anywhere = TellsItself(value);
  for (size_t at = text.find(value); at != std::string_view::npos; at = text.find(value, at + 1)) {
    if (anywhere || StandsAlone(text, at, value.size())) {
      return ::testing::AssertionFailure()
             << "\"" << value << "\" stands at " << at << " of: " << text;
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace fiducia::testing
