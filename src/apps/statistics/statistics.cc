#include "apps/statistics/statistics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "process/anonymize/noise.h"
#include "process/record/walk.h"

namespace fiducia::apps {

namespace {

constexpr std::string_view kKind = "statistics_budget";
constexpr std::string_view kCapability = "statistics.read";
constexpr std::string_view kGranting = "statistics.grant";
constexpr int64_t kFirstBudget = 3000000;  // micro-epsilon, before anybody grants another
constexpr int64_t kMost = 100000000;       // micro-epsilon
constexpr int64_t kQueryLeast = 1000;      // below, there is nothing but noise
constexpr int64_t kUnits = 1000;           // a sum is taken in so many steps from low to high
constexpr double kDelta = 1e-6;            // how likely a group of one person may show at all
constexpr size_t kGroupsMost = 10000;

constexpr std::array<std::string_view, 4> kMeasures = {"count", "histogram", "sum", "mean"};

Json ToJson(const StatisticsAnswer& answer) {
  Json json = {{"id", answer.id.Text()},      {"measure", Name(answer.query.measure)},
               {"field", answer.query.field}, {"low", answer.query.low},
               {"high", answer.query.high},   {"micro_epsilon", answer.query.micro_epsilon},
               {"at", answer.at_ms},          {"threshold", answer.threshold},
               {"figures", Json::array()}};
  for (const Figure& figure : answer.figures) {
    json["figures"].push_back({figure.group, figure.value, figure.margin});
  }
  return json;
}

StatisticsAnswer AnswerOf(const Json& json, const Budget& budget) {
  StatisticsAnswer answer;
  answer.id = Uuid::Parse(JsonText(json, "id")).value_or(Uuid());
  answer.purpose = budget.purpose;
  answer.query.measure = MeasureNamed(JsonText(json, "measure")).value_or(Measure::kCount);
  answer.query.field = JsonText(json, "field");
  answer.query.low = json.value("low", int64_t{0});
  answer.query.high = json.value("high", int64_t{0});
  answer.query.micro_epsilon = json.value("micro_epsilon", int64_t{0});
  answer.query.recipient = budget.recipient;
  answer.at_ms = json.value("at", int64_t{0});
  answer.threshold = json.value("threshold", int64_t{0});
  for (const Json& figure : json.value("figures", Json::array())) {
    answer.figures.push_back({figure.at(0), figure.at(1), figure.at(2)});
  }
  return answer;
}

Json ToJson(const Budget& budget) {
  Json json = {{"purpose", budget.purpose},
               {"recipient", budget.recipient},
               {"total", budget.total_micro},
               {"spent", budget.spent_micro},
               {"answers", Json::array()}};
  for (const StatisticsAnswer& answer : budget.answers) {
    json["answers"].push_back(ToJson(answer));
  }
  return json;
}

bool SameQuestion(const StatisticsQuery& a, const StatisticsQuery& b) {
  return a.measure == b.measure && a.field == b.field && a.low == b.low && a.high == b.high &&
         a.micro_epsilon == b.micro_epsilon;
}

bool Bounded(Measure measure) { return measure == Measure::kSum || measure == Measure::kMean; }

// The width of a step of a sum; at least 1.
int64_t UnitOf(const StatisticsQuery& query) {
  return std::max<int64_t>(1, (query.high - query.low + kUnits - 1) / kUnits);
}

process::Fraction ScaleFor(int64_t sensitivity, int64_t micro_epsilon) {
  const auto over = static_cast<uint64_t>(sensitivity) * 1000000;
  const auto under = static_cast<uint64_t>(micro_epsilon);
  const uint64_t common = std::gcd(over, under);
  return {over / common, under / common};
}

// Half the width of what holds 95 of 100 draws of the law.
double MarginOf(process::Fraction scale) {
  return std::log(20.0) * static_cast<double>(scale.over) / static_cast<double>(scale.under);
}

}  // namespace

std::string_view Name(Measure measure) { return kMeasures.at(static_cast<size_t>(measure)); }

std::optional<Measure> MeasureNamed(std::string_view name) {
  const auto* found = std::find(kMeasures.begin(), kMeasures.end(), name);
  return found == kMeasures.end() ? std::nullopt
                                  : std::optional(static_cast<Measure>(found - kMeasures.begin()));
}

Result<std::unique_ptr<Statistics>> Statistics::Open(Parts parts) {
  std::unique_ptr<Statistics> made(new Statistics(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    Held held{document.id, document.version, {}};
    held.budget.purpose = JsonText(document.json, "purpose");
    held.budget.recipient = JsonText(document.json, "recipient");
    held.budget.total_micro = document.json.value("total", int64_t{0});
    held.budget.spent_micro = document.json.value("spent", int64_t{0});
    for (const Json& answer : document.json.value("answers", Json::array())) {
      held.budget.answers.push_back(AnswerOf(answer, held.budget));
    }
    made->known_[{held.budget.purpose, held.budget.recipient}] = std::move(held);
  }
  return made;
}

Statistics::Held Statistics::Find(const Place& place) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(place);
  if (found != known_.end()) {
    return found->second;
  }
  Held held{Uuid::V7(parts_.clock, parts_.rng), 0, {}};
  held.budget.purpose = place.first;
  held.budget.recipient = place.second;
  held.budget.total_micro = kFirstBudget;
  return held;
}

Status Statistics::Save(Held& held, audit::Leaf leaf) {
  ++held.version;
  FID_TRY(parts_.book.Commit({{std::string(kKind), held.id, held.version, ToJson(held.budget)}},
                             {std::move(leaf)}));
  const std::lock_guard lock(mutex_);
  known_[{held.budget.purpose, held.budget.recipient}] = held;
  return {};
}

Status Statistics::Check(const StatisticsQuery& query, const rules::Field*& field) const {
  if (query.micro_epsilon < kQueryLeast || query.micro_epsilon > kMost) {
    return Fail(Code::kInvalidInput, "a question costs 0.001 to 100 of a budget");
  }
  if (!query.recipient.empty() && !IsReference(query.recipient)) {
    return Fail(Code::kInvalidInput, "a recipient is named by a short reference");
  }
  if (query.measure == Measure::kCount) {
    return query.field.empty() ? Status()
                               : Fail(Code::kInvalidInput, "a count is of people: name no field");
  }
  field = parts_.gate.policy().catalog.Find(query.field);
  if (field == nullptr) {
    return Fail(Code::kUnknownField, "a field is not in the catalog");
  }
  // Of several values the first counts, so that nobody weighs more than others.
  if (query.measure == Measure::kHistogram && field->identifies()) {
    return Fail(Code::kInvalidInput, "a histogram is over a field whose values many share");
  }
  if (Bounded(query.measure) &&
      (query.low >= query.high || query.low < -1000000000 || query.high > 1000000000)) {
    return Fail(Code::kInvalidInput, "say between which bounds values count");
  }
  return {};
}

// One value of each customer whom the purpose reaches. Nothing but sums is kept.
Result<Statistics::Sums> Statistics::Count(const model::Access& access,
                                           const StatisticsQuery& query,
                                           const rules::Field* field) const {
  Sums sums;
  const int64_t unit = UnitOf(query);
  const int64_t middle = query.low + (query.high - query.low) / 2;
  model::FieldSet wanted = model::FieldSet::All();
  if (field != nullptr) {
    wanted = model::FieldSet();
    wanted.Add(field->number);
  }
  const auto add = [&](const process::LoadedRecord& record) -> Status {
    const auto shown =
        parts_.gate.AskInSet(access, {record.dossier, *record.key}, model::Op::kRead, wanted);
    if (!shown) {
      return {};
    }
    if (field == nullptr) {
      ++sums.people;
      return {};
    }
    const auto& cells = record.dossier.cells;
    const auto cell = std::find_if(cells.begin(), cells.end(), [&](const store::Cell& c) {
      return c.field == field->number &&
             (shown->masks.clear.Has(c.field) || shown->masks.masked.Has(c.field));
    });
    if (cell == cells.end()) {
      return {};
    }
    FID_ASSIGN(const model::Sensitive value,
               parts_.records.builder().vault().Open(shown->permit, *record.key,
                                                     {record.dossier.subject, vault::kDossierTable,
                                                      cell->field, cell->ordinal, cell->version},
                                                     cell->sealed));
    const std::string_view text = value.Reveal();
    if (query.measure == Measure::kHistogram) {
      if (sums.groups.size() < kGroupsMost || sums.groups.contains(std::string(text))) {
        ++sums.groups[std::string(text)];
      }
      return {};
    }
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc()) {
      const double bounded =
          std::clamp(number, static_cast<double>(query.low), static_cast<double>(query.high));
      sums.sum += std::llround((bounded - static_cast<double>(middle)) / static_cast<double>(unit));
      ++sums.people;
    }
    return {};
  };
  const Status walked_all = process::WalkRows(
      parts_.engine,
      [&](store::ReadLease& lease, const store::WalkedSubject& walked) -> Result<bool> {
        const auto record = parts_.records.Load(lease, walked.subject);
        if (record) {
          FID_TRY(add(*record));
        } else if (record.error().code() == Code::kCorrupt) {
          return std::unexpected(record.error());
        }  // else erased meanwhile, or it stands with another
        return true;
      });
  FID_TRY(walked_all);
  return sums;
}

void Statistics::AddNoise(const Sums& sums, StatisticsAnswer& answer) {
  const StatisticsQuery& query = answer.query;
  process::Noise noise(parts_.rng);
  if (query.measure == Measure::kCount) {
    const auto scale = ScaleFor(1, query.micro_epsilon);
    const int64_t count = std::max<int64_t>(0, sums.people + noise.Laplace(scale));
    answer.figures.push_back({"", static_cast<double>(count), MarginOf(scale)});
    return;
  }
  if (query.measure == Measure::kHistogram) {
    // A person is in one group. Which groups there are is a secret too: those that few are in do
    // not show.
    const auto scale = ScaleFor(1, query.micro_epsilon);
    answer.threshold = 1 + static_cast<int64_t>(std::ceil(std::log(1 / (2 * kDelta)) *
                                                          static_cast<double>(scale.over) /
                                                          static_cast<double>(scale.under)));
    for (const auto& [group, count] : sums.groups) {
      const int64_t noisy = count + noise.Laplace(scale);
      if (noisy >= answer.threshold) {
        answer.figures.push_back({group, static_cast<double>(noisy), MarginOf(scale)});
      }
    }
    std::stable_sort(answer.figures.begin(), answer.figures.end(),
                     [](const Figure& a, const Figure& b) { return a.value > b.value; });
    return;
  }
  // One half for the sum around the middle, one for how many there are.
  const int64_t unit = UnitOf(query);
  const int64_t middle = query.low + (query.high - query.low) / 2;
  const int64_t half = query.micro_epsilon / 2;
  const int64_t reach = (query.high - middle + unit - 1) / unit + 1;
  const auto sum_scale = ScaleFor(reach, half);
  const auto count_scale = ScaleFor(1, half);
  const double sum =
      static_cast<double>(sums.sum + noise.Laplace(sum_scale)) * static_cast<double>(unit);
  const double count =
      static_cast<double>(std::max<int64_t>(1, sums.people + noise.Laplace(count_scale)));
  const double sum_margin = MarginOf(sum_scale) * static_cast<double>(unit);
  const auto mid = static_cast<double>(middle);
  if (query.measure == Measure::kSum) {
    answer.figures.push_back(
        {"", sum + count * mid, sum_margin + MarginOf(count_scale) * std::abs(mid)});
  } else {
    const double mean = std::clamp(mid + sum / count, static_cast<double>(query.low),
                                   static_cast<double>(query.high));
    answer.figures.push_back(
        {"", mean,
         (sum_margin + std::abs(mean - mid) * MarginOf(count_scale)) / std::max(count, 1.0)});
  }
}

Result<StatisticsAnswer> Statistics::Ask(const model::Access& access,
                                         const StatisticsQuery& query) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(parts_.gate.CheckAccess(access));
  const rules::Field* field = nullptr;
  FID_TRY(Check(query, field));
  if (field != nullptr &&
      !parts_.gate.policy().FindPurpose(access.purpose)->fields.Has(field->number)) {
    return Fail(Code::kPurposeRefused, "the purpose does not need this field");
  }
  const std::lock_guard charging(charging_);
  Held held = Find({access.purpose, query.recipient});
  if (!query.anew) {
    for (auto it = held.budget.answers.rbegin(); it != held.budget.answers.rend(); ++it) {
      if (SameQuestion(it->query, query) && it->drawn()) {
        StatisticsAnswer known = *it;
        known.from_ledger = true;
        return known;
      }
    }
  }
  if (held.budget.spent_micro + query.micro_epsilon > held.budget.total_micro) {
    return Fail(Code::kBudgetSpent, "the budget for this purpose and recipient does not cover it");
  }
  StatisticsAnswer answer;
  answer.id = Uuid::V7(parts_.clock, parts_.rng);
  answer.purpose = access.purpose;
  answer.query = query;
  answer.at_ms = parts_.clock.NowMs();
  // The charge is on record before anything is drawn: a crash loses the answer, not the charge.
  held.budget.spent_micro += query.micro_epsilon;
  held.budget.answers.push_back(answer);
  audit::Leaf charge = parts_.gate.NewLeaf(access, "statistics.charge", "done");
  charge.count = static_cast<uint64_t>(query.micro_epsilon);
  charge.detail = answer.id.Text();
  FID_TRY(Save(held, std::move(charge)));
  FID_ASSIGN(const Sums sums, Count(access, query, field));
  AddNoise(sums, answer);
  held.budget.answers.back() = answer;
  audit::Leaf given = parts_.gate.NewLeaf(access, "statistics.answer", "done");
  given.detail = answer.id.Text();
  if (field != nullptr) {
    given.clear.Add(field->number);
  }
  FID_TRY(Save(held, std::move(given)));
  return answer;
}

Result<std::vector<Budget>> Statistics::Budgets(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  const std::lock_guard lock(mutex_);
  std::vector<Budget> budgets;
  budgets.reserve(known_.size());
  for (const auto& [place, held] : known_) {
    budgets.push_back(held.budget);
  }
  return budgets;
}

Status Statistics::Grant(const model::Access& access, const std::string& purpose,
                         const std::string& recipient, int64_t total_micro) {
  FID_TRY(parts_.gate.Require(access.actor, kGranting));
  if (parts_.gate.policy().FindPurpose(purpose) == nullptr) {
    return Fail(Code::kUnknownPurpose, "there is no such purpose");
  }
  if (!recipient.empty() && !IsReference(recipient)) {
    return Fail(Code::kInvalidInput, "a recipient is named by a short reference");
  }
  const std::lock_guard charging(charging_);
  Held held = Find({purpose, recipient});
  if (total_micro < held.budget.spent_micro || total_micro > kMost) {
    return Fail(Code::kInvalidInput, "a budget is at least what was spent, and at most 100");
  }
  held.budget.total_micro = total_micro;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "statistics.grant", "done");
  leaf.count = static_cast<uint64_t>(total_micro);
  leaf.detail = purpose + (recipient.empty() ? "" : " " + recipient);
  return Save(held, std::move(leaf));
}

}  // namespace fiducia::apps
