#include "console/console.h"

#include "console/files.h"

namespace fiducia::console {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

// The library for other people's pages.
constexpr std::string_view kSdk = "/sdk/fiducia.js";

const File* Find(std::string_view path) {
  for (const File& file : Files()) {
    if (file.path == path) {
      return &file;
    }
  }
  return nullptr;
}

void Pack(const http::Request& request, const File& file, http::Response& response) {
  response.content_type = file.type;
  const bool zipped = request.Header("accept-encoding").find("gzip") != std::string_view::npos;
  response.body = zipped ? file.gzip : file.plain;
  if (zipped) {
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  response.headers.emplace_back("Vary", "Accept-Encoding");
}

void Harden(http::Response& response) {
  for (const auto& [name, value] :
       {std::pair("Content-Security-Policy", std::string(kPolicy)),
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy",
         "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
         "publickey-credentials-get=(self), publickey-credentials-create=(self)"}}) {
    response.headers.emplace_back(name, value);
  }
}

}  // namespace

bool Owns(std::string_view path) {
  return path == "/" || path == kSdk || path == "/console" || path == "/portal" ||
         path.starts_with("/console/") || path.starts_with("/portal/");
}

http::Response Answer(const http::Request& request) {
  http::Response response;
  if (request.method != "GET" && request.method != "HEAD") {
    response = http::Problem({Code::kMethodNotAllowed, "the method is not offered here"});
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  const std::string_view path = request.path;
  if (path == kSdk) {
    const File* file = Find("sdk/fiducia.js");
    if (file == nullptr) {
      return http::Problem({Code::kNotFound, "there is nothing at this address"});
    }
    Pack(request, *file, response);
    response.headers.emplace_back("Cache-Control", "public, max-age=3600");
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    response.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return response;
  }
  const bool portal = path.starts_with("/portal");
  const std::string root = portal ? "/portal/" : "/console/";
  if (!path.starts_with(root)) {
    response.status = 308;
    response.headers.emplace_back("Location", root);
    return response;
  }
  const std::string_view below = path.substr(root.size());
  const std::string folder = portal ? "portal/" : "console/";
  const bool asset = below.starts_with("assets/");
  const File* file = Find(folder + std::string(below));
  if (file == nullptr && !asset) {
    file = Find(folder + "index.html");  // a place inside: the page finds its way
  }
  if (file == nullptr) {
    return http::Problem({Code::kNotFound, "there is nothing at this address"});
  }
  Pack(request, *file, response);
  // Assets carry a hash of their content in their names.
  response.headers.emplace_back("Cache-Control",
                                asset ? "public, max-age=31536000, immutable" : "no-cache");
  Harden(response);
  return response;
}

}  // namespace fiducia::console
