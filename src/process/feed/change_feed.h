// Notes, with every commit, which customers it changed: whatever changes a record is told of here,
// so that no way of writing can forget it.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "store/changes.h"
#include "store/session.h"

namespace fiducia::process {

// Where a follower stands. As text: "12_0198…"; "" is the beginning.
struct FeedPlace {
  int64_t seq = 0;
  Uuid subject;

  // Behind all that have this number.
  static FeedPlace Behind(int64_t seq);
  std::string Text() const;
  // Errors: kInvalidInput.
  static Result<FeedPlace> Parse(std::string_view text);
};

// Reading is thread safe.
class ChangeFeed : public store::Participant, public store::RowWatch {
 public:
  // Both must outlive the feed.
  static Result<std::unique_ptr<ChangeFeed>> Open(store::Engine& engine, const Clock& clock);
  ~ChangeFeed() override;

  // What changed behind `place`, in order; a customer who changed several times is told of once.
  Result<std::vector<store::ChangeRow>> After(const FeedPlace& place, int limit) const;
  // The number of the last change.
  int64_t last() const { return last_; }

  void Appeared(uint32_t bucket, BytesView place, BytesView content) override;
  void Gone(uint32_t bucket, BytesView place, BytesView content) override;
  void Mark() override { mark_ = notes_.size(); }
  void Rollback() override { notes_.resize(mark_); }
  Status BeforeCommit(store::Session& data) override;
  void Committed() override;
  void Failed() override;

 private:
  struct Note {
    model::SubjectRef subject;
    char kind = 's';
    bool appeared = true;
  };
  ChangeFeed(store::Engine& engine, const Clock& clock) : engine_(engine), clock_(clock) {}
  void Take(BytesView place, bool appeared);

  store::Engine& engine_;
  const Clock& clock_;
  std::vector<Note> notes_;  // of the running group
  size_t mark_ = 0;
  std::atomic<int64_t> last_ = 0;
  int64_t given_ = 0;  // of the running group
};

}  // namespace fiducia::process
