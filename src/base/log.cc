#include "base/log.h"

#include <atomic>
#include <cstdio>
#include <string>

#include "base/clock.h"

namespace fiducia {

namespace {

std::atomic<LogLevel> lowest_level{LogLevel::kInfo};

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

void Append(std::string& line, std::string_view key, std::string_view value, bool quoted) {
  line.append(",\"").append(key).append("\":");
  line.append(quoted ? "\"" : "").append(value).append(quoted ? "\"" : "");
}

}  // namespace

void SetLogLevel(LogLevel lowest) { lowest_level = lowest; }

void Log(LogLevel level, Literal event, std::initializer_list<LogField> fields) {
  if (level < lowest_level.load()) {
    return;
  }
  std::string line = "{\"time\":\"" + FormatTime(SystemClock().NowMs()) + "\"";
  Append(line, "level", Name(level), true);
  Append(line, "event", event.view(), true);
  for (const LogField& field : fields) {
    if (const auto* number = std::get_if<int64_t>(&field.value)) {
      Append(line, field.key.view(), std::to_string(*number), false);
    } else if (const auto* id = std::get_if<Uuid>(&field.value)) {
      Append(line, field.key.view(), id->Text(), true);
    } else if (const auto* text = std::get_if<Literal>(&field.value)) {
      Append(line, field.key.view(), text->view(), true);
    } else if (const auto* code = std::get_if<Code>(&field.value)) {
      Append(line, field.key.view(), Info(*code).name, true);
    }
  }
  line += "}\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void LogError(Literal event, const Error& error) {
  std::string line = "{\"time\":\"" + FormatTime(SystemClock().NowMs()) + "\"";
  Append(line, "level", "error", true);
  Append(line, "event", event.view(), true);
  Append(line, "code", Info(error.code()).name, true);
  Append(line, "text", error.text(), true);
  Append(line, "position", std::to_string(error.position()), false);
  line += "}\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace fiducia
