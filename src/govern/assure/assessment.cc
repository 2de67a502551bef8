#include "govern/assure/assessment.h"

#include <algorithm>

#include "govern/lawful/population.h"
#include "model/names.h"

namespace fiducia::govern {

namespace {

constexpr std::array<std::string_view, 7> kStates = {"draft", "opinion", "consult", "decide",
                                                     "sign",  "signed",  "refused"};

bool Serves(const Recipient& recipient, const rules::Purpose& purpose) {
  return recipient.state != RecipientState::kEnded &&
         std::find(recipient.purposes.begin(), recipient.purposes.end(), purpose.id) !=
             recipient.purposes.end();
}

}  // namespace

std::string_view Name(AssessmentState state) { return kStates[static_cast<size_t>(state)]; }

const AssessmentStep* Assessment::Last(std::string_view what) const {
  const auto found = std::find_if(steps.rbegin(), steps.rend(),
                                  [&](const AssessmentStep& step) { return step.what == what; });
  return found == steps.rend() ? nullptr : &*found;
}

Json ToJson(const Assessment& one) {
  Json risks = Json::array();
  for (const AssessedRisk& risk : one.risks) {
    risks.push_back({{"event", risk.event},
                     {"severity", risk.severity},
                     {"likelihood", risk.likelihood},
                     {"severity_after", risk.severity_after},
                     {"likelihood_after", risk.likelihood_after},
                     {"measures", risk.measures}});
  }
  Json steps = Json::array();
  for (const AssessmentStep& step : one.steps) {
    steps.push_back({{"what", step.what},
                     {"by", step.by.Text()},
                     {"at", step.at_ms},
                     {"yes", step.yes},
                     {"text", step.text}});
  }
  return {{"purpose", one.purpose},
          {"kinds", one.kinds},
          {"rules", one.rules},
          {"state", Name(one.state)},
          {"snapshot", one.snapshot},
          {"snapshot_hash", one.snapshot_hash},
          {"necessity", one.necessity},
          {"proportionality", one.proportionality},
          {"measures", one.measures},
          {"authority", one.authority},
          {"risks", risks},
          {"steps", steps},
          {"created", one.created_ms},
          {"signed", one.signed_ms}};
}

Result<Assessment> AssessmentFrom(const Uuid& id, uint32_t version, const Json& json) {
  Assessment one;
  one.id = id;
  one.version = version;
  one.purpose = JsonText(json, "purpose");
  one.kinds = json.value("kinds", std::set<std::string>());
  one.rules = json.value("rules", std::set<std::string>());
  const std::string word = JsonText(json, "state");
  const auto state = std::find(kStates.begin(), kStates.end(), word);
  if (state == kStates.end()) {
    return Fail(Code::kCorrupt, "an assessment on record is damaged");
  }
  one.state = static_cast<AssessmentState>(state - kStates.begin());
  one.snapshot = json.value("snapshot", Json::object());
  one.snapshot_hash = JsonText(json, "snapshot_hash");
  one.necessity = JsonText(json, "necessity");
  one.proportionality = JsonText(json, "proportionality");
  one.measures = JsonText(json, "measures");
  one.authority = JsonText(json, "authority");
  const Json risks = json.value("risks", Json::array());
  for (const Json& risk : risks) {
    one.risks.push_back({JsonText(risk, "event"), risk.value("severity", 0),
                         risk.value("likelihood", 0), risk.value("severity_after", 0),
                         risk.value("likelihood_after", 0), JsonText(risk, "measures")});
  }
  const Json steps = json.value("steps", Json::array());
  for (const Json& step : steps) {
    one.steps.push_back({JsonText(step, "what"), Uuid::Parse(JsonText(step, "by")).value_or(Uuid()),
                         step.value("at", int64_t{0}), step.value("yes", true),
                         JsonText(step, "text")});
  }
  one.created_ms = json.value("created", int64_t{0});
  one.signed_ms = json.value("signed", int64_t{0});
  return one;
}

Json PurposeSnapshot(const rules::Policy& policy, const rules::Purpose& purpose, const Json& clause,
                     const std::vector<Recipient>& recipients) {
  Json fields = Json::array();
  purpose.fields.ForEach(
      [&](model::FieldNo number) { fields.push_back(policy.catalog.Find(number)->id); });
  Json bases = Json::array();
  for (const model::BasisKind basis : purpose.bases) {
    bases.push_back(std::string(model::Name(basis)));
  }
  Json given = Json::array();
  for (const Recipient& recipient : recipients) {
    if (Serves(recipient, purpose)) {
      given.push_back({{"code", recipient.code},
                       {"kind", recipient.kind},
                       {"countries", recipient.countries},
                       {"fields", recipient.fields}});
    }
  }
  return {{"purpose", purpose.id},
          {"parent", purpose.parent},
          {"fields", fields},
          {"bases", bases},
          {"level_max", model::Name(purpose.level_max)},
          {"term", purpose.term},
          {"retention", JsonText(clause, "retention")},
          {"automated", clause.value("automated", false)},
          {"recipients", given}};
}

std::set<std::string> ActivitiesOf(const rules::Policy& policy, const rules::Purpose& purpose,
                                   const Json& clause, const std::vector<Recipient>& recipients,
                                   const std::string& home) {
  std::set<std::string> activities;
  const std::string regime = policy.laws.RegimeOf(home);
  const std::set<std::string> flags = SensitiveFlags(regime);
  purpose.fields.ForEach([&](model::FieldNo number) {
    const auto& own = policy.catalog.Find(number)->flags;
    if (std::any_of(own.begin(), own.end(),
                    [&](const std::string& flag) { return flags.contains(flag); })) {
      activities.insert("sensitive");
    }
  });
  if (clause.value("automated", false)) {
    activities.insert("automated_decision");
  }
  if (purpose.opt_out_signal) {
    activities.insert("target");
  }
  for (const Recipient& recipient : recipients) {
    if (Serves(recipient, purpose)) {
      activities.insert(recipient.kind == "controller" ? "provide" : "entrust");
      if (recipient.IsAbroad(policy.laws.FindPack(regime))) {
        activities.insert("export");
      }
    }
  }
  return activities;
}

}  // namespace fiducia::govern
