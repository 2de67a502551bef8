// Records of one person made to stand as one, and parted again. Nothing is thrown away: the joined
// record keeps its values, its ledger and its key, and is used through the one that stands for it.
#pragma once

#include <atomic>

#include "apps/crm/views.h"
#include "gate/answer.h"
#include "process/record/reader.h"
#include "store/merges.h"

namespace fiducia::apps {

// What one record says under one purpose: yes, no, or nothing.
enum class Answer { kNone, kYes, kNo };
struct PurposeOutcome {
  std::string purpose;
  Answer of_first = Answer::kNone;
  Answer of_second = Answer::kNone;
  Answer merged = Answer::kNone;
};

// Two records beside each other, as far as who looks may see them.
struct PairView {
  store::MatchPair pair;  // reasons empty if the pair was not found by matching
  CustomerView first;
  CustomerView second;
  std::vector<PurposeOutcome> outcomes;
  // Fields that both hold differently and of which the second's value is the better one: verified
  // later, or else collected later.
  std::vector<const rules::Field*> better_second;
};

struct MergeCommand {
  model::SubjectRef survivor;
  model::SubjectRef joined;
  model::FieldSet preferred;  // fields whose values come from `joined` where both have one
};

struct MergeView {
  Uuid merge;
  Uuid subject;
  int64_t at_ms = 0;
};

// Thread safe. All collaborators must outlive it.
class Merges {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    const Clock& clock;
    Rng& rng;
  };
  explicit Merges(Parts parts) : parts_(parts) {}

  // Errors also: kReasonRequired, kMerged.
  Result<PairView> Look(const model::Access& access, const model::SubjectRef& first,
                        const model::SubjectRef& second) const;
  // Gives the id of the merge. Errors: kMerged if one of them stands with another, kConflict if
  // both already stand for others, or one is no person and the other is.
  Result<Uuid> Merge(const model::Access& access, const MergeCommand& command) const;
  // Both stand for themselves again, with all that was theirs. Errors: kNotFound.
  Status Part(const model::Access& access, const model::SubjectRef& survivor,
              const Uuid& merge) const;
  // They are two people: never offered again.
  Status Reject(const model::Access& access, const model::SubjectRef& first,
                const model::SubjectRef& second) const;
  Result<std::vector<MergeView>> Of(const model::Access& access,
                                    const model::SubjectRef& subject) const;
  // The heaviest pairs that wait, below a weight (log2 odds in thousandths).
  Result<std::vector<store::MatchPair>> Waiting(const model::Access& access, int64_t below,
                                                int limit) const;
  struct Band {
    int64_t weight = 0;  // from this many log2 odds up to one more
    int64_t count = 0;
    double wrong = 0;  // how many of them are expected not to be one person
  };
  Result<std::vector<Band>> Bands(const model::Access& access) const;
  // Merges pairs that wait from a weight on, the heaviest first; of fields, the better value wins.
  struct BulkResult {
    int64_t merged = 0;
    int64_t left = 0;  // could not be merged by themselves
  };
  Result<BulkResult> AcceptFrom(const model::Access& access, int64_t weight, int most) const;
  // Finishes what a crash interrupted.
  Status Resume() const;

 private:
  using Loaded = process::LoadedRecord;
  Result<Loaded> LoadEven(const model::SubjectRef& subject) const;
  Result<Loaded> LoadCurrent(const model::SubjectRef& subject) const;
  Status MayDecide(const model::Access& access) const;
  Status WriteRecord(const process::BuiltRecord& built, audit::LeafDraft leaf,
                     const std::optional<store::MergeIntent>& add) const;
  Status Join(const model::Access& access, const store::MergeIntent& intent) const;
  Status Unmark(const model::Access& access, const store::MergeIntent& intent) const;
  Status Finish(const store::MergeIntent& intent) const;
  Status Decide(const model::Access& access, const model::SubjectRef& first,
                const model::SubjectRef& second, store::PairState state) const;
  audit::LeafDraft LeafFor(const model::Access& access, std::string_view op, const Loaded& of,
                           const Uuid& merge, const Bytes& row_mac) const;
  model::FieldSet BetterOf(const Loaded& first, const Loaded& second) const;

  Status ResumeUnfinished() const;

  Parts parts_;
  mutable std::atomic<bool> unfinished_{false};  // a full disk stopped one halfway
};

}  // namespace fiducia::apps
