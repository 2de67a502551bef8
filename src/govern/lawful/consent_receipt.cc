#include "govern/lawful/consent_receipt.h"

#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/json.h"
#include "model/names.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kFormat = "fiducia-consent-receipt/1";

// DPV's words for what became of a consent.
std::string_view StatusOf(model::BasisAction action) {
  switch (action) {
    case model::BasisAction::kGiven:
      return "dpv:ConsentGiven";
    case model::BasisAction::kWithdrawn:
    case model::BasisAction::kObjected:
      return "dpv:ConsentWithdrawn";
    case model::BasisAction::kRefused:
      return "dpv:ConsentRefused";
    case model::BasisAction::kRequested:
      return "dpv:ConsentRequested";
    case model::BasisAction::kEnded:
      return "dpv:ConsentExpired";
    default:
      return "dpv:ConsentUnknown";
  }
}

std::string_view TypeOf(const model::BasisEvent& event) {
  if (event.basis != model::BasisKind::kConsent) {
    return "dpv:NotApplicable";
  }
  return event.consent == model::ConsentType::kImplied    ? "dpv:ImpliedConsent"
         : event.consent >= model::ConsentType::kExplicit ? "dpv:ExplicitlyExpressedConsent"
                                                          : "dpv:ExpressedConsent";
}

Json DurationOf(const model::BasisEvent& event) {
  if (event.max_uses != 0) {
    return {{"@type", "dpv:FixedOccurrencesDuration"}, {"rdf:value", event.max_uses}};
  }
  if (!event.until_event.empty()) {
    return {{"@type", "dpv:UntilEventDuration"}, {"rdf:value", event.until_event}};
  }
  if (event.until_ms != 0) {
    return {{"@type", "dpv:UntilTimeDuration"}, {"rdf:value", FormatTime(event.until_ms)}};
  }
  return {{"@type", "dpv:IndeterminateDuration"}};
}

Json DataOf(const rules::Policy& policy, const model::BasisEvent& event) {
  Json data = Json::array();
  const rules::Purpose* purpose = policy.FindPurpose(event.purpose);
  for (const rules::Field& field : policy.catalog.fields()) {
    const bool reached = event.scope.fields
                             ? event.scope.fields->Has(field.number)
                             : purpose != nullptr && purpose->fields.Has(field.number) &&
                                   (event.separate || field.level < model::Level::kL4);
    if (reached) {
      data.push_back({{"@id", "fiducia:field/" + field.id},
                      {"@type", field.dpv},
                      {"fiducia:level", model::Name(field.level)},
                      {"dct:title",
                       {{{"@language", "zh-CN"}, {"@value", field.name.zh}},
                        {{"@language", "en"}, {"@value", field.name.en}}}}});
    }
  }
  return data;
}

Json OperationsOf(const model::BasisEvent& event) {
  Json operations = Json::array();
  for (const auto one : {model::kCollect, model::kView, model::kDerive, model::kContact,
                         model::kTakeOut, model::kShare}) {
    if ((event.scope.operations & one) != 0) {
      operations.push_back(std::string(model::Name(one)));
    }
  }
  return operations;
}

Json RecordOf(const rules::Policy& policy, const model::SubjectRef& subject,
              const model::BasisEvent& event) {
  const rules::Purpose* purpose = policy.FindPurpose(event.purpose);
  Json record;
  record["@context"] = {{"dpv", "https://w3id.org/dpv#"},
                        {"dct", "http://purl.org/dc/terms/"},
                        {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
                        {"fiducia", "urn:fiducia:"}};
  record["@type"] = "dpv:ConsentReceipt";
  record["@id"] =
      "fiducia:customer/" + subject.id.Text() + "/authorization/" + std::to_string(event.seq);
  record["dct:conformsTo"] = "https://w3id.org/dpv/guides/consent-27560";
  record["fiducia:format"] = kFormat;
  record["dpv:hasDataSubject"] = "fiducia:customer/" + subject.id.Text();
  record["fiducia:kind"] = model::Name(event.kind);
  Json of = {{"@id", "fiducia:purpose/" + event.purpose}};
  if (purpose != nullptr) {
    of["@type"] = purpose->dpv;
    of["dct:title"] = {{{"@language", "zh-CN"}, {"@value", purpose->name.zh}},
                       {{"@language", "en"}, {"@value", purpose->name.en}}};
  }
  record["dpv:hasPurpose"] = std::move(of);
  record["dpv:hasLegalBasis"] = model::Name(event.basis);
  record["dpv:hasConsentType"] = TypeOf(event);
  record["fiducia:separate"] = event.separate;
  record["dpv:hasPersonalData"] = DataOf(policy, event);
  record["dpv:hasProcessing"] = OperationsOf(event);
  record["dpv:hasRecipient"] = event.scope.departments.empty()
                                   ? Json::array({"fiducia:department/all"})
                                   : Json(event.scope.departments);
  record["dpv:hasDuration"] = DurationOf(event);
  record["dpv:hasNotice"] = {{"dct:identifier", event.notice}, {"dct:language", event.locale}};
  record["dpv:hasJurisdiction"] = event.jurisdiction;
  record["dpv:hasConsentStatus"] = {
      {{"@type", StatusOf(event.action)},
       {"fiducia:action", model::Name(event.action)},
       {"dct:date", FormatTime(event.at_ms)},
       {"fiducia:event", event.seq},
       {"dpv:hasMethod", event.evidence.channel + ":" + event.evidence.method},
       {"fiducia:guardian", !event.guardian.is_nil()}}};
  record["fiducia:withdrawal"] = "portal, or any word to the company";
  return record;
}

// What is signed: the format, and the whole record in one line.
std::string SignedText(const Json& record) {
  return std::string(kFormat) + "\n" + WriteJson(record) + "\n";
}

}  // namespace

std::string WriteConsentReceipt(const rules::Policy& policy, const audit::Log& log,
                                const model::SubjectRef& subject, const model::BasisEvent& event) {
  Json receipt;
  receipt["format"] = kFormat;
  receipt["record"] = RecordOf(policy, subject, event);
  receipt["note"] = log.Sign(SignedText(receipt["record"]));
  receipt["verifier"] = log.verifier();
  return WriteJsonPretty(receipt) + "\n";
}

Result<ConsentReceiptFacts> CheckConsentReceipt(std::string_view text, std::string_view verifier) {
  const auto json = ParseJson(text);
  if (!json || !json->is_object() || JsonText(*json, "format") != kFormat ||
      !json->contains("record") || !(*json)["record"].is_object()) {
    return Fail(Code::kInvalidInput, "this is not the receipt of an authorization");
  }
  ConsentReceiptFacts facts;
  facts.verifier = verifier.empty() ? JsonText(*json, "verifier") : std::string(verifier);
  const auto signed_text = audit::OpenNote(JsonText(*json, "note"), facts.verifier);
  if (!signed_text) {
    return Fail(Code::kCorrupt, "the receipt is not signed by this company's key");
  }
  const Json& record = (*json)["record"];
  if (*signed_text != SignedText(record)) {
    return Fail(Code::kCorrupt, "the receipt was altered after it was signed");
  }
  facts.customer = JsonText(record, "dpv:hasDataSubject");
  if (record.contains("dpv:hasPurpose") && record["dpv:hasPurpose"].is_object()) {
    facts.purpose = JsonText(record["dpv:hasPurpose"], "@id");
  }
  const auto& statuses = record.value("dpv:hasConsentStatus", Json::array());
  if (statuses.is_array() && !statuses.empty() && statuses[0].is_object()) {
    facts.state = JsonText(statuses[0], "fiducia:action");
    facts.at = JsonText(statuses[0], "dct:date");
  }
  return facts;
}

}  // namespace fiducia::govern
