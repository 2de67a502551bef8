#include "govern/assure/assessments.h"

#include <algorithm>

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "assessment";
constexpr std::string_view kRead = "records.read";
constexpr std::string_view kWrite = "assessments.write";
constexpr std::string_view kJudge = "assessments.sign";
constexpr size_t kTextLeast = 10;
constexpr size_t kTextMost = 8000;

struct Turn {
  std::string_view what;
  AssessmentState from;
  AssessmentState to;
};
constexpr std::array<Turn, 5> kTurns = {{
    {"submit", AssessmentState::kDraft, AssessmentState::kOpinion},
    {"opinion", AssessmentState::kOpinion, AssessmentState::kConsult},
    {"consult", AssessmentState::kConsult, AssessmentState::kDecide},
    {"decide", AssessmentState::kDecide, AssessmentState::kSign},
    {"sign", AssessmentState::kSign, AssessmentState::kSigned},
}};

Status CheckRisks(const std::vector<AssessedRisk>& risks) {
  const auto scale = [](int value) { return value >= 1 && value <= 4; };
  std::set<std::string> seen;
  for (const AssessedRisk& risk : risks) {
    const bool known =
        std::find(kFearedEvents.begin(), kFearedEvents.end(), risk.event) != kFearedEvents.end();
    if (!known || !seen.insert(risk.event).second || !scale(risk.severity) ||
        !scale(risk.likelihood) || !scale(risk.severity_after) || !scale(risk.likelihood_after) ||
        risk.measures.size() > kTextMost) {
      return Fail(Code::kInvalidInput,
                  "a risk is one of the feared events, once, with four values from 1 to 4");
    }
  }
  return {};
}

// What has to be written before somebody else looks at it.
Status CheckWhole(const Assessment& one) {
  if (one.necessity.size() < kTextLeast || one.proportionality.size() < kTextLeast ||
      one.measures.size() < kTextLeast || one.risks.size() != kFearedEvents.size()) {
    return Fail(Code::kConflict,
                "write necessity, proportionality, measures and all three risks first");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Assessments>> Assessments::Open(Parts parts) {
  std::unique_ptr<Assessments> made(new Assessments(std::move(parts)));
  FID_ASSIGN(const auto documents, made->parts_.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Assessment one, AssessmentFrom(document.id, document.version, document.json));
    made->known_[document.id] = std::move(one);
  }
  made->Refresh();
  return made;
}

std::vector<Assessment> Assessments::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<Assessment> all;
  for (auto at = known_.rbegin(); at != known_.rend(); ++at) {
    all.push_back(at->second);
  }
  return all;
}

Result<Assessment> Assessments::Known(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) {
    return Fail(Code::kNotFound, "there is no such assessment");
  }
  return found->second;
}

Json Assessments::ClauseOf(const std::string& purpose) const {
  std::set<std::string> seen;
  for (const NoticeVersion& version : parts_.notices.Versions()) {
    if (!seen.insert(version.id).second) {
      continue;
    }
    const Json clauses = version.snapshot.value("clauses", Json::array());
    for (const Json& clause : clauses) {
      if (JsonText(clause, "purpose") == purpose) {
        return clause;
      }
    }
  }
  return Json::object();
}

std::string Assessments::HashNow(const std::string& purpose) const {
  const rules::Policy& policy = parts_.gate.policy();
  const Json snapshot = PurposeSnapshot(policy, *policy.FindPurpose(purpose), ClauseOf(purpose),
                                        parts_.recipients.All());
  return ToHex(parts_.vault.HashOf(WriteJson(snapshot)));
}

AssessmentNeed Assessments::NeedOf(const rules::Purpose& purpose) const {
  const rules::Policy& policy = parts_.gate.policy();
  AssessmentNeed need;
  need.purpose = purpose.id;
  need.activities =
      ActivitiesOf(policy, purpose, ClauseOf(purpose.id), parts_.recipients.All(), parts_.home);
  need.required = purpose.assessed;
  rules::Facts facts;
  facts.words["activity"] = need.activities;
  if (!need.activities.empty()) {
    for (const rules::Applied& applied :
         policy.laws.Applying({policy.laws.RegimeOf(parts_.home)}, "purpose", facts,
                              parts_.clock.NowMs() / 86400000)) {
      if (applied.rule->effect == rules::Effect::kRequireAssessment &&
          applied.truth == rules::Truth::kYes) {
        need.kinds.insert(applied.rule->words.begin(), applied.rule->words.end());
        need.rules.insert(applied.rule->id);
        need.required = need.required || (applied.rule->Blocks() && !purpose.overriding);
      }
    }
  }
  need.state = "none";
  for (const Assessment& one : All()) {
    if (one.purpose != purpose.id || one.state == AssessmentState::kRefused) {
      continue;
    }
    const bool is_signed = one.state == AssessmentState::kSigned;
    const bool outdated = is_signed && one.snapshot_hash != HashNow(purpose.id);
    // A signed one that still fits counts more than a newer draft.
    if (need.state == "none" || (is_signed && !outdated)) {
      need.state = outdated ? "outdated" : Name(one.state);
      need.current = one.id;
    }
    if (is_signed) {
      break;
    }
  }
  return need;
}

Result<std::vector<AssessmentNeed>> Assessments::Needs(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kRead));
  return NeedsNow();
}

std::vector<AssessmentNeed> Assessments::NeedsNow() const {
  std::vector<AssessmentNeed> needs;
  for (const auto& [id, purpose] : parts_.gate.policy().purposes) {
    AssessmentNeed need = NeedOf(purpose);
    if (need.required || !need.rules.empty() || !need.current.is_nil()) {
      needs.push_back(std::move(need));
    }
  }
  return needs;
}

void Assessments::Refresh() const {
  gate::Gate::Barred barred;
  for (const auto& [id, purpose] : parts_.gate.policy().purposes) {
    const AssessmentNeed need = NeedOf(purpose);
    if (need.required && need.state != "signed") {
      barred.insert(id);
    }
  }
  parts_.gate.Bar(std::move(barred));
}

Result<std::vector<Assessment>> Assessments::List(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kRead));
  return All();
}

Result<Assessment> Assessments::Find(const model::Access& access, const Uuid& id) const {
  FID_TRY(parts_.gate.Require(access.actor, kRead));
  return Known(id);
}

Status Assessments::Save(Assessment& one, const model::Access& access, const std::string& what,
                         bool yes, const std::string& text) {
  one.steps.push_back({what, access.actor.id, parts_.clock.NowMs(), yes, text});
  ++one.version;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "assessment." + what, yes ? "done" : "refused");
  leaf.detail = one.purpose + " " + one.snapshot_hash;
  FID_TRY(parts_.book.Commit({{std::string(kKind), one.id, one.version, ToJson(one)}}, {leaf}));
  {
    const std::lock_guard lock(mutex_);
    known_[one.id] = one;
  }
  Refresh();
  return {};
}

Result<Assessment> Assessments::Start(const model::Access& access, const std::string& purpose) {
  FID_TRY(parts_.gate.Require(access.actor, kWrite));
  const rules::Policy& policy = parts_.gate.policy();
  const rules::Purpose* known = policy.FindPurpose(purpose);
  if (known == nullptr) {
    return Fail(Code::kUnknownPurpose, "the purpose is not declared");
  }
  const std::lock_guard changing(changing_);
  const AssessmentNeed need = NeedOf(*known);
  Assessment one;
  for (const Assessment& other : All()) {
    if (other.purpose == purpose && other.IsOpen()) {
      return Fail(Code::kConflict, "an assessment of this purpose is open");
    }
    // What was written last time is where this one begins.
    if (other.purpose == purpose && other.state == AssessmentState::kSigned &&
        one.necessity.empty()) {
      one.necessity = other.necessity;
      one.proportionality = other.proportionality;
      one.measures = other.measures;
      one.risks = other.risks;
    }
  }
  const Json clause = ClauseOf(purpose);
  one.id = Uuid::V7(parts_.clock, parts_.rng);
  one.purpose = purpose;
  one.kinds = need.kinds;
  one.rules = need.rules;
  one.snapshot = PurposeSnapshot(policy, *known, clause, parts_.recipients.All());
  one.snapshot_hash = HashNow(purpose);
  one.created_ms = parts_.clock.NowMs();
  if (one.necessity.empty() && clause.contains("necessity")) {
    one.necessity = JsonText(clause["necessity"], "en");
  }
  FID_TRY(Save(one, access, "start", true, ""));
  return one;
}

Result<Assessment> Assessments::Write(const model::Access& access, const Uuid& id,
                                      AssessmentText text) {
  FID_TRY(parts_.gate.Require(access.actor, kWrite));
  FID_TRY(CheckRisks(text.risks));
  for (const std::string* part :
       {&text.necessity, &text.proportionality, &text.measures, &text.authority}) {
    if (part->size() > kTextMost) {
      return Fail(Code::kInvalidInput, "a text has at most 8,000 bytes");
    }
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Assessment one, Known(id));
  if (one.state != AssessmentState::kDraft) {
    return Fail(Code::kConflict, "only a draft can be written");
  }
  one.necessity = std::move(text.necessity);
  one.proportionality = std::move(text.proportionality);
  one.measures = std::move(text.measures);
  one.authority = std::move(text.authority);
  one.risks = std::move(text.risks);
  FID_TRY(Save(one, access, "write", true, ""));
  return one;
}

Result<Assessment> Assessments::Step(const model::Access& access, const Uuid& id,
                                     const std::string& what, bool yes, const std::string& text) {
  const auto turn =
      std::find_if(kTurns.begin(), kTurns.end(), [&](const Turn& one) { return one.what == what; });
  if (turn == kTurns.end()) {
    return Fail(Code::kInvalidInput, "a step is submit, opinion, consult, decide or sign");
  }
  const bool submits = what == "submit";
  FID_TRY(parts_.gate.Require(access.actor, submits ? kWrite : kJudge));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Assessment one, Known(id));
  if (one.state != turn->from) {
    return Fail(Code::kConflict, "this step is not the next one");
  }
  if (!submits && one.Last("submit")->by == access.actor.id) {
    return Fail(Code::kDenied, "who wrote it does not judge it");
  }
  const bool needs_words = what == "opinion" || what == "consult" || what == "decide";
  if ((needs_words && text.size() < kTextLeast) || text.size() > kTextMost) {
    return Fail(Code::kReasonRequired, "say it in 10 to 8,000 characters");
  }
  FID_TRY(CheckWhole(one));
  if (one.snapshot_hash != HashNow(one.purpose)) {
    return Fail(Code::kConflict, "the purpose has changed since: start a new assessment");
  }
  const bool high = std::any_of(one.risks.begin(), one.risks.end(),
                                [](const AssessedRisk& risk) { return risk.IsHigh(); });
  if (what == "decide" && yes && high && one.authority.size() < kTextLeast) {
    return Fail(Code::kConflict,
                "a high risk remains: bring it down, or consult the authority first");
  }
  one.state = what == "decide" && !yes ? AssessmentState::kRefused : turn->to;
  // An opinion against it goes back to the draft; the opinion stays on record.
  if (what == "opinion" && !yes) {
    one.state = AssessmentState::kDraft;
  }
  one.signed_ms = one.state == AssessmentState::kSigned ? parts_.clock.NowMs() : 0;
  FID_TRY(Save(one, access, what, yes, text));
  return one;
}

}  // namespace fiducia::govern
