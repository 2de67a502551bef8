#include "collect/events/intake.h"

#include <algorithm>

#include "collect/events/intake_run.h"
#include "store/event_receipts.h"

namespace fiducia::collect {

namespace {

constexpr int64_t kDayMs = 86400000;
constexpr int64_t kRememberedMs = 30 * kDayMs;

}  // namespace

// Holds the identities of people whom a batch brings or changes until it is durable, or failed: two
// batches do not make two people of one, and what is sent twice at once is written once.
class Intake::Claim {
 public:
  Claim(Intake& intake, std::set<std::string> wanted)
      : intake_(intake), wanted_(std::move(wanted)) {
    std::unique_lock lock(intake_.claims_mutex_);
    intake_.released_.wait(lock, [&] {
      return std::none_of(wanted_.begin(), wanted_.end(),
                          [&](const std::string& one) { return intake_.claimed_.contains(one); });
    });
    intake_.claimed_.insert(wanted_.begin(), wanted_.end());
  }
  ~Claim() {
    {
      const std::lock_guard lock(intake_.claims_mutex_);
      for (const std::string& one : wanted_) {
        intake_.claimed_.erase(one);
      }
    }
    intake_.released_.notify_all();
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  Intake& intake_;
  std::set<std::string> wanted_;
};

void Intake::Run::Count(const std::vector<Item>& items) {
  counts_.last_ms = now_ms_;
  for (const Item& item : items) {
    if (item.open()) {
      ++counts_.accepted;
    } else if (item.outcome.status == "duplicate") {
      ++counts_.duplicates;
    } else {
      ++(item.outcome.status == "dropped" ? counts_.dropped : counts_.refused)[item.outcome.reason];
    }
  }
  parts_.streams.Count(stream_.id, counts_);
  parts_.streams.Count(parts_.sources.IdOf(stream_.spec.source), counts_);
}

Status Intake::Run::CloseIfKnown(Item& item) {
  if (!item.open() || item.message.empty()) {
    return {};
  }
  FID_ASSIGN(const bool known,
             store::HasEventReceipt(lease_->session(store::Which::kData), item.message));
  if (known) {
    Close(item, "duplicate", "");
  }
  return {};
}

Result<std::vector<EventOutcome>> Intake::Run::Take(std::vector<Json>& json, const Json& shared) {
  std::vector<Item> items(json.size());
  std::set<Bytes> messages;
  for (size_t i = 0; i < json.size(); ++i) {
    Item& item = items[i];
    Read(item, json[i], shared);
    if (item.open() && !item.message.empty() && !messages.insert(item.message).second) {
      Close(item, "duplicate", "");
    }
    if (item.open()) {
      FindPurposes(item);
    }
    if (item.open()) {
      Clean(item);
    }
    if (item.open()) {
      Identify(item);
    }
  }
  {
    FID_ASSIGN(lease_, parts_.engine.Read());
    FID_ASSIGN(std::set<std::string> changing, Changing(items));
    std::optional<Claim> claim;
    if (!changing.empty()) {
      // Another batch may be at the same person: what it leaves is read anew.
      Forget();
      claim.emplace(intake_, std::move(changing));
      FID_ASSIGN(lease_, parts_.engine.Read());
    }
    for (Item& item : items) {
      FID_TRY(CloseIfKnown(item));
      if (item.open()) {
        FID_TRY(Resolve(item));
      }
    }
    lease_.reset();
    FID_TRY(Commit(items));
  }
  Count(items);
  std::vector<EventOutcome> outcomes;
  outcomes.reserve(items.size());
  for (Item& item : items) {
    outcomes.push_back(std::move(item.outcome));
  }
  return outcomes;
}

Result<std::vector<EventOutcome>> Intake::Take(const StreamPtr& stream, std::vector<Json> items,
                                               const Json& shared) {
  FID_TRY(parts_.sources.MayBring(stream->spec.source));
  return Run(*this, stream).Take(items, shared);
}

Status Intake::Tick() {
  const int64_t now = parts_.clock.NowMs();
  if (now - forgotten_ms_ < kDayMs) {
    return {};
  }
  forgotten_ms_ = now;
  store::Job job;
  job.spans_buckets = true;
  job.data = [&](store::Session& data) {
    return store::ForgetEventReceipts(data, now - kRememberedMs);
  };
  return parts_.engine.SubmitAndWait(std::move(job));
}

}  // namespace fiducia::collect
