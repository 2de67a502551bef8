#include "apps/quality/quality.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "process/record/walk.h"
#include "store/config_rows.h"

namespace fiducia::apps {

namespace {

constexpr std::string_view kKind = "quality_report";
constexpr int64_t kDayMs = 86400000;

Json ToJson(const QualityPart& part) {
  return {part.id, part.values, part.stale, part.confidence, part.score, part.oldest_ms};
}

QualityPart PartOf(const Json& json) {
  return {json.at(0), json.at(1), json.at(2), json.at(3), json.at(4), json.at(5)};
}

Json ToJson(const QualityReport& report) {
  Json json = {
      {"at", report.at_ms},      {"customers", report.customers}, {"reachable", report.reachable},
      {"values", report.values}, {"stale", report.stale},         {"score", report.score},
      {"fields", Json::array()}, {"sources", Json::array()},      {"owners", Json::array()}};
  for (const QualityPart& part : report.fields) {
    json["fields"].push_back(ToJson(part));
  }
  for (const QualityPart& part : report.sources) {
    json["sources"].push_back(ToJson(part));
  }
  for (const QualityPart& part : report.owners) {
    json["owners"].push_back(ToJson(part));
  }
  return json;
}

QualityReport ReportOf(const guard::Document& document) {
  const Json& json = document.json;
  QualityReport report;
  report.id = document.id;
  report.at_ms = json.value("at", int64_t{0});
  report.customers = json.value("customers", int64_t{0});
  report.reachable = json.value("reachable", int64_t{0});
  report.values = json.value("values", int64_t{0});
  report.stale = json.value("stale", int64_t{0});
  report.score = json.value("score", 0.0);
  for (const Json& part : json.value("fields", Json::array())) {
    report.fields.push_back(PartOf(part));
  }
  for (const Json& part : json.value("sources", Json::array())) {
    report.sources.push_back(PartOf(part));
  }
  for (const Json& part : json.value("owners", Json::array())) {
    report.owners.push_back(PartOf(part));
  }
  return report;
}

int MonthOf(int64_t at_ms) {
  const std::chrono::sys_days day{std::chrono::days(at_ms / kDayMs)};
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

// Who answers for each source.
Result<std::map<std::string, std::string>> OwnersOf(store::Engine& engine) {
  FID_ASSIGN(const auto lease, engine.Read());
  FID_ASSIGN(const auto sources, store::ListSources(lease->session(store::Which::kData), 0));
  std::map<std::string, std::string> owners;
  for (const store::Source& source : sources) {
    owners[source.id] = source.owner;
  }
  return owners;
}

class Sums {
 public:
  void Add(const std::string& id, double confidence, bool stale, int64_t seen_ms) {
    QualityPart& part = parts_[id];
    part.id = id;
    ++part.values;
    part.stale += stale ? 1 : 0;
    part.confidence += confidence;
    part.score += ScoreOf(confidence, stale);
    part.oldest_ms = part.values == 1 ? seen_ms : std::min(part.oldest_ms, seen_ms);
  }
  std::vector<QualityPart> Parts() const {
    std::vector<QualityPart> all;
    for (const auto& [id, part] : parts_) {
      all.push_back(part);
      all.back().confidence /= static_cast<double>(part.values);
      all.back().score /= static_cast<double>(part.values);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const QualityPart& a, const QualityPart& b) { return a.score < b.score; });
    return all;
  }

 private:
  std::map<std::string, QualityPart> parts_;
};

}  // namespace

double ScoreOf(double confidence, bool stale) { return stale ? confidence / 2 : confidence; }

Result<std::unique_ptr<Quality>> Quality::Open(Parts parts) {
  std::unique_ptr<Quality> made(new Quality(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    made->known_[document.id] = {document.version, ReportOf(document)};
  }
  return made;
}

Status Quality::Walk(const Each& each) const {
  return process::WalkRows(
      parts_.engine, [&](store::ReadLease&, const store::WalkedSubject& walked) -> Result<bool> {
        FID_ASSIGN(const store::Dossier dossier,
                   parts_.records.builder().Decode(walked.subject, walked.row));
        if (dossier.merged_into.is_nil()) {
          each(dossier);
        }
        return true;
      });
}

Result<QualityReport> Quality::Run(const model::Access& access) {
  FID_TRY(parts_.gate.Require(access.actor, kQualityRead));
  FID_TRY(parts_.gate.CheckAccess(access));
  return Make(access);
}

Status Quality::Tick() {
  const auto last = Newest();
  if (last && parts_.clock.NowMs() - last->at_ms < kDayMs) {
    return {};
  }
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const int64_t held, store::CountSubjects(lease->session(store::Which::kData), 0));
    if (held == 0) {
      return {};
    }
  }
  model::Access access;
  access.actor.role = "system";
  access.purpose = "data_quality";
  FID_TRY(Make(access));
  return {};
}

Result<QualityReport> Quality::Make(const model::Access& access) {
  const std::lock_guard running(running_);
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  const int64_t now = parts_.clock.NowMs();
  QualityReport report;
  report.at_ms = now;
  Sums fields;
  Sums sources;
  Sums owners;
  FID_ASSIGN(const auto owner_of, OwnersOf(parts_.engine));
  double score = 0;
  FID_TRY(Walk([&](const store::Dossier& dossier) {
    bool reachable = false;
    for (const store::Cell& cell : dossier.cells) {
      const rules::Field* field = catalog.Find(cell.field);
      if (field == nullptr) {
        continue;
      }
      const int64_t seen = dossier.SeenMs(cell);
      const bool stale = field->IsStale(seen, now);
      const double confidence = static_cast<double>(cell.confidence) / 100;
      fields.Add(field->id, confidence, stale, seen);
      const std::string& source = dossier.provenances[cell.provenance].source;
      sources.Add(source, confidence, stale, seen);
      const auto owner = owner_of.find(source);
      owners.Add(owner == owner_of.end() ? "" : owner->second, confidence, stale, seen);
      ++report.values;
      report.stale += stale ? 1 : 0;
      score += ScoreOf(confidence, stale);
      reachable = reachable || (!stale && field->data_class == "contact" && field->identifies());
    }
    ++report.customers;
    report.reachable += reachable ? 1 : 0;
  }));
  report.fields = fields.Parts();
  report.sources = sources.Parts();
  report.owners = owners.Parts();
  report.score = report.values == 0 ? 1 : score / static_cast<double>(report.values);
  // The one of this month is replaced: the past is a point for each month.
  Held held{1, std::move(report)};
  held.report.id = Uuid::V7(parts_.clock, parts_.rng);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, before] : known_) {
      if (MonthOf(before.report.at_ms) == MonthOf(now)) {
        held.report.id = id;
        held.version = before.version + 1;
      }
    }
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "quality.run", "done");
  leaf.count = static_cast<uint64_t>(held.report.customers);
  FID_TRY(parts_.book.Commit(
      {{std::string(kKind), held.report.id, held.version, ToJson(held.report)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[held.report.id] = held;
  return held.report;
}

std::optional<QualityReport> Quality::Newest() const {
  const std::lock_guard lock(mutex_);
  std::optional<QualityReport> newest;
  for (const auto& [id, held] : known_) {
    if (!newest || held.report.at_ms > newest->at_ms) {
      newest = held.report;
    }
  }
  return newest;
}

Result<std::vector<QualityReport>> Quality::List(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kQualityRead));
  const std::lock_guard lock(mutex_);
  std::vector<QualityReport> reports;
  reports.reserve(known_.size());
  for (const auto& [id, held] : known_) {
    reports.push_back(held.report);
  }
  std::sort(reports.begin(), reports.end(),
            [](const QualityReport& a, const QualityReport& b) { return a.at_ms > b.at_ms; });
  return reports;
}

Result<std::vector<Quality::Stale>> Quality::ToVerify(const model::Access& access,
                                                      size_t most) const {
  FID_TRY(parts_.gate.Require(access.actor, kQualityRead));
  FID_TRY(parts_.gate.CheckAccess(access));
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  const int64_t now = parts_.clock.NowMs();
  std::vector<Stale> oldest;  // a heap with the youngest on top
  const auto younger = [](const Stale& a, const Stale& b) { return a.oldest_ms < b.oldest_ms; };
  FID_TRY(Walk([&](const store::Dossier& dossier) {
    Stale one{dossier.subject, {}, INT64_MAX};
    for (const store::Cell& cell : dossier.cells) {
      const rules::Field* field = catalog.Find(cell.field);
      const int64_t seen = dossier.SeenMs(cell);
      if (field != nullptr && field->IsStale(seen, now)) {
        one.oldest_ms = std::min(one.oldest_ms, seen);
        if (std::find(one.fields.begin(), one.fields.end(), field->id) == one.fields.end()) {
          one.fields.push_back(field->id);
        }
      }
    }
    if (one.fields.empty()) {
      return;
    }
    oldest.push_back(std::move(one));
    std::push_heap(oldest.begin(), oldest.end(), younger);
    if (oldest.size() > most) {
      std::pop_heap(oldest.begin(), oldest.end(), younger);
      oldest.pop_back();
    }
  }));
  std::sort_heap(oldest.begin(), oldest.end(), younger);
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "quality.stale", "done");
  leaf.count = oldest.size();
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  return oldest;
}

}  // namespace fiducia::apps
