#include "process/classify/entities.h"

#include <algorithm>

#include "process/classify/recognizers.h"

namespace fiducia::process {

namespace {

// Text is read in pieces that end with a line or a sentence, or are as long as this.
constexpr size_t kPiece = 4096;
constexpr size_t kLongestPiece = 16384;

size_t EndOfPiece(std::string_view text, size_t from) {
  if (text.size() - from <= kPiece) {
    return text.size();
  }
  const size_t most = std::min(text.size(), from + kLongestPiece);
  // A blank line or a full stop ends a piece; a single new line may be inside an address.
  for (const std::string_view end :
       {std::string_view("\n\n"), std::string_view("。"), std::string_view(". "),
        std::string_view("\n"), std::string_view(" ")}) {
    const size_t at = text.substr(0, most).find(end, from + kPiece / 2);
    if (at != std::string_view::npos) {
      return at + end.size();
    }
  }
  size_t at = most;
  while (at > from + 1 && at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80) {
    --at;
  }
  return at;
}

// The ends of an entity hold no blanks and no marks that part sentences.
void Trim(std::string_view text, Entity& entity) {
  static constexpr std::string_view kEnds = " \t\r\n,;:";
  while (entity.to > entity.from && kEnds.find(text[entity.to - 1]) != std::string_view::npos) {
    --entity.to;
  }
  while (entity.from < entity.to && kEnds.find(text[entity.from]) != std::string_view::npos) {
    ++entity.from;
  }
}

// Numbers win over what the tagger says, but for a number that is a part of an address.
std::vector<Entity> Merged(const std::vector<Entity>& numbered, const std::vector<Entity>& tagged) {
  std::vector<Entity> all;
  size_t next = 0;
  const auto take_numbers = [&](size_t until) {
    while (next < numbered.size() && numbered[next].from < until) {
      if (all.empty() || numbered[next].from >= all.back().to) {
        all.push_back(numbered[next]);
      }
      ++next;
    }
  };
  for (const Entity& entity : tagged) {
    take_numbers(entity.from);
    if (!all.empty() && all.back().to > entity.from) {
      continue;
    }
    const bool holds_sure_number =
        next < numbered.size() && numbered[next].from < entity.to &&
        !((entity.kind == EntityKind::kAddress || entity.kind == EntityKind::kDate) &&
          numbered[next].kind == EntityKind::kDate);
    if (holds_sure_number) {
      // What stands before the number may be right still: "Ann 555-0100".
      if (numbered[next].from > entity.from) {
        all.push_back({entity.from, numbered[next].from, entity.kind, entity.sure});
      }
      take_numbers(entity.to);
      continue;
    }
    while (next < numbered.size() && numbered[next].from < entity.to) {
      ++next;  // a part of an address
    }
    all.push_back(entity);
  }
  take_numbers(SIZE_MAX);
  return all;
}

}  // namespace

std::vector<Entity> FindEntities(std::string_view text, const TaggerModel& model) {
  std::vector<Entity> all;
  std::vector<Token> tokens;
  std::vector<uint8_t> labels;
  Tagger tagger(model);
  for (size_t from = 0; from < text.size();) {
    const size_t to = EndOfPiece(text, from);
    const std::string_view piece = text.substr(from, to - from);
    const std::vector<Entity> numbered = FindNumbered(piece);
    Tokenize(piece, numbered, model.lexicon, tokens);
    tagger.Label(tokens, labels);
    for (Entity entity : Merged(numbered, EntitiesOf(tokens, labels))) {
      Trim(piece, entity);
      if (entity.to > entity.from) {
        all.push_back({entity.from + from, entity.to + from, entity.kind, entity.sure});
      }
    }
    from = to;
  }
  return all;
}

}  // namespace fiducia::process
