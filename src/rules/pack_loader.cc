// Reads packs and calendars: every word known, every rule dated and cited, every vector about a
// rule.
#include "base/zone.h"
#include "rules/jurisdictions.h"
#include "rules/pack_words.h"

namespace fiducia::rules {

namespace {

constexpr std::string_view kFolder = "jurisdictions/";

std::string TextOr(const TomlTable& table, std::string_view key, const std::string& otherwise) {
  return table.Has(key) ? table.Text(key) : otherwise;
}

std::set<std::string> WordsFrom(const TomlTable& table, std::string_view key,
                                const WordSet& known) {
  std::set<std::string> words;
  if (!table.Has(key)) {
    return words;
  }
  for (const std::string& word : table.Words(key)) {
    if (!known.contains(word)) {
      table.Refuse(key, "'" + std::string(key) + "' has the unknown word '" + word + "'");
    }
    words.insert(word);
  }
  return words;
}

int64_t DayFrom(const TomlTable& table, std::string_view key) {
  const std::string text = TextOr(table, key, "");
  if (text.empty()) {
    return 0;
  }
  const auto day = ParseDay(text);
  if (!day) {
    table.Refuse(key, "'" + text + "' is no date such as 2027-01-31");
  }
  return *day;
}

Length LengthFrom(const TomlTable& table, std::string_view key) {
  const auto length = ParseLength(table.Text(key));
  if (!length) {
    table.Refuse(key, "a length is written as 72h, 45cd, 10bd or 1mo");
  }
  return *length;
}

std::vector<Condition> ReadConditions(const TomlTable& rule) {
  std::vector<Condition> conditions;
  if (!rule.Has("when")) {
    return conditions;
  }
  const TomlTable when = rule.Table("when");
  for (const std::string& key : when.Keys()) {
    Condition condition;
    if (const auto words = WordFacts().find(key); words != WordFacts().end()) {
      condition = {key, Condition::Kind::kAnyOf, WordsFrom(when, key, words->second)};
    } else if (FlagFacts().contains(key)) {
      condition = {key, Condition::Kind::kIs, {}, 0, when.Flag(key)};
    } else {
      const bool under = key.ends_with("_under");
      const size_t cut = key.rfind(under ? "_under" : "_min");
      condition.fact = key.substr(0, cut == std::string::npos ? 0 : cut);
      if (!NumberFacts().contains(condition.fact)) {
        when.Refuse(key, "there is no fact '" + key + "'");
      }
      condition.kind = under ? Condition::Kind::kUnder : Condition::Kind::kAtLeast;
      condition.number = when.Number(key);
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

ClockRule ReadClock(const TomlTable& rule, const std::string& calendar,
                    const Calendars& calendars) {
  const TomlTable table = rule.Table("clock");
  table.AllowOnly({"task", "start", "length", "calendar", "rolls", "pauses", "extend", "needs"});
  ClockRule clock;
  clock.task = table.Text("task");
  clock.start = table.Text("start");
  if (!ClockTasks().contains(clock.task) || !ClockStarts().contains(clock.start)) {
    table.Refuse("task", "unknown task or start of a clock");
  }
  clock.length = LengthFrom(table, "length");
  clock.calendar = TextOr(table, "calendar", calendar);
  if (!calendars.contains(clock.calendar)) {
    table.Refuse("calendar", "there is no calendar '" + clock.calendar + "'");
  }
  clock.rolls = table.Has("rolls") && table.Flag("rolls");
  clock.pauses = WordsFrom(table, "pauses", PauseReasons());
  if (table.Has("extend")) {
    clock.extension = LengthFrom(table, "extend");
    clock.extension_needs = WordsFrom(table, "needs", {"reason", "notice_to_subject"});
  }
  return clock;
}

void ReadEffect(const TomlTable& table, const Pack& pack, const Calendars& calendars, Rule& rule) {
  const auto effect = ParseEffect(table.Text("effect"));
  if (!effect) {
    table.Refuse("effect", "there is no effect '" + table.Text("effect") + "'");
  }
  rule.effect = *effect;
  if (table.Has("clock") != (rule.effect == Effect::kClock)) {
    table.Refuse("effect", "a clock belongs to the effect 'clock', and to no other");
  }
  if (rule.effect == Effect::kClock) {
    rule.clock = ReadClock(table, pack.calendar, calendars);
  }
  const WordSet& known = WordsOf(rule.effect);
  rule.words = WordsFrom(table, "words", known);
  if (rule.words.empty() != known.empty()) {
    table.Refuse("words", known.empty() ? "this effect lists nothing" : "say what, in 'words'");
  }
  const bool keeps = rule.effect == Effect::kRetainMin || rule.effect == Effect::kRetainMax;
  rule.period = TextOr(table, "period", "");
  if ((keeps && rule.period.empty()) || (!rule.period.empty() && !AfterPeriod(0, rule.period))) {
    table.Refuse("period", "a period is an ISO 8601 duration such as P3Y");
  }
  rule.count = table.Has("count") ? table.Number("count") : 0;
  if ((rule.effect == Effect::kThreshold) != (rule.count > 0)) {
    table.Refuse("count", "a threshold has a count, and nothing else does");
  }
  rule.measure = TextOr(table, "measure", "");
  static const WordSet kMeasures = {"people", "exported", "exported_sensitive"};
  if (kMeasures.contains(rule.measure) != (rule.count > 0)) {
    table.Refuse("measure", "a threshold counts people, exported or exported_sensitive");
  }
}

Rule ReadRule(const TomlTable& table, const Pack& pack, const Calendars& calendars) {
  table.AllowOnly({"id", "cite", "status", "valid_from", "valid_to", "event", "when", "effect",
                   "clock", "words", "period", "count", "measure", "text", "reviewed_by",
                   "reviewed_on", "enabled"});
  Rule rule;
  rule.id = table.Text("id");
  rule.regime = pack.regime;
  rule.cite = table.Text("cite");
  if (rule.id.size() < 4 || rule.cite.size() < 3) {
    table.Refuse("id", "a rule has an id and a citation");
  }
  rule.status = TextOr(table, "status", "in_force");
  if (rule.status != "in_force" && rule.status != "proposed" && rule.status != "repealed") {
    table.Refuse("status", "a rule is in_force, proposed or repealed");
  }
  rule.valid_from = DayFrom(table, "valid_from");
  rule.valid_to = DayFrom(table, "valid_to");
  if (rule.valid_from == 0 || (rule.valid_to != 0 && rule.valid_to < rule.valid_from)) {
    table.Refuse("valid_from", "a rule begins on a day, and does not end before it");
  }
  rule.event = table.Text("event");
  if (!Events().contains(rule.event)) {
    table.Refuse("event", "there is no event '" + rule.event + "'");
  }
  rule.when = ReadConditions(table);
  ReadEffect(table, pack, calendars, rule);
  rule.text = table.Both("text");
  const std::string by = TextOr(table, "reviewed_by", "");
  if (!by.empty()) {
    rule.review = Review{by, table.Text("reviewed_on")};
    if (!ParseDay(rule.review->on)) {
      table.Refuse("reviewed_on", "say on what day it was reviewed");
    }
  }
  return rule;
}

Json FactsJson(const TomlTable& table) {
  Json facts = Json::object();
  for (const std::string& key : table.Keys()) {
    if (WordFacts().contains(key)) {
      facts[key] = table.Words(key);
    } else if (FlagFacts().contains(key)) {
      facts[key] = table.Flag(key);
    } else {
      facts[key] = table.Number(key);
    }
  }
  return facts;
}

Vector ReadVector(const TomlTable& table, const std::string& file, int number) {
  table.AllowOnly({"rule", "on", "facts", "applies", "start", "due", "extended_at", "told",
                   "pauses", "refused"});
  Vector vector;
  vector.file = file;
  vector.number = number;
  vector.rule = table.Text("rule");
  vector.on = DayFrom(table, "on");
  vector.start = TextOr(table, "start", "");
  if (table.Has("facts")) {
    vector.facts = FactsJson(table.Table("facts"));
    if (!FactsFrom(vector.facts)) {
      table.Refuse("facts", "a fact or word is not declared");
    }
  }
  if (table.Has("applies")) {
    vector.applies = table.Flag("applies");
  }
  vector.due = TextOr(table, "due", "");
  vector.extended_at = TextOr(table, "extended_at", "");
  vector.told = !table.Has("told") || table.Flag("told");
  for (const TomlTable& pause : table.Tables("pauses")) {
    vector.pauses.push_back({pause.Text("from"), TextOr(pause, "to", ""), pause.Text("reason")});
  }
  vector.refused = TextOr(table, "refused", "");
  if (!vector.applies && vector.due.empty() && vector.refused.empty()) {
    table.Refuse("rule", "a vector says what comes out: applies, due or refused");
  }
  return vector;
}

Pack ReadPackHead(const TomlTable& file, const Calendars& calendars) {
  Pack pack;
  pack.regime = file.Text("regime");
  pack.parent = TextOr(file, "parent", "");
  pack.name = file.Both("name");
  pack.law = file.Both("law");
  pack.calendar = file.Text("calendar");
  if (!calendars.contains(pack.calendar)) {
    file.Refuse("calendar", "there is no calendar '" + pack.calendar + "'");
  }
  pack.countries = file.Words("countries");
  pack.rank = static_cast<int>(file.Number("rank"));
  return pack;
}

// The text with @key@ replaced by each value of the table.
std::string Filled(std::string text, const TomlTable& values) {
  for (const std::string& key : values.Keys()) {
    const std::string mark = "@" + key + "@";
    const std::string value = values.Text(key);
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      text.replace(at, mark.size(), value);
      at += value.size();
    }
  }
  return text;
}

void ReadPack(const TomlTable& file, const std::string& name, bool with_vectors,
              Jurisdictions& into) {
  file.AllowOnly({"regime", "parent", "name", "law", "calendar", "countries", "rank", "rule",
                  "vectors", "variant"});
  Pack pack = ReadPackHead(file, into.calendars());
  for (const TomlTable& table : file.Tables("rule")) {
    if (TextOr(table, "enabled", "yes") == "yes") {
      Rule rule = ReadRule(table, pack, into.calendars());
      if (into.Find(rule.id) != nullptr) {
        table.Refuse("id", "the rule '" + rule.id + "' is declared twice");
      }
      pack.rules.push_back(std::move(rule));
    }
  }
  if (into.FindPack(pack.regime) != nullptr) {
    file.Refuse("regime", "the regime '" + pack.regime + "' is declared twice");
  }
  into.Add(std::move(pack));
  int number = 0;
  for (const TomlTable& table : with_vectors ? file.Tables("vectors") : std::vector<TomlTable>()) {
    into.Add(ReadVector(table, name, ++number));
  }
}

}  // namespace

Jurisdictions ReadJurisdictions(std::span<const EmbeddedFile> files) {
  Jurisdictions made;
  for (const EmbeddedFile& file : files) {
    if (file.name.starts_with("calendars/") && file.name.ends_with(".toml")) {
      made.Add(ReadCalendar(TomlTable::Parse(std::string(file.name), file.content)));
    }
  }
  for (const EmbeddedFile& file : files) {
    if (!file.name.starts_with(kFolder) || !file.name.ends_with(".toml")) {
      continue;
    }
    const std::string name(file.name);
    // A pack with variants is one text with gaps, filled in for each of them.
    const TomlTable whole = TomlTable::Parse(name, file.content);
    const std::vector<TomlTable> variants = whole.Tables("variant");
    if (variants.empty()) {
      ReadPack(whole, name, true, made);
    }
    for (size_t i = 0; i < variants.size(); ++i) {
      ReadPack(TomlTable::Parse(name, Filled(std::string(file.content), variants[i])), name,
               i + 1 == variants.size(), made);
    }
  }
  for (const Vector& vector : made.vectors()) {
    if (made.Find(vector.rule) == nullptr) {
      throw TomlTable::Fault{
          {vector.file, 0, "a vector is about '" + vector.rule + "', which is no rule"}};
    }
  }
  return made;
}

}  // namespace fiducia::rules
