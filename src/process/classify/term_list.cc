#include "process/classify/term_list.h"

#include <algorithm>

#include "base/letters.h"
#include "base/text.h"
#include "rules/policy.h"

namespace fiducia::process {

namespace {

constexpr size_t kHeadBytes = 3;  // one Chinese character, or three letters

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<uint8_t>(c) >= 0x80;
}
bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

uint32_t HeadOf(std::string_view text) {
  uint32_t head = 0;
  for (size_t i = 0; i < kHeadBytes; ++i) {
    head = head << 8 | static_cast<uint8_t>(Lower(text[i]));
  }
  return head;
}

bool Matches(std::string_view text, size_t at, std::string_view term) {
  if (text.size() - at < term.size()) {
    return false;
  }
  for (size_t i = 0; i < term.size(); ++i) {
    if (Lower(text[at + i]) != term[i]) {
      return false;
    }
  }
  const size_t end = at + term.size();
  return !IsAscii(term[0]) || end == text.size() || !IsAscii(text[end]) || !IsWordByte(text[end]);
}

}  // namespace

TermList::TermList(std::string_view file, const std::function<size_t(std::string_view)>& label_of) {
  bool first = true;
  for (const std::string_view line : Split(rules::EmbeddedText(file), '\n')) {
    const size_t comma = line.find(',');
    if (first || comma == std::string_view::npos) {
      first = false;
      continue;
    }
    const std::string_view text = line.substr(comma + 1);
    by_head_[HeadOf(text)].push_back({std::string(text), label_of(line.substr(0, comma))});
  }
  for (auto& [head, terms] : by_head_) {
    std::sort(terms.begin(), terms.end(),
              [](const Term& a, const Term& b) { return a.text.size() > b.text.size(); });
  }
}

// The longest term that begins at `at`; nullptr if none does.
const TermList::Term* TermList::At(std::string_view text, size_t at) const {
  if (text.size() - at < kHeadBytes) {
    return nullptr;
  }
  const auto found = by_head_.find(HeadOf(text.substr(at, kHeadBytes)));
  if (found == by_head_.end()) {
    return nullptr;
  }
  for (const Term& term : found->second) {
    if (Matches(text, at, term.text)) {
      return &term;
    }
  }
  return nullptr;
}

void TermList::Find(std::string_view text, const Each& each) const {
  for (size_t at = 0; at < text.size();) {
    const Term* term = At(text, at);
    if (term != nullptr) {
      each(at, *term);
      at += term->text.size();
    } else if (IsAscii(text[at])) {
      // To the next word.
      while (at < text.size() && IsAscii(text[at]) && IsWordByte(text[at])) {
        ++at;
      }
      while (at < text.size() && IsAscii(text[at]) && !IsWordByte(text[at])) {
        ++at;
      }
    } else {
      (void)NextCharacter(text, at);
    }
  }
}

}  // namespace fiducia::process
