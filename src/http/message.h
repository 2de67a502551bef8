// Requests and responses as the rest of the product sees them, and problem documents (RFC 9457).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace fiducia::http {

// Whose word the connection carries: a network peer, or the owner of the home folder on this
// machine.
enum class Origin { kNetwork, kLocalOwner };

struct Request {
  std::string method;
  std::string path;  // without the query, percent-decoded
  std::map<std::string, std::string, std::less<>> query;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
  std::string peer;  // address without port
  Origin origin = Origin::kNetwork;

  std::string_view Header(std::string_view lower_name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Must be called exactly once, from any thread.
using Responder = std::move_only_function<void(Response)>;
using Handler = std::function<void(Request, Responder)>;

// `application/problem+json` with a stable type; never an echo of what was sent.
Response Problem(const Error& error);

// Errors: kInvalidInput for a bad percent code, a NUL or broken UTF-8.
Result<std::string> PercentDecode(std::string_view text, bool plus_is_blank);
Status ParseTarget(std::string_view target, Request& request);

struct Part {
  std::string name;
  std::string file_name;
  std::string content;
};
// multipart/form-data. Errors: kInvalidInput, kUnsupportedMediaType.
Result<std::vector<Part>> ParseMultipart(std::string_view content_type, std::string_view body);

}  // namespace fiducia::http
