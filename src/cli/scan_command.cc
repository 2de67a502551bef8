// What in a file points to a person: by kind and line, and a copy without it. Needs no
// installation.
#include <cstdio>
#include <fstream>
#include <map>

#include "audit/publisher.h"
#include "base/text.h"
#include "cli/commands.h"
#include "process/classify/redact.h"

namespace fiducia::cli {

int RunScan(const Context& context, const std::string& file, const std::string& redacted) {
  const auto text = audit::ReadWholeFile(file);
  if (!text) {
    std::fprintf(stderr, "fiducia: %s cannot be read\n", file.c_str());
    return kFailed;
  }
  if (!IsUtf8(*text)) {
    std::fprintf(stderr, "fiducia: %s is not UTF-8 text\n", file.c_str());
    return kFailed;
  }
  const std::vector<process::Entity> found = process::FindNumbered(*text);
  std::map<std::string, std::vector<size_t>> lines;
  size_t at = 0;
  size_t line = 1;
  for (const process::Entity& entity : found) {
    for (size_t i = at; i < entity.from; ++i) {
      line += (*text)[i] == '\n' ? 1 : 0;
    }
    lines[std::string(process::Name(entity.kind))].push_back(line);
    at = entity.from;
  }
  if (!redacted.empty()) {
    std::ofstream out(redacted, std::ios::binary | std::ios::trunc);
    out << process::Redacted(*text, found);
    out.close();
    if (!out) {
      std::fprintf(stderr, "fiducia: %s cannot be written\n", redacted.c_str());
      return kFailed;
    }
  }
  if (context.json) {
    Json json = {{"found", Json::object()}};
    for (const auto& [kind, at_lines] : lines) {
      json["found"][kind] = at_lines;
    }
    std::printf("%s\n", WriteJson(json).c_str());
    return kOk;
  }
  for (const auto& [kind, at_lines] : lines) {
    std::printf("%-16s %6zu   lines", kind.c_str(), at_lines.size());
    for (size_t i = 0; i < at_lines.size() && i < 8; ++i) {
      std::printf(" %zu", at_lines[i]);
    }
    std::printf("%s\n", at_lines.size() > 8 ? " …" : "");
  }
  if (found.empty()) {
    std::printf(
        "No number or address that points to a person was found. Names are not looked for.\n");
  }
  return kOk;
}

}  // namespace fiducia::cli
