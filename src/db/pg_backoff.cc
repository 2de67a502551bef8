#include "db/pg_backoff.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "base/clock.h"
#include "base/rng.h"

namespace fiducia::db {

namespace {

constexpr int64_t kLongestPauseUs = 100000;

// Up to half of the pause, in steps of a 512th, so that two writers get out of step.
int64_t Jitter(int64_t pause_us) {
  std::array<char, 1> bytes{};
  SystemRng().Fill(bytes);
  return static_cast<uint8_t>(bytes[0]) * pause_us / 512;
}

}  // namespace

PgBackoff::PgBackoff(int64_t patience_ms)
    : deadline_ms_(SystemClock().MonotonicMs() + patience_ms) {}

bool PgBackoff::Wait() {
  if (SystemClock().MonotonicMs() >= deadline_ms_) {
    return false;
  }
  pause_us_ = std::min(pause_us_ * 2, kLongestPauseUs);
  std::this_thread::sleep_for(std::chrono::microseconds(pause_us_ + Jitter(pause_us_)));
  return true;
}

}  // namespace fiducia::db
