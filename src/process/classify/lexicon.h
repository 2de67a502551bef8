// The words that the tagger knows: names, places and ordinary words, each with a byte that says
// what it is. Keys are fingerprints, so one unknown word in some two hundred thousand is taken for
// a known one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fiducia::process {

// Bits of a word in an alphabet, lower case.
enum WordBit : uint8_t {
  kFirstName = 1,
  kFamilyName = 2,
  kPlaceName = 4,
  kCountryName = 8,
  kPeopleName = 16,
  kPlainWord = 32,
  kCompanyWord = 64,
  kStreetWord = 128,
};

// Over bytes of a word, its characters in any number of pieces.
class WordHash {
 public:
  explicit WordHash(char kind) { Add(static_cast<uint8_t>(kind)); }
  void Add(char32_t c) { hash_ = (hash_ ^ c) * 0x9e3779b97f4a7c15ULL; }
  uint64_t Value() const {
    uint64_t h = hash_ ^ (hash_ >> 29);
    h *= 0xbf58476d1ce4e5b9ULL;
    return h ^ (h >> 32);
  }

 private:
  uint64_t hash_ = 0xcbf29ce484222325ULL;
};

// 'l': a word in an alphabet; 'h': a Chinese word; 'c': a Chinese character.
uint64_t HashOfWord(char kind, std::string_view word);

class Lexicon {
 public:
  static constexpr size_t kSlots = 1U << 18;

  Lexicon() : slots_(kSlots) {}
  explicit Lexicon(std::span<const uint32_t> slots) : slots_(slots.begin(), slots.end()) {}

  // False when there is no room.
  bool Put(uint64_t hash, uint8_t value);
  // 0 when it is not known, or known with 0: `Has` tells.
  bool Find(uint64_t hash, uint8_t& value) const {
    for (size_t at = hash % kSlots;; at = (at + 1) % kSlots) {
      const uint32_t slot = slots_[at];
      if (slot == 0) {
        return false;
      }
      if (slot >> 8 == Print(hash)) {
        value = static_cast<uint8_t>(slot);
        return true;
      }
    }
  }
  const std::vector<uint32_t>& slots() const { return slots_; }

 private:
  static uint32_t Print(uint64_t hash) {
    const auto print = static_cast<uint32_t>(hash >> 40);
    return print == 0 ? 1 : print;
  }

  std::vector<uint32_t> slots_;
};

}  // namespace fiducia::process
