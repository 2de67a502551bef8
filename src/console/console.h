// The web console and the portal: static files compiled in, served under a policy that lets nothing
// in from elsewhere.
#pragma once

#include "http/message.h"

namespace fiducia::console {

// Whether they answer for this path: "/" and all below /console and /portal.
bool Owns(std::string_view path);

// A file, the page itself for every place inside it, or a redirect to it.
http::Response Answer(const http::Request& request);

}  // namespace fiducia::console
