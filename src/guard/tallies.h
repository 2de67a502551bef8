// Counts by id that a register keeps: added to in memory, put on record now and then. What was
// counted since the last Tick is lost with the process, and nothing else.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guard/register_book.h"

namespace fiducia::guard {

// `T` has `void Add(const T&)`, `Json ToJson() const` and `static T FromJson(const Json&)`. Thread
// safe. The book must outlive it.
template <typename T>
class Tallies {
 public:
  Tallies(const RegisterBook& book, std::string kind) : book_(book), kind_(std::move(kind)) {}

  Status Load() {
    FID_ASSIGN(const auto documents, book_.Load(kind_));
    const std::lock_guard lock(mutex_);
    for (const Document& document : documents) {
      sums_[document.id] = {document.version, T::FromJson(document.json)};
    }
    return {};
  }

  void Add(const Uuid& id, const T& more) {
    const std::lock_guard lock(mutex_);
    sums_[id].sum.Add(more);
    changed_.insert(id);
  }

  T Of(const Uuid& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sums_.find(id);
    return found == sums_.end() ? T() : found->second.sum;
  }

  // Keeps what was counted since. What could not be kept is kept the next time.
  Status Tick() {
    const std::lock_guard ticking(ticking_);
    std::vector<DocumentChange> changes;
    std::set<Uuid> written;
    {
      const std::lock_guard lock(mutex_);
      written = std::exchange(changed_, {});
      for (const Uuid& id : written) {
        const Sum& sum = sums_[id];
        changes.push_back({kind_, id, sum.version + 1, sum.sum.ToJson()});
      }
    }
    const Status done = book_.Commit(changes, {});
    const std::lock_guard lock(mutex_);
    for (const Uuid& id : written) {
      if (done) {
        ++sums_[id].version;
      } else {
        changed_.insert(id);
      }
    }
    return done;
  }

 private:
  struct Sum {
    uint32_t version = 0;  // on record
    T sum;
  };

  const RegisterBook& book_;
  std::string kind_;
  std::mutex ticking_;
  mutable std::mutex mutex_;
  std::map<Uuid, Sum> sums_;
  std::set<Uuid> changed_;  // since they were put on record
};

}  // namespace fiducia::guard
