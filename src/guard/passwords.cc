#include "guard/passwords.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/text.h"
#include "crypto/sign.h"
#include "rules/policy.h"

namespace fiducia::guard {

namespace {

constexpr size_t kLeast = 12;  // characters
constexpr size_t kMostBytes = 512;
constexpr size_t kSaltSize = 16;
constexpr auto kPatience = std::chrono::seconds(2);

// "P@ssw0rd!" to "password": what substitution hides.
std::string Plain(std::string_view text) {
  static constexpr std::string_view kFrom = "0134578@$!|+";
  static constexpr std::string_view kTo = "oieastbasiit";
  std::string plain;
  for (const char c : text) {
    const size_t at = kFrom.find(c);
    plain.push_back(at == std::string_view::npos ? c : kTo[at]);
  }
  return plain;
}

// How many of the characters only go on from the one before: aaaa, 1234, qwer.
size_t Runs(std::string_view text) {
  static constexpr std::string_view kRows =
      "qwertyuiopasdfghjklzxcvbnm1234567890 abcdefghijklmnopqrstuvwxyz 9876543210 zyxwvutsrqponm";
  size_t count = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    count += text[i] == text[i - 1] || kRows.find(text.substr(i - 1, 2)) != kRows.npos ? 1 : 0;
  }
  return count;
}

bool Repeats(std::string_view text) {
  for (size_t period = 1; period <= 4 && period * 3 <= text.size(); ++period) {
    bool all = true;
    for (size_t i = period; i < text.size() && all; ++i) {
      all = text[i] == text[i - period];
    }
    if (all) {
      return true;
    }
  }
  return false;
}

}  // namespace

Passwords::Passwords(const vault::Vault& vault, Rng& rng)
    : vault_(vault),
      rng_(rng),
      slots_(static_cast<ptrdiff_t>(2 * std::max(1U, std::thread::hardware_concurrency()))) {
  for (const std::string_view line : Split(rules::EmbeddedText("passwords/common.txt"), '\n')) {
    if (!line.empty() && line[0] != '#') {
      common_.emplace(line);
    }
  }
}

Status Passwords::Check(const model::Sensitive& password,
                        const std::vector<model::Sensitive>& own) const {
  const std::string_view raw = password.Reveal();
  if (!IsUtf8(raw) || raw.size() > kMostBytes) {
    return Fail(Code::kInvalidValue, "a password has at most 512 bytes of UTF-8");
  }
  if (CountCharacters(raw) < kLeast) {
    return Fail(Code::kInvalidValue, "a password has at least 12 characters");
  }
  const std::string folded = FoldCase(raw);
  const std::string plain = Plain(folded);
  if (Repeats(folded) || Runs(folded) * 10 >= folded.size() * 6) {
    return Fail(Code::kInvalidValue, "this password repeats itself or follows the keyboard");
  }
  for (const model::Sensitive& word : own) {
    const std::string one = FoldCase(word.Reveal());
    if (one.size() >= 4 && folded.find(one) != std::string::npos) {
      return Fail(Code::kInvalidValue, "a password must not hold your name or the company's");
    }
  }
  // What is left once the longest common word is taken out, wherever it stands, must be something.
  size_t longest = 0;
  std::string word;
  for (const std::string* text : {&folded, &plain}) {
    for (size_t from = 0; from < text->size(); ++from) {
      for (size_t size = text->size() - from; size >= 4 && size > longest; --size) {
        if (common_.contains(text->substr(from, size))) {
          longest = size;
          word = text->substr(from, size);
        }
      }
    }
  }
  constexpr size_t kRestLeast = 6;
  size_t rest = plain.size();
  for (const std::string* text : {&folded, &plain}) {
    size_t found = 0;
    for (size_t at = text->find(word); !word.empty() && at != std::string::npos;
         at = text->find(word, at + word.size())) {
      ++found;
    }
    rest = std::min(rest, text->size() - found * word.size());
  }
  if (longest > 0 && rest < kRestLeast) {
    return Fail(Code::kInvalidValue, "this password is one that is tried first: choose another");
  }
  return {};
}

Result<Bytes> Passwords::HashWith(const model::Sensitive& password, BytesView salt) const {
  if (!slots_.try_acquire_for(kPatience)) {
    return Fail(Code::kUnavailable, "too many people are signing in: try again soon");
  }
  auto key = crypto::HashPassword(FoldWidth(password.Reveal()), salt);
  slots_.release();
  if (!key) {
    return std::unexpected(key.error());
  }
  return vault_.KeyedHash("password", key->view());
}

Result<Passwords::Hashed> Passwords::Hash(const model::Sensitive& password) const {
  Hashed hashed{Bytes(kSaltSize, '\0'), {}};
  rng_.Fill(hashed.salt);
  FID_ASSIGN(hashed.hash, HashWith(password, hashed.salt));
  return hashed;
}

Result<bool> Passwords::Matches(const model::Sensitive& password, const Hashed& expected) const {
  static const Hashed kNobody{Bytes(kSaltSize, '\1'), Bytes(32, '\0')};
  const Hashed& against = expected.hash.empty() ? kNobody : expected;
  FID_ASSIGN(const Bytes hash, HashWith(password, against.salt));
  return EqualConstantTime(hash, against.hash) && !expected.hash.empty();
}

}  // namespace fiducia::guard
