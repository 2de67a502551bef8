#include "gate/gate.h"

#include <algorithm>

#include "model/names.h"
#include "store/placement.h"

namespace fiducia::gate {

namespace {

constexpr int64_t kPermitMs = 30000;

bool IsCaseId(std::string_view id) {
  return id.size() <= 64 && id.find_first_not_of(
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._:-") == std::string_view::npos;
}

std::span<const model::Lease> LeasesOf(const model::Actor& actor) {
  return actor.leases == nullptr ? std::span<const model::Lease>() : *actor.leases;
}

// Somebody for whom the purpose is lawful.
store::Standing AsIf(const rules::Purpose& purpose) {
  store::Standing standing;
  standing.bases.push_back(
      {purpose.id, purpose.bases.empty() ? model::BasisKind::kConsent : purpose.bases[0], true});
  return standing;
}

// To a reason that somebody typed; empty if none was.
Bytes CommitmentTo(std::string_view reason, const vault::SubjectKey& key) {
  if (reason.empty()) {
    return {};
  }
  return Bytes(crypto::View(crypto::Hmac(key.pseudonym).Compute({"commit", reason})).substr(0, 16));
}

Error Refusing(Reason reason) {
  switch (reason) {
    case Reason::kWithdrawn:
      return {Code::kWithdrawn, "the customer withdrew this, refused it or objected to it"};
    case Reason::kScope:
      return {Code::kOutsideAuthorization, "the customer's authorization does not reach so far"};
    case Reason::kNoBasis:
      return {Code::kNoBasis, "no lawful basis is on record for this person and purpose"};
    case Reason::kRestricted:
      return {Code::kRestricted, "use of this record is restricted"};
    case Reason::kNotTold:
      return {Code::kPurposeRefused,
              "customers were not told of this: publish a notice that says so"};
    case Reason::kPurpose:
      return {Code::kPurposeRefused, "the purpose does not need these fields"};
    default:
      return {Code::kRoleRefused, "the role does not allow this"};
  }
}

}  // namespace

Gate::Gate(const rules::Policy& policy, audit::Log& log, const vault::Vault& vault,
           std::string home, const Clock& clock)
    : policy_(policy),
      decider_(policy),
      told_(std::make_shared<const Told>()),
      barred_(std::make_shared<const Barred>()),
      log_(log),
      vault_(vault),
      home_(std::move(home)),
      clock_(clock) {}

Status Gate::Require(const model::Actor& actor, std::string_view capability) const {
  const std::string wanted(capability);
  const int64_t now = clock_.NowMs();
  for (const model::Lease& lease : LeasesOf(actor)) {
    const rules::Role* role = policy_.FindRole(lease.role);
    if (role != nullptr && role->can.contains(wanted) && InTerm(lease, lease.case_id, now)) {
      return {};
    }
  }
  return Fail(Code::kRoleRefused, "the role does not allow this");
}

Status Gate::CheckAccess(const model::Access& access) const {
  if (access.purpose.empty()) {
    return Fail(Code::kPurposeRequired,
                "name a purpose: the Fiducia-Purpose header, or --purpose on the command line");
  }
  if (policy_.FindPurpose(access.purpose) == nullptr) {
    return Fail(Code::kUnknownPurpose, "the purpose is not declared");
  }
  if (IsBarred(access.purpose)) {
    return Fail(Code::kPurposeRefused, "the impact assessment of this purpose is not signed");
  }
  if (!IsCaseId(access.case_id)) {
    return Fail(Code::kInvalidInput, "a case id has at most 64 of A-Z, a-z, 0-9 and ._:-");
  }
  if (!decider_.MayWorkFor(LeasesOf(access.actor), access.purpose, access.case_id,
                           clock_.NowMs())) {
    return Fail(Code::kRoleRefused, "the role does not work for this purpose");
  }
  return {};
}

Status Gate::CheckExport(const model::Access& access) const {
  FID_TRY(CheckAccess(access));
  if (!decider_.MayWorkFor(LeasesOf(access.actor), access.purpose, access.case_id, clock_.NowMs(),
                           model::Op::kExport)) {
    return Fail(Code::kRoleRefused, "the role takes nothing out in files");
  }
  return {};
}

Result<Situation> Gate::SituationOf(const model::Access& access, model::Op op,
                                    const Subject& subject) const {
  FID_ASSIGN(const bool child, IsChild(subject));
  Situation situation = Around(access, op, subject.dossier.standing);
  if (!subject.dossier.joined.empty()) {
    situation.united = std::make_shared<const store::Standing>(subject.dossier.InForce());
    situation.standing = situation.united.get();
  }
  situation.child = child;
  return situation;
}

Result<bool> Gate::IsChild(const Subject& subject) const {
  const rules::Field* birth = policy_.catalog.Find("birth_date");
  const auto& cells = subject.dossier.cells;
  const auto cell = std::find_if(cells.begin(), cells.end(), [&](const store::Cell& c) {
    return birth != nullptr && c.field == birth->number;
  });
  if (cell == cells.end()) {
    return false;
  }
  FID_ASSIGN(const model::Sensitive value,
             vault_.Open(SystemPermit(subject.dossier.subject), subject.key,
                         {subject.dossier.subject, vault::kDossierTable, cell->field, cell->ordinal,
                          cell->version},
                         cell->sealed));
  constexpr int64_t kDayMs = 86400000;
  const auto born = rules::ParseDay(value.Reveal());
  const int64_t today = clock_.NowMs() / kDayMs;
  if (!born || WholeYears(*born, today) >= 18) {
    return false;
  }
  std::set<std::string> regimes = {policy_.laws.RegimeOf(home_)};
  for (const store::BasisState& basis : subject.dossier.standing.bases) {
    regimes.insert(policy_.laws.RegimeOf(basis.jurisdiction));
  }
  regimes.erase("");
  return policy_.laws.AsksOfAge(regimes, WholeYears(*born, today), today, "all_sensitive");
}

Situation Gate::Around(const model::Access& access, model::Op op,
                       const store::Standing& standing) const {
  Situation situation{LeasesOf(access.actor), access.purpose,      op, &standing, clock_.NowMs(),
                      access.case_id,         access.actor.trained};
  situation.told = told_.load();
  return situation;
}

model::Permit Gate::MakePermit(const model::SubjectRef& subject, model::Op op,
                               const Masks& masks) const {
  return model::Permit(subject, op, masks.clear | masks.masked, masks.clear,
                       clock_.MonotonicMs() + kPermitMs);
}

Result<model::Permit> Gate::PermitFor(const Shown& granted, const store::Dossier& record,
                                      const model::SubjectRef& joined) const {
  const bool known =
      joined == record.subject ||
      (joined.tenant == record.subject.tenant &&
       std::any_of(record.joined.begin(), record.joined.end(),
                   [&](const store::Joined& one) { return one.subject == joined.id; }));
  if (!known || granted.permit.subject() != record.subject) {
    return Fail(Code::kNotFound, "the record is not joined to this one");
  }
  return MakePermit(joined, granted.permit.op(), granted.masks);
}

audit::Leaf Gate::NewLeaf(const model::Access& access, std::string_view op,
                          std::string_view decision) const {
  audit::Leaf leaf;
  leaf.time_ms = clock_.NowMs();
  leaf.actor = access.actor.id;
  leaf.role = access.actor.role;
  leaf.op = op;
  leaf.decision = decision;
  leaf.purpose = access.purpose;
  leaf.case_id = access.case_id;
  leaf.policy = policy_.version;
  return leaf;
}

audit::LeafDraft Gate::DraftOf(const audit::Leaf& leaf, const model::SubjectRef& subject) const {
  return audit::Draft(store::BucketOf(subject), subject.tenant, leaf);
}

audit::LeafDraft Gate::DraftFor(model::TenantId tenant, const audit::Leaf& leaf,
                                std::vector<audit::LeafDraft::Member> members) const {
  audit::LeafDraft draft = audit::Draft(store::BucketOfTenant(tenant), tenant, leaf);
  draft.members = std::move(members);
  return draft;
}

audit::Receipt Gate::Record(model::TenantId tenant, const audit::Leaf& leaf,
                            std::vector<audit::LeafDraft::Member> members) const {
  return log_.Queue(DraftFor(tenant, leaf, std::move(members)));
}

Error Gate::WhyNothing(const Situation& situation, const model::FieldSet& wanted) const {
  // The widest obstacle first: a missing basis stops everything, a level only some fields.
  Reason reason = Reason::kRole;
  bool any = false;
  wanted.ForEach([&](model::FieldNo field) {
    const Reason why = decider_.Explain(situation, field);
    const bool wide = why == Reason::kNoBasis || why == Reason::kWithdrawn ||
                      why == Reason::kScope || why == Reason::kRestricted;
    if (!any || wide) {
      reason = why;
      any = true;
    }
  });
  if (!any) {
    const bool live = decider_.LiveBasis(situation) != nullptr;
    reason = !live ? (Decider::SaidNo(situation) ? Reason::kWithdrawn : Reason::kNoBasis)
             : decider_.IsRestricted(situation) ? Reason::kRestricted
                                                : reason;
  }
  return Refusing(reason);
}

Result<Granted> Gate::Ask(const model::Access& access, model::Op op, const Subject& subject,
                          const model::FieldSet& wanted) const {
  FID_TRY(CheckAccess(access));
  FID_ASSIGN(Situation situation, SituationOf(access, op, subject));
  const auto limited = std::find_if(
      subject.dossier.standing.bases.begin(), subject.dossier.standing.bases.end(),
      [&](const store::BasisState& b) { return b.max_uses != 0 && b.purpose == access.purpose; });
  const Masks freely = decider_.Decide(situation);
  situation.may_use_up = limited != subject.dossier.standing.bases.end();
  const Masks all = situation.may_use_up ? decider_.Decide(situation) : freely;
  const Masks masks = all.Of(wanted);
  const bool uses_up =
      masks.clear != (freely.clear & wanted) || masks.masked != (freely.masked & wanted);
  const store::BasisState* basis = decider_.LiveBasis(situation);
  // A record without values may be looked at, where the purpose may work on it at all.
  const bool stopped = basis == nullptr || decider_.IsRestricted(situation);
  const bool nothing = (masks.clear | masks.masked).empty() && (stopped || !wanted.empty());
  audit::Leaf leaf = NewLeaf(access, model::Name(op), nothing ? "refused" : "allowed");
  leaf.pseudonym = subject.key.pseudonym;
  leaf.basis = basis == nullptr ? "" : model::Name(basis->basis);
  leaf.clear = masks.clear;
  leaf.masked = masks.masked;
  if (basis != nullptr && basis->basis == model::BasisKind::kConsent) {
    leaf.detail = "authorization " + std::to_string(basis->seq);
  }
  leaf.commitment = CommitmentTo(access.reason, subject.key);
  if (nothing) {
    const Error error = WhyNothing(situation, wanted);
    leaf.reason = Info(error.code()).name;
    FID_TRY(log_.Queue(DraftOf(leaf, subject.dossier.subject)).Wait());
    return std::unexpected(error);
  }
  Granted granted{{MakePermit(subject.dossier.subject, op, masks), masks, {}}, {}, 0};
  if (uses_up) {
    granted.takes_use_of = decider_.UsedUpBy(situation);
  }
  (wanted - masks.clear - masks.masked).ForEach([&](model::FieldNo field) {
    granted.refusals.push_back({field, decider_.Explain(situation, field)});
  });
  granted.receipt = log_.Queue(DraftOf(leaf, subject.dossier.subject));
  return granted;
}

audit::Leaf Gate::LeafOfSubject(const Subject& subject, std::string_view op) const {
  model::Access access;
  const bool by_guardian = !subject.guardian.empty();
  access.actor.id =
      Uuid::FromBytes(by_guardian ? subject.guardian : BytesView(subject.key.pseudonym))
          .value_or(Uuid());
  access.actor.role = by_guardian ? "guardian" : "customer";
  audit::Leaf leaf = NewLeaf(access, op, "done");
  leaf.pseudonym = subject.key.pseudonym;
  return leaf;
}

Result<Granted> Gate::AskAsSubject(const Subject& subject, std::string_view op, bool fresh) const {
  model::FieldSet held;  // all there are: the timeline holds more than the record
  model::FieldSet hidden;
  for (const rules::Field& field : policy_.catalog.fields()) {
    held.Add(field.number);
    const auto& flags = field.flags;
    const bool third = std::find(flags.begin(), flags.end(), "third_person") != flags.end();
    if (third || (!fresh && field.level == model::Level::kL4)) {
      hidden.Add(field.number);
    }
  }
  const model::FieldSet shown = held - hidden;
  const Masks masks{shown, held & hidden, shown, shown};
  audit::Leaf leaf = LeafOfSubject(subject, op);
  leaf.clear = masks.clear & subject.dossier.held();
  leaf.masked = masks.masked & subject.dossier.held();
  return Granted{{MakePermit(subject.dossier.subject, model::Op::kRead, masks), masks, {}},
                 log_.Queue(DraftOf(leaf, subject.dossier.subject)),
                 0};
}

Result<WriteGranted> Gate::AskWrite(const model::Access& access, std::string_view op,
                                    const Subject& subject, const model::FieldSet& wanted,
                                    BytesView row_mac, std::string detail) const {
  FID_TRY(CheckAccess(access));
  FID_ASSIGN(const Situation situation, SituationOf(access, model::Op::kWrite, subject));
  const Masks masks = decider_.Decide(situation);
  const model::FieldSet refused = wanted - masks.clear;
  const store::BasisState* basis = decider_.LiveBasis(situation);
  audit::Leaf leaf = NewLeaf(access, op, "done");
  leaf.pseudonym = subject.key.pseudonym;
  leaf.basis = basis == nullptr ? "" : model::Name(basis->basis);
  leaf.clear = wanted;
  leaf.row_mac = row_mac;
  leaf.detail = std::move(detail);
  leaf.commitment = CommitmentTo(access.reason, subject.key);
  if (!refused.empty() || basis == nullptr) {
    const Error error = WhyNothing(situation, refused);
    leaf.decision = "refused";
    leaf.reason = Info(error.code()).name;
    FID_TRY(log_.Queue(DraftOf(leaf, subject.dossier.subject)).Wait());
    return std::unexpected(error);
  }
  return WriteGranted{MakePermit(subject.dossier.subject, model::Op::kWrite, masks),
                      DraftOf(leaf, subject.dossier.subject)};
}

Result<Gate::Erasure> Gate::AskErasure(const model::Access& access, const Subject& subject,
                                       BytesView reason_commitment) const {
  FID_TRY(CheckAccess(access));
  FID_TRY(Require(access.actor, "customers.erase"));
  if ((subject.dossier.standing.restrictions & model::kRestrictedHold) != 0) {
    return Fail(Code::kConflict, "the record is kept for a legal claim: lift the hold first");
  }
  audit::Leaf leaf = NewLeaf(access, "erase", "done");
  leaf.pseudonym = subject.key.pseudonym;
  leaf.commitment = reason_commitment;
  return Erasure{model::ErasureOrder(subject.dossier.subject),
                 DraftOf(leaf, subject.dossier.subject)};
}

model::Permit Gate::SystemPermit(const model::SubjectRef& subject) const {
  return model::Permit(subject, model::Op::kRead, model::FieldSet::All(), {},
                       clock_.MonotonicMs() + kPermitMs);
}

model::FieldSet Gate::Writable(const model::Access& access,
                               const std::vector<std::string>& purposes) const {
  model::FieldSet fields;
  for (const std::string& id : purposes) {
    const rules::Purpose* purpose = policy_.FindPurpose(id);
    if (purpose == nullptr || purpose->bases.empty()) {
      continue;
    }
    const store::Standing as_if = AsIf(*purpose);
    model::Access as_purpose = access;
    as_purpose.purpose = id;
    fields = fields | decider_.Decide(Around(as_purpose, model::Op::kWrite, as_if)).clear;
  }
  return fields;
}

Status Gate::AskSearch(const model::Access& access, model::FieldNo field) const {
  FID_TRY(CheckAccess(access));
  const rules::Purpose* purpose = policy_.FindPurpose(access.purpose);
  if (!policy_.catalog.indexed().Has(field)) {
    return Fail(Code::kInvalidInput, "this field cannot be searched", field);
  }
  // Searching is decided by role and purpose; what is shown of a hit, by its own basis.
  const store::Standing as_if = AsIf(*purpose);
  const Situation situation = Around(access, model::Op::kSearch, as_if);
  if (!decider_.Decide(situation).clear.Has(field)) {
    const Error error = Refusing(decider_.Explain(situation, field));
    audit::Leaf leaf = NewLeaf(access, "search", "refused");
    leaf.clear = model::FieldSet::Of({field});
    leaf.reason = Info(error.code()).name;
    FID_TRY(Record(0, leaf).Wait());
    return std::unexpected(error);
  }
  return {};
}

Result<Gate::Explanation> Gate::Explain(const Question& question,
                                        const store::Dossier* record) const {
  if (policy_.FindRole(question.lease.role) == nullptr) {
    return Fail(Code::kInvalidInput, "the role is not declared");
  }
  if (policy_.FindPurpose(question.purpose) == nullptr) {
    return Fail(Code::kUnknownPurpose, "the purpose is not declared");
  }
  std::vector<model::Lease> leases = {question.lease};
  Compile(leases[0], policy_.catalog);
  store::Standing made_up;
  if (question.basis) {
    made_up.bases.push_back({question.purpose, *question.basis, true, question.separate, 0, 1});
  }
  made_up.restrictions = question.restricted ? model::kRestrictedBySubject : 0U;
  Situation situation{leases,          question.purpose,
                      question.op,     record == nullptr ? &made_up : &record->standing,
                      clock_.NowMs(),  "",
                      question.trained};
  situation.told = told_.load();
  const model::FieldSet asked = record == nullptr ? model::FieldSet::All() : record->held();
  Explanation answers;
  for (const rules::Field& field : policy_.catalog.fields()) {
    if (!asked.Has(field.number)) {
      continue;
    }
    answers.emplace_back(&field, IsBarred(question.purpose)
                                     ? Reason::kNotAssessed
                                     : decider_.Explain(situation, field.number));
  }
  return answers;
}

Result<Gate::Shown> Gate::AskInSet(const model::Access& access, const Subject& subject,
                                   model::Op op, const model::FieldSet& wanted,
                                   const model::FieldSet& beside) const {
  FID_ASSIGN(const Situation situation, SituationOf(access, op, subject));
  const model::FieldSet held = (subject.dossier.held() | beside) & wanted;
  const Masks all = decider_.Decide(situation);
  const Masks masks = all.Of(held);
  if ((masks.clear | masks.masked).empty()) {
    return std::unexpected(WhyNothing(situation, held));
  }
  Shown shown{MakePermit(subject.dossier.subject, op, masks), masks, {}};
  (held - masks.clear - masks.masked).ForEach([&](model::FieldNo field) {
    shown.refusals.push_back({field, decider_.Explain(situation, field)});
  });
  return shown;
}

}  // namespace fiducia::gate
