#include "process/classify/lexicon.h"

#include "base/letters.h"

namespace fiducia::process {

uint64_t HashOfWord(char kind, std::string_view word) {
  WordHash hash(kind);
  for (size_t at = 0; at < word.size();) {
    hash.Add(NextCharacter(word, at));
  }
  return hash.Value();
}

bool Lexicon::Put(uint64_t hash, uint8_t value) {
  size_t at = hash % kSlots;
  for (size_t tried = 0; tried < kSlots / 4; ++tried, at = (at + 1) % kSlots) {
    if (slots_[at] == 0 || slots_[at] >> 8 == Print(hash)) {
      slots_[at] = Print(hash) << 8 | value;
      return true;
    }
  }
  return false;
}

}  // namespace fiducia::process
