// Views of the list of customers that a person has saved.
#include "api/decode.h"
#include "api/render.h"
#include "guard/saved_views.h"

namespace fiducia::api {

namespace {

constexpr size_t kNameMax = 240;
constexpr size_t kWordMax = 80;

Json ViewToJson(const guard::SavedView& view) {
  return {{"id", view.id.Text()},
          {"name", view.name},
          {"purpose", view.purpose},
          {"search_by", view.search_by},
          {"columns", view.columns}};
}

}  // namespace

void Api::ListViews(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const guard::UserPtr user, parts_.sign_in.people().Find(call.session->user));
    Json json = {{"views", Json::array()}};
    for (const guard::SavedView& view : user->views) {
      json["views"].push_back(ViewToJson(view));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::SaveView(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"name", "purpose", "search_by", "columns"}));
    guard::SavedView view;
    FID_ASSIGN(view.name, DecodeNeeded(body, "name", kNameMax));
    FID_ASSIGN(view.purpose, DecodeText(body, "purpose", kWordMax));
    FID_ASSIGN(view.search_by, DecodeText(body, "search_by", kWordMax));
    FID_ASSIGN(auto columns, DecodeWords(body, "columns"));
    view.columns = std::move(columns).value_or(std::vector<std::string>());
    FID_ASSIGN(view.id, guard::SaveView(parts_.sign_in, *call.session, view));
    respond(JsonResponse(201, ViewToJson(view)));
    return {};
  });
}

void Api::RemoveView(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such view"));
    FID_TRY(guard::RemoveView(parts_.sign_in, *call.session, id));
    respond(NoContent());
    return {};
  });
}

}  // namespace fiducia::api
