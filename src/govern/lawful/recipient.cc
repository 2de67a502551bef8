#include "govern/lawful/recipient.h"

#include <algorithm>

namespace fiducia::govern {

namespace {

constexpr std::array<std::string_view, 3> kStates = {"active", "suspended", "ended"};
constexpr std::array<std::string_view, 4> kResults = {"pass", "minor", "major", "fail"};
constexpr size_t kListMost = 200;
constexpr size_t kTextMost = 400;

template <typename E, size_t N>
Result<E> WordFrom(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) {
    return Fail(Code::kCorrupt, "a recipient on record is damaged");
  }
  return static_cast<E>(found - words.begin());
}

bool IsCode(std::string_view code) {
  return code.size() >= 2 && code.size() <= 40 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

bool IsCountry(std::string_view code) {
  return code.size() == 2 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool Has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> NotIn(const std::vector<std::string>& wanted,
                               const std::vector<std::string>& allowed) {
  std::vector<std::string> missing;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing),
               [&](const std::string& one) { return !Has(allowed, one); });
  return missing;
}

// What the agreement lacks of what the law wants in it.
void AddMissingClauses(const Recipient& recipient, const rules::Policy& policy,
                       const std::string& home, int64_t day, std::vector<Obstacle>& found) {
  const std::string regime = policy.laws.RegimeOf(home);
  for (const rules::Applied& applied : policy.laws.Applying({regime}, "entrust", {}, day)) {
    if (applied.rule->effect != rules::Effect::kContract || applied.truth != rules::Truth::kYes) {
      continue;
    }
    Obstacle missing{"clauses_missing", {}, applied.rule->Blocks(), applied.rule->id};
    for (const std::string& clause : applied.rule->words) {
      if (!recipient.clauses.contains(clause)) {
        missing.ids.push_back(clause);
      }
    }
    if (!missing.ids.empty()) {
      found.push_back(std::move(missing));
    }
  }
}

}  // namespace

std::string_view Name(RecipientState state) { return kStates[static_cast<size_t>(state)]; }
std::string_view Name(AuditResult result) { return kResults[static_cast<size_t>(result)]; }

int64_t Recipient::AuditDue() const {
  int64_t last = signed_day;
  for (const RecipientAudit& audit : audits) {
    last = std::max(last, audit.day);
  }
  return last == 0 ? 0 : rules::AfterPeriod(last, audit_every).value_or(last);
}

bool Recipient::IsAbroad(const rules::Pack* home) const {
  return std::any_of(countries.begin(), countries.end(), [&](const std::string& country) {
    return home == nullptr || !Has(home->countries, country);
  });
}

Json ToJson(const Recipient& one) {
  Json subprocessors = Json::array();
  for (const Subprocessor& sub : one.subprocessors) {
    subprocessors.push_back({{"name", sub.name},
                             {"country", sub.country},
                             {"service", sub.service},
                             {"approved", sub.approved}});
  }
  Json audits = Json::array();
  for (const RecipientAudit& audit : one.audits) {
    audits.push_back({{"day", audit.day},
                      {"result", Name(audit.result)},
                      {"note", audit.note},
                      {"by", audit.by.Text()}});
  }
  return {{"code", one.code},
          {"name", one.name},
          {"kind", one.kind},
          {"services", one.services},
          {"contact", one.contact},
          {"owner", one.owner},
          {"countries", one.countries},
          {"fields", one.fields},
          {"purposes", one.purposes},
          {"agreement", one.agreement},
          {"signed", one.signed_day},
          {"ends", one.ends_day},
          {"clauses", one.clauses},
          {"way", one.way},
          {"subprocessors", subprocessors},
          {"audit_every", one.audit_every},
          {"audits", audits},
          {"keys", one.keys},
          {"state", Name(one.state)},
          {"state_reason", one.state_reason},
          {"state_at", one.state_ms},
          {"created", one.created_ms}};
}

Result<Recipient> RecipientFrom(const Uuid& id, uint32_t version, const Json& json) {
  const auto words = [&](const char* key) { return json.value(key, std::vector<std::string>()); };
  Recipient one;
  one.id = id;
  one.version = version;
  one.code = JsonText(json, "code");
  one.name = JsonText(json, "name");
  one.kind = JsonText(json, "kind");
  one.services = JsonText(json, "services");
  one.contact = JsonText(json, "contact");
  one.owner = JsonText(json, "owner");
  one.countries = words("countries");
  one.fields = words("fields");
  one.purposes = words("purposes");
  one.agreement = JsonText(json, "agreement");
  one.signed_day = json.value("signed", int64_t{0});
  one.ends_day = json.value("ends", int64_t{0});
  one.clauses = json.value("clauses", std::set<std::string>());
  one.way = JsonText(json, "way");
  const Json subprocessors = json.value("subprocessors", Json::array());
  for (const Json& sub : subprocessors) {
    one.subprocessors.push_back({JsonText(sub, "name"), JsonText(sub, "country"),
                                 JsonText(sub, "service"), sub.value("approved", false)});
  }
  one.audit_every = JsonText(json, "audit_every");
  const Json audits = json.value("audits", Json::array());
  for (const Json& audit : audits) {
    FID_ASSIGN(const AuditResult result,
               WordFrom<AuditResult>(kResults, JsonText(audit, "result")));
    one.audits.push_back({audit.value("day", int64_t{0}), result, JsonText(audit, "note"),
                          Uuid::Parse(JsonText(audit, "by")).value_or(Uuid())});
  }
  one.keys = words("keys");
  FID_ASSIGN(one.state, WordFrom<RecipientState>(kStates, JsonText(json, "state")));
  one.state_reason = JsonText(json, "state_reason");
  one.state_ms = json.value("state_at", int64_t{0});
  one.created_ms = json.value("created", int64_t{0});
  return one;
}

Status CheckRecipient(const Recipient& one, const rules::Policy& policy) {
  if (!IsCode(one.code)) {
    return Fail(Code::kInvalidInput, "a code has 2 to 40 of a-z, 0-9 and _");
  }
  if (one.name.empty() || one.name.size() > kTextMost || one.services.size() > kTextMost ||
      one.contact.size() > kTextMost || one.agreement.size() > kTextMost ||
      one.owner.size() > kTextMost) {
    return Fail(Code::kInvalidInput, "a recipient has a name; no text is over 400 bytes");
  }
  if (one.kind != "processor" && one.kind != "controller") {
    return Fail(Code::kInvalidInput, "the kind is processor or controller");
  }
  if (one.countries.empty() || one.countries.size() > kListMost ||
      !std::all_of(one.countries.begin(), one.countries.end(), IsCountry)) {
    return Fail(Code::kInvalidInput, "name the countries, as two letters each");
  }
  if (one.fields.size() > kListMost || one.purposes.size() > kListMost ||
      one.subprocessors.size() > kListMost || one.keys.size() > kListMost) {
    return Fail(Code::kInvalidInput, "a list has at most 200 entries");
  }
  for (const std::string& field : one.fields) {
    if (policy.catalog.Find(field) == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
  }
  for (const std::string& purpose : one.purposes) {
    if (policy.FindPurpose(purpose) == nullptr) {
      return Fail(Code::kUnknownPurpose, "the purpose is not declared");
    }
  }
  const bool clauses = std::all_of(
      one.clauses.begin(), one.clauses.end(),
      [](const std::string& clause) { return rules::IsWordOf(rules::Effect::kContract, clause); });
  if (!clauses) {
    return Fail(Code::kInvalidInput, "a clause is none that the laws know");
  }
  if (!one.way.empty() && !rules::IsWordOf(rules::Effect::kTransfer, one.way)) {
    return Fail(Code::kInvalidInput, "the way of sending data abroad is none that the laws know");
  }
  if (one.ends_day != 0 && one.ends_day < one.signed_day) {
    return Fail(Code::kInvalidInput, "the agreement ends before it was signed");
  }
  for (const Subprocessor& sub : one.subprocessors) {
    if (sub.name.empty() || sub.name.size() > kTextMost || sub.service.size() > kTextMost ||
        !IsCountry(sub.country)) {
      return Fail(Code::kInvalidInput, "a subprocessor has a name and a country of two letters");
    }
  }
  const auto every = rules::AfterPeriod(0, one.audit_every);
  if (!every || *every < 28) {
    return Fail(Code::kInvalidInput,
                "audits come round in a period such as P12M, of a month or more");
  }
  return {};
}

std::vector<Obstacle> ObstaclesOf(const Recipient& one, const rules::Policy& policy,
                                  const std::string& home, const Giving& giving, int64_t day) {
  std::vector<Obstacle> found;
  const auto stop = [&](std::string_view code, std::vector<std::string> ids = {}) {
    found.push_back({std::string(code), std::move(ids), true, ""});
  };
  if (one.state != RecipientState::kActive) {
    stop(Name(one.state));
  }
  if (one.signed_day == 0 || one.signed_day > day) {
    stop("agreement_missing");
  } else if (one.ends_day != 0 && one.ends_day < day) {
    stop("agreement_lapsed");
  }
  if (one.AuditDue() != 0 && one.AuditDue() < day) {
    stop("audit_overdue");
  }
  const auto latest = std::max_element(
      one.audits.begin(), one.audits.end(),
      [](const RecipientAudit& a, const RecipientAudit& b) { return a.day < b.day; });
  if (latest != one.audits.end() && latest->result == AuditResult::kFail) {
    stop("audit_failed");
  }
  if (!giving.purpose.empty() && !Has(one.purposes, giving.purpose)) {
    stop("purpose_out_of_scope", {giving.purpose});
  }
  if (auto outside = NotIn(giving.fields, one.fields); !outside.empty()) {
    stop("field_out_of_scope", std::move(outside));
  }
  if (giving.told != nullptr && !giving.purpose.empty()) {
    const auto clause = giving.told->find(giving.purpose);
    if (clause == giving.told->end() || !clause->second.contains(one.code)) {
      stop("not_in_notice", {giving.purpose});
    }
  }
  if (one.way.empty() && one.IsAbroad(policy.laws.FindPack(policy.laws.RegimeOf(home)))) {
    stop("way_missing", one.countries);
  }
  std::vector<std::string> strangers;
  for (const Subprocessor& sub : one.subprocessors) {
    if (!sub.approved) {
      strangers.push_back(sub.name);
    }
  }
  if (!strangers.empty()) {
    stop("subprocessor_not_approved", std::move(strangers));
  }
  if (one.kind == "processor") {
    AddMissingClauses(one, policy, home, day, found);
  }
  return found;
}

int ScoreOf(const Recipient& one, const std::vector<Obstacle>& obstacles) {
  int score = 100;
  for (const Obstacle& obstacle : obstacles) {
    if (obstacle.code == "clauses_missing") {
      score -= std::min(20, 3 * static_cast<int>(obstacle.ids.size()));
    } else if (obstacle.code == "subprocessor_not_approved") {
      score -= 10;
    } else {
      score -= 30;
    }
  }
  for (const RecipientAudit& audit : one.audits) {
    score -= audit.result == AuditResult::kMajor ? 10 : audit.result == AuditResult::kMinor ? 2 : 0;
  }
  return std::max(score, 0);
}

}  // namespace fiducia::govern
