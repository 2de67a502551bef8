// A text in pieces: words, numbers, marks and single Chinese characters, each with what the tagger
// looks at.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "process/classify/entity.h"
#include "process/classify/lexicon.h"

namespace fiducia::process {

enum class TokenKind : uint8_t { kWord, kNumber, kHan, kMark };
enum class Gap : uint8_t { kNone, kSpace, kLine };

struct Token {
  uint32_t from = 0;  // bytes
  uint32_t to = 0;
  uint32_t word = 0;  // hash of it in lower case, digits as 0, traditional as simplified
  uint32_t head = 0;  // of its first three letters
  uint32_t tail = 0;  // of its last three
  uint16_t shape = 0;
  uint8_t class_ = 0;   // of the lexicon
  uint8_t segment = 0;  // Chinese: where in its word, and the word's class
  uint32_t around = 0;  // Chinese: hash of the word it is in
  uint8_t pattern = 0;  // 1 + EntityKind of a number found there
  TokenKind kind = TokenKind::kMark;
  Gap gap = Gap::kNone;  // before it
};

// `numbered` are the finds of FindNumbered, in order; offsets of both are from the start of `text`.
// At most 4 GiB.
void Tokenize(std::string_view text, const std::vector<Entity>& numbered, const Lexicon& lexicon,
              std::vector<Token>& tokens);

}  // namespace fiducia::process
