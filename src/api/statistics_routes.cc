// Figures that point to nobody, and what is left of their budgets.
#include <cmath>

#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"

namespace fiducia::api {

namespace {

constexpr double kMicro = 1000000;

// Numbers come with at most six places: a budget is counted in millionths.
Result<int64_t> DecodeMicro(const Json& body, std::string_view member) {
  const auto found = body.find(std::string(member));
  if (found == body.end() || !found->is_number() || found->get<double>() < 0 ||
      found->get<double>() > 1000) {
    return Fail(Code::kInvalidInput, "an epsilon or a budget is missing or out of range");
  }
  return std::llround(found->get<double>() * kMicro);
}

Result<int64_t> DecodeBound(const Json& body, const char* member) {
  if (!body.contains(member)) {
    return 0;
  }
  if (!body[member].is_number_integer()) {
    return Fail(Code::kInvalidInput, "a bound is a whole number");
  }
  return body[member].get<int64_t>();
}

Json RenderAnswer(const apps::StatisticsAnswer& answer) {
  Json json = {{"id", answer.id.Text()},
               {"measure", Name(answer.query.measure)},
               {"purpose", answer.purpose},
               {"field", answer.query.field.empty() ? Json(nullptr) : Json(answer.query.field)},
               {"low", answer.query.low},
               {"high", answer.query.high},
               {"epsilon", static_cast<double>(answer.query.micro_epsilon) / kMicro},
               {"recipient", answer.query.recipient},
               {"at", FormatTime(answer.at_ms)},
               {"threshold", answer.threshold},
               {"from_ledger", answer.from_ledger},
               {"figures", Json::array()}};
  for (const apps::Figure& figure : answer.figures) {
    json["figures"].push_back(
        {{"group", figure.group}, {"value", figure.value}, {"margin", figure.margin}});
  }
  return json;
}

}  // namespace

void Api::AskStatistics(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"measure", "field", "low", "high",
                                                            "epsilon", "recipient", "anew"}));
    apps::StatisticsQuery query;
    FID_ASSIGN(const std::string measure, DecodeNeeded(body, "measure", 20));
    const auto known = apps::MeasureNamed(measure);
    if (!known) {
      return Fail(Code::kInvalidInput, "a measure is count, histogram, sum or mean");
    }
    query.measure = *known;
    FID_ASSIGN(query.field, DecodeText(body, "field", 80));
    FID_ASSIGN(query.low, DecodeBound(body, "low"));
    FID_ASSIGN(query.high, DecodeBound(body, "high"));
    FID_ASSIGN(query.micro_epsilon, DecodeMicro(body, "epsilon"));
    FID_ASSIGN(query.recipient, DecodeText(body, "recipient", 80));
    FID_ASSIGN(query.anew, DecodeFlag(body, "anew"));
    FID_ASSIGN(const apps::StatisticsAnswer answer, parts_.statistics.Ask(call.access, query));
    respond(JsonResponse(200, RenderAnswer(answer)));
    return {};
  });
}

void Api::ReadStatistics(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto budgets, parts_.statistics.Budgets(call.access));
    Json json = {{"budgets", Json::array()}};
    for (const apps::Budget& budget : budgets) {
      Json one = {{"purpose", budget.purpose},
                  {"recipient", budget.recipient},
                  {"total", static_cast<double>(budget.total_micro) / kMicro},
                  {"spent", static_cast<double>(budget.spent_micro) / kMicro},
                  {"answers", Json::array()}};
      for (const apps::StatisticsAnswer& answer : budget.answers) {
        one["answers"].push_back(RenderAnswer(answer));
      }
      json["budgets"].push_back(std::move(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::GrantStatistics(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"purpose", "recipient", "total"}));
    FID_ASSIGN(const std::string purpose, DecodeNeeded(body, "purpose", 80));
    FID_ASSIGN(const std::string recipient, DecodeText(body, "recipient", 80));
    FID_ASSIGN(const int64_t total, DecodeMicro(body, "total"));
    FID_TRY(parts_.statistics.Grant(call.access, purpose, recipient, total));
    respond(JsonResponse(200, Json::object()));
    return {};
  });
}

}  // namespace fiducia::api
