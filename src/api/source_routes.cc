// The register of sources: on what terms each brings, how much, how good, how late, and who answers
// for it.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "process/anonymize/small_cells.h"
#include "store/config_rows.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 400;
// GDPR Art. 14(3)(a): within a month at the latest.
constexpr int64_t kTellMs = int64_t{30} * 86400000;

Json DayOrNull(int64_t ms) { return ms == 0 ? Json() : Json(FormatTime(ms).substr(0, 10)); }

// "2026-11-24"; absent or empty: 0.
Result<int64_t> DecodeDay(const Json& body, const char* member) {
  FID_ASSIGN(const std::string text, DecodeText(body, member, kWordMax));
  if (text.empty()) {
    return int64_t{0};
  }
  const auto at = ParseTime(text + "T00:00:00Z");
  if (!at) {
    return Fail(Code::kInvalidInput, "a day is written as 2026-11-24");
  }
  return *at;
}

Json RenderTerms(const govern::SourceTerms& terms) {
  return {{"kind", govern::Name(terms.kind)},
          {"supplier", terms.supplier},
          {"agreement", terms.agreement},
          {"agreement_until", DayOrNull(terms.agreement_until_ms)},
          {"evidence", terms.evidence},
          {"evidence_on", DayOrNull(terms.evidence_ms)},
          {"citation", terms.citation},
          {"observed_on", DayOrNull(terms.observed_ms)},
          {"told_at", TimeOrNull(terms.told_ms)},
          {"told_how", terms.told_how},
          {"cut_at", TimeOrNull(terms.cut_ms)},
          {"cut_why", terms.cut_why}};
}

int64_t Sum(const std::map<std::string, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [name, count] : counts) {
    sum += count;
  }
  return sum;
}

}  // namespace

void Api::ReadSourceRegister(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "sources.read"));
    std::vector<store::Source> sources;
    {
      FID_ASSIGN(const auto lease, parts_.engine.Read());
      FID_ASSIGN(sources, store::ListSources(lease->session(store::Which::kData), 0));
    }
    FID_ASSIGN(const auto files, parts_.importer.BroughtBySource());
    const auto report = parts_.quality.Newest();
    const int64_t now = parts_.clock.NowMs();
    Json json = {{"sources", Json::array()}};
    for (const store::Source& source : sources) {
      const govern::SourceTerms terms = parts_.sources.Terms(source.id);
      const collect::StreamCounts counts = parts_.streams.CountsOf(parts_.sources.IdOf(source.id));
      const auto found = files.find(source.id);
      const auto own = found == files.end() ? collect::Importer::Brought() : found->second;
      const govern::SourceTaken by_call = parts_.sources.TakenFrom(source.id);
      const int64_t taken = counts.accepted + own.rows - own.quarantined + by_call.taken;
      const int64_t refused = Sum(counts.refused) + own.quarantined;
      Json quality;
      double score = 1;
      if (report) {
        for (const apps::QualityPart& part : report->sources) {
          if (part.id == source.id) {
            score = part.score;
            quality = {{"score", part.score},
                       {"values", process::IsFew(part.values) ? Json() : Json(part.values)},
                       {"stale", process::IsFew(part.values) ? Json() : Json(part.stale)}};
          }
        }
      }
      const int64_t last_ms = std::max({counts.last_ms, own.last_ms, by_call.last_ms});
      const bool others = terms.kind != govern::SourceKind::kOwn;
      const bool untold = others && taken > 0 && last_ms > terms.told_ms;
      const std::string_view obstacle = govern::ObstacleOf(terms, now);
      json["sources"].push_back(
          {{"id", source.id},
           {"channel", source.channel},
           {"owner", source.owner},
           {"terms", RenderTerms(terms)},
           {"obstacle", obstacle.empty() ? Json() : Json(obstacle)},
           {"taken", taken},
           {"again", counts.duplicates},
           {"not_allowed", Sum(counts.dropped)},
           {"refused", refused},
           {"left_out", Sum(counts.left_out) + own.left_out},
           {"last_at", TimeOrNull(last_ms)},
           {"quality", quality},
           // Of what it brings: how much is sound, and how good that is.
           {"reliability", taken + refused == 0 ? Json()
                                                : Json(score * static_cast<double>(taken) /
                                                       static_cast<double>(taken + refused))},
           {"tell_by", untold ? TimeOrNull(last_ms + kTellMs) : Json()}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PutSourceTerms(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"kind", "supplier", "agreement", "agreement_until",
                                           "evidence", "evidence_on", "citation", "observed_on"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "sources.terms"));
    govern::SourceTerms terms;
    terms.source = call.path[0];
    FID_TRY(RequireSource(terms.source));
    FID_ASSIGN(const std::string kind, DecodeNeeded(body, "kind", kWordMax));
    FID_ASSIGN(terms.kind, govern::SourceKindNamed(kind));
    FID_ASSIGN(terms.supplier, DecodeText(body, "supplier", kWordMax));
    FID_ASSIGN(terms.agreement, DecodeText(body, "agreement", kWordMax));
    FID_ASSIGN(terms.agreement_until_ms, DecodeDay(body, "agreement_until"));
    FID_ASSIGN(terms.evidence, DecodeText(body, "evidence", kWordMax));
    FID_ASSIGN(terms.evidence_ms, DecodeDay(body, "evidence_on"));
    FID_ASSIGN(terms.citation, DecodeText(body, "citation", kWordMax));
    FID_ASSIGN(terms.observed_ms, DecodeDay(body, "observed_on"));
    FID_TRY(parts_.sources.Set(call.access, std::move(terms)));
    respond(NoContent());
    return {};
  });
}

void Api::CutSource(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"reason"}));
    FID_ASSIGN(const std::string why, DecodeNeeded(body, "reason", kWordMax));
    FID_TRY(parts_.gate.Require(call.access.actor, "sources.terms"));
    FID_TRY(RequireSource(call.path[0]));
    FID_TRY(parts_.sources.Cut(call.access, call.path[0], why));
    respond(NoContent());
    return {};
  });
}

void Api::WithdrawSource(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"dry_run"}));
    FID_ASSIGN(const bool dry_run, DecodeFlag(body, "dry_run"));
    FID_TRY(parts_.gate.Require(call.access.actor, "sources.terms"));
    FID_TRY(RequireSource(call.path[0]));
    FID_ASSIGN(const collect::Withdrawn done,
               parts_.withdrawal.Run(call.access, call.path[0], !dry_run));
    respond(JsonResponse(200, {{"looked", done.looked},
                               {"only", done.only},
                               {"some", done.some},
                               {"values", done.values},
                               {"entries", done.entries},
                               {"held", done.held}}));
    return {};
  });
}

void Api::TellOfSource(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"how"}));
    FID_ASSIGN(const std::string how, DecodeNeeded(body, "how", kWordMax));
    FID_TRY(parts_.gate.Require(call.access.actor, "sources.terms"));
    FID_TRY(RequireSource(call.path[0]));
    FID_TRY(parts_.sources.Told(call.access, call.path[0], how));
    respond(NoContent());
    return {};
  });
}

Status Api::RequireSource(const std::string& id) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const auto found, store::LoadSource(lease->session(store::Which::kData), 0, id));
  return found ? Status() : Fail(Code::kNotFound, "there is no such source");
}

}  // namespace fiducia::api
