// What in a file points to a person: by kind and line, and a copy without it; of a table, what each
// column holds. Needs no installation.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.h"
#include "cli/commands.h"
#include "collect/imports/mapping.h"
#include "process/classify/entities.h"
#include "process/classify/redact.h"

namespace fiducia::cli {

namespace {

constexpr size_t kBlock = size_t{4} << 20;
constexpr size_t kLinesListed = 1000;  // of one kind

struct Finds {
  size_t count = 0;
  std::vector<size_t> lines;
};

// Reads a text of any size in blocks that end with a line, or with a character where a line is
// longer than a block.
class TextScan {
 public:
  TextScan(std::ifstream& in, std::ofstream* redacted) : in_(in), redacted_(redacted) {}

  Status Run() {
    std::string block;
    for (bool more = true; more;) {
      const size_t kept = block.size();
      block.resize(kept + kBlock);
      in_.read(block.data() + kept, static_cast<std::streamsize>(kBlock));
      const auto got = static_cast<size_t>(in_.gcount());
      block.resize(kept + got);
      more = got == kBlock;
      const size_t end = more ? EndIn(block) : block.size();
      FID_TRY(Block(std::string_view(block).substr(0, end)));
      block.erase(0, end);
    }
    return in_.bad() ? Fail(Code::kUnavailable, "the file cannot be read") : Status();
  }

  const std::map<std::string, Finds>& finds() const { return finds_; }

 private:
  static size_t EndIn(const std::string& block) {
    if (const size_t line = block.rfind('\n'); line != std::string::npos) {
      return line + 1;
    }
    size_t end = block.size();
    for (int i = 0; i < 3 && end > 1 && (static_cast<uint8_t>(block[end - 1]) & 0xc0) == 0x80;
         ++i) {
      --end;
    }
    return static_cast<uint8_t>(block[end - 1]) >= 0xc0 ? end - 1 : block.size();
  }

  Status Block(std::string_view text) {
    if (!IsUtf8(text)) {
      return Fail(Code::kInvalidInput, "the file is not UTF-8 text");
    }
    const std::vector<process::Entity> found = process::FindEntities(text);
    size_t at = 0;
    for (const process::Entity& entity : found) {
      line_ +=
          static_cast<size_t>(std::count(text.begin() + static_cast<ptrdiff_t>(at),
                                         text.begin() + static_cast<ptrdiff_t>(entity.from), '\n'));
      at = entity.from;
      Finds& finds = finds_[std::string(process::Name(entity.kind))];
      ++finds.count;
      if (finds.lines.size() < kLinesListed) {
        finds.lines.push_back(line_);
      }
    }
    line_ += static_cast<size_t>(
        std::count(text.begin() + static_cast<ptrdiff_t>(at), text.end(), '\n'));
    if (redacted_ != nullptr) {
      *redacted_ << process::Redacted(text, found);
    }
    return {};
  }

  std::ifstream& in_;
  std::ofstream* redacted_;
  std::map<std::string, Finds> finds_;
  size_t line_ = 1;
};

bool IsTable(const std::string& file) {
  const std::string end = LowerAscii(std::filesystem::path(file).extension().string());
  return end == ".csv" || end == ".tsv" || end == ".xlsx" || end == ".ndjson";
}

Result<std::vector<collect::ColumnReport>> ScanTable(const std::string& file) {
  FID_ASSIGN(auto source, collect::OpenFileSource(file));
  FID_ASSIGN(const auto table, collect::OpenTable(std::move(source)));
  return collect::DescribeColumns(*table);
}

int ShowTable(const Context& context, const std::string& file) {
  const auto findings = ScanTable(file);
  if (!findings) {
    std::fprintf(stderr, "fiducia: %s: %s\n", file.c_str(),
                 std::string(findings.error().text()).c_str());
    return kFailed;
  }
  if (context.json) {
    Json json = {{"columns", Json::array()}};
    for (const collect::ColumnReport& one : *findings) {
      json["columns"].push_back({{"column", one.column},
                                 {"kind", process::Name(one.finding.kind)},
                                 {"sure", one.finding.sure}});
    }
    std::printf("%s\n", WriteJson(json).c_str());
    return kOk;
  }
  size_t about = 0;
  for (const collect::ColumnReport& one : *findings) {
    const bool person = one.finding.kind != process::ColumnKind::kNone;
    about += person ? 1 : 0;
    std::printf("%-30s %-16s %3.0f %%\n", one.column.c_str(),
                std::string(person ? process::Name(one.finding.kind) : "-").c_str(),
                one.finding.sure * 100);
  }
  std::printf("%zu of %zu columns are about people.\n", about, findings->size());
  return kOk;
}

int ShowText(const Context& context, const std::map<std::string, Finds>& finds) {
  if (context.json) {
    Json json = {{"found", Json::object()}, {"counts", Json::object()}};
    for (const auto& [kind, one] : finds) {
      json["found"][kind] = one.lines;
      json["counts"][kind] = one.count;
    }
    std::printf("%s\n", WriteJson(json).c_str());
    return kOk;
  }
  for (const auto& [kind, one] : finds) {
    std::printf("%-16s %6zu   lines", kind.c_str(), one.count);
    for (size_t i = 0; i < one.lines.size() && i < 8; ++i) {
      std::printf(" %zu", one.lines[i]);
    }
    std::printf("%s\n", one.count > 8 ? " …" : "");
  }
  if (finds.empty()) {
    std::printf("Nothing that points to a person was found.\n");
  }
  return kOk;
}

}  // namespace

int RunScan(const Context& context, const std::string& file, const std::string& redacted) {
  if (IsTable(file) && redacted.empty()) {
    return ShowTable(context, file);
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "fiducia: %s cannot be read\n", file.c_str());
    return kFailed;
  }
  // The copy gets its name when it is whole.
  const std::string unfinished = redacted + ".part";
  std::ofstream out;
  if (!redacted.empty()) {
    out.open(unfinished, std::ios::binary | std::ios::trunc);
  }
  TextScan scan(in, redacted.empty() ? nullptr : &out);
  const Status done = scan.Run();
  std::error_code error;
  if (!redacted.empty()) {
    out.close();
    if (done && out) {
      std::filesystem::rename(unfinished, redacted, error);
    }
    if (!done || !out || error) {
      std::filesystem::remove(unfinished, error);
      if (done) {
        std::fprintf(stderr, "fiducia: %s cannot be written\n", redacted.c_str());
        return kFailed;
      }
    }
  }
  if (!done) {
    std::fprintf(stderr, "fiducia: %s: %s\n", file.c_str(),
                 std::string(done.error().text()).c_str());
    return kFailed;
  }
  return ShowText(context, scan.finds());
}

}  // namespace fiducia::cli
