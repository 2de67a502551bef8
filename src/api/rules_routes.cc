// The laws as data: what is in force, and what another set of packs would change.
#include "api/decode.h"
#include "api/render.h"
#include "govern/lawful/population.h"

namespace fiducia::api {

namespace {

Json DayOrNull(int64_t day) { return day == 0 ? Json() : Json(rules::FormatDay(day)); }

Json ClockOf(const rules::ClockRule& clock) {
  return {{"task", clock.task},
          {"start", clock.start},
          {"length", rules::FormatLength(clock.length)},
          {"calendar", clock.calendar},
          {"rolls", clock.rolls},
          {"pauses", clock.pauses},
          {"extension", clock.extension ? Json(rules::FormatLength(*clock.extension)) : Json()},
          {"extension_needs", clock.extension_needs}};
}

Json RuleOf(const rules::Rule& rule, int64_t today) {
  Json json = {{"id", rule.id},
               {"cite", rule.cite},
               {"status", rule.status},
               {"valid_from", DayOrNull(rule.valid_from)},
               {"valid_to", DayOrNull(rule.valid_to)},
               {"in_force", rule.InForceOn(today)},
               {"event", rule.event},
               {"effect", rules::Name(rule.effect)},
               {"words", rule.words},
               {"period", rule.period},
               {"count", rule.count},
               {"text", TextsOf(rule.text)},
               {"reviewed_by", rule.review ? Json(rule.review->by) : Json()},
               {"reviewed_on", rule.review ? Json(rule.review->on) : Json()}};
  json["clock"] = rule.effect == rules::Effect::kClock ? ClockOf(rule.clock) : Json();
  return json;
}

// The files in force with those of the body over them.
Result<rules::Jurisdictions> Overlaid(const Json& files, const rules::Policy& policy) {
  std::map<std::string, std::string> all;
  for (const auto& [name, text] : policy.law_files) {
    all[name] = text;
  }
  for (const auto& [name, text] : files.items()) {
    if (!text.is_string() || name.size() > 100) {
      return Fail(Code::kInvalidInput, "packs are texts by name");
    }
    all[name] = text.get<std::string>();
  }
  std::vector<EmbeddedFile> list;
  list.reserve(all.size());
  for (const auto& [name, text] : all) {
    list.push_back({name, text});
  }
  try {
    return rules::ReadJurisdictions(list);
  } catch (const rules::TomlTable::Fault& fault) {
    return Fail(Code::kInvalidInput, "a pack has a mistake: see `fiducia rules test`",
                fault.error.line);
  }
}

}  // namespace

void Api::ReadRules(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"regime"}));
    const auto regime = call.request.query.find("regime");
    const rules::Jurisdictions& laws = parts_.gate.policy().laws;
    const int64_t today = parts_.clock.NowMs() / 86400000;
    Json json = {{"packs", Json::array()}};
    for (const auto& [id, pack] : laws.packs()) {
      if (regime != call.request.query.end() && regime->second != id) {
        continue;
      }
      Json one = {{"regime", id},
                  {"parent", pack.parent},
                  {"name", TextsOf(pack.name)},
                  {"law", TextsOf(pack.law)},
                  {"calendar", pack.calendar},
                  {"rules", Json::array()}};
      for (const rules::Rule& rule : pack.rules) {
        one["rules"].push_back(RuleOf(rule, today));
      }
      json["packs"].push_back(std::move(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::DiffRules(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "policy.test"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"old", "new"}));
    const rules::Policy& policy = parts_.gate.policy();
    if (!body.contains("new") || !body["new"].is_object()) {
      return Fail(Code::kInvalidInput, "send the packs to compare with in 'new'");
    }
    const Json old_files = body.contains("old") ? body["old"] : Json::object();
    if (!old_files.is_object()) {
      return Fail(Code::kInvalidInput, "packs are texts by name");
    }
    FID_ASSIGN(const rules::Jurisdictions before, Overlaid(old_files, policy));
    FID_ASSIGN(const rules::Jurisdictions after, Overlaid(body["new"], policy));
    FID_ASSIGN(const govern::Population population, parts_.authorizations.Population());
    Json json = {{"changes", Json::array()}, {"customers", population.people}};
    for (const rules::RuleChange& change : rules::DiffRules(before, after)) {
      const auto head = population.by_regime.find(change.regime);
      json["changes"].push_back(
          {{"change", rules::Name(change.kind)},
           {"rule", change.rule},
           {"regime", change.regime},
           {"parts", change.parts},
           {"customers", head == population.by_regime.end() ? 0 : head->second.people}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
