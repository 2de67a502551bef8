// Cases of rights into JSON, and what a person takes along.
#include <future>

#include "api/render.h"
#include "govern/lawful/consent_receipt.h"
#include "govern/rights/package.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

Json DayOrNull(int64_t day) { return day == 0 ? Json() : Json(rules::FormatDay(day)); }

Json ProcessOf(const govern::CaseProcess& process, const govern::RightsCases& cases) {
  const govern::RightsCases::Deadline deadline = cases.DeadlineOf(process);
  Json json = {{"right", govern::Name(process.right)},
               {"state", govern::Name(process.state)},
               {"outcome", govern::Name(process.outcome)},
               {"reason", process.reason},
               {"words", process.words.Reveal()},
               {"due_at", TimeOrNull(deadline.due_ms)},
               {"phase", deadline.due_ms == 0 ? Json() : Json(rules::Name(deadline.phase))},
               {"decided_at", TimeOrNull(process.decided_ms)},
               {"done_at", TimeOrNull(process.done_ms)},
               {"fetch_until", TimeOrNull(process.fetch_until_ms)},
               {"clocks", Json::array()},
               {"items", Json::array()}};
  for (const govern::CaseClock& clock : process.clocks) {
    const rules::Rule* rule = cases.laws().Find(clock.rule);
    json["clocks"].push_back(
        {{"rule", clock.rule},
         {"cite", rule == nullptr ? "" : rule->cite},
         {"task", rule == nullptr ? "" : rule->clock.task},
         {"met_at", TimeOrNull(clock.state.met_ms)},
         {"paused", !clock.state.pauses.empty() && clock.state.pauses.back().to_ms == 0},
         {"extended", clock.state.extension.has_value()},
         {"may_pause", rule == nullptr ? std::set<std::string>() : rule->clock.pauses},
         {"may_extend",
          rule != nullptr && rule->clock.extension.has_value() && !clock.state.extension}});
  }
  for (const govern::CaseItem& item : process.items) {
    json["items"].push_back(RenderItem(item));
  }
  return json;
}

// Waits for what answers later.
template <typename T, typename F>
Result<T> WaitFor(F ask) {
  std::promise<Result<T>> promise;
  auto answer = promise.get_future();
  ask([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

}  // namespace

Json RenderItem(const govern::CaseItem& item) {
  return {{"class", item.data_class},
          {"action", item.action},
          {"law", item.law},
          {"until", DayOrNull(item.until_day)}};
}

Json RenderCase(const govern::RightsCase& one, const govern::RightsCases& cases, bool whole) {
  Json json = {{"id", one.id.Text()},
               {"number", one.number},
               {"customer", one.customer.is_nil() ? Json() : Json(one.customer.Text())},
               {"channel", one.channel},
               {"tier", one.tier == 9 ? Json() : Json(one.tier)},
               {"regimes", one.regimes},
               {"received_at", FormatTime(one.received_ms)},
               {"closed_at", TimeOrNull(one.closed_ms)},
               {"processes", Json::array()}};
  for (const govern::CaseProcess& process : one.processes) {
    json["processes"].push_back(ProcessOf(process, cases));
  }
  if (whole) {
    json["text"] = one.text.Reveal();
    json["method"] = one.method;
    json["corrections"] = Json::array();
    for (const govern::Correction& correction : one.corrections) {
      json["corrections"].push_back(
          {{"field", correction.field}, {"value", correction.value.Reveal()}});
    }
    json["tasks"] = Json::array();
    for (const govern::CaseTask& task : one.tasks) {
      json["tasks"].push_back({{"recipient", task.recipient.Text()},
                               {"code", task.code},
                               {"right", task.right},
                               {"made_at", FormatTime(task.made_ms)},
                               {"done_at", TimeOrNull(task.done_ms)},
                               {"evidence", task.evidence}});
    }
    json["steps"] = Json::array();
    for (const govern::CaseStep& step : one.steps) {
      json["steps"].push_back({{"at", FormatTime(step.at_ms)},
                               {"by", step.by.is_nil() ? Json() : Json(step.by.Text())},
                               {"what", step.what},
                               {"right", step.right}});
    }
  }
  return json;
}

Json RenderReview(const govern::TextReview& review) {
  Json json = {{"texts", Json::array()}, {"words", Json::array()}};
  for (const govern::HeldText& held : review.texts) {
    Json suggestions = Json::array();
    for (const model::Sensitive& one : held.suggestions) {
      suggestions.push_back(one.Reveal());
    }
    json["texts"].push_back({{"event", held.event.is_nil() ? Json() : Json(held.event.Text())},
                             {"at", FormatTime(held.at_ms)},
                             {"field", held.field},
                             {"text", held.text.Reveal()},
                             {"suggestions", std::move(suggestions)}});
  }
  for (const model::Sensitive& word : review.words) {
    json["words"].push_back(word.Reveal());
  }
  return json;
}

Result<std::string> MakePackage(const Api::Parts& parts, const govern::Self& self,
                                const model::Sensitive& passphrase) {
  const rules::Policy& policy = parts.gate.policy();
  FID_ASSIGN(const govern::OwnView view, WaitFor<govern::OwnView>([&](auto done) {
               parts.self_service.View(self, true, std::move(done));
             }));
  FID_ASSIGN(const govern::LedgerView ledger, WaitFor<govern::LedgerView>([&](auto done) {
               parts.self_service.Ledger(self, std::move(done));
             }));
  constexpr int kAccesses = 10000;
  FID_ASSIGN(const govern::OwnAccesses accesses, WaitFor<govern::OwnAccesses>([&](auto done) {
               parts.self_service.Accesses(self, "", kAccesses, std::move(done));
             }));
  Json receipts = Json::array();
  for (const model::BasisEvent& event : ledger.events) {
    receipts.push_back(
        ParseJson(govern::WriteConsentReceipt(policy, parts.gate.log(), self.subject, event))
            .value_or(Json()));
  }
  Json cases = Json::array();
  const std::vector<govern::RightsCase> own = parts.rights.Of(self.subject.id);
  for (const govern::RightsCase& one : own) {
    cases.push_back(RenderCase(one, parts.rights, true));
  }
  std::vector<govern::PackageFile> files;
  const auto add = [&](const std::string& name, std::string content) {
    files.push_back({name, model::Sensitive(std::move(content))});
  };
  add("data.json", RenderOwn(view, policy));
  add("data.csv", OwnText(view, "csv", false));
  add("data.en.html", OwnText(view, "html", false));
  add("data.zh-CN.html", OwnText(view, "html", true));
  add("contact.vcf", OwnText(view, "vcf", false));
  add("authorizations.jsonld", WriteJsonPretty(receipts));
  add("ledger.json", WriteJsonPretty(Render(ledger, policy.catalog)));
  add("accesses.json", WriteJsonPretty(RenderOwnAccesses(accesses, policy.catalog)));
  add("requests.json", WriteJsonPretty(cases));
  return govern::ZipPackage(files, passphrase, parts.vault, parts.gate.log(), parts.clock.NowMs());
}

}  // namespace fiducia::api
