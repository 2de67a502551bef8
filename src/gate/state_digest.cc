#include "gate/state_digest.h"

#include <set>

#include "store/placement.h"

namespace fiducia::gate {

namespace {

constexpr int64_t kMarkEveryMs = 300000;
constexpr size_t kSumSize = 32;

// Used once: for one version of one stored sum, or for one mark.
vault::Vault::StateNumber MaskOf(const vault::Vault& vault, std::string_view domain,
                                 model::Bucket bucket, model::TenantId tenant, uint64_t version) {
  Bytes place;
  ByteWriter out(place);
  out.U32(bucket);
  out.U32(tenant);
  out.U64(version);
  return vault.NumberOf(domain, place, {});
}

Bytes Masked(const StateTotal& total, const vault::Vault::StateNumber& mask) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (size_t i = 0; i < mask.size(); ++i) {
    out.U64(total.sum[i] + mask[i]);
  }
  return bytes;
}

vault::Vault::StateNumber Unmasked(BytesView bytes, const vault::Vault::StateNumber& mask) {
  vault::Vault::StateNumber sum{};
  ByteReader in(bytes);
  for (size_t i = 0; i < mask.size(); ++i) {
    sum[i] = in.U64() - mask[i];
  }
  return sum;
}

}  // namespace

void StateTotal::Add(const vault::Vault::StateNumber& number) {
  ++rows;
  for (size_t i = 0; i < sum.size(); ++i) {
    sum[i] += number[i];
  }
}

void StateTotal::Subtract(const vault::Vault::StateNumber& number) {
  --rows;
  for (size_t i = 0; i < sum.size(); ++i) {
    sum[i] -= number[i];
  }
}

vault::Vault::StateNumber StateNumberOf(const vault::Vault& vault, BytesView place,
                                        BytesView content) {
  return vault.NumberOf("state", place, content);
}

Result<StateTotals> OpenStateSums(const vault::Vault& vault,
                                  const std::vector<store::StateSum>& stored) {
  StateTotals totals;
  for (const store::StateSum& row : stored) {
    if (row.sum.size() != kSumSize) {
      return Fail(Code::kCorrupt, "a stored state sum is malformed", row.bucket);
    }
    totals[{row.bucket, row.tenant}] = {
        row.rows, Unmasked(row.sum, MaskOf(vault, "state.sum", row.bucket, row.tenant,
                                           static_cast<uint64_t>(row.changes)))};
  }
  return totals;
}

Result<StateTotals> OpenStateMark(const vault::Vault& vault, const store::StateMark& mark) {
  StateTotals totals;
  ByteReader in(mark.sums);
  while (in.ok() && in.left() > 0) {
    const model::Bucket bucket = in.U32();
    const model::TenantId tenant = in.U32();
    const auto rows = static_cast<int64_t>(in.U64());
    const BytesView sum = in.Raw(kSumSize);
    if (in.ok()) {
      totals[{bucket, tenant}] = {
          rows, Unmasked(sum, MaskOf(vault, "state.mark", bucket, tenant, mark.leaf))};
    }
  }
  if (!in.ok()) {
    return Fail(Code::kCorrupt, "the stored state mark is malformed");
  }
  return totals;
}

Result<std::unique_ptr<StateDigest>> StateDigest::Open(store::Engine& engine,
                                                       const vault::Vault& vault, audit::Log& log,
                                                       const Clock& clock) {
  std::unique_ptr<StateDigest> digest(new StateDigest(engine, vault, log, clock));
  FID_ASSIGN(const auto lease, engine.Read());
  FID_ASSIGN(const auto stored, store::LoadStateSums(lease->session(store::Which::kData)));
  FID_ASSIGN(const StateTotals totals, OpenStateSums(vault, stored));
  for (const store::StateSum& row : stored) {
    const std::pair where(row.bucket, row.tenant);
    digest->kept_[where] = {totals.at(where), row.changes};
  }
  // After a crash there may be changes that no mark covers yet.
  digest->changed_ = !stored.empty();
  digest->marked_ms_ = clock.MonotonicMs();
  engine.Join(*digest);
  engine.AddWatch(*digest);
  return digest;
}

StateDigest::~StateDigest() {
  engine_.RemoveWatch(*this);
  engine_.Leave(*this);
  (void)engine_.SubmitAndWait({});  // a mark may be under way
}

void StateDigest::Apply(const Change& change, bool forward) {
  StateTotal& total = kept_[change.where].total;
  change.appeared == forward ? total.Add(change.number) : total.Subtract(change.number);
}

void StateDigest::Note(uint32_t bucket, BytesView place, BytesView content, bool appeared) {
  const model::TenantId tenant = ByteReader(place.substr(1)).U32();
  changed_ = true;
  changes_.push_back({{bucket, tenant}, StateNumberOf(vault_, place, content), appeared});
  Apply(changes_.back(), true);
}

void StateDigest::Appeared(uint32_t bucket, BytesView place, BytesView content) {
  Note(bucket, place, content, true);
}

void StateDigest::Gone(uint32_t bucket, BytesView place, BytesView content) {
  Note(bucket, place, content, false);
}

void StateDigest::Rollback() {
  while (changes_.size() > mark_) {
    Apply(changes_.back(), false);
    changes_.pop_back();
  }
}

Status StateDigest::BeforeCommit(store::Session& data) {
  std::set<std::pair<model::Bucket, model::TenantId>> dirty;
  for (const Change& change : changes_) {
    dirty.insert(change.where);
  }
  for (const auto& where : dirty) {
    const Kept& kept = kept_[where];
    const int64_t version = kept.changes + 1;
    FID_TRY(store::PutStateSum(
        data, {where.first, where.second, kept.total.rows, version,
               Masked(kept.total, MaskOf(vault_, "state.sum", where.first, where.second,
                                         static_cast<uint64_t>(version)))}));
  }
  return {};
}

Status StateDigest::WriteMark(store::Session& data) {
  store::StateMark mark;
  mark.leaf = log_.next_place();
  ByteWriter out(mark.sums);
  int64_t rows = 0;
  for (const auto& [where, kept] : kept_) {
    out.U32(where.first);
    out.U32(where.second);
    out.U64(static_cast<uint64_t>(kept.total.rows));
    out.Raw(Masked(kept.total, MaskOf(vault_, "state.mark", where.first, where.second, mark.leaf)));
    rows += kept.total.rows;
  }
  audit::Leaf leaf;
  leaf.time_ms = clock_.NowMs();
  leaf.role = "system";
  leaf.op = "state.mark";
  leaf.decision = "done";
  leaf.count = static_cast<uint64_t>(rows);
  leaf.commitment = vault_.HashOf(mark.sums);
  const audit::LeafDraft draft = audit::Draft(store::BucketOfTenant(0), 0, leaf);
  FID_TRY(log_.Append(data, draft));
  FID_TRY(store::PutStateMark(data, 0, mark));
  marked_ms_ = clock_.MonotonicMs();
  changed_ = false;
  return {};
}

// A write of its own: it lies in the tenant's bucket, the changes in their subjects'.
store::Job StateDigest::MarkJob() {
  store::Job job;
  job.data = [this](store::Session& data) { return changed_ ? WriteMark(data) : Status(); };
  return job;
}

Status StateDigest::MarkIfChanged() { return engine_.SubmitAndWait(MarkJob()); }

void StateDigest::Committed() {
  std::set<std::pair<model::Bucket, model::TenantId>> dirty;
  for (const Change& change : changes_) {
    dirty.insert(change.where);
  }
  for (const auto& where : dirty) {
    ++kept_[where].changes;
  }
  changes_.clear();
  mark_ = 0;
  if (changed_ && clock_.MonotonicMs() - marked_ms_ >= kMarkEveryMs) {
    marked_ms_ = clock_.MonotonicMs();
    engine_.Submit(MarkJob());
  }
}

void StateDigest::Failed() {
  changed_ = true;  // a mark may be among what failed
  mark_ = 0;
  Rollback();
}

}  // namespace fiducia::gate
