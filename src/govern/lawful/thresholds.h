// Live counters against the thresholds of the laws: people held, people whose data left the country
// this year, and those of them with something sensitive.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "govern/lawful/authorizations.h"

namespace fiducia::govern {

struct ThresholdCount {
  const rules::Rule* rule = nullptr;
  int64_t now = 0;
  int percent() const { return static_cast<int>(now * 100 / rule->count); }
  // Nearly there, while there is time to do what follows.
  bool alarmed() const { return percent() >= 80; }
};

// Thread safe. The authorizations must outlive it.
class Thresholds {
 public:
  explicit Thresholds(const Authorizations& authorizations) : authorizations_(authorizations) {}

  // Of the laws that the house is under: its own, and those of people it holds data of. The count
  // of people is at most an hour old; what left the country is counted at once. Errors:
  // kRoleRefused.
  Result<std::vector<ThresholdCount>> Count(const model::Access& access);

 private:
  const Authorizations& authorizations_;
  std::mutex mutex_;
  std::optional<Population> population_;
  int64_t counted_ms_ = 0;
};

}  // namespace fiducia::govern
