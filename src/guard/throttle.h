// Slows guessing down without locking anybody out: delays grow per account, but a device that has
// signed in before has a count of its own, which strangers cannot raise.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace fiducia::guard {

// Thread safe. Held in memory: a restart forgives.
class Throttle {
 public:
  explicit Throttle(const Clock& clock) : clock_(clock) {}

  // `account`: a hash of what was typed, whether it exists or not. `known`: the device has signed
  // in to it before. Errors: kTooManyRequests, with the seconds to wait as its position.
  Status Allow(const Bytes& account, bool known, const std::string& peer);
  void Failed(const Bytes& account, bool known, const std::string& peer);
  void Succeeded(const Bytes& account, bool known);

 private:
  struct Count {
    int failures = 0;
    int64_t since_ms = 0;  // of the window, for peers
    int64_t not_before_ms = 0;
  };
  std::string KeyOf(const Bytes& account, bool known) const;
  Count& CountOf(const std::string& key);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Count> counts_;
};

}  // namespace fiducia::guard
