// JSON in and out. Reading is strict: depth, size, duplicate keys, UTF-8 and trailing text are
// checked.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace fiducia {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  int depth_max = 32;
  size_t values_max = 100000;
};

// Errors: kInvalidJson, with the byte offset where it is known.
Result<Json> ParseJson(std::string_view text, JsonLimits limits = {});
std::string WriteJson(const Json& json);
std::string WriteJsonPretty(const Json& json);

// Writes JSON straight into a string, for answers on the hot path: no tree is built. Text must be
// UTF-8.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  void Open(char bracket) {
    Separate();
    out_.push_back(bracket);
    fresh_ = true;
  }
  void Close(char bracket) {
    out_.push_back(bracket);
    fresh_ = false;
  }
  void Key(std::string_view key) {
    Separate();
    Quote(key);
    out_.push_back(':');
    fresh_ = true;
  }
  void Text(std::string_view text) {
    Separate();
    Quote(text);
  }
  void Number(int64_t number) {
    Separate();
    out_ += std::to_string(number);
  }
  void Word(std::string_view word) {  // true, false, null
    Separate();
    out_ += word;
  }

 private:
  void Separate() {
    if (!fresh_) {
      out_.push_back(',');
    }
    fresh_ = false;
  }
  void Quote(std::string_view text);
  std::string& out_;
  bool fresh_ = true;
};

// The member's text; empty if it is absent or not text.
std::string JsonText(const Json& object, std::string_view key);

}  // namespace fiducia
