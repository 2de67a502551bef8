// Records that may be of one person: finding them, looking at two, bringing them together, parting.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"

namespace fiducia::api {

namespace {

constexpr int kPairsShown = 50;
constexpr int kAcceptedAtOnce = 10000;

Result<model::SubjectRef> OtherOf(const Call& call) {
  const auto id = Uuid::Parse(call.path[1]);
  if (!id) {
    return Fail(Code::kNotFound, "there is no such customer");
  }
  return model::SubjectRef{0, *id};
}

Json RenderPair(const store::MatchPair& pair) {
  return {{"first", pair.subject.id.Text()},
          {"second", pair.other.Text()},
          {"weight", static_cast<double>(pair.weight) / 1000},
          {"reasons", ParseJson(pair.reasons).value_or(Json::array())}};
}

}  // namespace

void Api::ReadMatching(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const apps::MatchingStatus now, parts_.matching.Now(call.access));
    FID_ASSIGN(const auto bands, parts_.merges.Bands(call.access));
    Json json = {{"state", now.state},     {"started_at", nullptr}, {"finished_at", nullptr},
                 {"records", now.records}, {"of", now.of},          {"pairs", now.pairs},
                 {"bands", Json::array()}};
    if (now.started_ms != 0) {
      json["started_at"] = FormatTime(now.started_ms);
    }
    if (now.finished_ms != 0) {
      json["finished_at"] = FormatTime(now.finished_ms);
    }
    for (const apps::Merges::Band& band : bands) {
      json["bands"].push_back(
          {{"from", band.weight}, {"pairs", band.count}, {"expected_wrong", band.wrong}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::StartMatching(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_TRY(parts_.matching.Start(call.access));
    respond(JsonResponse(202, Json::object()));
    return {};
  });
}

void Api::StopMatching(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.matching.Stop(call.access));
    respond(JsonResponse(200, Json::object()));
    return {};
  });
}

void Api::ListPairs(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto pairs, parts_.merges.Waiting(call.access, INT64_MAX, kPairsShown));
    Json json = {{"pairs", Json::array()}};
    for (const store::MatchPair& pair : pairs) {
      json["pairs"].push_back(RenderPair(pair));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ReadPair(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const model::SubjectRef first, SubjectOf(call));
    FID_ASSIGN(const model::SubjectRef second, OtherOf(call));
    FID_ASSIGN(const apps::PairView view, parts_.merges.Look(call.access, first, second));
    respond(TextResponse(200, Render(view)));
    return {};
  });
}

// The first of the path stays, and stands for the second too.
void Api::DecidePair(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"decision", "from_second"}));
    FID_ASSIGN(const model::SubjectRef first, SubjectOf(call));
    FID_ASSIGN(const model::SubjectRef second, OtherOf(call));
    FID_ASSIGN(const std::string decision, DecodeNeeded(body, "decision", 20));
    FID_ASSIGN(const auto fields, DecodeWords(body, "from_second"));
    if (decision == "reject" && !fields) {
      FID_TRY(parts_.merges.Reject(call.access, first, second));
      respond(JsonResponse(200, Json::object()));
      return {};
    }
    if (decision != "merge") {
      return Fail(Code::kInvalidInput, "a decision is merge or reject; fields come with a merge");
    }
    apps::MergeCommand command{first, second, {}};
    for (const std::string& id : fields.value_or(std::vector<std::string>())) {
      const rules::Field* field = parts_.gate.policy().catalog.Find(id);
      if (field == nullptr) {
        return Fail(Code::kUnknownField, "a field is not in the catalog");
      }
      command.preferred.Add(field->number);
    }
    FID_ASSIGN(const Uuid merge, parts_.merges.Merge(call.access, command));
    respond(JsonResponse(200, {{"merge", merge.Text()}, {"customer", first.id.Text()}}));
    return {};
  });
}

void Api::AcceptPairs(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"from", "most"}));
    if (!body.contains("from") || !body["from"].is_number() || body["from"].get<double>() < 0 ||
        body["from"].get<double>() > 1000) {
      return Fail(Code::kInvalidInput, "say from which weight on, 0 to 1000");
    }
    FID_ASSIGN(const int most, DecodeNumber(body, "most", 1000, kAcceptedAtOnce));
    FID_ASSIGN(const auto result,
               parts_.merges.AcceptFrom(
                   call.access, static_cast<int64_t>(body["from"].get<double>() * 1000), most));
    respond(JsonResponse(200, {{"merged", result.merged}, {"left", result.left}}));
    return {};
  });
}

void Api::ListMerges(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const auto merges, parts_.merges.Of(call.access, subject));
    Json json = {{"merges", Json::array()}};
    for (const apps::MergeView& one : merges) {
      json["merges"].push_back({{"id", one.merge.Text()},
                                {"joined", one.subject.Text()},
                                {"at", FormatTime(one.at_ms)}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PartMerge(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    const auto merge = Uuid::Parse(call.path[1]);
    if (!merge) {
      return Fail(Code::kNotFound, "there is no such merge on this record");
    }
    FID_TRY(parts_.merges.Part(call.access, subject, *merge));
    respond(JsonResponse(200, Json::object()));
    return {};
  });
}

}  // namespace fiducia::api
