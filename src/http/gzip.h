// Bodies that come compressed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace fiducia::http {

// One gzip member, at most `most` bytes when unpacked. Errors: kInvalidInput if it is damaged,
// kTooLarge.
Result<std::string> Gunzip(std::string_view packed, size_t most);

}  // namespace fiducia::http
