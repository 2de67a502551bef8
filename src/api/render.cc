#include "api/render.h"

#include <array>

#include "base/clock.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

Json FieldNames(const model::FieldSet& set, const rules::Catalog& catalog) {
  Json json = Json::array();
  set.ForEach([&](model::FieldNo number) {
    const rules::Field* field = catalog.Find(number);
    json.push_back(field == nullptr ? std::to_string(number) : field->id);
  });
  return json;
}

Json CursorOrNull(const std::string& cursor) { return cursor.empty() ? Json() : Json(cursor); }

}  // namespace

Json TextsOf(const rules::Texts& texts) { return {{"zh-CN", texts.zh}, {"en", texts.en}}; }

Json TimeOrNull(int64_t ms) { return ms == 0 ? Json() : Json(FormatTime(ms)); }

Json RenderCounts(const collect::StreamCounts& counts) {
  return {{"accepted", counts.accepted}, {"duplicates", counts.duplicates},
          {"dropped", counts.dropped},   {"refused", counts.refused},
          {"left_out", counts.left_out}, {"last_at", TimeOrNull(counts.last_ms)}};
}

void AllowPage(const http::Request& request, http::Response& response) {
  if (const std::string_view origin = request.Header("origin"); !origin.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    response.headers.emplace_back("Vary", "Origin");
  }
}

Json ListOrNull(const std::optional<std::vector<std::string>>& list) {
  return list ? Json(*list) : Json();
}

http::Response NoContent() {
  http::Response response;
  response.status = 204;
  return response;
}

http::Response JsonResponse(int status, const Json& json) {
  return TextResponse(status, WriteJson(json));
}

http::Response TextResponse(int status, std::string json) {
  http::Response response;
  response.status = status;
  response.body = std::move(json);
  return response;
}

namespace {

void WriteFields(JsonWriter& out, const std::vector<apps::FieldView>& fields) {
  out.Open('{');
  for (const apps::FieldView& field : fields) {
    out.Key(field.field->id);
    out.Open('[');
    for (const apps::ValueView& value : field.values) {
      out.Open('{');
      out.Key("value");
      out.Text(value.text.Reveal());
      out.Key("access");
      out.Text(value.masked ? "masked" : "clear");
      out.Key("reason");
      out.Text(gate::Name(value.masked ? gate::Reason::kMasked : field.reason));
      out.Key("level");
      out.Text(model::Name(value.level));
      out.Key("source");
      out.Text(value.source);
      out.Key("confidence");
      out.Number(value.confidence);
      out.Key("verified_at");
      value.verified_ms == 0 ? out.Word("null") : out.Text(FormatTime(value.verified_ms));
      out.Close('}');
    }
    out.Close(']');
  }
  out.Close('}');
}

void WriteWithheld(JsonWriter& out, const std::vector<apps::FieldView>& withheld) {
  out.Open('[');
  for (const apps::FieldView& field : withheld) {
    out.Open('{');
    out.Key("field");
    out.Text(field.field == nullptr ? "" : field.field->id);
    out.Key("reason");
    out.Text(gate::Name(field.reason));
    out.Close('}');
  }
  out.Close(']');
}

// The end of a page: its last member, and the page's bracket.
void WriteNext(JsonWriter& out, const std::string& cursor) {
  out.Key("next");
  cursor.empty() ? out.Word("null") : out.Text(cursor);
  out.Close('}');
}

void WriteCustomer(JsonWriter& out, const apps::CustomerView& view) {
  out.Open('{');
  out.Key("id");
  out.Text(view.subject.id.Text());
  out.Key("kind");
  out.Text(model::Name(view.kind));
  out.Key("version");
  out.Number(view.version);
  out.Key("restricted");
  out.Word(view.restrictions != 0 ? "true" : "false");
  out.Key("restrictions");
  out.Open('[');
  for (const model::Restriction one : {model::kRestrictedBySubject, model::kRestrictedDispute,
                                       model::kRestrictedMinor, model::kRestrictedHold}) {
    if ((view.restrictions & one) != 0) {
      out.Text(model::Name(one));
    }
  }
  out.Close(']');
  out.Key("fields");
  WriteFields(out, view.fields);
  out.Key("withheld");
  WriteWithheld(out, view.withheld);
  out.Close('}');
}

}  // namespace

std::string Render(const apps::CustomerView& view) {
  std::string body;
  body.reserve(2048);
  JsonWriter out(body);
  WriteCustomer(out, view);
  return body;
}

std::string Render(const apps::PairView& view) {
  static constexpr std::array<std::string_view, 3> kAnswers = {"none", "yes", "no"};
  static constexpr std::array<std::string_view, 3> kStates = {"open", "merged", "rejected"};
  std::string body;
  body.reserve(4096);
  JsonWriter out(body);
  out.Open('{');
  out.Key("state");
  out.Text(kStates.at(static_cast<size_t>(view.pair.state)));
  out.Key("weight");
  out.Word(WriteJson(static_cast<double>(view.pair.weight) / 1000));
  out.Key("reasons");
  out.Word(view.pair.reasons.empty() ? "[]" : view.pair.reasons);
  out.Key("first");
  WriteCustomer(out, view.first);
  out.Key("second");
  WriteCustomer(out, view.second);
  out.Key("better_second");
  out.Open('[');
  for (const rules::Field* field : view.better_second) {
    out.Text(field->id);
  }
  out.Close(']');
  out.Key("outcomes");
  out.Open('[');
  for (const apps::PurposeOutcome& outcome : view.outcomes) {
    out.Open('{');
    out.Key("purpose");
    out.Text(outcome.purpose);
    out.Key("first");
    out.Text(kAnswers.at(static_cast<size_t>(outcome.of_first)));
    out.Key("second");
    out.Text(kAnswers.at(static_cast<size_t>(outcome.of_second)));
    out.Key("merged");
    out.Text(kAnswers.at(static_cast<size_t>(outcome.merged)));
    out.Close('}');
  }
  out.Close(']');
  out.Close('}');
  return body;
}

std::string Render(const apps::SearchView& view) {
  std::string body;
  JsonWriter out(body);
  out.Open('{');
  out.Key("customers");
  out.Open('[');
  for (const apps::CustomerView& customer : view.customers) {
    WriteCustomer(out, customer);
  }
  out.Close(']');
  WriteNext(out, view.next);
  return body;
}

std::string Render(const apps::TimelineView& view) {
  std::string body;
  JsonWriter out(body);
  out.Open('{');
  out.Key("events");
  out.Open('[');
  for (const apps::EventView& event : view.events) {
    out.Open('{');
    out.Key("id");
    out.Text(event.id.Text());
    out.Key("kind");
    out.Text(event.kind);
    out.Key("occurred_at");
    out.Text(FormatTime(event.at_ms));
    out.Key("fields");
    WriteFields(out, event.fields);
    out.Key("withheld");
    WriteWithheld(out, event.withheld);
    out.Close('}');
  }
  out.Close(']');
  WriteNext(out, view.next);
  return body;
}

Json RenderLeaf(const audit::Leaf& leaf, const rules::Catalog& catalog) {
  Json one;
  one["time"] = FormatTime(leaf.time_ms);
  one["actor"] = leaf.actor.Text();
  one["role"] = leaf.role;
  one["operation"] = leaf.op;
  one["decision"] = leaf.decision;
  one["reason"] = leaf.reason.empty() ? Json() : Json(leaf.reason);
  one["purpose"] = leaf.purpose;
  one["basis"] = leaf.basis.empty() ? Json() : Json(leaf.basis);
  one["case"] = leaf.case_id.empty() ? Json() : Json(leaf.case_id);
  one["clear"] = FieldNames(leaf.clear, catalog);
  one["masked"] = FieldNames(leaf.masked, catalog);
  // An export names who outside of the house got it.
  constexpr std::string_view kTo = "to ";
  const bool leaves = leaf.op == "export" || leaf.op == "share";
  one["recipient"] =
      leaves && leaf.detail.starts_with(kTo) ? Json(leaf.detail.substr(kTo.size())) : Json();
  return one;
}

Json Render(const apps::AccessesView& view, const rules::Catalog& catalog) {
  Json json;
  json["accesses"] = Json::array();
  for (const apps::AccessView& access : view.accesses) {
    Json one = RenderLeaf(access.entry, catalog);
    one["leaf"] = access.leaf;
    json["accesses"].push_back(std::move(one));
  }
  json["next"] = CursorOrNull(view.next);
  return json;
}

Json Render(const apps::LineageView& view, const rules::Catalog& catalog) {
  Json json;
  double score = 0;
  json["values"] = Json::array();
  for (const apps::LineageValue& value : view.values) {
    Json one;
    one["field"] = value.field == nullptr ? "" : value.field->id;
    one["source"] = value.provenance.source;
    one["channel"] = value.provenance.channel;
    one["basis"] = value.provenance.basis;
    one["collector"] = value.provenance.collector.Text();
    one["import"] = value.provenance.batch.is_nil() ? Json() : Json(value.provenance.batch.Text());
    one["collected_at"] = FormatTime(value.provenance.collected_ms);
    one["verified_at"] = TimeOrNull(value.verified_ms);
    one["confidence"] = value.confidence;
    one["since_version"] = value.version;
    one["stale"] = value.stale;
    score += apps::ScoreOf(value.confidence / 100.0, value.stale);
    json["values"].push_back(std::move(one));
  }
  json["score"] = view.values.empty() ? 1 : score / static_cast<double>(view.values.size());
  json["bases"] = Json::array();
  for (const model::BasisEvent& event : view.bases) {
    json["bases"].push_back(Render(event, catalog));
  }
  json["imports"] = Json::array();
  for (const store::SubjectImport& import : view.imports) {
    Json one;
    one["import"] = import.import.Text();
    one["row"] = import.row.row;
    one["action"] = import.row.action == store::RowAction::kCreated ? "created" : "matched";
    one["leaf"] = import.row.leaf;
    json["imports"].push_back(std::move(one));
  }
  return json;
}

namespace {

Json LevelOrNull(const std::optional<model::Level>& level) {
  return level ? Json(model::Name(*level)) : Json();
}

}  // namespace

Json Render(const rules::Policy& policy) {
  Json json;
  json["policy"] = policy.version;
  json["fields"] = Json::array();
  for (const rules::Field& field : policy.catalog.fields()) {
    Json one;
    one["id"] = field.id;
    one["class"] = field.data_class;
    one["level"] = model::Name(field.level);
    one["flags"] = field.flags;
    one["type"] = field.type;
    one["many"] = field.many;
    one["searchable"] = !field.index.empty();
    one["leakage"] = field.leakage;
    one["name"] = TextsOf(field.name);
    one["description"] = TextsOf(field.description);
    one["dpv"] = field.dpv;
    one["fideslang"] = field.fideslang;
    json["fields"].push_back(std::move(one));
  }
  json["roles"] = Json::array();
  for (const auto& [id, role] : policy.roles) {
    json["roles"].push_back({{"id", id},
                             {"name", TextsOf(role.name)},
                             {"assignable", role.assignable},
                             {"excludes", role.excludes},
                             {"purposes", role.purposes},
                             {"classes", role.classes},
                             {"can", role.can},
                             {"read", LevelOrNull(role.read)},
                             {"masked", LevelOrNull(role.masked)},
                             {"reveal", LevelOrNull(role.reveal)},
                             {"write", LevelOrNull(role.write)}});
  }
  json["purposes"] = Json::array();
  for (const auto& [id, purpose] : policy.purposes) {
    Json one;
    one["id"] = id;
    one["name"] = TextsOf(purpose.name);
    one["description"] = TextsOf(purpose.description);
    Json bases = Json::array();
    for (const model::BasisKind basis : purpose.bases) {
      bases.push_back(model::Name(basis));
    }
    one["bases"] = std::move(bases);
    Json raised = Json::object();
    one["fields"] = Json::array();
    for (const rules::Field& field : policy.catalog.fields()) {
      if (purpose.fields.Has(field.number)) {
        one["fields"].push_back(field.id);
      }
      if (purpose.fields.Has(field.number) && purpose.LevelOf(field) != field.level) {
        raised[field.id] = model::Name(purpose.LevelOf(field));
      }
    }
    one["raised"] = std::move(raised);
    json["purposes"].push_back(std::move(one));
  }
  return json;
}

http::Response RenderPreview(const apps::ContactPreview& preview) {
  Json kinds = Json::array();
  for (const process::SiftedKind& one : preview.sifted.kinds) {
    kinds.push_back(
        {{"kind", one.kind}, {"count", one.count}, {"kept", one.kept}, {"never", one.never}});
  }
  return JsonResponse(200, {{"text", std::string(preview.text.Reveal())},
                            {"matter", process::Name(preview.sifted.matter)},
                            {"level", model::Name(preview.sifted.level)},
                            {"rights", preview.rights},
                            {"kinds", std::move(kinds)},
                            {"speakers", preview.sifted.speakers}});
}

http::Response Created(const apps::Written& written) {
  Json json = {{"id", written.subject.id.Text()}, {"version", written.version}};
  if (!written.event.is_nil()) {
    json["event"] = written.event.Text();
  }
  http::Response response = JsonResponse(201, json);
  response.headers.emplace_back("ETag", "\"" + std::to_string(written.version) + "\"");
  response.headers.emplace_back("Location", "/api/v1/customers/" + written.subject.id.Text());
  if (written.repeated) {
    response.headers.emplace_back("Idempotency-Replayed", "true");
  }
  return response;
}

}  // namespace fiducia::api
