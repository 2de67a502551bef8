// Figures about customers that point to nobody: differentially private counts, histograms, sums and
// means. Every answer costs some of a budget, one for each purpose and recipient; the charge is
// durable before noise is drawn, and the same question again is answered from the ledger for free.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gate/answer.h"
#include "guard/register_book.h"
#include "process/record/reader.h"

namespace fiducia::apps {

enum class Measure { kCount, kHistogram, kSum, kMean };
std::string_view Name(Measure measure);
std::optional<Measure> MeasureNamed(std::string_view name);

struct StatisticsQuery {
  Measure measure = Measure::kCount;
  std::string field;  // of a histogram, sum or mean
  int64_t low = 0;    // values of a sum or mean below it count as it
  int64_t high = 0;   // and above it as this
  int64_t micro_epsilon = 0;
  std::string recipient;  // who it is for; empty: the house
  bool anew = false;      // pay again, for what is on record now
};

struct Figure {
  std::string group;  // of a histogram; empty otherwise
  double value = 0;
  double margin = 0;  // the figure without noise lies within it, 95 times of 100
};

struct StatisticsAnswer {
  Uuid id;
  std::string purpose;
  StatisticsQuery query;
  int64_t at_ms = 0;
  std::vector<Figure> figures;
  // Not only charged for. Of a histogram no group may have come out large enough.
  bool drawn() const { return !figures.empty() || threshold > 0; }
  int64_t threshold = 0;  // of a histogram: groups that came out smaller are left out
  bool from_ledger = false;
};

struct Budget {
  std::string purpose;
  std::string recipient;
  int64_t total_micro = 0;
  int64_t spent_micro = 0;
  std::vector<StatisticsAnswer> answers;  // the newest last
};

// Thread safe. All collaborators must outlive it.
class Statistics {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Statistics>> Open(Parts parts);

  // Errors: kPurposeRefused for a field the purpose does not reach, kInvalidInput, kBudgetSpent.
  Result<StatisticsAnswer> Ask(const model::Access& access, const StatisticsQuery& query);
  Result<std::vector<Budget>> Budgets(const model::Access& access) const;
  // Gives a purpose and recipient this much in all. Errors: kInvalidInput if more is spent already.
  Status Grant(const model::Access& access, const std::string& purpose,
               const std::string& recipient, int64_t total_micro);

 private:
  explicit Statistics(Parts parts) : parts_(parts) {}
  struct Held {
    Uuid id;
    uint32_t version = 0;
    Budget budget;
  };
  using Place = std::pair<std::string, std::string>;
  struct Sums {
    int64_t people = 0;
    int64_t sum = 0;  // of values less the middle, in units
    std::map<std::string, int64_t> groups;
  };
  Status Check(const StatisticsQuery& query, const rules::Field*& field) const;
  Held Find(const Place& place) const;
  Status Save(Held& held, audit::Leaf leaf);
  Result<Sums> Count(const model::Access& access, const StatisticsQuery& query,
                     const rules::Field* field) const;
  void AddNoise(const Sums& sums, StatisticsAnswer& answer);

  Parts parts_;
  std::mutex charging_;  // one charge at a time: two must not spend the same rest
  mutable std::mutex mutex_;
  std::map<Place, Held> known_;
};

}  // namespace fiducia::apps
