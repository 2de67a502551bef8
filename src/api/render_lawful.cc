// Authorizations, notices and rights into JSON.
#include "api/render.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

Json FieldIds(const std::optional<model::FieldSet>& fields, const rules::Catalog& catalog) {
  if (!fields) {
    return {};
  }
  Json ids = Json::array();
  fields->ForEach([&](model::FieldNo number) {
    const rules::Field* field = catalog.Find(number);
    if (field != nullptr) {
      ids.push_back(field->id);
    }
  });
  return ids;
}

Json Operations(uint8_t operations) {
  Json words = Json::array();
  for (const auto one : {model::kCollect, model::kView, model::kDerive, model::kContact,
                         model::kTakeOut, model::kShare}) {
    if ((operations & one) != 0) {
      words.push_back(std::string(model::Name(one)));
    }
  }
  return words;
}

Json Restrictions(uint32_t restrictions) {
  Json words = Json::array();
  for (const auto one : {model::kRestrictedBySubject, model::kRestrictedDispute,
                         model::kRestrictedMinor, model::kRestrictedHold}) {
    if ((restrictions & one) != 0) {
      words.push_back(std::string(model::Name(one)));
    }
  }
  return words;
}

}  // namespace

Json Render(const store::BasisState& basis, const rules::Catalog& catalog) {
  return {{"authorization", basis.seq},
          {"purpose", basis.purpose},
          {"basis", model::Name(basis.basis)},
          {"kind", model::Name(basis.kind)},
          {"live", basis.live},
          {"ended_by", basis.live ? Json() : Json(model::Name(basis.last))},
          {"separate", basis.separate},
          {"from", TimeOrNull(basis.from_ms)},
          {"until", TimeOrNull(basis.until_ms)},
          {"until_event", basis.until_event},
          {"max_uses", basis.max_uses},
          {"uses", basis.uses},
          {"fields", FieldIds(basis.scope.fields, catalog)},
          {"departments", basis.scope.departments},
          {"operations", Operations(basis.scope.operations)},
          {"jurisdiction", basis.jurisdiction},
          {"notice", basis.notice}};
}

Json Render(const model::BasisEvent& event, const rules::Catalog& catalog) {
  return {{"seq", event.seq},
          {"action", model::Name(event.action)},
          {"basis", model::Name(event.basis)},
          {"purpose", event.purpose},
          {"jurisdiction", event.jurisdiction},
          {"source", event.source},
          {"separate", event.separate},
          {"at", FormatTime(event.at_ms)},
          {"until", TimeOrNull(event.until_ms)},
          {"kind", model::Name(event.kind)},
          {"consent", model::Name(event.consent)},
          {"from", TimeOrNull(event.from_ms)},
          {"until_event", event.until_event},
          {"max_uses", event.max_uses},
          {"fields", FieldIds(event.scope.fields, catalog)},
          {"departments", event.scope.departments},
          {"operations", Operations(event.scope.operations)},
          {"notice", event.notice},
          {"locale", event.locale},
          {"evidence",
           {{"channel", event.evidence.channel},
            {"method", event.evidence.method},
            {"reference", event.evidence.reference},
            {"taken_by",
             event.evidence.taken_by.is_nil() ? Json() : Json(event.evidence.taken_by.Text())}}},
          {"guardian", event.guardian.is_nil() ? Json() : Json(event.guardian.Text())},
          {"of", event.of},
          {"cause", event.cause},
          {"restrictions", Restrictions(event.restriction)}};
}

Json Render(const govern::LedgerView& view, const rules::Catalog& catalog) {
  Json json = {{"at", FormatTime(view.at_ms)},
               {"authorizations", Json::array()},
               {"exclusions", Json::array()},
               {"restrictions", Restrictions(view.standing.restrictions)},
               {"events", Json::array()}};
  for (const store::BasisState& basis : view.standing.bases) {
    Json one = Render(basis, catalog);
    one["in_force"] = basis.InForce(view.at_ms);
    json["authorizations"].push_back(std::move(one));
  }
  for (const store::Exclusion& exclusion : view.standing.exclusions) {
    const bool all = exclusion.fields == model::FieldSet::All();
    json["exclusions"].push_back({{"purpose", exclusion.purpose},
                                  {"department", exclusion.department},
                                  {"fields", all ? Json() : FieldIds(exclusion.fields, catalog)},
                                  {"objection", exclusion.objection},
                                  {"event", exclusion.seq}});
  }
  for (const model::BasisEvent& event : view.events) {
    json["events"].push_back(Render(event, catalog));
  }
  return json;
}

}  // namespace fiducia::api
