#include "http/message.h"

#include "base/bytes.h"
#include "base/json.h"
#include "base/text.h"

namespace fiducia::http {

std::string_view Request::Header(std::string_view lower_name) const {
  const auto found = headers.find(lower_name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

Response Problem(const Error& error) {
  const CodeInfo& info = Info(error.code());
  Json json;
  json["type"] = "urn:fiducia:problem:" + std::string(info.name);
  json["title"] = info.title;
  json["status"] = info.http_status;
  json["code"] = info.name;
  json["detail"] = error.text();
  if (error.position() >= 0) {
    json["position"] = error.position();
  }
  Response response;
  response.status = info.http_status;
  response.content_type = "application/problem+json";
  response.body = WriteJson(json);
  if (error.code() == Code::kUnavailable || error.code() == Code::kTooManyRequests) {
    response.headers.emplace_back("Retry-After", "1");
  }
  if (error.code() == Code::kUnauthenticated) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  }
  return response;
}

Result<std::string> PercentDecode(std::string_view text, bool plus_is_blank) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto byte = i + 2 < text.size() ? FromHex(text.substr(i + 1, 2))
                                            : FromHex(text.substr(std::min(i + 1, text.size())));
      if (!byte || byte->size() != 1) {
        return Fail(Code::kInvalidInput, "the address has a bad percent code");
      }
      out += *byte;
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus_is_blank ? ' ' : text[i]);
    }
  }
  if (out.find('\0') != std::string::npos || !IsUtf8(out)) {
    return Fail(Code::kInvalidInput, "the address is not valid text");
  }
  return out;
}

Status ParseTarget(std::string_view target, Request& request) {
  if (target.size() > 4096) {
    return Fail(Code::kUriTooLong, "an address has at most 4096 characters");
  }
  if (target.empty() || target[0] != '/') {
    return Fail(Code::kInvalidInput, "the address must start with a slash");
  }
  const size_t question = target.find('?');
  FID_ASSIGN(request.path, PercentDecode(target.substr(0, question), false));
  if (question == std::string_view::npos) {
    return {};
  }
  for (const std::string_view pair : Split(target.substr(question + 1), '&')) {
    if (pair.empty()) {
      continue;
    }
    const size_t equals = pair.find('=');
    FID_ASSIGN(std::string name, PercentDecode(pair.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      FID_ASSIGN(value, PercentDecode(pair.substr(equals + 1), true));
    }
    if (!request.query.emplace(std::move(name), std::move(value)).second) {
      return Fail(Code::kInvalidInput, "a query parameter is given twice");
    }
  }
  return {};
}

namespace {

// The value of `name="…"` or name=… in a header line.
std::string Parameter(std::string_view line, std::string_view name) {
  const std::string lower = LowerAscii(line);
  const std::string key = std::string(name) + "=";
  size_t at = 0;
  while ((at = lower.find(key, at)) != std::string::npos) {
    if (at == 0 || lower[at - 1] == ' ' || lower[at - 1] == ';') {
      std::string_view value = line.substr(at + key.size());
      if (value.starts_with('"')) {
        return std::string(value.substr(1, value.find('"', 1) - 1));
      }
      return std::string(TrimAscii(value.substr(0, value.find(';'))));
    }
    ++at;
  }
  return {};
}

}  // namespace

Result<std::vector<Part>> ParseMultipart(std::string_view content_type, std::string_view body) {
  const std::string boundary = Parameter(content_type, "boundary");
  if (!LowerAscii(content_type).starts_with("multipart/form-data") || boundary.empty() ||
      boundary.size() > 70) {
    return Fail(Code::kUnsupportedMediaType, "send multipart/form-data with a boundary");
  }
  const std::string line = "--" + boundary;
  const auto bad = [] { return Fail(Code::kInvalidInput, "the multipart body is malformed"); };
  if (!body.starts_with(line)) {
    return bad();
  }
  std::vector<Part> parts;
  size_t at = line.size();
  while (true) {
    if (body.substr(at).starts_with("--")) {
      return parts;
    }
    if (!body.substr(at).starts_with("\r\n") || parts.size() == 100) {
      return bad();
    }
    const size_t head_end = body.find("\r\n\r\n", at);
    const size_t next = body.find("\r\n" + line, head_end);
    if (head_end == std::string_view::npos || next == std::string_view::npos) {
      return bad();
    }
    Part part;
    for (const std::string_view header : Split(body.substr(at + 2, head_end - at - 2), '\n')) {
      if (LowerAscii(header).starts_with("content-disposition:")) {
        part.name = Parameter(header, "name");
        part.file_name = Parameter(header, "filename");
      }
    }
    part.content = body.substr(head_end + 4, next - head_end - 4);
    parts.push_back(std::move(part));
    at = next + 2 + line.size();
  }
}

}  // namespace fiducia::http
