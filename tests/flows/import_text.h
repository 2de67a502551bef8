// Sends a table to the API as a browser would.
#pragma once

#include "testing/world.h"

namespace fiducia {

struct Imported {
  int status = 0;
  Json json;
  int64_t Count(const char* key) const {
    return json.contains("counts") ? json["counts"].value(key, int64_t{-1}) : -1;
  }
  std::string code() const { return JsonText(json, "code"); }
};

inline Imported ImportText(testing::World& world, const std::string& content,
                           const std::string& mapping, const std::string& query = "",
                           const std::string& basis = "contract",
                           const std::string& purpose = "service") {
  const std::string edge = "edge-5d41402abc4b2a76b9719d911017c592";
  std::string body;
  const auto part = [&](const std::string& name, const std::string& value) {
    body += "--" + edge + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
            value + "\r\n";
  };
  part("mapping", mapping);
  part("source", "shop");
  part("basis", basis);
  part("purpose", purpose);
  part("file", content);
  body += "--" + edge + "--\r\n";
  const auto response = world.Send("engineer", "POST", "/api/v1/imports" + query, "", body,
                                   {{"content-type", "multipart/form-data; boundary=" + edge}});
  return {response.status, testing::Body(response)};
}

}  // namespace fiducia
