// The operator's log: one JSON line an event. Takes literals, numbers and ids, nothing else, so a
// personal value cannot be logged by mistake.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <variant>

#include "base/result.h"
#include "base/uuid.h"

namespace fiducia {

enum class LogLevel { kInfo, kWarning, kError };

struct LogField {
  Literal key;
  std::variant<int64_t, Uuid, Literal, Code> value;
};

void Log(LogLevel level, Literal event, std::initializer_list<LogField> fields = {});
void LogError(Literal event, const Error& error);

// Below this nothing is written; tests raise it.
void SetLogLevel(LogLevel lowest);

}  // namespace fiducia
