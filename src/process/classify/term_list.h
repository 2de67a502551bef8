// A declared list of terms with a label each, found in texts in one pass.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fiducia::process {

class TermList {
 public:
  struct Term {
    std::string text;  // lower case
    size_t label = 0;
  };
  // Of an embedded CSV file with the columns label and term. `label_of` knows every label there is.
  TermList(std::string_view file, const std::function<size_t(std::string_view)>& label_of);

  // In the order of the text, none overlapping another; where several begin, the longest stands.
  // `text` is UTF-8; time is linear in its length. Words in an alphabet count as whole words,
  // whatever their case.
  using Each = std::function<void(size_t from, const Term& term)>;
  void Find(std::string_view text, const Each& each) const;

 private:
  const Term* At(std::string_view text, size_t at) const;

  std::unordered_map<uint32_t, std::vector<Term>> by_head_;
};

}  // namespace fiducia::process
