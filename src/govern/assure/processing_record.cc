#include "govern/assure/processing_record.h"

#include <algorithm>

#include "model/names.h"

namespace fiducia::govern {

namespace {

Json Texts(const rules::Texts& texts) { return {{"zh-CN", texts.zh}, {"en", texts.en}}; }

const Json* ClauseIn(const std::vector<NoticeVersion>& notices, const std::string& purpose,
                     std::string& version) {
  std::set<std::string> seen;
  for (const NoticeVersion& notice : notices) {
    const auto clauses = notice.snapshot.find("clauses");
    if (!seen.insert(notice.id).second || clauses == notice.snapshot.end()) {
      continue;
    }
    for (const Json& clause : *clauses) {
      if (JsonText(clause, "purpose") == purpose) {
        version = notice.Name();
        return &clause;
      }
    }
  }
  return nullptr;
}

// How long each class of what the purpose works with is kept, as the catalog has it.
Json TermsOf(const rules::Catalog& catalog, const model::FieldSet& fields) {
  std::map<std::string, std::set<std::string>> terms;
  fields.ForEach([&](model::FieldNo number) {
    const rules::Field& field = *catalog.Find(number);
    terms[field.data_class].insert(field.retention_period + " after " + field.retention_after);
  });
  return terms;
}

Json RecipientsOf(const std::vector<Recipient>& recipients, const std::string& purpose) {
  Json list = Json::array();
  for (const Recipient& one : recipients) {
    const auto& own = one.purposes;
    if (one.state != RecipientState::kEnded &&
        std::find(own.begin(), own.end(), purpose) != own.end()) {
      list.push_back({{"code", one.code},
                      {"name", one.name},
                      {"kind", one.kind},
                      {"countries", one.countries},
                      {"way", one.way},
                      {"agreement", one.agreement}});
    }
  }
  return list;
}

Json RulesFor(const rules::Policy& policy, const std::string& home,
              const std::set<std::string>& activities) {
  rules::Facts facts;
  facts.words["activity"] = activities;
  Json list = Json::array();
  for (const auto& [regime, pack] : policy.laws.packs()) {
    for (const rules::Rule& rule : pack.rules) {
      if (rule.effect == rules::Effect::kRequireRecord && rule.event == "purpose" &&
          regime == policy.laws.RegimeOf(home)) {
        list.push_back({{"rule", rule.id}, {"cite", rule.cite}});
      }
    }
  }
  return list;
}

std::string Joined(const Json& list, const char* key = nullptr) {
  std::string text;
  for (const Json& one : list) {
    text +=
        (text.empty() ? "" : "; ") + (key == nullptr ? one.get<std::string>() : JsonText(one, key));
  }
  return text;
}

void AddCell(std::string& line, std::string_view text) {
  line += line.empty() ? "\"" : ",\"";
  for (const char c : text) {
    line += c == '"' ? "\"\"" : std::string(1, c);
  }
  line += "\"";
}

// What is done for one purpose.
Json PurposeIn(const ProcessingFacts& facts, const rules::Purpose& purpose) {
  const rules::Policy& policy = facts.policy;
  const std::string& id = purpose.id;
  std::string version;
  const Json* clause = ClauseIn(facts.notices, id, version);
  Json fields = Json::array();
  Json sensitive = Json::array();
  const std::set<std::string> flags = SensitiveFlags(policy.laws.RegimeOf(facts.home));
  std::set<std::string> classes;
  purpose.fields.ForEach([&](model::FieldNo number) {
    const rules::Field& field = *policy.catalog.Find(number);
    fields.push_back(field.id);
    classes.insert(field.data_class);
    if (std::any_of(field.flags.begin(), field.flags.end(),
                    [&](const std::string& flag) { return flags.contains(flag); })) {
      sensitive.push_back(field.id);
    }
  });
  Json bases = Json::array();
  for (const model::BasisKind basis : purpose.bases) {
    bases.push_back(std::string(model::Name(basis)));
  }
  std::set<std::string> roles;
  for (const auto& [role_id, role] : policy.roles) {
    if (role.purposes.contains(id)) {
      roles.insert(role_id);
    }
  }
  Json assessment;
  std::set<std::string> activities;
  for (const AssessmentNeed& need : facts.assessments) {
    if (need.purpose == id) {
      activities = need.activities;
      assessment = {{"state", need.state}, {"kinds", need.kinds}, {"required", need.required}};
    }
  }
  const auto owner = facts.owners.find(id);
  return {{"id", id},
          {"name", Texts(purpose.name)},
          {"description", Texts(purpose.description)},
          {"dpv", purpose.dpv},
          {"owner", owner == facts.owners.end() ? purpose.owner : owner->second},
          {"bases", bases},
          {"people", {"customers"}},
          {"classes", classes},
          {"fields", fields},
          {"sensitive", sensitive},
          {"roles", roles},
          {"recipients", RecipientsOf(facts.recipients, id)},
          {"terms", TermsOf(policy.catalog, purpose.fields)},
          {"authorization_term", purpose.term},
          {"automated", clause != nullptr && clause->value("automated", false)},
          {"notice", version},
          {"activities", activities},
          {"assessment", assessment},
          {"laws", RulesFor(policy, facts.home, activities)}};
}

}  // namespace

Json ProcessingRecord(const ProcessingFacts& facts) {
  const rules::Policy& policy = facts.policy;
  Json purposes = Json::array();
  for (const auto& [id, purpose] : policy.purposes) {
    purposes.push_back(PurposeIn(facts, purpose));
  }
  Json sources = Json::array();
  for (const auto& [id, channel, owner] : facts.sources) {
    sources.push_back({{"id", id}, {"channel", channel}, {"owner", owner}});
  }
  Json controller;
  Json contact;
  if (!facts.notices.empty()) {
    controller = facts.notices.front().snapshot.value("controller", Json());
    contact = facts.notices.front().snapshot.value("contact", Json());
  }
  return {{"format", "fiducia-processing-record/1"},
          {"controller", controller},
          {"contact", contact},
          {"established", facts.home},
          {"policy", policy.version},
          {"purposes", purposes},
          {"sources", sources},
          // What the product does for every value, whatever the configuration.
          {"measures",
           {"values_sealed_under_a_key_per_person", "purpose_and_basis_checked_at_each_access",
            "every_access_in_a_signed_log", "least_fields_per_role_and_purpose",
            "second_factor_and_four_eyes", "erasure_destroys_the_key",
            "encrypted_backups_with_drills", "tls_only"}}};
}

std::string ProcessingCsv(const Json& record) {
  std::string text =
      "\"purpose\",\"owner\",\"bases\",\"people\",\"classes\",\"sensitive\",\"recipients\","
      "\"terms\",\"automated\",\"notice\",\"assessment\",\"laws\"\r\n";
  const Json purposes = record.value("purposes", Json::array());
  for (const Json& one : purposes) {
    std::string terms;
    for (const auto& [data_class, list] : one["terms"].items()) {
      terms += (terms.empty() ? "" : " | ") + data_class + ": " + Joined(list);
    }
    std::string line;
    AddCell(line, JsonText(one, "id"));
    AddCell(line, JsonText(one, "owner"));
    AddCell(line, Joined(one["bases"]));
    AddCell(line, Joined(one["people"]));
    AddCell(line, Joined(one["classes"]));
    AddCell(line, Joined(one["sensitive"]));
    AddCell(line, Joined(one["recipients"], "code"));
    AddCell(line, terms);
    AddCell(line, one.value("automated", false) ? "yes" : "no");
    AddCell(line, JsonText(one, "notice"));
    AddCell(line, one["assessment"].is_null() ? "" : JsonText(one["assessment"], "state"));
    AddCell(line, Joined(one["laws"], "cite"));
    text += line + "\r\n";
  }
  return text;
}

Json ProcessingDpv(const Json& record) {
  static const std::map<std::string, std::string> kBases = {
      {"consent", "dpv:Consent"},
      {"contract", "dpv:Contract"},
      {"legal_obligation", "dpv:LegalObligation"},
      {"legitimate_interest", "dpv:LegitimateInterest"},
      {"vital_interest", "dpv:VitalInterest"},
      {"public_interest", "dpv:PublicInterest"},
      {"public_source", "dpv:DataPublishedByDataSubject"}};
  Json activities = Json::array();
  const Json purposes = record.value("purposes", Json::array());
  for (const Json& one : purposes) {
    Json bases = Json::array();
    for (const Json& basis : one["bases"]) {
      const auto word = kBases.find(basis.get<std::string>());
      bases.push_back(word == kBases.end() ? "dpv:LegalBasis" : word->second);
    }
    Json recipients = Json::array();
    for (const Json& recipient : one["recipients"]) {
      recipients.push_back(
          {{"@type",
            JsonText(recipient, "kind") == "processor" ? "dpv:DataProcessor" : "dpv:ThirdParty"},
           {"dpv:hasName", JsonText(recipient, "name")},
           {"dpv:hasCountry", recipient["countries"]}});
    }
    activities.push_back({{"@id", "#" + JsonText(one, "id")},
                          {"@type", "dpv:Process"},
                          {"dpv:hasPurpose", JsonText(one, "dpv")},
                          {"dpv:hasLegalBasis", bases},
                          {"dpv:hasPersonalData", one["fields"]},
                          {"dpv:hasDataSubject", "dpv:Customer"},
                          {"dpv:hasRecipient", recipients},
                          {"dpv:hasStorageCondition", one["terms"]},
                          {"dpv:isImplementedUsingTechnology", "Fiducia"},
                          {"dpv:hasResponsibleEntity", JsonText(one, "owner")}});
  }
  return {{"@context", {{"dpv", "https://w3id.org/dpv#"}}},
          {"@type", "dpv:RecordsOfActivities"},
          {"dpv:hasDataController", record["controller"]},
          {"dpv:hasContact", record["contact"]},
          {"dpv:hasProcess", activities}};
}

}  // namespace fiducia::govern
