// The web console: static files compiled in, served under a policy that lets nothing in from
// elsewhere.
#pragma once

#include "http/message.h"

namespace fiducia::console {

// Whether the console answers for this path: "/" and all below /console.
bool Owns(std::string_view path);

// A file, the page itself for every place inside it, or a redirect to it.
http::Response Answer(const http::Request& request);

}  // namespace fiducia::console
