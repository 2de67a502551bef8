// How the values of a column are made coarser, level by level, up to one value for all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace fiducia::process {

class Hierarchy {
 public:
  // A row for each value: the value, then what it becomes at each level. Errors: kInvalidInput for
  // rows of different lengths, a value twice, or a level that parts what a finer one held together.
  static Result<Hierarchy> From(const std::vector<std::vector<std::string>>& rows);
  // The values as they are, and one for all.
  static Hierarchy Flat(const std::vector<std::string>& values);

  size_t levels() const { return codes_.size(); }
  uint32_t values() const { return static_cast<uint32_t>(codes_[0].size()); }
  // The number of a value at level 0. Errors: kNotFound; what is not covered is never guessed.
  Result<uint32_t> Find(std::string_view value) const;
  // What a value becomes at a level, as the number of its name there.
  uint32_t At(size_t level, uint32_t value) const { return codes_[level][value]; }
  uint32_t Codes(size_t level) const { return static_cast<uint32_t>(names_[level].size()); }
  const std::string& Name(size_t level, uint32_t code) const { return names_[level][code]; }
  // How many values stand behind a name.
  uint32_t Leaves(size_t level, uint32_t code) const { return leaves_[level][code]; }
  // The finest level at which two values are one.
  size_t Join(uint32_t a, uint32_t b) const;

 private:
  std::vector<std::vector<uint32_t>> codes_;  // by level, then value
  std::vector<std::vector<std::string>> names_;
  std::vector<std::vector<uint32_t>> leaves_;
  std::unordered_map<std::string, uint32_t> places_;
};

}  // namespace fiducia::process
