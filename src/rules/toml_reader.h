// Reads TOML tables strictly: every key must be known, every value of the right kind, and a fault
// is named by file and line.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/texts.h"

namespace fiducia::rules {

class TomlTable {
 public:
  // Thrown inside this module only; LoadPolicyFrom turns it into a LoadError.
  struct Fault {
    LoadError error;
  };

  static TomlTable Parse(const std::string& file, std::string_view text);

  void AllowOnly(std::initializer_list<std::string_view> keys) const;
  bool Has(std::string_view key) const;
  std::vector<std::string> Keys() const;
  std::string Text(std::string_view key) const;
  int64_t Number(std::string_view key) const;
  bool Flag(std::string_view key) const;
  std::vector<std::string> Words(std::string_view key) const;
  Texts Both(std::string_view key) const;  // { zh-CN = "…", en = "…" }
  TomlTable Table(std::string_view key) const;
  std::vector<TomlTable> Tables(std::string_view key) const;
  [[noreturn]] void Refuse(std::string_view key, const std::string& reason) const;

 private:
  struct Node;
  std::shared_ptr<const Node> node_;
};

}  // namespace fiducia::rules
