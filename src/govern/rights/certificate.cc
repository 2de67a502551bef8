// The certificate of a closed case: what was asked, under which law, and what came of it; no value.
#include "audit/signed_record.h"
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
  return audit::WriteSignedRecord(parts_.authorizations.parts().gate.log(), kFormat, record);
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
  FID_ASSIGN(audit::SignedRecord found, audit::CheckSignedRecord(text, kFormat, verifier));
  return CertificateFacts{JsonText(found.record, "case"), std::move(found.verifier),
                          std::move(found.record)};
}

}  // namespace fiducia::govern
