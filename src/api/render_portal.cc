// What customers see of themselves: one of the places where a Sensitive leaves the process.
#include "api/render.h"
#include "model/names.h"

namespace fiducia::api {

namespace {

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A cell of CSV that no spreadsheet takes for a formula.
std::string CsvCell(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    out += '\'';
  }
  for (const char c : text) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  return out + "\"";
}

std::string VcardText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ',' || c == ';') {
      out += '\\';
    }
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string Vcard(const govern::OwnView& view) {
  struct Line {
    const char* field;
    const char* name;
  };
  std::string card = "BEGIN:VCARD\r\nVERSION:4.0\r\n";
  bool named = false;
  for (const Line& line : {Line{"name_full", "FN"},
                           {"mobile", "TEL;TYPE=cell"},
                           {"email", "EMAIL"},
                           {"birth_date", "BDAY"},
                           {"street", "ADR"},
                           {"occupation", "TITLE"},
                           {"employer", "ORG"},
                           {"language", "LANG"}}) {
    for (const govern::OwnField& field : view.fields) {
      if (field.field->id != line.field) {
        continue;
      }
      for (const govern::OwnValue& value : field.values) {
        const bool address = std::string_view(line.name) == "ADR";
        card += std::string(line.name) + ":" + (address ? ";;" : "") +
                VcardText(value.text.Reveal()) + (address ? ";;;;" : "") + "\r\n";
        named = named || std::string_view(line.name) == "FN";
      }
    }
  }
  return card + (named ? "" : "FN:\r\n") + "END:VCARD\r\n";
}

std::string Csv(const govern::OwnView& view, bool zh) {
  std::string text =
      "\xEF\xBB\xBF" + std::string(zh ? "字段,名称,值,来源,收集时间,依据\r\n"
                                      : "field,name,value,source,collected,basis\r\n");
  for (const govern::OwnField& field : view.fields) {
    for (const govern::OwnValue& value : field.values) {
      text += CsvCell(field.field->id) + "," +
              CsvCell(zh ? field.field->name.zh : field.field->name.en) + "," +
              CsvCell(value.text.Reveal()) + "," + CsvCell(value.provenance.source) + "," +
              CsvCell(FormatTime(value.provenance.collected_ms)) + "," +
              CsvCell(value.provenance.basis) + "\r\n";
    }
  }
  return text;
}

std::string Page(const govern::OwnView& view, bool zh) {
  std::string text =
      "<!doctype html><html lang=\"" + std::string(zh ? "zh-CN" : "en") +
      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>" +
      (zh ? "我们持有的您的信息" : "What we hold about you") +
      "</title><style>body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans CJK "
      "SC',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:"
      "collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid "
      "#ccc;vertical-align:top}</style></head><body><h1>" +
      (zh ? "我们持有的您的信息" : "What we hold about you") + "</h1><table><tr><th>" +
      (zh ? "信息" : "Information") + "</th><th>" + (zh ? "内容" : "Content") + "</th><th>" +
      (zh ? "来源" : "Source") + "</th><th>" + (zh ? "收集时间" : "Collected") + "</th></tr>";
  for (const govern::OwnField& field : view.fields) {
    for (const govern::OwnValue& value : field.values) {
      text += "<tr><td>" + Escape(zh ? field.field->name.zh : field.field->name.en) + "</td><td>" +
              Escape(value.text.Reveal()) + "</td><td>" + Escape(value.provenance.source) +
              "</td><td>" + FormatTime(value.provenance.collected_ms).substr(0, 10) + "</td></tr>";
    }
  }
  text += "</table>";
  for (const govern::OwnEvent& event : view.events) {
    text += "<h2>" + FormatTime(event.at_ms).substr(0, 10) + "</h2><table>";
    for (const govern::OwnField& field : event.fields) {
      for (const govern::OwnValue& value : field.values) {
        text += "<tr><td>" + Escape(zh ? field.field->name.zh : field.field->name.en) +
                "</td><td>" + Escape(value.text.Reveal()) + "</td></tr>";
      }
    }
    text += "</table>";
  }
  return text + "</body></html>\n";
}

}  // namespace

std::string RenderOwn(const govern::OwnView& view, const rules::Policy& policy) {
  Json json = {{"kind", model::Name(view.kind)},
               {"version", view.version},
               {"restricted", view.restrictions != 0},
               {"restricted_by_me", (view.restrictions & model::kRestrictedBySubject) != 0},
               {"since", FormatTime(view.created_ms)},
               {"regimes", view.regimes},
               {"needs_guardian", view.needs_guardian},
               {"fields", Json::array()}};
  for (const govern::OwnField& field : view.fields) {
    Json one = {{"field", field.field->id},
                {"name", TextsOf(field.field->name)},
                {"description", TextsOf(field.field->description)},
                {"class", field.field->data_class},
                {"level", model::Name(field.field->level)},
                {"values", Json::array()},
                {"purposes", Json::array()}};
    for (const std::string& id : field.purposes) {
      one["purposes"].push_back({{"id", id}, {"name", TextsOf(policy.FindPurpose(id)->name)}});
    }
    for (const govern::OwnValue& value : field.values) {
      one["values"].push_back({{"value", value.text.Reveal()},
                               {"masked", value.masked},
                               {"source", value.provenance.source},
                               {"channel", value.provenance.channel},
                               {"basis", value.provenance.basis},
                               {"collected_at", FormatTime(value.provenance.collected_ms)},
                               {"verified_at", TimeOrNull(value.verified_ms)},
                               {"stale", value.stale}});
    }
    json["fields"].push_back(std::move(one));
  }
  json["events"] = Json::array();
  for (const govern::OwnEvent& event : view.events) {
    Json one = {{"kind", event.kind}, {"at", FormatTime(event.at_ms)}, {"fields", Json::array()}};
    for (const govern::OwnField& field : event.fields) {
      for (const govern::OwnValue& value : field.values) {
        one["fields"].push_back({{"field", field.field->id},
                                 {"name", TextsOf(field.field->name)},
                                 {"value", value.text.Reveal()},
                                 {"masked", value.masked},
                                 {"source", value.provenance.source}});
      }
    }
    json["events"].push_back(std::move(one));
  }
  return WriteJson(json);
}

// Decisions of machines with the words for them, each with what a person came to who looked at it.
Json RenderDecisions(const govern::OwnView& view, const rules::Policy& policy) {
  const auto value_of = [](const govern::OwnEvent& event, std::string_view field) {
    for (const govern::OwnField& one : event.fields) {
      if (one.field->id == field && !one.values.empty()) {
        return std::string(one.values[0].text.Reveal());
      }
    }
    return std::string();
  };
  const auto words = [&](const govern::OwnEvent& event) {
    const rules::DecisionModel* model = policy.FindDecision(value_of(event, "decision_model"));
    const std::string outcome_id = value_of(event, "decision_outcome");
    const auto* outcome = model == nullptr ? nullptr : model->FindOutcome(outcome_id);
    Json reasons = Json::array();
    for (const govern::OwnField& one : event.fields) {
      if (one.field->id == "decision_reason" && !one.values.empty() && model != nullptr) {
        const auto* reason = model->FindReason(one.values[0].text.Reveal());
        reasons.push_back(reason == nullptr ? Json() : TextsOf(reason->text));
      }
    }
    return Json{{"at", FormatTime(event.at_ms)},
                {"outcome", outcome == nullptr ? Json(outcome_id) : TextsOf(outcome->text)},
                {"adverse", outcome != nullptr && outcome->adverse},
                {"reasons", reasons}};
  };
  Json decisions = Json::array();
  for (const govern::OwnEvent& event : view.events) {
    if (event.kind != apps::kDecisionKind) {
      continue;
    }
    Json one = words(event);
    const std::string id = value_of(event, "decision_model");
    const rules::DecisionModel* model = policy.FindDecision(id);
    one["id"] = event.id.Text();
    one["decision"] = id;
    one["name"] = model == nullptr ? Json(id) : TextsOf(model->name);
    one["logic"] = model == nullptr ? Json() : TextsOf(model->logic);
    one["inputs"] = Json::array();
    for (const std::string& input : model == nullptr ? std::vector<std::string>() : model->inputs) {
      one["inputs"].push_back(TextsOf(policy.catalog.Find(input)->name));
    }
    one["can_be_reviewed"] = model != nullptr && model->significant_effect;
    one["review"] = Json();
    for (const govern::OwnEvent& other : view.events) {
      if (other.kind == apps::kReviewKind &&
          value_of(other, "decision_reviewed") == event.id.Text() && one["review"].is_null()) {
        one["review"] = words(other);
      }
    }
    decisions.push_back(std::move(one));
  }
  return decisions;
}

Json RenderUses(const std::vector<govern::Use>& uses, const rules::Policy& policy) {
  Json json = {{"uses", Json::array()}, {"fields", Json::object()}};
  for (const rules::Field& field : policy.catalog.fields()) {
    json["fields"][field.id] = TextsOf(field.name);
  }
  for (const govern::Use& use : uses) {
    rules::Texts necessity;
    bool automated = false;
    for (const rules::Notice& notice : policy.notices) {
      for (const rules::Clause& clause : notice.clauses) {
        if (clause.purpose == use.purpose->id) {
          necessity = clause.necessity;
          automated = clause.automated;
        }
      }
    }
    Json one = {{"purpose", use.purpose->id},
                {"parent", use.purpose->parent},
                {"name", TextsOf(use.purpose->name)},
                {"description", TextsOf(use.purpose->description)},
                {"necessity", TextsOf(necessity)},
                {"automated", automated},
                {"state", use.state},
                {"basis", use.basis},
                {"until", TimeOrNull(use.until_ms)},
                {"term", use.purpose->term},
                {"can_switch", use.can_switch},
                {"by_law", use.purpose->overriding},
                {"asked_anew", use.asked_anew},
                {"rows", Json::array()}};
    for (const govern::UseRow& row : use.rows) {
      Json line = {{"department", row.department},
                   {"name", TextsOf(row.name)},
                   {"last_at", TimeOrNull(row.last_ms)},
                   {"count", row.count},
                   {"cells", Json::array()}};
      for (const govern::UseCell& cell : row.cells) {
        line["cells"].push_back(
            {{"class", cell.data_class}, {"on", cell.on}, {"fields", cell.fields}});
      }
      one["rows"].push_back(std::move(line));
    }
    json["uses"].push_back(std::move(one));
  }
  return json;
}

Json RenderOwnAccesses(const govern::OwnAccesses& view, const rules::Catalog& catalog) {
  Json json = {{"accesses", Json::array()}, {"next", view.next.empty() ? Json() : Json(view.next)}};
  for (const govern::OwnAccess& access : view.accesses) {
    Json one = RenderLeaf(access.entry, catalog);
    one["leaf"] = access.leaf;
    one["department"] = access.department;
    json["accesses"].push_back(std::move(one));
  }
  return json;
}

Json RenderOpinion(const govern::Opinion& opinion, bool for_staff) {
  Json json = {{"id", opinion.id.Text()},
               {"text", opinion.text.Reveal()},
               {"at", FormatTime(opinion.at_ms)},
               {"answer", opinion.answer.Reveal()},
               {"answered_at", TimeOrNull(opinion.answered_ms)}};
  if (for_staff) {
    json["customer"] = opinion.customer.Text();
  }
  return json;
}

Json RenderMessage(const courier::Message& message) {
  return {{"id", message.id.Text()},
          {"to", message.to.Reveal()},
          {"subject", message.subject.Reveal()},
          {"body", message.body.Reveal()},
          {"until", FormatTime(message.until_ms)},
          {"attempts", message.attempts}};
}

std::string OwnText(const govern::OwnView& view, const std::string& format, bool zh) {
  return format == "csv" ? Csv(view, zh) : format == "vcf" ? Vcard(view) : Page(view, zh);
}

http::Response OwnFile(const govern::OwnView& view, const rules::Policy& policy,
                       const std::string& format, bool zh) {
  http::Response response;
  response.body = format == "json" ? RenderOwn(view, policy) : OwnText(view, format, zh);
  response.content_type = format == "json"  ? "application/json"
                          : format == "csv" ? "text/csv; charset=utf-8"
                          : format == "vcf" ? "text/vcard; charset=utf-8"
                                            : "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"my-data." + format + "\"");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Json RenderWard(const govern::Guardianship& guardianship, const model::Sensitive& name) {
  return {{"id", guardianship.minor.Text()},
          {"name", name.Reveal()},
          {"relation", guardianship.relation},
          {"since", FormatTime(guardianship.confirmed_ms)}};
}

}  // namespace fiducia::api
