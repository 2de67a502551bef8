// Views into JSON: the one place where a Sensitive leaves the process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/api.h"

namespace fiducia::api {

Json TimeOrNull(int64_t ms);  // 0: null
Json RenderCounts(const collect::StreamCounts& counts);
// Lets the page of another site that asks read the answer.
void AllowPage(const http::Request& request, http::Response& response);
Json TextsOf(const rules::Texts& texts);
Json ListOrNull(const std::optional<std::vector<std::string>>& list);

std::string Render(const apps::CustomerView& view);  // JSON text
std::string Render(const apps::PairView& view);
std::string Render(const apps::TimelineView& view);
// A contact as the desk would keep it.
http::Response RenderPreview(const apps::ContactPreview& preview);
Json Render(const apps::AccessesView& view, const rules::Catalog& catalog);
Json Render(const apps::LineageView& view, const rules::Catalog& catalog);
Json RenderLeaf(const audit::Leaf& leaf, const rules::Catalog& catalog);
std::string Render(const apps::SearchView& view);
Json Render(const store::BasisState& basis, const rules::Catalog& catalog);
Json Render(const model::BasisEvent& event, const rules::Catalog& catalog);
Json Render(const govern::LedgerView& view, const rules::Catalog& catalog);
Json Render(const rules::Policy& policy);
Json RenderMe(const guard::SignIn& sign_in, const guard::Session& session, const guard::User& user,
              const model::Actor& actor);
Json RenderCourses(const rules::Policy& policy, const guard::User& user);
Json RenderPeople(const guard::People& people);
Json RenderGrant(const guard::Grant& grant);
Json RenderRequest(const guard::Request& request);
Json RenderExport(const apps::ExportRecord& record, bool with_canary);
// A file to be saved, never shown in a page.
http::Response FileResponse(const model::Sensitive& file, const std::string& name);

std::string RenderOwn(const govern::OwnView& view, const rules::Policy& policy);
Json RenderDecisions(const govern::OwnView& view, const rules::Policy& policy);
Json RenderUses(const std::vector<govern::Use>& uses, const rules::Policy& policy);
Json RenderOwnAccesses(const govern::OwnAccesses& view, const rules::Catalog& catalog);
Json RenderOpinion(const govern::Opinion& opinion, bool for_staff);
Json RenderRecipient(const govern::Recipient& one, const govern::Recipients& register_of);
Json RenderAssessment(const govern::Assessment& one);
Json RenderDuty(const govern::Duty& duty, int64_t now_ms);
Json RenderMessage(const courier::Message& message);
// json, csv, html or vcf.
http::Response OwnFile(const govern::OwnView& view, const rules::Policy& policy,
                       const std::string& format, bool zh);

Json RenderItem(const govern::CaseItem& item);
// `whole`: with what only those who handle it see.
Json RenderCase(const govern::RightsCase& one, const govern::RightsCases& cases, bool whole);
// csv, html or vcf.
std::string OwnText(const govern::OwnView& view, const std::string& format, bool zh);
// Free texts about a person, for whoever looks through them.
Json RenderReview(const govern::TextReview& review);
// One whom a guardian speaks for, as the guardian sees it.
Json RenderWard(const govern::Guardianship& guardianship, const model::Sensitive& name);
// All that is held, in a zip.
Result<std::string> MakePackage(const Api::Parts& parts, const govern::Self& self,
                                const model::Sensitive& passphrase);

http::Response NoContent();  // 204
http::Response JsonResponse(int status, const Json& json);
http::Response TextResponse(int status, std::string json);

// A `Done` that answers with what `render` makes of the result, or with a problem document.
template <typename T, typename F>
apps::Done<T> Answering(http::Responder respond, F render) {
  return [respond = std::move(respond), render = std::move(render)](Result<T> result) mutable {
    respond(result ? render(*result) : http::Problem(result.error()));
  };
}

// Runs `body` (which gives Status) and answers with its error, if it has one and did not answer.
template <typename F>
void OrProblem(http::Responder& respond, F body) {
  if (const Status status = body(); !status) {
    respond(http::Problem(status.error()));
  }
}

// What was written, where it is and which version it has.
http::Response Created(const apps::Written& written);

}  // namespace fiducia::api
