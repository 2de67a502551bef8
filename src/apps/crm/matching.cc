#include "apps/crm/matching.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/log.h"
#include "process/record/walk.h"
#include "process/resolve/resolver.h"

namespace fiducia::apps {

namespace {

constexpr const char* kCapability = "customers.merge";
constexpr size_t kPairsAJob = 500;
// Pairs below these log2 odds are not worth a look.
constexpr double kWorthALook = -2;

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

}  // namespace

// The records that are compared, in the order in which they were read.
class MatchReader {
 public:
  MatchReader(const gate::Gate& gate, const process::RecordReader& records)
      : gate_(gate), records_(records), table(Columns()) {
    for (size_t i = 0; i < kColumns; ++i) {
      const rules::Field* field = gate.policy().catalog.Find(kFields[i].field);
      numbers_[i] = field == nullptr ? model::FieldNo{0} : field->number;
    }
  }

  // A first value of each field. A record of an organization, or one that stands with another, is
  // passed over.
  Status Add(store::ReadLease& lease, const model::SubjectRef& subject) {
    const auto record = records_.Load(lease, subject);
    if (!record) {
      const Code code = record.error().code();
      return code == Code::kCorrupt || code == Code::kUnavailable
                 ? Status(std::unexpected(record.error()))
                 : Status();  // erased meanwhile, or merged
    }
    if (record->dossier.kind != model::SubjectKind::kPerson) {
      return {};
    }
    std::array<model::Sensitive, kColumns> values;
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
    std::array<std::string_view, kColumns> views;
    for (size_t i = 0; i < kColumns; ++i) {
      views[i] = values[i].Reveal();
    }
    table.Add(views);
    subjects.push_back(subject);
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

Status Matching::Run(const model::Access& access) {
  MatchReader reader(parts_.gate, parts_.records);
  FID_TRY(ReadAll(reader));
  // What was opened is on record before anything follows from it.
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "matching.run", "done");
  leaf.count = reader.subjects.size();
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  if (stop_ || reader.subjects.size() < 2) {
    return {};
  }
  Say([](MatchingStatus& status) { status.state = "comparing"; });
  reader.table.Finish();
  process::ResolveOptions options;
  options.threads = 2;
  const process::Resolution found = process::Resolve(reader.table, options);
  Say([](MatchingStatus& status) { status.state = "writing"; });
  process::Scale scale(reader.table, found.weights);
  std::vector<store::MatchPair> pairs;
  const auto flush = [&]() -> Status {
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
  };
  for (const process::MatchLink& link : found.links) {
    if (stop_) {
      break;
    }
    std::vector<process::MatchReason> reasons;
    const double weight = scale.Weigh(link.a, link.b, &reasons);
    if (weight < kWorthALook) {
      continue;
    }
    const bool turned = reader.subjects[link.b].id < reader.subjects[link.a].id;
    store::MatchPair pair;
    pair.subject = reader.subjects[turned ? link.b : link.a];
    pair.other = reader.subjects[turned ? link.a : link.b].id;
    pair.weight = std::llround(weight * 1000);
    pair.reasons = ReasonsOf(reasons);
    pair.found_ms = parts_.clock.NowMs();
    pairs.push_back(std::move(pair));
    if (pairs.size() == kPairsAJob) {
      FID_TRY(flush());
    }
  }
  return pairs.empty() ? Status() : flush();
}

}  // namespace fiducia::apps
