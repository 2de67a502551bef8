// JSON in and out. Reading is strict: depth, size, duplicate keys, UTF-8 and trailing text are
// checked.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace fiducia {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  int depth_max = 32;
  size_t values_max = 100000;
};

// Errors: kInvalidJson, with the byte offset where it is known.
Result<Json> ParseJson(std::string_view text, JsonLimits limits = {});
std::string WriteJson(const Json& json);
std::string WriteJsonPretty(const Json& json);

// The member's text; empty if it is absent or not text.
std::string JsonText(const Json& object, std::string_view key);

}  // namespace fiducia
