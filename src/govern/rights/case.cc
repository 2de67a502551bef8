#include "govern/rights/case.h"

#include <algorithm>
#include <array>

namespace fiducia::govern {

namespace {

constexpr std::array<std::string_view, 7> kRights = {
    "access", "portability", "rectify", "erase", "restrict", "object", "human_review"};
constexpr std::array<std::string_view, 8> kStates = {"identity",  "review", "decided", "on_hold",
                                                     "delivered", "done",   "refused", "withdrawn"};
constexpr std::array<std::string_view, 4> kOutcomes = {"open", "full", "partial", "refused"};
// GDPR 12(5), 15(4), 17(3), 20; PIPL 45, 47; CCPA 1798.105(d), .145; APPI 33(2), 34, 35; APP 12.3.
constexpr std::array<std::string_view, 9> kReasons = {
    "legal_duty",        "legal_claim", "rights_of_others",  "unfounded",    "excessive",
    "identity_unproven", "not_held",    "contract_needs_it", "no_such_right"};

template <typename E, size_t N>
E FromWord(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return static_cast<E>(found == words.end() ? 0 : found - words.begin());
}

int64_t Time(const Json& json, const char* key) { return json.value(key, int64_t{0}); }

Uuid Id(const Json& json, const char* key) {
  return Uuid::Parse(JsonText(json, key)).value_or(Uuid());
}

Json ClockToJson(const CaseClock& clock) {
  Json json = {{"rule", clock.rule},
               {"started", clock.state.started_ms},
               {"met", clock.state.met_ms},
               {"pauses", Json::array()}};
  for (const rules::Pause& pause : clock.state.pauses) {
    json["pauses"].push_back(
        {{"from", pause.from_ms}, {"to", pause.to_ms}, {"reason", pause.reason}});
  }
  if (clock.state.extension) {
    json["extension"] = {{"at", clock.state.extension->at_ms},
                         {"reason", clock.state.extension->reason},
                         {"told", clock.state.extension->subject_told}};
  }
  return json;
}

CaseClock ClockFrom(const Json& json) {
  CaseClock clock;
  clock.rule = JsonText(json, "rule");
  clock.state.started_ms = Time(json, "started");
  clock.state.met_ms = Time(json, "met");
  const Json pauses = json.value("pauses", Json::array());
  for (const Json& pause : pauses) {
    clock.state.pauses.push_back(
        {Time(pause, "from"), Time(pause, "to"), JsonText(pause, "reason")});
  }
  if (json.contains("extension")) {
    const Json& extension = json["extension"];
    clock.state.extension = {Time(extension, "at"), JsonText(extension, "reason"),
                             extension.value("told", false)};
  }
  return clock;
}

Json ProcessToJson(const CaseProcess& process) {
  Json json = {{"right", Name(process.right)},     {"state", Name(process.state)},
               {"outcome", Name(process.outcome)}, {"reason", process.reason},
               {"words", process.words.Reveal()},  {"clocks", Json::array()},
               {"items", Json::array()},           {"by", process.decided_by.Text()},
               {"decided", process.decided_ms},    {"done", process.done_ms},
               {"removed", process.removed_ms},    {"fetch", process.fetch_until_ms},
               {"receipt", process.receipt}};
  for (const CaseClock& clock : process.clocks) {
    json["clocks"].push_back(ClockToJson(clock));
  }
  for (const CaseItem& item : process.items) {
    json["items"].push_back({{"class", item.data_class},
                             {"action", item.action},
                             {"law", item.law},
                             {"until", item.until_day}});
  }
  return json;
}

CaseProcess ProcessFrom(const Json& json) {
  CaseProcess process;
  process.right = FromWord<Right>(kRights, JsonText(json, "right"));
  process.state = FromWord<CaseState>(kStates, JsonText(json, "state"));
  process.outcome = FromWord<Outcome>(kOutcomes, JsonText(json, "outcome"));
  process.reason = JsonText(json, "reason");
  process.words = model::Sensitive(JsonText(json, "words"));
  const Json clocks = json.value("clocks", Json::array());
  for (const Json& clock : clocks) {
    process.clocks.push_back(ClockFrom(clock));
  }
  const Json items = json.value("items", Json::array());
  for (const Json& item : items) {
    process.items.push_back({JsonText(item, "class"), JsonText(item, "action"),
                             JsonText(item, "law"), Time(item, "until")});
  }
  process.decided_by = Id(json, "by");
  process.decided_ms = Time(json, "decided");
  process.done_ms = Time(json, "done");
  process.removed_ms = Time(json, "removed");
  process.fetch_until_ms = Time(json, "fetch");
  process.receipt = JsonText(json, "receipt");
  return process;
}

}  // namespace

std::string_view Name(Right right) { return kRights[static_cast<size_t>(right)]; }
std::string_view Name(CaseState state) { return kStates[static_cast<size_t>(state)]; }
std::string_view Name(Outcome outcome) { return kOutcomes[static_cast<size_t>(outcome)]; }

Result<Right> ParseRight(std::string_view word) {
  if (std::find(kRights.begin(), kRights.end(), word) == kRights.end()) {
    return Fail(Code::kInvalidInput, "there is no such right");
  }
  return FromWord<Right>(kRights, word);
}

Result<Outcome> ParseOutcome(std::string_view word) {
  const auto outcome = FromWord<Outcome>(kOutcomes, word);
  if (outcome == Outcome::kOpen) {
    return Fail(Code::kInvalidInput, "an outcome is full, partial or refused");
  }
  return outcome;
}

bool IsRefusalReason(std::string_view word) {
  return std::find(kReasons.begin(), kReasons.end(), word) != kReasons.end();
}

int TierNeeded(Right right, bool sensitive) {
  switch (right) {
    case Right::kObject:
    case Right::kRestrict:
      return 9;  // an opt-out needs no proof
    case Right::kAccess:
    case Right::kPortability:
    case Right::kErase:
      return sensitive ? 1 : 2;
    default:
      return 2;
  }
}

CaseProcess* RightsCase::Find(Right right) {
  const auto found = std::find_if(processes.begin(), processes.end(),
                                  [&](const CaseProcess& p) { return p.right == right; });
  return found == processes.end() ? nullptr : &*found;
}

Json ToJson(const RightsCase& one) {
  Json json = {
      {"number", one.number},         {"customer", one.customer.Text()}, {"channel", one.channel},
      {"text", one.text.Reveal()},    {"regimes", one.regimes},          {"tier", one.tier},
      {"method", one.method},         {"received", one.received_ms},     {"closed", one.closed_ms},
      {"corrections", Json::array()}, {"processes", Json::array()},      {"steps", Json::array()}};
  for (const Correction& correction : one.corrections) {
    json["corrections"].push_back(
        {{"field", correction.field}, {"value", correction.value.Reveal()}});
  }
  for (const CaseProcess& process : one.processes) {
    json["processes"].push_back(ProcessToJson(process));
  }
  for (const CaseStep& step : one.steps) {
    json["steps"].push_back(
        {{"at", step.at_ms}, {"by", step.by.Text()}, {"what", step.what}, {"right", step.right}});
  }
  json["tasks"] = Json::array();
  for (const CaseTask& task : one.tasks) {
    json["tasks"].push_back({{"recipient", task.recipient.Text()},
                             {"code", task.code},
                             {"right", task.right},
                             {"made", task.made_ms},
                             {"done", task.done_ms},
                             {"by", task.by.Text()},
                             {"evidence", task.evidence}});
  }
  return json;
}

Result<RightsCase> CaseFrom(const Uuid& id, uint32_t version, const Json& json) {
  RightsCase one;
  one.id = id;
  one.version = version;
  one.number = JsonText(json, "number");
  one.customer = Id(json, "customer");
  one.channel = JsonText(json, "channel");
  one.text = model::Sensitive(JsonText(json, "text"));
  const Json regimes = json.value("regimes", Json::array());
  for (const Json& regime : regimes) {
    one.regimes.insert(regime.get<std::string>());
  }
  one.tier = json.value("tier", 9);
  one.method = JsonText(json, "method");
  one.received_ms = Time(json, "received");
  one.closed_ms = Time(json, "closed");
  const Json corrections = json.value("corrections", Json::array());
  for (const Json& correction : corrections) {
    one.corrections.push_back(
        {JsonText(correction, "field"), model::Sensitive(JsonText(correction, "value"))});
  }
  const Json processes = json.value("processes", Json::array());
  for (const Json& process : processes) {
    one.processes.push_back(ProcessFrom(process));
  }
  const Json steps = json.value("steps", Json::array());
  for (const Json& step : steps) {
    one.steps.push_back(
        {Time(step, "at"), Id(step, "by"), JsonText(step, "what"), JsonText(step, "right")});
  }
  const Json tasks = json.value("tasks", Json::array());
  for (const Json& task : tasks) {
    one.tasks.push_back({Id(task, "recipient"), JsonText(task, "code"), JsonText(task, "right"),
                         Time(task, "made"), Time(task, "done"), Id(task, "by"),
                         JsonText(task, "evidence")});
  }
  if (one.number.empty() || one.processes.empty()) {
    return Fail(Code::kCorrupt, "a case is damaged");
  }
  return one;
}

}  // namespace fiducia::govern
