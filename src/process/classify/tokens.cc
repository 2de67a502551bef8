#include "process/classify/tokens.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/letters.h"
#include "base/text.h"

namespace fiducia::process {

namespace {

constexpr size_t kLongestWord = 4;     // Chinese characters
constexpr uint8_t kUnknownScore = 26;  // of a single character that is no word of its own
constexpr size_t kMostLetters = 64;    // of one word; what is longer is parted

uint32_t Short(uint64_t hash) { return static_cast<uint32_t>(hash >> 16); }

// Words, then their likeliest order: the fewest and the most common.
class Segmenter {
 public:
  explicit Segmenter(const Lexicon& lexicon) : lexicon_(lexicon) {}

  void Run(std::span<Token> tokens, std::span<const char32_t> characters) {
    const size_t n = tokens.size();
    cost_.assign(n + 1, 0);
    size_.assign(n, 1);
    value_.assign(n, 0);
    hash_.assign(n, 0);
    for (size_t i = n; i-- > 0;) {
      WordHash hash('h');
      hash.Add(characters[i]);
      const uint8_t common = tokens[i].class_ >> 4;
      cost_[i] = cost_[i + 1] + kUnknownScore - common;
      hash_[i] = Short(hash.Value());
      for (size_t size = 2; size <= kLongestWord && i + size <= n; ++size) {
        hash.Add(characters[i + size - 1]);
        uint8_t value = 0;
        if (!lexicon_.Find(hash.Value(), value)) {
          continue;
        }
        // The more common, the cheaper; a word pays about what one character does.
        const uint32_t cost = cost_[i + size] + 38 - (value & 31);
        if (cost < cost_[i]) {
          cost_[i] = cost;
          size_[i] = static_cast<uint8_t>(size);
          value_[i] = value;
          hash_[i] = Short(hash.Value());
        }
      }
    }
    for (size_t i = 0; i < n;) {
      const size_t size = size_[i];
      for (size_t k = 0; k < size; ++k) {
        Token& token = tokens[i + k];
        const uint8_t where = size == 1 ? 3 : k == 0 ? 0 : k + 1 == size ? 2 : 1;
        const uint8_t word = size == 1 ? 0 : value_[i] >> 5;
        token.segment = static_cast<uint8_t>(1 + where * 8 + word);
        token.around = hash_[i];
      }
      i += size;
    }
  }

 private:
  const Lexicon& lexicon_;
  std::vector<uint32_t> cost_;
  std::vector<uint8_t> size_;
  std::vector<uint8_t> value_;
  std::vector<uint32_t> hash_;
};

class Reader {
 public:
  Reader(std::string_view text, const Lexicon& lexicon, std::vector<Token>& tokens)
      : text_(text), lexicon_(lexicon), tokens_(tokens), segmenter_(lexicon) {}

  void Run() {
    size_t at = 0;
    Gap gap = Gap::kLine;
    while (at < text_.size()) {
      const size_t from = at;
      const char32_t c = NextCharacter(text_, at);
      if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029) {
        gap = Gap::kLine;
        EndHan();
        continue;
      }
      if (c <= 0x20 || c == 0xa0 || c == 0x3000 || c == 0x200b || c == 0xfeff || c == 0x202f) {
        gap = gap == Gap::kLine ? gap : Gap::kSpace;
        EndHan();
        continue;
      }
      const LetterKind letter = KindOfLetter(c);
      Token token;
      token.from = static_cast<uint32_t>(from);
      token.gap = gap;
      gap = Gap::kNone;
      if (letter == LetterKind::kUncased && IsHan(c)) {
        Han(c, at, token);
        continue;
      }
      EndHan();
      if (letter == LetterKind::kDigit) {
        at = Number(from, token);
      } else if (letter != LetterKind::kNone) {
        at = Word(from, token);
      } else {
        token.kind = TokenKind::kMark;
        WordHash hash('m');
        hash.Add(c);
        token.word = token.head = token.tail = Short(hash.Value());
        token.shape = static_cast<uint16_t>(c < 0x80 ? c : 0x80 + (c & 0xff));
      }
      token.to = static_cast<uint32_t>(at);
      tokens_.push_back(token);
    }
    EndHan();
  }

 private:
  void Han(char32_t c, size_t to, Token& token) {
    const char32_t plain = SimplifiedHan(c);
    token.kind = TokenKind::kHan;
    token.to = static_cast<uint32_t>(to);
    WordHash hash('c');
    hash.Add(plain);
    token.word = token.head = token.tail = Short(hash.Value());
    token.shape = 0x200;
    uint8_t value = 0;
    if (lexicon_.Find(hash.Value(), value)) {
      token.class_ = value;
    }
    tokens_.push_back(token);
    han_.push_back(plain);
  }

  void EndHan() {
    if (!han_.empty()) {
      segmenter_.Run(std::span<Token>(tokens_).last(han_.size()), han_);
      han_.clear();
    }
  }

  size_t Number(size_t at, Token& token) {
    size_t digits = 0;
    bool zero = text_[at] == '0';
    WordHash hash('n');
    while (at < text_.size() && digits < kMostLetters) {
      size_t next = at;
      const char32_t c = NextCharacter(text_, next);
      if (KindOfLetter(c) != LetterKind::kDigit) {
        break;
      }
      ++digits;
      hash.Add(c);
      at = next;
    }
    token.kind = TokenKind::kNumber;
    token.word = Short(hash.Value());
    // A year looks like one.
    const std::string_view number = text_.substr(token.from, at - token.from);
    const bool year = digits == 4 && (number.starts_with("19") || number.starts_with("20"));
    token.shape = static_cast<uint16_t>(0x300 + std::min<size_t>(digits, 20) + (zero ? 32 : 0) +
                                        (year ? 64 : 0));
    token.head = token.tail = token.shape;
    return at;
  }

  size_t Word(size_t at, Token& token) {
    std::array<char32_t, 3> last{};
    WordHash hash('l');
    WordHash head('p');
    size_t letters = 0;
    size_t upper = 0;
    bool first_upper = false;
    while (at < text_.size() && letters < kMostLetters) {
      size_t next = at;
      const char32_t c = NextCharacter(text_, next);
      const LetterKind kind = KindOfLetter(c);
      if (kind == LetterKind::kNone || kind == LetterKind::kDigit ||
          (kind == LetterKind::kUncased && IsHan(c))) {
        break;
      }
      const char32_t lower = kind == LetterKind::kUpper ? LowerLetter(c) : c;
      upper += kind == LetterKind::kUpper ? 1 : 0;
      first_upper = first_upper || (letters == 0 && kind == LetterKind::kUpper);
      hash.Add(lower);
      if (letters < 3) {
        head.Add(lower);
      }
      last = {last[1], last[2], lower};
      ++letters;
      at = next;
    }
    token.kind = TokenKind::kWord;
    const uint64_t key = hash.Value();
    lexicon_.Find(key, token.class_);
    token.word = Short(key);
    token.head = Short(head.Value());
    WordHash tail('t');
    for (const char32_t c : last) {
      tail.Add(c);
    }
    token.tail = Short(tail.Value());
    const uint16_t form = letters == 1 && first_upper ? 1
                          : upper == letters          ? 2
                          : first_upper && upper == 1 ? 3
                          : upper > 0                 ? 4
                          : letters == 1              ? 5
                                                      : 6;
    token.shape = static_cast<uint16_t>(0x400 + form * 4 + (letters < 3 ? 0 : letters < 6 ? 1 : 2));
    return at;
  }

  std::string_view text_;
  const Lexicon& lexicon_;
  std::vector<Token>& tokens_;
  Segmenter segmenter_;
  std::vector<char32_t> han_;
};

}  // namespace

void Tokenize(std::string_view text, const std::vector<Entity>& numbered, const Lexicon& lexicon,
              std::vector<Token>& tokens) {
  tokens.clear();
  Reader(text, lexicon, tokens).Run();
  size_t next = 0;
  for (Token& token : tokens) {
    while (next < numbered.size() && numbered[next].to <= token.from) {
      ++next;
    }
    if (next < numbered.size() && numbered[next].from <= token.from) {
      token.pattern = static_cast<uint8_t>(1 + static_cast<uint8_t>(numbered[next].kind));
    }
  }
}

}  // namespace fiducia::process
