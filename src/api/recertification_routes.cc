// The quarterly look at who may still do what.
#include "api/decode.h"
#include "api/render.h"

namespace fiducia::api {

namespace {

Json ItemToJson(const guard::RecertifiedItem& item, bool may_decide) {
  return {{"kind", Name(item.kind)},
          {"object", item.object.Text()},
          {"holder", item.holder.is_nil() ? Json() : Json(item.holder.Text())},
          {"role", item.role},
          {"department", item.department},
          {"label", item.label},
          {"given_by", item.given_by.is_nil() ? Json() : Json(item.given_by.Text())},
          {"given_at", FormatTime(item.given_ms)},
          {"until", FormatTime(item.until_ms)},
          {"state", Name(item.state)},
          {"by", item.by.is_nil() ? Json() : Json(item.by.Text())},
          {"at", TimeOrNull(item.at_ms)},
          {"may_decide", may_decide}};
}

Json RenderRecertification(const guard::Recertifications& all, const model::Access& access,
                           const guard::Recertification& one) {
  Json json = {{"id", one.id.Text()},
               {"quarter", one.quarter},
               {"opened_at", FormatTime(one.opened_ms)},
               {"due_at", FormatTime(one.due_ms)},
               {"closed_at", TimeOrNull(one.closed_ms)},
               {"items", Json::array()}};
  for (const guard::RecertifiedItem& item : one.items) {
    const bool open = one.closed_ms == 0 && item.state == guard::ItemState::kOpen;
    json["items"].push_back(ItemToJson(item, open && all.MayDecide(access, item).has_value()));
  }
  return json;
}

}  // namespace

void Api::ListRecertifications(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto list, parts_.recertifications.For(call.access));
    Json json;
    json["recertifications"] = Json::array();
    for (const guard::Recertification& one : list) {
      json["recertifications"].push_back(
          RenderRecertification(parts_.recertifications, call.access, one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::StartRecertification(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(DecodeObject(call.request, {}));
    FID_ASSIGN(const auto one, parts_.recertifications.Start(call.access));
    respond(JsonResponse(201, RenderRecertification(parts_.recertifications, call.access, one)));
    return {};
  });
}

void Api::DecideRecertification(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"keep"}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such recertification"));
    const auto object = Uuid::Parse(call.path[1]);
    if (!object) {
      return Fail(Code::kNotFound, "there is nothing of this id in your departments");
    }
    if (!body.contains("keep")) {
      return Fail(Code::kInvalidInput, "keep it or end it");
    }
    FID_ASSIGN(const bool keep, DecodeFlag(body, "keep"));
    FID_ASSIGN(const auto one,
               parts_.recertifications.Decide(call.access, *call.session, id, *object, keep));
    for (const guard::RecertifiedItem& item : one.items) {
      if (item.object == *object) {
        respond(JsonResponse(200, ItemToJson(item, false)));
      }
    }
    return {};
  });
}

}  // namespace fiducia::api
