#include "apps/crm/matching.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "process/record/walk.h"
#include "process/resolve/index.h"
#include "process/resolve/resolver.h"

namespace fiducia::apps {

namespace {

constexpr const char* kCapability = "customers.merge";
constexpr size_t kPairsAJob = 500;
// Pairs below these log2 odds are not worth a look.
constexpr double kWorthALook = -2;
constexpr std::string_view kKind = "matching_run";
// Records that are kept at hand after a run, about a kilobyte each.
constexpr size_t kFollowedMost = 300000;
constexpr int kFollowedPage = 500;

struct MatchField {
  const char* field;
  process::MatchKind kind;
};
constexpr MatchField kFields[] = {{"name_full", process::MatchKind::kFullName},
                                  {"birth_date", process::MatchKind::kDate},
                                  {"national_id_no", process::MatchKind::kIdNumber},
                                  {"mobile", process::MatchKind::kPhone},
                                  {"email", process::MatchKind::kEmail},
                                  {"street", process::MatchKind::kAddress},
                                  {"city", process::MatchKind::kPlace},
                                  {"sex", process::MatchKind::kCategory}};
constexpr size_t kColumns = std::size(kFields);

std::vector<process::MatchColumn> Columns() {
  std::vector<process::MatchColumn> columns;
  for (const MatchField& one : kFields) {
    columns.push_back({one.field, one.kind});
  }
  return columns;
}

std::string ReasonsOf(const std::vector<process::MatchReason>& reasons) {
  Json json = Json::array();
  for (const process::MatchReason& reason : reasons) {
    if (reason.level >= 0) {
      json.push_back({{"field", kFields[reason.column].field},
                      {"level", reason.level},
                      {"weight", std::round(reason.weight * 100) / 100}});
    }
  }
  return WriteJson(json);
}

store::MatchPair PairOf(const model::SubjectRef& a, const model::SubjectRef& b, double weight,
                        const std::vector<process::MatchReason>& reasons, int64_t now_ms) {
  const bool turned = b.id < a.id;
  store::MatchPair pair;
  pair.subject = turned ? b : a;
  pair.other = turned ? a.id : b.id;
  pair.weight = std::llround(weight * 1000);
  pair.reasons = ReasonsOf(reasons);
  pair.found_ms = now_ms;
  return pair;
}

// What is compared of a record.
using MatchValues = std::array<model::Sensitive, kColumns>;

std::array<std::string_view, kColumns> Views(const MatchValues& values) {
  std::array<std::string_view, kColumns> views;
  for (size_t i = 0; i < kColumns; ++i) {
    views[i] = values[i].Reveal();
  }
  return views;
}

}  // namespace

// Reads what is compared, and keeps the records in the order in which they were read.
class MatchReader {
 public:
  MatchReader(const gate::Gate& gate, const process::RecordReader& records)
      : gate_(gate), records_(records), table(Columns()) {
    for (size_t i = 0; i < kColumns; ++i) {
      const rules::Field* field = gate.policy().catalog.Find(kFields[i].field);
      numbers_[i] = field == nullptr ? model::FieldNo{0} : field->number;
    }
  }

  // A first value of each field; nothing of a record of an organization, or of one that is gone or
  // stands with another.
  Result<std::optional<MatchValues>> Read(store::ReadLease& lease,
                                          const model::SubjectRef& subject) const {
    const auto record = records_.Load(lease, subject);
    if (!record) {
      const Code code = record.error().code();
      if (code == Code::kCorrupt || code == Code::kUnavailable) {
        return std::unexpected(record.error());
      }
      return std::optional<MatchValues>();
    }
    if (record->dossier.kind != model::SubjectKind::kPerson) {
      return std::optional<MatchValues>();
    }
    MatchValues values;
    for (const store::Cell& cell : record->dossier.cells) {
      const auto at = std::find(numbers_.begin(), numbers_.end(), cell.field);
      if (at == numbers_.end() || !values[static_cast<size_t>(at - numbers_.begin())].empty()) {
        continue;
      }
      FID_ASSIGN(values[static_cast<size_t>(at - numbers_.begin())],
                 records_.builder().vault().Open(
                     gate_.SystemPermit(subject), *record->key,
                     {subject, vault::kDossierTable, cell.field, cell.ordinal, cell.version},
                     cell.sealed));
    }
    return std::optional(std::move(values));
  }

  Status Add(store::ReadLease& lease, const model::SubjectRef& subject) {
    FID_ASSIGN(const auto values, Read(lease, subject));
    if (values) {
      table.Add(Views(*values));
      subjects.push_back(subject);
    }
    return {};
  }

 private:
  const gate::Gate& gate_;
  const process::RecordReader& records_;
  std::array<model::FieldNo, kColumns> numbers_{};

 public:
  process::MatchTable table;
  std::vector<model::SubjectRef> subjects;
};

// What a run leaves behind, so that records that come later are matched by themselves.
struct Matching::Following {
  Following(process::MatchTable table, process::Resolution found,
            const process::ResolveOptions& options)
      : index(std::move(table), std::move(found), options) {}

  process::MatchIndex index;
  std::vector<model::SubjectRef> subjects;  // by record of the index
  std::map<Uuid, uint32_t> latest;          // the record that stands for a customer now
  process::FeedPlace place;
};

Matching::Matching(Parts parts) : parts_(parts) {}

Matching::~Matching() {
  stop_ = true;
  Wait();
}

void Matching::Say(const std::function<void(MatchingStatus&)>& change) {
  const std::lock_guard lock(mutex_);
  change(status_);
}

Status Matching::Start(const model::Access& access) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(parts_.gate.CheckAccess(access));
  return Begin(access);
}

Status Matching::Begin(const model::Access& access) {
  const std::lock_guard lock(mutex_);
  if (status_.started_ms != 0 && status_.finished_ms == 0) {
    return Fail(Code::kConflict, "matching is running");
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  stop_ = false;
  status_ = {};
  status_.state = "reading";
  status_.started_ms = parts_.clock.NowMs();
  thread_ = std::thread([this, access] {
    const Status done = Run(access);
    if (!done) {
      LogError("matching stopped", done.error());
    }
    Say([&](MatchingStatus& status) {
      status.state = !done ? "failed" : stop_ ? "stopped" : "done";
      status.finished_ms = parts_.clock.NowMs();
    });
  });
  return {};
}

Status Matching::Stop(const model::Access& access) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(parts_.gate.CheckAccess(access));
  stop_ = true;
  return {};
}

Result<MatchingStatus> Matching::Now(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(parts_.gate.CheckAccess(access));
  const std::lock_guard lock(mutex_);
  return status_;
}

void Matching::Wait() {
  std::thread running;
  {
    const std::lock_guard lock(mutex_);
    running = std::move(thread_);
  }
  if (running.joinable()) {
    running.join();
  }
}

Status Matching::ReadAll(MatchReader& reader) {
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const int64_t all, store::CountSubjects(lease->session(store::Which::kData), 0));
    Say([&](MatchingStatus& status) { status.of = all; });
  }
  return process::WalkRows(
      parts_.engine,
      [&](store::ReadLease& lease, const store::WalkedSubject& walked) -> Result<bool> {
        FID_TRY(reader.Add(lease, walked.subject));
        Say([](MatchingStatus& status) { ++status.records; });
        return !stop_;
      });
}

// A run is remembered beyond a restart: from then on it is done again when need be.
Status Matching::Remember() {
  FID_ASSIGN(const auto known, parts_.book.Load(kKind));
  const Uuid id = known.empty() ? Uuid::V7(parts_.clock, parts_.rng) : known[0].id;
  const uint32_t version = known.empty() ? 1 : known[0].version + 1;
  FID_TRY(parts_.book.Commit(
      {{std::string(kKind), id, version, Json{{"at", parts_.clock.NowMs()}}}}, {}));
  last_run_ms_ = parts_.clock.NowMs();
  return {};
}

Status Matching::Keep(std::vector<store::MatchPair>& pairs) {
  store::Job job;
  job.spans_buckets = true;
  job.data = [&](store::Session& data) -> Status {
    for (const store::MatchPair& pair : pairs) {
      FID_TRY(store::PutFoundPair(data, pair));
    }
    return {};
  };
  FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
  Say([&](MatchingStatus& status) { status.pairs += static_cast<int64_t>(pairs.size()); });
  pairs.clear();
  return {};
}

Status Matching::Run(const model::Access& access) {
  const process::FeedPlace place = process::FeedPlace::Behind(parts_.changes.last());
  MatchReader reader(parts_.gate, parts_.records);
  FID_TRY(ReadAll(reader));
  FID_TRY(Remember());
  // What was opened is on record before anything follows from it.
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "matching.run", "done");
  leaf.count = reader.subjects.size();
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  if (stop_ || reader.subjects.size() < 2) {
    return {};
  }
  Say([](MatchingStatus& status) { status.state = "comparing"; });
  const bool follow = reader.subjects.size() <= kFollowedMost;
  reader.table.Finish(follow);
  process::ResolveOptions options;
  options.threads = 2;
  process::Resolution found = process::Resolve(reader.table, options);
  Say([](MatchingStatus& status) { status.state = "writing"; });
  process::Scale scale(reader.table, found.weights);
  std::vector<store::MatchPair> pairs;
  for (const process::MatchLink& link : found.links) {
    if (stop_) {
      break;
    }
    std::vector<process::MatchReason> reasons;
    const double weight = scale.Weigh(link.a, link.b, &reasons);
    if (weight >= kWorthALook) {
      pairs.push_back(PairOf(reader.subjects[link.a], reader.subjects[link.b], weight, reasons,
                             parts_.clock.NowMs()));
    }
    if (pairs.size() == kPairsAJob) {
      FID_TRY(Keep(pairs));
    }
  }
  FID_TRY(Keep(pairs));
  if (follow && !stop_) {
    auto following =
        std::make_unique<Following>(std::move(reader.table), std::move(found), options);
    following->subjects = std::move(reader.subjects);
    for (uint32_t r = 0; r < following->subjects.size(); ++r) {
      following->latest[following->subjects[r].id] = r;
    }
    following->place = place;
    const std::lock_guard lock(following_mutex_);
    following_ = std::move(following);
  }
  return {};
}

Status Matching::Follow() {
  const std::lock_guard lock(following_mutex_);
  if (following_ == nullptr) {
    return {};
  }
  Following& now = *following_;
  const MatchReader reader(parts_.gate, parts_.records);
  for (;;) {
    FID_ASSIGN(const auto rows, parts_.changes.After(now.place, kFollowedPage));
    if (rows.empty()) {
      return {};
    }
    std::vector<store::MatchPair> pairs;
    uint64_t read = 0;
    for (const store::ChangeRow& row : rows) {
      now.place = {row.seq, row.subject.id};
      now.latest.erase(row.subject.id);
      if (row.erased) {
        continue;
      }
      FID_ASSIGN(const auto lease, parts_.engine.Read());
      FID_ASSIGN(const auto values, reader.Read(*lease, row.subject));
      if (!values) {
        continue;
      }
      ++read;
      const process::MatchIndex::Added added = now.index.Add(Views(*values));
      now.subjects.push_back(row.subject);
      now.latest[row.subject.id] = added.record;
      for (const process::MatchIndex::Match& match : added.matches) {
        // Of a customer who changed, only what stands now counts.
        const model::SubjectRef& other = now.subjects[match.record];
        const auto latest = now.latest.find(other.id);
        if (match.weight >= kWorthALook && latest != now.latest.end() &&
            latest->second == match.record && other != row.subject) {
          std::vector<process::MatchReason> reasons;
          const double weight = now.index.Weigh(added.record, match.record, reasons);
          pairs.push_back(PairOf(row.subject, other, weight, reasons, parts_.clock.NowMs()));
        }
      }
    }
    if (read > 0) {
      model::Access access;
      access.actor.role = "system";
      access.purpose = "data_quality";
      audit::Leaf leaf = parts_.gate.NewLeaf(access, "matching.follow", "done");
      leaf.count = read;
      FID_TRY(parts_.gate.Record(0, leaf).Wait());
    }
    FID_TRY(Keep(pairs));
  }
}

Status Matching::Tick() {
  constexpr int64_t kDayMs = 86400000;
  {
    const std::lock_guard lock(mutex_);
    if (status_.started_ms != 0 && status_.finished_ms == 0) {
      return {};
    }
  }
  bool following = false;
  {
    const std::lock_guard lock(following_mutex_);
    following = following_ != nullptr;
  }
  if (following) {
    return Follow();
  }
  if (last_run_ms_ == 0) {
    FID_ASSIGN(const auto known, parts_.book.Load(kKind));
    last_run_ms_ = known.empty() ? -1 : known[0].json.value("at", int64_t{0});
  }
  // Too many to keep at hand, or the house was started anew: all are gone through once a day.
  if (last_run_ms_ > 0 && parts_.clock.NowMs() - last_run_ms_ >= kDayMs) {
    model::Access access;
    access.actor.role = "system";
    access.purpose = "data_quality";
    return Begin(access);
  }
  return {};
}

}  // namespace fiducia::apps
