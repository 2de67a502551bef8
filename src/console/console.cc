#include "console/console.h"

#include <algorithm>
#include <iterator>

#include "console/files.h"

namespace fiducia::console {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

// The scripts for other people's pages: address and file.
constexpr std::pair<std::string_view, std::string_view> kScripts[] = {
    {"/sdk/fiducia.js", "sdk/fiducia.js"}, {"/sdk/form.js", "forms/form.js"}};

// A page with a form on it. It holds nothing but what its script writes.
constexpr std::string_view kFormPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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

void Harden(http::Response& response, std::string_view policy) {
  for (const auto& [name, value] :
       {std::pair("Content-Security-Policy", std::string(policy)),
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

http::Response Nothing() {
  return http::Problem({Code::kNotFound, "there is nothing at this address"});
}

http::Response AnswerScript(const http::Request& request) {
  const auto* script = std::find_if(std::begin(kScripts), std::end(kScripts),
                                    [&](const auto& one) { return one.first == request.path; });
  const File* file = script == std::end(kScripts) ? nullptr : Find(script->second);
  if (file == nullptr) {
    return Nothing();
  }
  http::Response response;
  Pack(request, *file, response);
  response.headers.emplace_back("Cache-Control", "public, max-age=3600");
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

// The same page for every form: its script finds out which, and whether there is one.
http::Response AnswerForm(const http::Request& request) {
  const std::string_view below = std::string_view(request.path).substr(3);
  const bool own = below == "worker.js" || below == "page.css" || below == "demo.js";
  if (!own && (below.empty() || below.find_first_of("./") != std::string_view::npos)) {
    return Nothing();
  }
  const std::string_view page = below == "demo" ? "demo.html" : "page.html";
  const File* file = Find("forms/" + std::string(own ? below : page));
  if (file == nullptr) {
    return Nothing();
  }
  http::Response response;
  Pack(request, *file, response);
  response.headers.emplace_back("Cache-Control", "no-cache");
  Harden(response, kFormPolicy);
  return response;
}

}  // namespace

bool Owns(std::string_view path) {
  return path == "/" || path.starts_with("/sdk/") || path == "/console" || path == "/portal" ||
         path.starts_with("/console/") || path.starts_with("/portal/") || path.starts_with("/f/");
}

http::Response Answer(const http::Request& request) {
  http::Response response;
  if (request.method != "GET" && request.method != "HEAD") {
    response = http::Problem({Code::kMethodNotAllowed, "the method is not offered here"});
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  const std::string_view path = request.path;
  if (path.starts_with("/sdk/")) {
    return AnswerScript(request);
  }
  if (path.starts_with("/f/")) {
    return AnswerForm(request);
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
    return Nothing();
  }
  Pack(request, *file, response);
  // Assets carry a hash of their content in their names.
  response.headers.emplace_back("Cache-Control",
                                asset ? "public, max-age=31536000, immutable" : "no-cache");
  Harden(response, kPolicy);
  return response;
}

}  // namespace fiducia::console
