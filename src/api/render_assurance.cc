// Recipients, assessments and duties as the API shows them.
#include "api/render.h"

namespace fiducia::api {

namespace {

Json DayOrNull(int64_t day) { return day == 0 ? Json() : Json(rules::FormatDay(day)); }

}  // namespace

Json RenderRecipient(const govern::Recipient& one, const govern::Recipients& register_of) {
  const auto obstacles = register_of.Obstacles(one);
  Json found = Json::array();
  for (const govern::Obstacle& obstacle : obstacles) {
    found.push_back({{"code", obstacle.code},
                     {"ids", obstacle.ids},
                     {"blocks", obstacle.blocks},
                     {"rule", obstacle.rule}});
  }
  Json subprocessors = Json::array();
  for (const govern::Subprocessor& sub : one.subprocessors) {
    subprocessors.push_back({{"name", sub.name},
                             {"country", sub.country},
                             {"service", sub.service},
                             {"approved", sub.approved}});
  }
  Json audits = Json::array();
  for (const govern::RecipientAudit& audit : one.audits) {
    audits.push_back({{"day", rules::FormatDay(audit.day)},
                      {"result", Name(audit.result)},
                      {"note", audit.note},
                      {"by", audit.by.Text()}});
  }
  return {{"id", one.id.Text()},
          {"code", one.code},
          {"name", one.name},
          {"kind", one.kind},
          {"services", one.services},
          {"contact", one.contact},
          {"owner", one.owner},
          {"countries", one.countries},
          {"fields", one.fields},
          {"purposes", one.purposes},
          {"agreement", one.agreement},
          {"signed_on", DayOrNull(one.signed_day)},
          {"ends_on", DayOrNull(one.ends_day)},
          {"clauses", one.clauses},
          {"way", one.way},
          {"subprocessors", subprocessors},
          {"audit_every", one.audit_every},
          {"audit_due", DayOrNull(one.AuditDue())},
          {"audits", audits},
          {"keys", one.keys},
          {"state", Name(one.state)},
          {"state_reason", one.state_reason},
          {"state_at", TimeOrNull(one.state_ms)},
          {"created_at", FormatTime(one.created_ms)},
          {"obstacles", found},
          {"score", govern::ScoreOf(one, obstacles)}};
}

Json RenderAssessment(const govern::Assessment& one) {
  Json json = govern::ToJson(one);
  json["id"] = one.id.Text();
  json.erase("created");
  json.erase("signed");
  json["created_at"] = FormatTime(one.created_ms);
  json["signed_at"] = TimeOrNull(one.signed_ms);
  for (Json& step : json["steps"]) {
    step["at"] = FormatTime(step["at"].get<int64_t>());
  }
  return json;
}

Json RenderDuty(const govern::Duty& duty, int64_t now_ms) {
  return {{"id", duty.id.Text()},
          {"kind", duty.kind},
          {"ref", duty.ref},
          {"owner", duty.owner},
          {"every", duty.every},
          {"due", rules::FormatDay(duty.DueDay())},
          {"overdue", duty.DueDay() < now_ms / 86400000},
          {"reviewed_at", TimeOrNull(duty.reviewed_ms)},
          {"reviewed_by", duty.reviewed_ms == 0 ? Json() : Json(duty.reviewed_by.Text())},
          {"note", duty.note}};
}

}  // namespace fiducia::api
