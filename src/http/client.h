// A blocking client: the command line's way to a running server, and the tests' way to any.
#pragma once

#include <string>

#include "http/message.h"

namespace fiducia::http {

// Errors: kUnavailable if nobody answers.
Result<Response> CallUnix(const std::string& socket_path, const Request& request);
// TLS without checking the certificate, for tests and benches on the loopback address only.
Result<Response> CallLoopbackTls(int port, const Request& request);

}  // namespace fiducia::http
