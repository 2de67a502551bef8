#include "rules/jurisdictions.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/zone.h"
#include "rules/pack_words.h"

namespace fiducia::rules {

namespace {

Truth And(Truth a, Truth b) { return std::min(a, b); }

Truth Holds(const Condition& condition, const Facts& facts) {
  const auto say = [](bool yes) { return yes ? Truth::kYes : Truth::kNo; };
  if (condition.kind == Condition::Kind::kAnyOf) {
    const auto found = facts.words.find(condition.fact);
    if (found == facts.words.end()) {
      return Truth::kUnknown;
    }
    return say(std::any_of(condition.words.begin(), condition.words.end(),
                           [&](const std::string& w) { return found->second.contains(w); }));
  }
  if (condition.kind == Condition::Kind::kIs) {
    const auto found = facts.flags.find(condition.fact);
    return found == facts.flags.end() ? Truth::kUnknown : say(found->second == condition.flag);
  }
  const auto found = facts.numbers.find(condition.fact);
  if (found == facts.numbers.end()) {
    return Truth::kUnknown;
  }
  return say(condition.kind == Condition::Kind::kUnder ? found->second < condition.number
                                                       : found->second >= condition.number);
}

std::string Joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string ConditionText(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kAnyOf:
      return condition.fact + " in [" + Joined(condition.words) + "]";
    case Condition::Kind::kIs:
      return condition.fact + (condition.flag ? "" : " is false");
    case Condition::Kind::kUnder:
      return condition.fact + " < " + std::to_string(condition.number);
    case Condition::Kind::kAtLeast:
      return condition.fact + " >= " + std::to_string(condition.number);
  }
  return "";
}

// What can be compared of a rule, by name.
std::vector<std::pair<std::string, std::string>> PartsOf(const Rule& rule) {
  std::string when;
  for (const Condition& condition : rule.when) {
    when += (when.empty() ? "" : " and ") + ConditionText(condition);
  }
  std::vector<std::pair<std::string, std::string>> parts = {
      {"cite", rule.cite},
      {"status", rule.status},
      {"valid_from", FormatDay(rule.valid_from)},
      {"valid_to", rule.valid_to == 0 ? "" : FormatDay(rule.valid_to)},
      {"event", rule.event},
      {"when", when},
      {"effect", std::string(Name(rule.effect))},
      {"words", Joined(rule.words)},
      {"period", rule.period},
      {"measure", rule.measure},
      {"count", rule.count == 0 ? "" : std::to_string(rule.count)},
  };
  if (rule.effect == Effect::kClock) {
    const ClockRule& clock = rule.clock;
    parts.emplace_back("task", clock.task);
    parts.emplace_back("start", clock.start);
    parts.emplace_back("length", FormatLength(clock.length));
    parts.emplace_back("calendar", clock.calendar);
    parts.emplace_back("rolls", clock.rolls ? "yes" : "no");
    parts.emplace_back("pauses", Joined(clock.pauses));
    parts.emplace_back("extend", clock.extension ? FormatLength(*clock.extension) : "");
    parts.emplace_back("needs", Joined(clock.extension_needs));
  }
  return parts;
}

Result<int64_t> InstantOf(const std::string& text) { return ParseTime(text); }

Result<std::string> DueAsText(const ClockRule& rule, const ClockState& state,
                              const Calendars& calendars, int64_t now_ms, bool as_day) {
  FID_ASSIGN(const int64_t due, DueOf(rule, state, calendars, now_ms));
  if (!as_day) {
    return FormatTime(due);
  }
  FID_ASSIGN(const LocalTime local, ToLocal(due, calendars.find(rule.calendar)->second.zone));
  return FormatDay(local.day);
}

// Runs a vector's clock; the due moment, or why it was refused.
Result<std::string> RunClock(const Jurisdictions& all, const Rule& rule, const Vector& vector) {
  ClockState state;
  FID_ASSIGN(state.started_ms, InstantOf(vector.start));
  int64_t now = state.started_ms;
  for (const auto& [from, to, reason] : vector.pauses) {
    FID_ASSIGN(now, InstantOf(from));
    FID_TRY(PauseClock(rule.clock, state, reason, now));
    if (!to.empty()) {
      FID_ASSIGN(now, InstantOf(to));
      FID_TRY(ResumeClock(state, now));
    }
  }
  if (!vector.extended_at.empty()) {
    FID_ASSIGN(now, InstantOf(vector.extended_at));
    FID_TRY(
        ExtendClock(rule.clock, state, all.calendars(), {now, "as in the vector", vector.told}));
  }
  const bool as_day = vector.due.size() == 10;
  FID_ASSIGN(std::string due, DueAsText(rule.clock, state, all.calendars(), now, as_day));
  if (as_day) {
    return due;
  }
  // Instants are compared as instants, whatever their offset.
  FID_ASSIGN(const int64_t wanted, InstantOf(vector.due));
  FID_ASSIGN(const int64_t got, InstantOf(due));
  return wanted == got ? vector.due : due;
}

}  // namespace

Result<Facts> FactsFrom(const Json& json) {
  Facts facts;
  for (const auto& [key, value] : json.items()) {
    if (const auto known = WordFacts().find(key); known != WordFacts().end() && value.is_array()) {
      std::set<std::string>& words = facts.words[key];
      for (const Json& word : value) {
        if (!word.is_string() || !known->second.contains(word.get<std::string>())) {
          return Fail(Code::kInvalidInput, "a fact has a word that is not declared");
        }
        words.insert(word.get<std::string>());
      }
    } else if (NumberFacts().contains(key) && value.is_number_integer()) {
      facts.numbers[key] = value.get<int64_t>();
    } else if (FlagFacts().contains(key) && value.is_boolean()) {
      facts.flags[key] = value.get<bool>();
    } else {
      return Fail(Code::kInvalidInput, "there is no such fact, or it is of another kind");
    }
  }
  return facts;
}

bool Rule::InForceOn(int64_t day) const {
  return status == "in_force" && valid_from <= day && (valid_to == 0 || day <= valid_to);
}

std::string Rule::Substance() const {
  std::string substance = id;
  for (const auto& [name, value] : PartsOf(*this)) {
    substance.append("\n").append(name).append(": ").append(value);
  }
  return substance;
}

void Jurisdictions::Add(Pack pack) {
  for (size_t i = 0; i < pack.rules.size(); ++i) {
    by_id_[pack.rules[i].id] = {pack.regime, i};
  }
  const std::string regime = pack.regime;
  packs_[regime] = std::move(pack);
}

const Pack* Jurisdictions::FindPack(std::string_view regime) const {
  const auto found = packs_.find(regime);
  return found == packs_.end() ? nullptr : &found->second;
}

const Rule* Jurisdictions::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr
                               : &FindPack(found->second.first)->rules[found->second.second];
}

std::string Jurisdictions::RegimeOf(std::string_view country) const {
  if (FindPack(country) != nullptr) {
    return std::string(country);
  }
  for (const auto& [regime, pack] : packs_) {
    if (std::find(pack.countries.begin(), pack.countries.end(), country) != pack.countries.end()) {
      return regime;
    }
  }
  return "";
}

std::vector<Applied> Jurisdictions::Applying(const std::set<std::string>& regimes,
                                             std::string_view event, const Facts& facts,
                                             int64_t day) const {
  std::set<std::string> known;
  bool unknown = regimes.empty();
  for (const std::string& regime : regimes) {
    const std::string found = RegimeOf(regime);
    found.empty() ? void(unknown = true) : void(known.insert(found));
  }
  if (unknown && !packs_.empty()) {
    known.insert(std::max_element(packs_.begin(), packs_.end(), [](const auto& a, const auto& b) {
                   return a.second.rank < b.second.rank;
                 })->first);
  }
  std::vector<Applied> applied;
  for (const std::string& regime : known) {
    for (const Rule& rule : FindPack(regime)->rules) {
      if (rule.event != event || !rule.InForceOn(day)) {
        continue;
      }
      Truth truth = Truth::kYes;
      for (const Condition& condition : rule.when) {
        truth = And(truth, Holds(condition, facts));
      }
      if (truth != Truth::kNo) {
        applied.push_back({&rule, truth});
      }
    }
  }
  return applied;
}

std::string TryVector(const Jurisdictions& all, const Vector& vector) {
  const Rule* rule = all.Find(vector.rule);
  if (rule == nullptr) {
    return "there is no such rule";
  }
  if (vector.applies) {
    const auto facts = FactsFrom(vector.facts);
    if (!facts) {
      return std::string(facts.error().text());
    }
    const auto applied = all.Applying({rule->regime}, rule->event, *facts, vector.on);
    const auto found = std::find_if(applied.begin(), applied.end(),
                                    [&](const Applied& a) { return a.rule == rule; });
    const bool applies = found != applied.end() && found->truth == Truth::kYes;
    return applies == *vector.applies ? "" : applies ? "it applies" : "it does not apply";
  }
  if (rule->effect != Effect::kClock) {
    return "the rule is no clock";
  }
  const auto outcome = RunClock(all, *rule, vector);
  if (!outcome) {
    const std::string_view why = outcome.error().text();
    return !vector.refused.empty() && why.find(vector.refused) != std::string_view::npos
               ? ""
               : "refused: " + std::string(why);
  }
  if (!vector.refused.empty()) {
    return "not refused: due " + *outcome;
  }
  return *outcome == vector.due ? "" : "due " + *outcome;
}

bool Jurisdictions::AsksOfAge(const std::set<std::string>& regimes, int64_t age, int64_t day,
                              const std::string& word) const {
  Facts facts;
  facts.numbers["age"] = age;
  const auto applied = Applying(regimes, "consent", facts, day);
  return std::any_of(applied.begin(), applied.end(), [&](const Applied& one) {
    return one.truth == Truth::kYes && one.rule->words.contains(word);
  });
}

int Jurisdictions::AgeOfOwnConsent(const std::set<std::string>& regimes, int64_t day) const {
  int age = 18;
  while (age > 0 && !AsksOfAge(regimes, age - 1, day, "guardian")) {
    --age;
  }
  return age;
}

std::string StrictestConsent(const std::set<std::string>& kinds) {
  for (const char* kind :
       {"guardian", "separate", "written", "explicit", "express", "opt_in", "opt_out"}) {
    if (kinds.contains(kind)) {
      return kind;
    }
  }
  return "";
}

Result<int64_t> AfterPeriod(int64_t day, std::string_view period) {
  if (period.size() < 3 || period.size() > 6 || period[0] != 'P') {
    return Fail(Code::kInvalidInput, "a period is written as P3Y, P6M or P30D");
  }
  int number = 0;
  for (const char c : period.substr(1, period.size() - 2)) {
    if (c < '0' || c > '9') {
      return Fail(Code::kInvalidInput, "a period is written as P3Y, P6M or P30D");
    }
    number = number * 10 + (c - '0');
  }
  switch (period.back()) {
    case 'Y':
      return AddMonths(day, number * 12);
    case 'M':
      return AddMonths(day, number);
    case 'D':
      return day + number;
    default:
      return Fail(Code::kInvalidInput, "a period is written as P3Y, P6M or P30D");
  }
}

Retention RetentionOf(std::span<const Applied> rules, int64_t start_day) {
  int64_t least = 0;  // to be kept until
  int64_t most = 0;   // to be gone by
  for (const Applied& applied : rules) {
    const auto end = AfterPeriod(start_day, applied.rule->period);
    if (!end) {
      continue;
    }
    if (applied.rule->effect == Effect::kRetainMin) {
      least = std::max(least, *end);
    } else if (applied.rule->effect == Effect::kRetainMax) {
      most = most == 0 ? *end : std::min(most, *end);
    }
  }
  if (most == 0 || least <= most) {
    return {most, 0};
  }
  return {least, most};
}

std::string_view Name(RuleChange::Kind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"added", "removed", "changed"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<RuleChange> DiffRules(const Jurisdictions& before, const Jurisdictions& after) {
  std::vector<RuleChange> changes;
  for (const auto& [regime, pack] : after.packs()) {
    for (const Rule& rule : pack.rules) {
      const Rule* old = before.Find(rule.id);
      if (old == nullptr) {
        changes.push_back({RuleChange::Kind::kAdded, rule.id, regime, {}});
        continue;
      }
      RuleChange change{RuleChange::Kind::kChanged, rule.id, regime, {}};
      const auto was = PartsOf(*old);
      for (const auto& [name, value] : PartsOf(rule)) {
        const auto same = std::find_if(was.begin(), was.end(),
                                       [&](const auto& part) { return part.first == name; });
        const std::string old_value = same == was.end() ? "" : same->second;
        if (old_value != value) {
          change.parts.push_back(name + ": " + (old_value.empty() ? "-" : old_value) + " → " +
                                 (value.empty() ? "-" : value));
        }
      }
      if (!change.parts.empty()) {
        changes.push_back(std::move(change));
      }
    }
  }
  for (const auto& [regime, pack] : before.packs()) {
    for (const Rule& rule : pack.rules) {
      if (after.Find(rule.id) == nullptr) {
        changes.push_back({RuleChange::Kind::kRemoved, rule.id, regime, {}});
      }
    }
  }
  return changes;
}

}  // namespace fiducia::rules
