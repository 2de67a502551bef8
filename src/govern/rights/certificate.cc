// The certificate of a closed case: what was asked, under which law, and what came of it; no value.
#include "audit/checkpoint.h"
#include "base/clock.h"
#include "govern/rights/cases.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kFormat = "fiducia-rights-certificate/1";

}  // namespace

std::string RightsCases::CertificateOf(const RightsCase& one) const {
  Json record = {{"case", one.number},
                 {"received_at", FormatTime(one.received_ms)},
                 {"closed_at", FormatTime(one.closed_ms)},
                 {"regimes", one.regimes},
                 {"processes", Json::array()}};
  for (const CaseProcess& process : one.processes) {
    Json part = {{"right", Name(process.right)},
                 {"state", Name(process.state)},
                 {"outcome", Name(process.outcome)},
                 {"reason", process.reason},
                 {"clocks", Json::array()},
                 {"erasure", ParseJson(process.receipt).value_or(Json())}};
    for (const CaseClock& clock : process.clocks) {
      const rules::Rule* rule = laws().Find(clock.rule);
      const auto due = rule == nullptr ? Result<int64_t>(0)
                                       : rules::DueOf(rule->clock, clock.state, laws().calendars(),
                                                      parts_.clock.NowMs());
      part["clocks"].push_back(
          {{"rule", clock.rule},
           {"cite", rule == nullptr ? "" : rule->cite},
           {"due_at", due && *due != 0 ? Json(FormatTime(*due)) : Json()},
           {"met_at", clock.state.met_ms == 0 ? Json() : Json(FormatTime(clock.state.met_ms))}});
    }
    record["processes"].push_back(std::move(part));
  }
  record["told"] = Json::array();
  for (const CaseTask& task : one.tasks) {
    record["told"].push_back(
        {{"recipient", task.code}, {"right", task.right}, {"at", FormatTime(task.done_ms)}});
  }
  const audit::Log& log = parts_.authorizations.parts().gate.log();
  Json certificate = {{"format", kFormat}, {"record", record}};
  certificate["note"] = log.Sign(std::string(kFormat) + "\n" + WriteJson(record) + "\n");
  certificate["verifier"] = log.verifier();
  return WriteJsonPretty(certificate) + "\n";
}

Result<std::string> RightsCases::Certificate(const model::Access& access, const Uuid& id) const {
  FID_ASSIGN(const RightsCase one, Find(access, id));
  if (one.IsOpen()) {
    return Fail(Code::kConflict, "the case is open still");
  }
  return CertificateOf(one);
}

Result<std::string> RightsCases::CertificateFor(const Uuid& customer, const Uuid& id) const {
  FID_ASSIGN(const RightsCase one, Load(id));
  if (one.customer != customer) {
    return Fail(Code::kNotFound, "there is no such case");
  }
  if (one.IsOpen()) {
    return Fail(Code::kConflict, "the case is open still");
  }
  return CertificateOf(one);
}

Result<CertificateFacts> CheckRightsCertificate(std::string_view text, std::string_view verifier) {
  const auto json = ParseJson(text);
  if (!json || !json->is_object() || JsonText(*json, "format") != kFormat ||
      !json->contains("record")) {
    return Fail(Code::kInvalidInput, "this is not the certificate of a case");
  }
  CertificateFacts facts;
  facts.verifier = verifier.empty() ? JsonText(*json, "verifier") : std::string(verifier);
  facts.record = (*json)["record"];
  facts.number = JsonText(facts.record, "case");
  const auto said = audit::OpenNote(JsonText(*json, "note"), facts.verifier);
  if (!said) {
    return Fail(Code::kCorrupt, "the certificate is not signed by this company's key");
  }
  if (*said != std::string(kFormat) + "\n" + WriteJson(facts.record) + "\n") {
    return Fail(Code::kCorrupt, "the certificate was altered after it was signed");
  }
  return facts;
}

}  // namespace fiducia::govern
