// A sum over every record of every subject, kept with each change and committed to in the audit
// log: a record deleted, put back from the past or added behind the product's back does not fit it.
//
// Per bucket the sum of keyed numbers, one a record, modulo 2^64 in four lanes. It is stored under
// a mask that is used once: who sees every stored sum learns no number and can balance nothing
// (docs/crypto.md).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "audit/log.h"
#include "base/clock.h"
#include "store/state_rows.h"
#include "vault/vault.h"

namespace fiducia::gate {

struct StateTotal {
  int64_t rows = 0;
  vault::Vault::StateNumber sum{};
  void Add(const vault::Vault::StateNumber& number);
  void Subtract(const vault::Vault::StateNumber& number);
  bool operator==(const StateTotal&) const = default;
};
// By bucket and tenant.
using StateTotals = std::map<std::pair<model::Bucket, model::TenantId>, StateTotal>;

// The stored sums without their masks, and the sums of a mark. Errors: kCorrupt.
Result<StateTotals> OpenStateSums(const vault::Vault& vault,
                                  const std::vector<store::StateSum>& stored);
Result<StateTotals> OpenStateMark(const vault::Vault& vault, const store::StateMark& mark);
// What one record adds.
vault::Vault::StateNumber StateNumberOf(const vault::Vault& vault, BytesView place,
                                        BytesView content);

class StateDigest : public store::Participant, public store::RowWatch {
 public:
  // Errors: kCorrupt if a stored sum is malformed. All must outlive the digest.
  static Result<std::unique_ptr<StateDigest>> Open(store::Engine& engine, const vault::Vault& vault,
                                                   audit::Log& log, const Clock& clock);
  ~StateDigest() override;

  // Writes a leaf that commits to the sums as they are, unless the last one does already. Done by
  // itself every five minutes of change.
  Status MarkIfChanged();

  void Appeared(uint32_t bucket, BytesView place, BytesView content) override;
  void Gone(uint32_t bucket, BytesView place, BytesView content) override;
  void Mark() override { mark_ = changes_.size(); }
  void Rollback() override;
  Status BeforeCommit(store::Session& data) override;
  void Committed() override;
  void Failed() override;

 private:
  struct Kept {
    StateTotal total;
    int64_t changes = 0;
  };
  struct Change {
    std::pair<model::Bucket, model::TenantId> where;
    vault::Vault::StateNumber number;
    bool appeared = true;
  };
  StateDigest(store::Engine& engine, const vault::Vault& vault, audit::Log& log, const Clock& clock)
      : engine_(engine), vault_(vault), log_(log), clock_(clock) {}
  void Apply(const Change& change, bool forward);
  void Note(uint32_t bucket, BytesView place, BytesView content, bool appeared);
  Status WriteMark(store::Session& data);
  store::Job MarkJob();

  store::Engine& engine_;
  const vault::Vault& vault_;
  audit::Log& log_;
  const Clock& clock_;
  std::map<std::pair<model::Bucket, model::TenantId>, Kept> kept_;
  std::vector<Change> changes_;  // of the running group
  size_t mark_ = 0;
  int64_t marked_ms_ = 0;  // on the monotonic clock
  bool changed_ = false;   // since the last mark
};

}  // namespace fiducia::gate
