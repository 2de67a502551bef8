#include "guard/throttle.h"

#include <algorithm>

namespace fiducia::guard {

namespace {

constexpr int kFree = 5;                // failures before the first delay
constexpr int64_t kLongestMs = 900000;  // of a delay
constexpr int64_t kForgetMs = 86400000;
constexpr int64_t kWindowMs = 60000;
constexpr int kPerPeer = 60;  // failures a window
constexpr int kOverall = 2000;
constexpr size_t kCountsMost = 50000;
const std::string kEverybody = "*";

// An IPv6 network of 64 bits is one household; an IPv4 address is one.
std::string NetworkOf(const std::string& peer) {
  size_t colons = 0;
  for (size_t i = 0; i < peer.size(); ++i) {
    colons += peer[i] == ':' ? 1 : 0;
    if (colons == 4) {
      return "@" + peer.substr(0, i);
    }
  }
  return "@" + peer;
}

std::unexpected<Error> Slow(int64_t wait_ms) {
  return Fail(Code::kTooManyRequests, "too many failed attempts: wait and try again",
              (wait_ms + 999) / 1000);
}

}  // namespace

std::string Throttle::KeyOf(const Bytes& account, bool known) const {
  return (known ? "k" : "u") + account;
}

Throttle::Count& Throttle::CountOf(const std::string& key) {
  const int64_t now = clock_.MonotonicMs();
  if (counts_.size() > kCountsMost) {
    std::erase_if(counts_, [&](const auto& c) { return now - c.second.since_ms > kWindowMs; });
  }
  return counts_[key];
}

Status Throttle::Allow(const Bytes& account, bool known, const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const int64_t now = clock_.MonotonicMs();
  const auto found = counts_.find(KeyOf(account, known));
  if (found != counts_.end() && now < found->second.not_before_ms) {
    return Slow(found->second.not_before_ms - now);
  }
  // A known device gets through whatever others do.
  for (const auto& [key, most] : {std::pair(NetworkOf(peer), kPerPeer), {kEverybody, kOverall}}) {
    const auto count = counts_.find(key);
    if (!known && count != counts_.end() && count->second.failures >= most &&
        now - count->second.since_ms < kWindowMs) {
      return Slow(kWindowMs - (now - count->second.since_ms));
    }
  }
  return {};
}

void Throttle::Failed(const Bytes& account, bool known, const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const int64_t now = clock_.MonotonicMs();
  Count& mine = CountOf(KeyOf(account, known));
  if (now - mine.since_ms > kForgetMs) {
    mine = {};
  }
  mine.since_ms = now;
  if (++mine.failures > kFree) {
    mine.not_before_ms =
        now + std::min(kLongestMs, int64_t{1000} << std::min(20, mine.failures - kFree));
  }
  for (const std::string& key : {NetworkOf(peer), kEverybody}) {
    Count& count = CountOf(key);
    if (now - count.since_ms >= kWindowMs) {
      count = {0, now, 0};
    }
    ++count.failures;
  }
}

void Throttle::Succeeded(const Bytes& account, bool known) {
  const std::lock_guard lock(mutex_);
  counts_.erase(KeyOf(account, known));
}

}  // namespace fiducia::guard
