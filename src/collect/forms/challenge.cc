#include "collect/forms/challenge.h"

#include <bit>

#include "base/text.h"
#include "crypto/hash.h"

namespace fiducia::collect {

namespace {

constexpr int kBitsLeast = 13;  // some hundredths of a second of a phone's work
constexpr int kBitsMost = 20;
constexpr size_t kCalm = 256;  // answers an hour that cost the least
constexpr int64_t kSoonestMs = 1500;
constexpr int64_t kLatestMs = 2 * 3600000;
constexpr size_t kUsedMost = 200000;

int ZeroBits(const crypto::Digest& digest) {
  int bits = 0;
  for (const char byte : digest) {
    const auto value = static_cast<uint8_t>(byte);
    bits += std::countl_zero(value);
    if (value != 0) {
      break;
    }
  }
  return bits;
}

}  // namespace

Challenges::Challenges(const vault::Vault& vault, const Clock& clock, Rng& rng)
    : vault_(vault), clock_(clock), rng_(rng), start_(16, '\0') {
  rng_.Fill(start_);
}

std::string Challenges::MacOf(const Uuid& form, std::string_view text) const {
  return ToHex(vault_.KeyedHash("challenge", start_ + Bytes(form.bytes()) + std::string(text)))
      .substr(0, 24);
}

Challenges::Challenge Challenges::New(const Uuid& form) {
  Bytes once(8, '\0');
  rng_.Fill(once);
  int bits = kBitsLeast;
  {
    const std::lock_guard lock(mutex_);
    for (size_t lately = used_.size(); lately > kCalm && bits < kBitsMost; lately /= 2) {
      ++bits;
    }
  }
  const std::string text =
      std::to_string(clock_.NowMs()) + "." + std::to_string(bits) + "." + ToHex(once);
  return {text + "." + MacOf(form, text), bits};
}

Status Challenges::Check(const Uuid& form, std::string_view text, std::string_view solution) {
  const auto parts = Split(text, '.');
  const size_t mac = text.rfind('.');
  if (parts.size() != 4 || text.size() > 120 || solution.size() > 20 ||
      !EqualConstantTime(MacOf(form, text.substr(0, mac)), text.substr(mac + 1))) {
    return Fail(Code::kInvalidInput, "the page is out of date: load it again");
  }
  // Ours, so the numbers are numbers.
  const int64_t made_ms = std::stoll(std::string(parts[0]));
  const int bits = std::stoi(std::string(parts[1]));
  const int64_t now = clock_.NowMs();
  if (now - made_ms > kLatestMs) {
    return Fail(Code::kInvalidInput, "the page is out of date: load it again");
  }
  if (now - made_ms < kSoonestMs) {
    return Fail(Code::kInvalidInput, "that was quicker than anybody reads");
  }
  if (ZeroBits(crypto::Sha256({text, ":", solution})) < bits) {
    return Fail(Code::kInvalidInput, "the work of the page is not done");
  }
  const std::lock_guard lock(mutex_);
  while (!used_.empty() && used_.begin()->second < now) {
    used_.erase(used_.begin());
  }
  if (used_.size() >= kUsedMost) {
    return Fail(Code::kUnavailable, "too many answers at once: try again later");
  }
  if (!used_.emplace(text, made_ms + kLatestMs).second) {
    return Fail(Code::kInvalidInput, "the page was sent already: load it again");
  }
  return {};
}

}  // namespace fiducia::collect
