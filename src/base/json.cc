#include "base/json.h"

#include <set>
#include <vector>

namespace fiducia {

namespace {

// Checks structure while nlohmann's parser builds the document.
class Limiter {
 public:
  explicit Limiter(JsonLimits limits) : limits_(limits) {}
  bool Accept(int depth, nlohmann::ordered_json::parse_event_t event, const Json& parsed) {
    using Event = nlohmann::ordered_json::parse_event_t;
    ++values_;
    if (depth > limits_.depth_max || values_ > limits_.values_max) {
      over_ = true;
    }
    if (event == Event::object_start) {
      keys_.emplace_back();
    } else if (event == Event::object_end && !keys_.empty()) {
      keys_.pop_back();
    } else if (event == Event::key && !keys_.empty()) {
      over_ = over_ || !keys_.back().insert(parsed.get<std::string>()).second;
    }
    return !over_;
  }
  bool over() const { return over_; }

 private:
  JsonLimits limits_;
  size_t values_ = 0;
  bool over_ = false;
  std::vector<std::set<std::string>> keys_;
};

// Refuses deep nesting before the recursive writer and destructor could meet it.
bool TooDeep(std::string_view text, int depth_max) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) {
        return true;
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> ParseJson(std::string_view text, JsonLimits limits) {
  if (TooDeep(text, limits.depth_max)) {
    return Fail(Code::kInvalidJson, "the document is nested too deeply");
  }
  Limiter limiter(limits);
  try {
    Json json = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
      return limiter.Accept(depth, event, parsed);
    });
    if (limiter.over()) {
      return Fail(Code::kInvalidJson, "the document has a duplicate key or too many values");
    }
    return json;
  } catch (const nlohmann::json::parse_error& e) {
    return Fail(Code::kInvalidJson, "the document is not well-formed",
                static_cast<int64_t>(e.byte));
  } catch (const nlohmann::json::exception&) {
    return Fail(Code::kInvalidJson, "the document holds a number out of range");
  }
}

std::string WriteJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string WriteJsonPretty(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void JsonWriter::Quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out_.push_back('"');
  size_t plain = 0;  // start of what needs no escape
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') {
      continue;
    }
    out_.append(text.substr(plain, i - plain));
    plain = i + 1;
    if (c < 0x20) {
      out_ += "\\u00";
      out_.push_back(kHex[c >> 4]);
      out_.push_back(kHex[c & 15]);
    } else {
      out_.push_back('\\');
      out_.push_back(text[i]);
    }
  }
  out_.append(text.substr(plain));
  out_.push_back('"');
}

std::string JsonText(const Json& object, std::string_view key) {
  if (!object.is_object()) {
    return {};
  }
  const auto found = object.find(std::string(key));
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace fiducia
