// What every declared file has in common: texts in two languages, and how a fault is told.
#pragma once

#include <expected>
#include <string>

namespace fiducia::rules {

// A policy file that was refused. The text may quote the file, which is never personal data.
struct LoadError {
  std::string file;
  int line = 0;
  std::string reason;
  std::string Text() const { return file + ":" + std::to_string(line) + ": " + reason; }
};

template <typename T>
using Loaded = std::expected<T, LoadError>;

struct Texts {
  std::string zh;
  std::string en;
};

}  // namespace fiducia::rules
