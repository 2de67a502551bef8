// A small document of elements as an object: what WeChat and WeCom send.
#pragma once

#include <string_view>

#include "base/json.h"

namespace fiducia::collect {

// The children of the root by name, with their texts; those that have children are objects. Errors:
// kInvalidInput for what is no document, or has entities of its own, more than 8 levels or 1,000
// elements.
Result<Json> ReadXml(std::string_view text);

}  // namespace fiducia::collect
