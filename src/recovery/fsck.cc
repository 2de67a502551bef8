#include "recovery/fsck.h"

#include <algorithm>
#include <set>

#include "store/audit_rows.h"
#include "store/placement.h"
#include "store/registers.h"
#include "store/tickets.h"

namespace fiducia::recovery {

namespace {

constexpr size_t kFindingsMax = 1000;
constexpr int kPage = 1000;

class Checker {
 public:
  Checker(const Parts& parts, store::ReadLease& lease, FsckReport& report, const Progress& progress)
      : parts_(parts),
        data_(lease.session(store::Which::kData)),
        keys_(lease.session(store::Which::kKeys)),
        report_(report),
        progress_(progress) {}

  Status Run();

 private:
  using Where = std::pair<model::Bucket, model::TenantId>;
  void Find(std::string what, const model::SubjectRef* subject, int64_t bucket) {
    if (report_.findings.size() < kFindingsMax) {
      report_.findings.push_back(
          {std::move(what), subject == nullptr ? "" : subject->id.Text(), bucket});
    }
  }
  void Count(const model::SubjectRef& subject, BytesView place, BytesView content) {
    totals_[{store::BucketOf(subject), subject.tenant}].Add(
        gate::StateNumberOf(parts_.vault, place, content));
  }
  Status CheckRecords();
  Status CheckRecord(const store::WalkedSubject& walked);
  Result<Bytes> NewestMac(const model::SubjectRef& subject, const Bytes& pseudonym);
  Status CheckKeys();
  Status CheckSums();
  Status CheckMark();
  Status EachLeafSince(uint64_t from, const std::function<void(const audit::Leaf&)>& each);

  const Parts& parts_;
  store::Session& data_;
  store::Session& keys_;
  FsckReport& report_;
  const Progress& progress_;
  gate::StateTotals totals_;
  std::set<Where> wrong_;
  std::set<Uuid> pending_;  // erasures that were begun
};

// The MAC that the newest leaf about a change of this record tells. Empty if there is none.
Result<Bytes> Checker::NewestMac(const model::SubjectRef& subject, const Bytes& pseudonym) {
  const model::Bucket bucket = store::BucketOf(subject);
  uint64_t before = UINT64_MAX;
  while (true) {
    FID_ASSIGN(const auto places,
               store::LoadLeafPlacesOf(data_, bucket, subject.tenant, pseudonym, before, kPage));
    for (const uint64_t place : places) {
      const auto row = store::LoadLeafOf(data_, bucket, subject.tenant, place);
      if (!row) {
        continue;  // about a set: it lies in the tenant's bucket and names no single MAC
      }
      FID_ASSIGN(const audit::Entry entry, audit::DecodeEntry(row->body));
      if (!entry.leaf.row_mac.empty() && entry.leaf.op != "timeline.add" &&
          entry.leaf.decision == "done") {
        return entry.leaf.row_mac;
      }
    }
    if (places.size() < kPage) {
      return Bytes();
    }
    before = places.back();
  }
}

Status Checker::CheckRecord(const store::WalkedSubject& walked) {
  const model::SubjectRef& subject = walked.subject;
  ++report_.customers;
  Count(subject, store::SubjectPlace(subject), walked.row.mac);
  if (walked.bucket != store::BucketOf(subject)) {
    Find("record_misplaced", &subject, walked.bucket);
  }
  const auto dossier = parts_.builder.Decode(subject, walked.row);
  if (!dossier) {
    Find("record_altered", &subject, walked.bucket);
    return {};
  }
  const auto key = parts_.vault.keys().Get(keys_, subject);
  if (!key) {
    const Code code = key.error().code();
    if (code == Code::kUnavailable) {
      return std::unexpected(key.error());
    }
    if (code == Code::kErased && pending_.contains(subject.id)) {
      ++report_.erasures_pending;
      return {};
    }
    Find(code == Code::kErased    ? "erased_record_came_back"
         : code == Code::kCorrupt ? "key_altered"
                                  : "key_missing",
         &subject, walked.bucket);
    return {};
  }
  FID_ASSIGN(const Bytes newest, NewestMac(subject, (*key)->pseudonym));
  if (newest.empty() || newest == walked.row.mac) {
    return {};
  }
  // It may have changed since it was read: then it fits its newest leaf now.
  const auto again = store::LoadSubject(data_, subject);
  FID_ASSIGN(const Bytes newest_now, NewestMac(subject, (*key)->pseudonym));
  if (again && again->mac != newest_now) {
    Find("record_rolled_back", &subject, walked.bucket);
  }
  return {};
}

Status Checker::CheckRecords() {
  FID_ASSIGN(const auto intents, store::LoadErasureIntents(data_));
  for (const store::ErasureIntent& intent : intents) {
    pending_.insert(intent.subject.id);
  }
  FID_ASSIGN(const int64_t count, store::CountSubjects(data_, 0));
  model::Bucket bucket = 0;
  Uuid after;
  while (true) {
    FID_ASSIGN(const auto page, store::WalkSubjects(data_, 0, bucket, after, kPage));
    for (const store::WalkedSubject& walked : page) {
      FID_TRY(CheckRecord(walked));
    }
    if (progress_) {
      progress_(report_.customers, std::max(count, report_.customers));
    }
    if (page.size() < kPage) {
      break;
    }
    bucket = page.back().bucket;
    after = page.back().subject.id;
  }
  FID_TRY(store::WalkBasisEvents(data_, [&](const store::StateRow& row) -> Status {
    ++report_.basis_events;
    Count(row.subject, store::BasisPlace(row.subject, row.number), row.content);
    return {};
  }));
  FID_TRY(store::WalkRegisters(data_, 0, [&](const store::RegisterRow& row) -> Status {
    ++report_.registers;
    totals_[{store::BucketOfTenant(0), 0}].Add(
        gate::StateNumberOf(parts_.vault, store::RegisterPlace(0, row.kind, row.id), row.body));
    if (!parts_.vault.OpenRegister({0, row.kind, row.id, row.version}, row.body)) {
      Find("register_altered", nullptr, static_cast<int64_t>(row.version));
    }
    return {};
  }));
  FID_TRY(store::WalkTimeline(data_, [&](const store::StateRow& row) -> Status {
    ++report_.timeline;
    Count(row.subject, store::TimelinePlace(row.subject, row.event), row.content);
    return {};
  }));
  return store::WalkTickets(data_, [&](const store::StateRow& row) -> Status {
    ++report_.tickets;
    Count(row.subject, store::TicketPlace(row.subject, row.event), row.content);
    return {};
  });
}

Status Checker::CheckSums() {
  FID_ASSIGN(const auto stored, store::LoadStateSums(data_));
  FID_ASSIGN(const gate::StateTotals expected, gate::OpenStateSums(parts_.vault, stored));
  std::set<Where> all;
  for (const auto& [where, total] : totals_) {
    all.insert(where);
  }
  for (const auto& [where, total] : expected) {
    all.insert(where);
  }
  for (const Where& where : all) {
    const auto have = totals_.find(where);
    const auto want = expected.find(where);
    const gate::StateTotal none;
    const gate::StateTotal& a = have == totals_.end() ? none : have->second;
    const gate::StateTotal& b = want == expected.end() ? none : want->second;
    if (a == b) {
      continue;
    }
    wrong_.insert(where);
    Find(a.rows < b.rows   ? "records_missing_in_bucket"
         : a.rows > b.rows ? "records_added_to_bucket"
                           : "records_changed_in_bucket",
         nullptr, where.first);
  }
  return {};
}

// A key without a record is what a creation leaves that did not finish; in a bucket that lacks
// records it names the one that is gone.
Status Checker::CheckKeys() {
  FID_TRY(store::WalkSubjectKeys(keys_, [&](const store::SubjectKeyRow& row) -> Status {
    ++report_.keys;
    const auto record = store::LoadSubject(data_, row.subject);
    if (record || record.error().code() != Code::kNotFound) {
      return record ? Status() : Status(std::unexpected(record.error()));
    }
    ++report_.keys_without_record;
    const Where where(row.bucket, row.subject.tenant);
    if (!wrong_.contains(where)) {
      return {};
    }
    const auto key = parts_.vault.keys().Get(keys_, row.subject);
    if (key) {
      FID_ASSIGN(const Bytes newest, NewestMac(row.subject, (*key)->pseudonym));
      Find(newest.empty() ? "record_may_be_missing" : "record_missing", &row.subject, row.bucket);
    }
    return {};
  }));
  return store::WalkErasures(keys_, [&](const model::SubjectRef&, int64_t) -> Status {
    ++report_.erased;
    return {};
  });
}

// The sums themselves could be old, rows and all. The last mark says what they were; a bucket that
// nothing was written to since must still be so.
Status Checker::CheckMark() {
  FID_ASSIGN(const auto mark, store::LoadStateMark(data_, 0));
  if (!mark) {
    // None may have been made yet; but one that the log tells of must be there.
    bool was_made = false;
    FID_TRY(EachLeafSince(
        0, [&](const audit::Leaf& leaf) { was_made = was_made || leaf.op == "state.mark"; }));
    if (was_made) {
      Find("state_mark_missing", nullptr, -1);
    }
    return {};
  }
  report_.mark = mark->leaf;
  const auto row = store::LoadLeafOf(data_, store::BucketOfTenant(0), 0, mark->leaf);
  const auto entry = row ? audit::DecodeEntry(row->body) : std::unexpected(row.error());
  if (!entry || entry->leaf.op != "state.mark" ||
      entry->leaf.commitment != parts_.vault.HashOf(mark->sums)) {
    Find("state_mark_altered", nullptr, -1);
    return {};
  }
  FID_ASSIGN(const gate::StateTotals marked, gate::OpenStateMark(parts_.vault, *mark));
  FID_ASSIGN(auto changed, store::LoadBucketsOfLeaves(data_, 0, mark->leaf + 1));
  bool import_since = false;
  FID_TRY(EachLeafSince(mark->leaf + 1, [&](const audit::Leaf& leaf) {
    import_since = import_since || leaf.op.starts_with("import.");
    changed.insert(leaf.buckets.begin(), leaf.buckets.end());
  }));
  for (const auto& [where, total] : marked) {
    const auto have = totals_.find(where);
    const bool same = have != totals_.end() ? have->second == total : total.rows == 0;
    if (!same && !import_since && !changed.contains(where.first)) {
      Find("bucket_rolled_back", nullptr, where.first);
    }
  }
  return {};
}

// Leaves of the tenant's own bucket, where those are that touch many.
Status Checker::EachLeafSince(uint64_t from, const std::function<void(const audit::Leaf&)>& each) {
  while (true) {
    FID_ASSIGN(const auto leaves,
               store::LoadLeavesOfBucket(data_, store::BucketOfTenant(0), 0, from, kPage));
    for (const store::LeafRow& row : leaves) {
      FID_ASSIGN(const audit::Entry entry, audit::DecodeEntry(row.body));
      each(entry.leaf);
    }
    if (leaves.size() < kPage) {
      return {};
    }
    from = leaves.back().seq + 1;
  }
}

Status Checker::Run() {
  FID_TRY(CheckRecords());
  FID_TRY(CheckSums());
  FID_TRY(CheckKeys());
  return CheckMark();
}

}  // namespace

Result<FsckReport> Fsck(const Parts& parts, const Progress& progress) {
  FsckReport report;
  // While others write, rows and sums are read at different moments: a difference that is gone the
  // second time was none.
  for (int round = 0; round < 3; ++round) {
    report = {};
    FID_ASSIGN(const auto lease, parts.engine.Read());
    FID_TRY(Checker(parts, *lease, report, progress).Run());
    const bool only_sums =
        std::all_of(report.findings.begin(), report.findings.end(),
                    [](const Finding& finding) { return finding.what.ends_with("_bucket"); });
    if (report.ok() || !only_sums) {
      break;
    }
  }
  return report;
}

}  // namespace fiducia::recovery
