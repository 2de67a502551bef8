#include "process/classify/features.h"

#include <algorithm>

namespace fiducia::process {

namespace {

// Kinds of features; the order is part of the model.
uint32_t Row(uint32_t kind, uint32_t a, uint32_t b = 0, uint32_t c = 0) {
  uint64_t h = (static_cast<uint64_t>(kind) << 32 | a) * 0x9e3779b97f4a7c15ULL;
  h = (h ^ (h >> 31) ^ b) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 29) ^ c) * 0x94d049bb133111ebULL;
  return static_cast<uint32_t>(h >> 40) & (kModelRows - 1);
}

constexpr Token kBeyond{.shape = 0xffff};

class Maker {
 public:
  Maker(std::span<const Token> tokens, size_t at, Features& out)
      : tokens_(tokens), at_(at), out_(out) {}

  void Run() {
    out_.count = 0;
    const Token& t = tokens_[at_];
    if (t.kind == TokenKind::kHan) {
      Chinese(t);
    } else {
      Alphabetic(t);
    }
  }

 private:
  const Token& At(int shift) const {
    const auto index = static_cast<int64_t>(at_) + shift;
    return index < 0 || index >= static_cast<int64_t>(tokens_.size())
               ? kBeyond
               : tokens_[static_cast<size_t>(index)];
  }
  void Add(uint32_t kind, uint32_t a, uint32_t b = 0, uint32_t c = 0) {
    out_.rows[out_.count++] = Row(kind, a, b, c);
  }
  // The gap before a token belongs to its form.
  static uint32_t Form(const Token& t) {
    return t.shape | static_cast<uint32_t>(t.gap) << 16 | static_cast<uint32_t>(t.pattern) << 18;
  }
  static uint32_t Class(const Token& t) { return t.class_ | static_cast<uint32_t>(t.kind) << 8; }
  // Of a Chinese character: surname, of given names, its place in a word.
  static uint32_t Role(const Token& t) {
    return static_cast<uint32_t>(t.kind) << 16 | (t.kind == TokenKind::kHan ? t.class_ & 15U : 0U) |
           static_cast<uint32_t>(t.segment) << 8 |
           (t.kind == TokenKind::kHan ? 0 : static_cast<uint32_t>(t.shape) << 20);
  }
  static uint32_t Sign(const Token& t) {
    return t.kind == TokenKind::kHan ? t.class_ & 15U : 16U + static_cast<uint32_t>(t.kind);
  }

  void Alphabetic(const Token& t) {
    const Token& p = At(-1);
    const Token& n = At(1);
    const Token& pp = At(-2);
    const Token& nn = At(2);
    Add(1, t.word);
    Add(2, Form(t));
    Add(3, t.head, t.shape);
    Add(4, t.tail, t.shape);
    Add(5, Class(t), t.shape);
    Add(6, Form(p), Form(t), Form(n));
    Add(7, Class(p), Class(t), Class(n));
    Add(8, Class(p), Class(t), t.shape);
    Add(9, Class(t), Class(n), t.shape);
    Add(10, Form(pp), Form(p), Form(t));
    Add(11, Form(t), Form(n), Form(nn));
    Add(12, Class(p), Class(n), t.shape);
    Add(13, Class(pp), Class(p), t.shape);
    Add(14, Class(n), Class(nn), t.shape);
    Add(15, t.pattern, t.shape);
    Add(16, p.pattern, n.pattern);
    out_.own = out_.count;
    Add(17, p.word);
    Add(18, n.word);
    Add(19, p.word, t.shape);
    Add(20, n.word, t.shape, n.gap == Gap::kLine ? 1 : 0);
    Add(21, p.word, Class(t), t.shape);
    Add(22, n.word, Class(t), t.shape);
    Add(23, pp.word, p.word);
    Add(24, n.word, nn.word);
    Add(25, pp.word, t.shape);
    Add(26, nn.word, t.shape);
    Add(27, p.word, t.word);
    Add(28, t.word, n.word);
    Add(29, At(-3).word, Form(t));
    Add(30, pp.word, p.word, t.shape);
    Add(31, n.word, nn.word, t.shape);
  }

  void Chinese(const Token& t) {
    const Token& p = At(-1);
    const Token& n = At(1);
    const Token& pp = At(-2);
    const Token& nn = At(2);
    Add(41, t.word);
    Add(42, Role(t));
    Add(43, Role(p), Role(t));
    Add(44, Role(t), Role(n));
    Add(45, Role(p), Role(t), Role(n));
    Add(46, Sign(p), Sign(t), Sign(n));
    Add(47, Sign(t), Sign(n), Sign(nn));
    Add(48, Sign(pp), Sign(p), Sign(t));
    Add(49, t.segment, p.segment, n.segment);
    Add(50, t.around, t.segment);
    Add(51, Class(t), t.segment);
    Add(52, t.word, t.segment);
    Add(53, static_cast<uint32_t>(t.gap), t.word);
    out_.own = out_.count;
    Add(54, p.word, t.word);
    Add(55, t.word, n.word);
    Add(56, p.word);
    Add(57, n.word);
    Add(58, pp.word, p.word);
    Add(59, n.word, nn.word);
    Add(60, p.word, Role(t));
    Add(61, n.word, Role(t));
    Add(62, pp.word, Sign(t));
    Add(63, nn.word, Sign(t));
    Add(64, pp.word, p.word, Sign(t));
    Add(65, n.word, nn.word, Sign(t));
    Add(66, p.around, t.segment);
    Add(67, n.around, t.segment);
    Add(68, At(-3).word, Sign(t));
    Add(69, At(3).word, Sign(t));
    Add(70, p.pattern, n.pattern, t.segment);
    Add(71, pp.word, p.word, t.word);
    Add(72, t.word, n.word, nn.word);
  }

  std::span<const Token> tokens_;
  size_t at_;
  Features& out_;
};

}  // namespace

void FeaturesOf(std::span<const Token> tokens, size_t at, Features& out) {
  Maker(tokens, at, out).Run();
}

}  // namespace fiducia::process
