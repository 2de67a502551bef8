// Files compiled into the binary by tools/embed.py, so that one executable is the whole product.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fiducia {

struct EmbeddedFile {
  std::string_view name;  // path below the embedded folder, with forward slashes
  std::string content;
};

inline std::string JoinPieces(std::initializer_list<std::string_view> pieces) {
  std::string whole;
  for (const std::string_view piece : pieces) {
    whole += piece;
  }
  return whole;
}

}  // namespace fiducia
