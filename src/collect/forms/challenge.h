// Keeps programs that fill in every form away, without asking anybody else who is a program: some
// work for the browser, a moment that a person takes, and each challenge once.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/rng.h"
#include "vault/vault.h"

namespace fiducia::collect {

// Thread safe. Held in memory: after a restart a page asks for a new one.
class Challenges {
 public:
  // Both must outlive it.
  Challenges(const vault::Vault& vault, const Clock& clock, Rng& rng);

  struct Challenge {
    std::string text;
    int bits = 0;  // SHA-256 of "text:solution" begins with so many zero bits
  };
  // `form`: it counts for this one only. The more was answered lately, the more work it is.
  Challenge New(const Uuid& form);
  // Errors: kInvalidInput, and why: not solved, too soon, used, or not of this form any more.
  Status Check(const Uuid& form, std::string_view text, std::string_view solution);

 private:
  std::string MacOf(const Uuid& form, std::string_view text) const;

  const vault::Vault& vault_;
  const Clock& clock_;
  Rng& rng_;
  Bytes start_;  // of this run of the service
  std::mutex mutex_;
  // Text to when it may be forgotten. Texts begin with their time: the oldest stand first.
  std::map<std::string, int64_t> used_;
};

}  // namespace fiducia::collect
