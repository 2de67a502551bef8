// Words that stand for the values of an enum, in the order of the values.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace fiducia {

template <typename E, size_t N>
std::optional<E> ValueNamed(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt
                              : std::optional<E>(static_cast<E>(found - names.begin()));
}

}  // namespace fiducia
