#include "govern/lawful/authorizations.h"

#include <algorithm>

#include "base/text.h"
#include "govern/lawful/consent_receipt.h"
#include "model/names.h"
#include "store/config_rows.h"

namespace fiducia::govern {

namespace {

using model::BasisAction;
using model::BasisKind;

constexpr int64_t kMinuteMs = 60000;
constexpr int64_t kDayMs = 86400000;
constexpr int64_t kClockSkewMs = 5 * kMinuteMs;
constexpr int64_t kTemporaryMs = 30 * kDayMs;
constexpr int64_t kSpecificMs = 366 * kDayMs;
constexpr int64_t kGeneralMs = 732 * kDayMs;

bool IsAnswerOfNo(BasisAction action) {
  return action == BasisAction::kWithdrawn || action == BasisAction::kObjected ||
         action == BasisAction::kRefused;
}

// What of a law's words about consent this event does not meet.
bool Meets(const model::BasisEvent& event, const std::set<std::string>& kinds) {
  const std::string asked = rules::StrictestConsent(kinds);
  if (asked == "separate") {
    return event.separate && event.kind != model::AuthorizationKind::kGeneral;
  }
  if (asked == "guardian") {
    return !event.guardian.is_nil();
  }
  if (asked == "explicit" || asked == "written") {
    return event.consent >= model::ConsentType::kExplicit;
  }
  if (asked == "express" || asked == "opt_in") {
    return event.consent >= model::ConsentType::kExpress;
  }
  return true;
}

rules::Facts FactsOfEvent(const rules::Catalog& catalog, const model::BasisEvent& event,
                          const PersonFacts& person) {
  rules::Facts facts;
  std::set<std::string>& flags = facts.words["flag"];
  std::set<std::string>& activities = facts.words["activity"];
  for (const rules::Field& field : catalog.fields()) {
    if (event.scope.fields && event.scope.fields->Has(field.number)) {
      for (const std::string& flag : field.flags) {
        flags.insert(flag);
      }
    }
  }
  if (event.purpose.starts_with("marketing")) {
    activities.insert("direct_marketing");
  }
  if ((event.scope.operations & model::kShare) != 0) {
    activities.insert("provide");
    activities.insert("third_party");
  }
  if (person.age) {
    facts.numbers["age"] = *person.age;
  }
  return facts;
}

}  // namespace

StandingAnswer AnswerOf(const rules::Policy& policy, const std::vector<model::BasisEvent>& events,
                        const StandingQuestion& question) {
  StandingAnswer answer;
  const store::Standing standing = store::StandingAt(events, question.at_ms);
  const rules::Purpose* purpose = policy.FindPurpose(question.purpose);
  const rules::Field* field =
      question.field.empty() ? nullptr : policy.catalog.Find(question.field);
  answer.reason = "no_basis";
  if (purpose == nullptr) {
    return answer;
  }
  for (const store::BasisState& basis : standing.bases) {
    if (basis.purpose != question.purpose) {
      continue;
    }
    if (!basis.InForce(question.at_ms)) {
      const bool over = basis.live && basis.until_ms != 0 && basis.until_ms <= question.at_ms;
      answer.reason = over                                ? "expired"
                      : basis.last != BasisAction::kGiven ? "withdrawn"
                                                          : answer.reason;
      continue;
    }
    if (!purpose->AllowsBasis(basis.basis)) {
      continue;
    }
    const auto& departments = basis.scope.departments;
    model::FieldSet reach = basis.scope.fields.value_or(model::FieldSet::All()) & purpose->fields;
    for (const store::Exclusion& exclusion : standing.exclusions) {
      const bool here = exclusion.department.empty() || exclusion.department == question.department;
      if (here && exclusion.BearsOn(basis)) {
        reach = reach - exclusion.fields;
      }
    }
    const bool in_house =
        departments.empty() || question.department.empty() ||
        std::find(departments.begin(), departments.end(), question.department) != departments.end();
    const bool allowed = (basis.scope.operations & question.operation) != 0 && in_house &&
                         (field == nullptr ? !reach.empty() : reach.Has(field->number));
    if (!allowed) {
      answer.reason = "outside_authorization";
      continue;
    }
    if (standing.restrictions != 0 && !purpose->overriding) {
      answer.reason = "restricted";
      return answer;
    }
    return {true, "allowed", basis};
  }
  return answer;
}

Status Authorizations::JudgeScope(const model::BasisEvent& event) const {
  const rules::Policy& policy = parts_.gate.policy();
  const rules::Purpose& purpose = *policy.FindPurpose(event.purpose);
  if (event.scope.fields) {
    if (event.scope.fields->empty()) {
      return Fail(Code::kInvalidInput, "name at least one field, or none at all for all of them");
    }
    if (!(*event.scope.fields - purpose.fields).empty()) {
      return Fail(Code::kPurposeRefused, "the purpose does not need all of these fields");
    }
  }
  const std::vector<guard::Department> known = parts_.people.Departments();
  for (const std::string& code : event.scope.departments) {
    if (std::none_of(known.begin(), known.end(),
                     [&](const guard::Department& d) { return d.code == code; })) {
      return Fail(Code::kInvalidInput, "there is no such department");
    }
  }
  if (event.scope.operations == 0) {
    return Fail(Code::kInvalidInput, "name at least one operation");
  }
  return {};
}

Status Authorizations::JudgeTerm(const model::BasisEvent& event) const {
  const int64_t now = parts_.clock.NowMs();
  if (event.from_ms != 0 && event.from_ms < now - kClockSkewMs) {
    return Fail(Code::kInvalidInput, "an authorization cannot begin before it is put on record");
  }
  const int64_t from = std::max(now, event.from_ms);
  if (event.until_ms != 0 && event.until_ms <= from) {
    return Fail(Code::kInvalidInput, "it would end before it begins");
  }
  const int64_t longest = event.basis != BasisKind::kConsent                   ? INT64_MAX
                          : event.kind == model::AuthorizationKind::kTemporary ? kTemporaryMs
                          : event.kind == model::AuthorizationKind::kSpecific  ? kSpecificMs
                                                                               : kGeneralMs;
  if (event.until_ms != 0 && event.until_ms - from > longest) {
    return Fail(Code::kInvalidInput,
                "too long: a temporary authorization lasts at most 30 days, a specific one 12 "
                "months, a general one 24");
  }
  if (event.kind == model::AuthorizationKind::kTemporary && event.until_ms == 0 &&
      event.max_uses == 0 && event.until_event.empty()) {
    return Fail(Code::kInvalidInput,
                "a temporary authorization has an end: until, max_uses or until_event");
  }
  return {};
}

Status Authorizations::JudgeGiven(const process::LoadedRecord& record,
                                  const model::BasisEvent& event) const {
  const rules::Policy& policy = parts_.gate.policy();
  const rules::Purpose& purpose = *policy.FindPurpose(event.purpose);
  if (!purpose.AllowsBasis(event.basis)) {
    return Fail(Code::kPurposeRefused, "the purpose cannot rest on this lawful basis");
  }
  FID_TRY(JudgeScope(event));
  FID_TRY(JudgeTerm(event));
  if (!event.notice.empty() && !parts_.gate.told()->versions.contains(event.notice)) {
    return Fail(Code::kInvalidInput, "there is no such version of a notice: name it as privacy@1");
  }
  const bool specific = event.kind == model::AuthorizationKind::kSpecific;
  const bool general = event.kind == model::AuthorizationKind::kGeneral;
  if (event.basis != BasisKind::kConsent && !general) {
    return Fail(Code::kInvalidInput, "specific and temporary authorizations rest on consent");
  }
  if (specific && !event.scope.fields) {
    return Fail(Code::kInvalidInput, "a specific authorization names its fields");
  }
  const bool sensitive = event.scope.fields &&
                         !(*event.scope.fields & policy.catalog.AtLevel(model::Level::kL4)).empty();
  if (sensitive && (!event.separate || (event.basis == BasisKind::kConsent && general))) {
    return Fail(Code::kInvalidInput,
                "fields of level L4 need an authorization of their own: specific and separate");
  }
  if ((event.scope.operations & model::kShare) != 0 && general) {
    return Fail(Code::kInvalidInput, "sharing outside the house needs a specific authorization");
  }
  if (event.basis != BasisKind::kConsent && store::CanBeObjectedTo(event.basis)) {
    const auto& exclusions = record.dossier.standing.exclusions;
    if (std::any_of(exclusions.begin(), exclusions.end(), [&](const store::Exclusion& e) {
          return e.objection && e.purpose == event.purpose && e.department.empty();
        })) {
      return Fail(Code::kConflict, "the customer has objected: only their consent opens it again");
    }
  }
  return {};
}

Result<std::vector<Advice>> Authorizations::Judge(const process::LoadedRecord& record,
                                                  const model::BasisEvent& event) const {
  const rules::Policy& policy = parts_.gate.policy();
  if (policy.FindPurpose(event.purpose) == nullptr) {
    return Fail(Code::kUnknownPurpose, "the purpose is not declared");
  }
  if (!IsReference(event.evidence.reference) || !IsReference(event.until_event)) {
    return Fail(Code::kInvalidInput,
                "a reference has at most 80 of A-Z, a-z, 0-9 and . _ : / -: no words about people");
  }
  if (event.action != BasisAction::kGiven) {
    FID_TRY(JudgeScope(event));
    return std::vector<Advice>();
  }
  FID_TRY(JudgeGiven(record, event));
  if (event.basis != BasisKind::kConsent) {
    return std::vector<Advice>();
  }
  const int64_t now = parts_.clock.NowMs();
  FID_ASSIGN(const PersonFacts person,
             FactsOf(parts_.records, parts_.gate, record, parts_.jurisdiction, now));
  if (event.guardian.is_nil() && NeedsGuardian(policy.laws, person, now)) {
    return Fail(Code::kDenied, "the person is a minor under the law: a guardian gives it");
  }
  if (!event.guardian.is_nil() &&
      !parts_.guardians.Speak(event.guardian, record.dossier.subject.id)) {
    return Fail(Code::kDenied, "no confirmed guardian of this person is on record under this id");
  }
  std::vector<Advice> advice;
  for (const rules::Applied& applied : policy.laws.Applying(
           person.regimes, "consent", FactsOfEvent(policy.catalog, event, person), now / kDayMs)) {
    const bool asks = applied.rule->effect == rules::Effect::kRequireConsent &&
                      applied.truth == rules::Truth::kYes;
    if (!asks || Meets(event, applied.rule->words)) {
      continue;
    }
    if (applied.rule->Blocks()) {
      return Fail(Code::kConflict, "a reviewed rule of law asks for another kind of consent");
    }
    advice.push_back({applied.rule->id, applied.rule->cite, applied.rule->text});
  }
  return advice;
}

std::vector<model::BasisEvent> Authorizations::WithWhatFollows(
    const model::BasisEvent& event) const {
  std::vector<model::BasisEvent> events = {event};
  if (!IsAnswerOfNo(event.action) || event.of != 0) {
    return events;
  }
  for (const rules::Purpose* below : parts_.gate.policy().Below(event.purpose)) {
    model::BasisEvent follows = event;
    follows.purpose = below->id;
    follows.cause = 1;
    events.push_back(std::move(follows));
  }
  return events;
}

void Authorizations::Write(const model::Access& access, const process::LoadedRecord& record,
                           std::vector<model::BasisEvent> events, std::vector<Advice> advice,
                           gate::Done<Recorded> done) const {
  const process::RecordBuilder& builder = parts_.records.builder();
  const model::BasisEvent first = events.front();
  Recorded recorded{record.dossier.subject, record.dossier.version + 1,
                    record.dossier.basis_seq + 1, static_cast<int>(events.size()),
                    std::move(advice)};
  auto made = builder.BuildEvents(record.dossier, record.key, std::move(events));
  if (!made) {
    return done(std::unexpected(made.error()));
  }
  auto built = std::make_shared<const process::BuiltRecord>(std::move(*made));
  audit::Leaf leaf =
      parts_.gate.NewLeaf(access, "basis." + std::string(model::Name(first.action)), "done");
  leaf.purpose = first.purpose;
  leaf.basis = model::Name(first.basis);
  leaf.pseudonym = record.key->pseudonym;
  leaf.row_mac = built->row.mac;
  leaf.detail = first.source;
  process::WriteChange(
      parts_.records.engine(), parts_.gate, built,
      parts_.gate.DraftOf(leaf, record.dossier.subject),
      [recorded = std::move(recorded), done = std::move(done)](const Status& status) mutable {
        done(status ? Result<Recorded>(std::move(recorded)) : std::unexpected(status.error()));
      });
}

void Authorizations::Put(const model::Access& access, const model::SubjectRef& subject,
                         model::BasisEvent event, gate::Done<Recorded> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "basis.write"));
    {
      FID_ASSIGN(const auto lease, parts_.records.engine().Read());
      FID_TRY(store::RequireSource(lease->session(store::Which::kData), 0, event.source));
    }
    if (event.action == model::BasisAction::kGiven) {
      FID_TRY(parts_.sources.MayBring(event.source));
    }
    if (event.jurisdiction.empty()) {
      event.jurisdiction = parts_.jurisdiction;
    }
    if (event.evidence.taken_by.is_nil() && event.evidence != model::Evidence()) {
      event.evidence.taken_by = access.actor.id;
    }
    FID_ASSIGN(const process::LoadedRecord record, parts_.records.LoadFresh(subject));
    FID_ASSIGN(std::vector<Advice> advice, Judge(record, event));
    Write(access, record, WithWhatFollows(event), std::move(advice), std::move(done));
    return {};
  };
  if (const Status status = run(); !status) {
    done(std::unexpected(status.error()));
  }
}

void Authorizations::EndUntil(const model::Access& access, const model::SubjectRef& subject,
                              const std::string& until_event, gate::Done<Recorded> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "basis.write"));
    FID_ASSIGN(const process::LoadedRecord record, parts_.records.LoadFresh(subject));
    std::vector<model::BasisEvent> events;
    for (const store::BasisState& basis : record.dossier.standing.bases) {
      if (basis.live && !until_event.empty() && basis.until_event == until_event) {
        model::BasisEvent event;
        event.action = BasisAction::kEnded;
        event.of = basis.seq;
        event.purpose = basis.purpose;
        event.basis = basis.basis;
        event.until_event = until_event;
        events.push_back(std::move(event));
      }
    }
    if (events.empty()) {
      return Fail(Code::kNotFound, "no authorization lasts until that");
    }
    Write(access, record, std::move(events), {}, std::move(done));
    return {};
  };
  if (const Status status = run(); !status) {
    done(std::unexpected(status.error()));
  }
}

void Authorizations::Read(const model::Access& access, const model::SubjectRef& subject,
                          int64_t at_ms, gate::Done<LedgerView> done) const {
  auto run = [&]() -> Result<std::pair<LedgerView, audit::Receipt>> {
    FID_TRY(parts_.gate.Require(access.actor, "accesses.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_ASSIGN(const auto lease, parts_.records.engine().Read());
    FID_ASSIGN(const process::LoadedRecord record, parts_.records.Load(*lease, subject));
    LedgerView view;
    view.at_ms = at_ms == 0 ? parts_.clock.NowMs() : at_ms;
    FID_ASSIGN(view.events, parts_.records.LoadLedger(*lease, record.dossier));
    view.standing = store::StandingAt(view.events, view.at_ms);
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "authorizations", "allowed");
    leaf.pseudonym = record.key->pseudonym;
    auto draft = parts_.gate.DraftOf(leaf, subject);
    return std::pair(std::move(view), parts_.gate.log().Queue(std::move(draft)));
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  gate::AnswerAfter(result->second, std::move(result->first), std::move(done));
}

void Authorizations::Check(const model::Access& access, const model::SubjectRef& subject,
                           const StandingQuestion& question,
                           gate::Done<StandingAnswer> done) const {
  if (parts_.gate.policy().FindPurpose(question.purpose) == nullptr) {
    return done(Fail(Code::kUnknownPurpose, "the purpose is not declared"));
  }
  if (!question.field.empty() && parts_.gate.policy().catalog.Find(question.field) == nullptr) {
    return done(Fail(Code::kUnknownField, "a field is not in the catalog"));
  }
  Read(access, subject, question.at_ms,
       [this, question, done = std::move(done)](Result<LedgerView> view) mutable {
         if (!view) {
           return done(std::unexpected(view.error()));
         }
         StandingQuestion at = question;
         at.at_ms = view->at_ms;
         done(AnswerOf(parts_.gate.policy(), view->events, at));
       });
}

std::string Authorizations::ReceiptOf(const model::SubjectRef& subject,
                                      const model::BasisEvent& event) const {
  return WriteConsentReceipt(parts_.gate.policy(), parts_.gate.log(), subject, event);
}

void Authorizations::Receipt(const model::Access& access, const model::SubjectRef& subject,
                             uint32_t seq, gate::Done<std::string> done) const {
  Read(access, subject, 0,
       [this, subject, seq, done = std::move(done)](Result<LedgerView> view) mutable {
         if (!view) {
           return done(std::unexpected(view.error()));
         }
         if (seq < 1 || seq > view->events.size()) {
           return done(Fail(Code::kNotFound, "there is no such authorization"));
         }
         done(ReceiptOf(subject, view->events[seq - 1]));
       });
}

}  // namespace fiducia::govern
