#include "rules/pack_words.h"

#include <array>

namespace fiducia::rules {

namespace {

constexpr std::array<std::string_view, 16> kEffects = {
    "clock",      "basis",      "right",    "require_consent", "deny",      "step_up",
    "retain_min", "retain_max", "assess",   "record",          "threshold", "notify",
    "disclose",   "contract",   "transfer", "human_review"};

const WordSet kRights = {
    "know",     "access",           "copy",   "portability",       "rectify",
    "erase",    "restrict",         "object", "explain",           "human_review",
    "withdraw", "opt_out",          "limit",  "opt_out_automated", "complain",
    "heirs",    "anonymity",        "source", "no_retaliation",    "third_parties",
    "appeal",   "refuse_automated", "cease"};
const WordSet kConsents = {"separate", "written", "explicit", "express",
                           "opt_in",   "opt_out", "guardian", "all_sensitive"};
const WordSet kBases = {
    "consent",        "contract",        "legal_obligation", "legitimate_interest",
    "vital_interest", "public_interest", "public_source",    "none_needed"};

}  // namespace

const WordSet& Events() {
  static const WordSet kEvents = {"request",  "breach",  "collect",    "consent",  "use",
                                  "transfer", "entrust", "share",      "decision", "purpose",
                                  "retain",   "notice",  "population", "signal",   "complaint"};
  return kEvents;
}

const std::map<std::string, WordSet, std::less<>>& WordFacts() {
  static const std::map<std::string, WordSet, std::less<>> kFacts = {
      {"right", kRights},
      {"activity",
       {"sell",        "share",          "target",           "profile",      "automated_decision",
        "sensitive",   "entrust",        "provide",          "publish",      "export",
        "large_scale", "monitor_public", "train_model",      "image_public", "out_of_purpose",
        "third_party", "combine",        "direct_marketing", "push",         "children"}},
      {"flag",
       {"cn_sensitive", "eu_special", "eu_criminal", "us_ca_sensitive", "jp_special_care",
        "au_sensitive", "cookie_type"}},
      {"basis", kBases},
      {"class",
       {"identity", "contact", "transaction", "interaction", "preference", "credit", "social"}},
      {"record",
       {"processing", "request", "assessment", "transfer", "network_log", "consent", "transaction",
        "breach"}},
      {"destination",
       {"adequate", "other", "concern", "equivalent", "prescribed", "group", "eu", "uk"}},
      {"signal", {"gpc"}},
      {"harm", {"money", "ssn", "none"}},
      {"role", {"controller", "processor", "authority_request"}}};
  return kFacts;
}

const WordSet& NumberFacts() {
  static const WordSet kFacts = {
      "people",           "sensitive_people", "age",         "loss_cny", "staff",
      "financial_people", "biometric_people", "declared_age"};
  return kFacts;
}

const WordSet& FlagFacts() {
  static const WordSet kFacts = {"malicious",        "critical_infrastructure",
                                 "important_data",   "high_risk",
                                 "risk_unlikely",    "harm_avoided",
                                 "serious_harm",     "significant_effect",
                                 "solely_automated", "product_risk",
                                 "necessary",        "encrypted",
                                 "erased_fully",     "reasonable_request"};
  return kFacts;
}

const WordSet& WordsOf(Effect effect) {
  static const WordSet kNone = {};
  static const WordSet kAudiences = {"regulator", "people", "attorney_general",
                                     "processor", "police", "recipients"};
  static const WordSet kTemplates = {"pipia", "dpia", "ca_risk", "us_dpa", "tia"};
  static const WordSet kRecords = {"purposes", "classes",  "recipients", "countries",
                                   "terms",    "measures", "contact",    "counts",
                                   "actions",  "reasons",  "assessment", "agreement"};
  static const WordSet kClauses = {"identity",  "purpose", "class",     "basis",
                                   "recipient", "country", "retention", "right",
                                   "automated", "contact", "necessity", "rules_for_minors",
                                   "source",    "sale",    "complaint"};
  static const WordSet kContract = {
      "purpose", "term",  "method",          "kinds",  "measures", "duties",       "subprocessors",
      "return",  "audit", "confidentiality", "breach", "rights",   "instructions", "no_sale"};
  static const WordSet kWays = {
      "none_needed", "adequacy", "standard_contract", "certification",    "state_assessment", "bcr",
      "derogation",  "consent",  "equivalent_system", "reasonable_steps", "approval"};
  static const WordSet kDuties = {
      "officer", "state_assessment", "standard_contract", "regulator_report",
      "audit",   "publish_metrics",  "restricted"};
  switch (effect) {
    case Effect::kBasis:
      return kBases;
    case Effect::kRight:
      return kRights;
    case Effect::kRequireConsent:
      return kConsents;
    case Effect::kNotify:
      return kAudiences;
    case Effect::kRequireAssessment:
      return kTemplates;
    case Effect::kRequireRecord:
      return kRecords;
    case Effect::kDisclose:
      return kClauses;
    case Effect::kContract:
      return kContract;
    case Effect::kTransfer:
      return kWays;
    case Effect::kThreshold:
      return kDuties;
    default:
      return kNone;
  }
}

bool IsWordOf(Effect effect, std::string_view word) {
  return WordsOf(effect).contains(std::string(word));
}

const WordSet& ClockTasks() {
  static const WordSet kTasks = {
      "answer",        "confirm",      "apply",        "appeal", "notify_regulator",
      "notify_people", "report_final", "report_first", "assess", "notify_attorney_general",
      "refuse",        "file",         "review",       "stop",   "summary"};
  return kTasks;
}

const WordSet& ClockStarts() {
  static const WordSet kStarts = {"received_at",  "aware_at",    "notified_at",  "changed_at",
                                  "decided_at",   "erased_at",   "appointed_at", "people_told_at",
                                  "suspected_at", "contained_at"};
  return kStarts;
}

const WordSet& PauseReasons() {
  static const WordSet kReasons = {"identity_doubt", "clarification", "fee", "police"};
  return kReasons;
}

std::string_view Name(Effect effect) { return kEffects[static_cast<size_t>(effect)]; }

Result<Effect> ParseEffect(std::string_view word) {
  for (size_t i = 0; i < kEffects.size(); ++i) {
    if (kEffects[i] == word) {
      return static_cast<Effect>(i);
    }
  }
  return Fail(Code::kInvalidInput, "there is no such effect");
}

}  // namespace fiducia::rules
