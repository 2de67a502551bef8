#include "govern/rights/cases.h"

#include <algorithm>
#include <cstdio>

#include "base/clock.h"
#include "base/text.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "rights_case";
constexpr std::string_view kCapability = "rights.handle";
constexpr int64_t kDayMs = 86400000;
constexpr int kOpenMost = 3;  // of one person
constexpr size_t kTextMax = 4000;
constexpr int kNoTier = 9;

bool IsOver(CaseState state) {
  return state == CaseState::kDone || state == CaseState::kRefused ||
         state == CaseState::kWithdrawn;
}

// What the laws call this right.
std::set<std::string> WordsOfLaw(Right right) {
  switch (right) {
    case Right::kAccess:
      return {"access", "know", "copy"};
    case Right::kPortability:
      return {"portability"};
    case Right::kRectify:
      return {"rectify"};
    case Right::kErase:
      return {"erase"};
    case Right::kRestrict:
      return {"restrict", "limit"};
    case Right::kObject:
      return {"object", "opt_out"};
    case Right::kHumanReview:
      return {"human_review", "explain"};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<RightsCases>> RightsCases::Open(Parts parts) {
  std::unique_ptr<RightsCases> made(new RightsCases(std::move(parts)));
  FID_ASSIGN(const auto documents, made->parts_.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(RightsCase one, CaseFrom(document.id, document.version, document.json));
    made->known_[one.id] = std::move(one);
  }
  return made;
}

Result<RightsCase> RightsCases::Load(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) {
    return Fail(Code::kNotFound, "there is no such case");
  }
  return found->second;
}

Status RightsCases::Save(RightsCase& one, const audit::Leaf& leaf, const Uuid& by,
                         const std::string& what, std::string_view right,
                         std::vector<guard::DocumentChange> with) {
  one.steps.push_back({parts_.clock.NowMs(), by, what, std::string(right)});
  CloseIfDone(one);
  ++one.version;
  with.push_back({std::string(kKind), one.id, one.version, ToJson(one)});
  FID_TRY(parts_.book.Commit(with, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[one.id] = one;
  return {};
}

void RightsCases::CloseIfDone(RightsCase& one) const {
  const bool over = std::all_of(one.processes.begin(), one.processes.end(),
                                [](const CaseProcess& p) { return IsOver(p.state); });
  const bool told = std::all_of(one.tasks.begin(), one.tasks.end(),
                                [](const CaseTask& task) { return task.done_ms != 0; });
  if (over && told && one.closed_ms == 0) {
    one.closed_ms = parts_.clock.NowMs();
  }
}

audit::Leaf RightsCases::LeafFor(const model::Access& access, const RightsCase& one,
                                 std::string_view op) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  audit::Leaf leaf = common.gate.NewLeaf(access, op, "done");
  leaf.detail = one.number;
  if (!one.customer.is_nil()) {
    if (const auto record = common.records.LoadFresh({0, one.customer})) {
      leaf.pseudonym = record->key->pseudonym;
    }
  }
  return leaf;
}

void RightsCases::StartClocks(CaseProcess& process, const std::set<std::string>& regimes,
                              int64_t at_ms) const {
  rules::Facts facts;
  facts.words["right"] = WordsOfLaw(process.right);
  for (const rules::Applied& applied : laws().Applying(regimes, "request", facts, at_ms / kDayMs)) {
    if (applied.rule->effect == rules::Effect::kClock && applied.truth == rules::Truth::kYes) {
      process.clocks.push_back({applied.rule->id, {at_ms, {}, std::nullopt, 0}});
    }
  }
}

void RightsCases::Meet(CaseProcess& process, std::initializer_list<std::string_view> tasks) const {
  for (CaseClock& clock : process.clocks) {
    const rules::Rule* rule = laws().Find(clock.rule);
    const bool meant =
        rule != nullptr && std::find(tasks.begin(), tasks.end(), rule->clock.task) != tasks.end();
    if (meant && clock.state.met_ms == 0) {
      clock.state.met_ms = parts_.clock.NowMs();
    }
  }
}

RightsCases::Deadline RightsCases::DeadlineOf(const CaseProcess& process) const {
  Deadline first;
  const int64_t now = parts_.clock.NowMs();
  for (const CaseClock& clock : process.clocks) {
    const rules::Rule* rule = laws().Find(clock.rule);
    if (rule == nullptr || clock.state.met_ms != 0) {
      continue;
    }
    const auto due = rules::DueOf(rule->clock, clock.state, laws().calendars(), now);
    const auto phase = rules::PhaseOf(rule->clock, clock.state, laws().calendars(), now);
    if (due && phase && (first.due_ms == 0 || *due < first.due_ms)) {
      first = {*due, *phase, clock.rule, rule->clock.task};
    }
  }
  return first;
}

// A process waits for identity as long as who asks is not established well enough for its right.
void RightsCases::SettleIdentity(RightsCase& one) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  bool sensitive = false;
  if (!one.customer.is_nil()) {
    if (const auto record = common.records.LoadFresh({0, one.customer})) {
      sensitive =
          !(record->dossier.held() & common.gate.policy().catalog.AtLevel(model::Level::kL4))
               .empty();
    }
  }
  for (CaseProcess& process : one.processes) {
    const bool enough = !one.customer.is_nil() && one.tier <= TierNeeded(process.right, sensitive);
    if (process.state == CaseState::kIdentity && enough) {
      process.state = CaseState::kReview;
    } else if (process.state == CaseState::kReview && !enough) {
      process.state = CaseState::kIdentity;
    }
  }
}

Result<RightsCase> RightsCases::Make(Intake intake, int tier, const std::string& method,
                                     const audit::Leaf& leaf) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  if (intake.rights.empty()) {
    return Fail(Code::kInvalidInput, "say which right the person uses");
  }
  if (intake.text.Reveal().size() > kTextMax) {
    return Fail(Code::kInvalidInput, "the text has at most 4,000 characters");
  }
  const bool rectifies =
      std::find(intake.rights.begin(), intake.rights.end(), Right::kRectify) != intake.rights.end();
  if (intake.corrections.empty() == rectifies) {
    return Fail(Code::kInvalidInput,
                "a correction names the fields and their right values, and nothing else does");
  }
  for (const Correction& correction : intake.corrections) {
    if (common.gate.policy().catalog.Find(correction.field) == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
  }
  const int64_t now = common.clock.NowMs();
  RightsCase one;
  one.id = Uuid::V7(parts_.clock, parts_.rng);
  one.customer = intake.customer;
  one.channel = intake.channel;
  one.text = std::move(intake.text);
  one.corrections = std::move(intake.corrections);
  one.tier = tier;
  one.method = method;
  one.received_ms = intake.received_ms == 0 ? now : std::min(intake.received_ms, now);
  one.regimes = {common.jurisdiction};
  if (!one.customer.is_nil()) {
    FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh({0, one.customer}));
    FID_ASSIGN(const PersonFacts facts,
               FactsOf(common.records, common.gate, record, common.jurisdiction, now));
    one.regimes = facts.regimes;
  }
  for (const Right right : intake.rights) {
    if (one.Find(right) != nullptr) {
      continue;
    }
    CaseProcess process;
    process.right = right;
    StartClocks(process, one.regimes, one.received_ms);
    one.processes.push_back(std::move(process));
  }
  {
    const std::lock_guard lock(mutex_);
    size_t of_year = 1;
    const std::string year = std::to_string(CivilFromDays(now / kDayMs).year);
    for (const auto& [id, other] : known_) {
      of_year += other.number.substr(2, 4) == year ? 1 : 0;
    }
    std::array<char, 40> number{};
    std::snprintf(number.data(), number.size(), "R-%s-%05zu", year.c_str(), of_year);
    one.number = number.data();
  }
  SettleIdentity(one);
  // Taking it in is confirming it: the person is told the number.
  for (CaseProcess& process : one.processes) {
    Meet(process, {"confirm"});
  }
  audit::Leaf with_number = leaf;
  with_number.detail = one.number;
  FID_TRY(Save(one, with_number, leaf.actor, "received"));
  return one;
}

Result<RightsCase> RightsCases::Ask(const Self& self, Intake intake, bool fresh) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const std::lock_guard changing(changing_);
  const std::vector<RightsCase> own = Of(self.subject.id);
  if (std::count_if(own.begin(), own.end(), [](const RightsCase& one) { return one.IsOpen(); }) >=
      kOpenMost) {
    return Fail(Code::kTooManyRequests, "three requests of yours are open: wait for an answer");
  }
  FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(self.subject));
  intake.customer = self.subject.id;
  intake.channel = "portal";
  // The contact was known before and answered: T1, while that is fresh.
  return Make(
      std::move(intake), fresh ? 1 : 2,
      self.guardian.is_nil() ? "portal link" : "portal link of a guardian",
      common.gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "rights.ask"));
}

Result<RightsCase> RightsCases::TakeIn(const model::Access& access, Intake intake) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  FID_TRY(gate.Require(access.actor, kCapability));
  static const std::set<std::string> kChannels = {"desk", "phone", "mail", "paper"};
  if (!kChannels.contains(intake.channel)) {
    return Fail(Code::kInvalidInput, "a request comes in by desk, phone, mail or paper");
  }
  const std::lock_guard changing(changing_);
  return Make(std::move(intake), kNoTier, "", gate.NewLeaf(access, "rights.take_in", "done"));
}

Result<RightsCase> RightsCases::HandIn(const model::Access& access, Intake intake) {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  FID_TRY(gate.Require(access.actor, "tickets.write"));
  const std::lock_guard changing(changing_);
  return Make(std::move(intake), kNoTier, "", gate.NewLeaf(access, "rights.hand_in", "done"));
}

Result<RightsCase> RightsCases::Withdraw(const Self& self, const Uuid& id) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  if (one.customer != self.subject.id) {
    return Fail(Code::kNotFound, "there is no such case");
  }
  if (!one.IsOpen()) {
    return Fail(Code::kConflict, "the case is closed");
  }
  for (CaseProcess& process : one.processes) {
    if (!IsOver(process.state)) {
      process.state = CaseState::kWithdrawn;
      Meet(process, {"answer", "apply", "refuse"});
    }
  }
  FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh(self.subject));
  audit::Leaf leaf =
      common.gate.LeafOfSubject({record.dossier, *record.key, self.pseudonym}, "rights.withdraw");
  leaf.detail = one.number;
  FID_TRY(Save(one, leaf, Uuid(), "withdrawn"));
  return one;
}

Result<std::vector<RightsCase>> RightsCases::List(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  std::vector<RightsCase> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, one] : known_) {
      all.push_back(one);
    }
  }
  const auto due = [&](const RightsCase& one) {
    int64_t first = INT64_MAX;
    for (const CaseProcess& process : one.processes) {
      const int64_t end = DeadlineOf(process).due_ms;
      first = end == 0 ? first : std::min(first, end);
    }
    return first;
  };
  std::stable_sort(all.begin(), all.end(), [&](const RightsCase& a, const RightsCase& b) {
    return std::tuple(!a.IsOpen(), a.IsOpen() ? due(a) : -a.closed_ms) <
           std::tuple(!b.IsOpen(), b.IsOpen() ? due(b) : -b.closed_ms);
  });
  return all;
}

std::vector<RightsCase> RightsCases::Of(const Uuid& customer) const {
  const std::lock_guard lock(mutex_);
  std::vector<RightsCase> own;
  for (const auto& [id, one] : known_) {
    if (one.customer == customer && !customer.is_nil()) {
      own.push_back(one);
    }
  }
  std::reverse(own.begin(), own.end());
  return own;
}

Result<RightsCase> RightsCases::Find(const model::Access& access, const Uuid& id) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  return Load(id);
}

Result<RightsCase> RightsCases::Identify(const model::Access& access, const Uuid& id, int tier,
                                         const std::string& method, const Uuid& customer) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kCapability));
  if (tier < 0 || tier > 4 || method.size() < 3 || method.size() > 80) {
    return Fail(Code::kInvalidInput, "a tier is 0 to 4, with how the person was recognized");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  if (!one.IsOpen()) {
    return Fail(Code::kConflict, "the case is closed");
  }
  if (!customer.is_nil() && !one.customer.is_nil() && customer != one.customer) {
    return Fail(Code::kConflict, "the case is another customer's");
  }
  if (one.customer.is_nil()) {
    FID_ASSIGN(const process::LoadedRecord record, common.records.LoadFresh({0, customer}));
    FID_ASSIGN(const PersonFacts facts, FactsOf(common.records, common.gate, record,
                                                common.jurisdiction, common.clock.NowMs()));
    one.customer = customer;
    one.regimes = facts.regimes;
    // More laws may bear on the case than were known when it came in; from then on.
    for (CaseProcess& process : one.processes) {
      process.clocks.clear();
      StartClocks(process, one.regimes, one.received_ms);
      Meet(process, {"confirm"});
    }
  }
  one.tier = std::min(one.tier, tier);
  one.method = method;
  SettleIdentity(one);
  // Doubt is over: what was stopped for it runs on.
  for (CaseProcess& process : one.processes) {
    for (CaseClock& running : process.clocks) {
      if (!running.state.pauses.empty() && running.state.pauses.back().to_ms == 0 &&
          running.state.pauses.back().reason == "identity_doubt") {
        FID_TRY(rules::ResumeClock(running.state, common.clock.NowMs()));
      }
    }
  }
  FID_TRY(Save(one, LeafFor(access, one, "rights.identify"), access.actor.id, "identified"));
  return one;
}

Result<RightsCase> RightsCases::TurnClock(const model::Access& access, const Uuid& id, Right right,
                                          const std::string& act, const std::string& reason,
                                          bool told) {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  CaseProcess* process = one.Find(right);
  if (process == nullptr || IsOver(process->state)) {
    return Fail(Code::kConflict, "this part of the case is over, or was never asked");
  }
  const int64_t now = parts_.clock.NowMs();
  Status last = Fail(Code::kConflict, "no clock runs for this");
  bool turned = false;
  for (CaseClock& clock : process->clocks) {
    const rules::Rule* rule = laws().Find(clock.rule);
    if (rule == nullptr || clock.state.met_ms != 0) {
      continue;
    }
    Status status;
    if (act == "pause") {
      status = rules::PauseClock(rule->clock, clock.state, reason, now);
    } else if (act == "resume") {
      status = rules::ResumeClock(clock.state, now);
    } else if (act == "extend") {
      status =
          rules::ExtendClock(rule->clock, clock.state, laws().calendars(), {now, reason, told});
    } else {
      return Fail(Code::kInvalidInput, "a clock is paused, resumed or extended");
    }
    turned = turned || status.has_value();
    last = status ? last : status;
  }
  // Of several laws each stops or lengthens its own clock only; none would do so is a refusal.
  if (!turned) {
    return std::unexpected(last.error());
  }
  FID_TRY(Save(one, LeafFor(access, one, "rights." + act), access.actor.id, act, Name(right)));
  return one;
}

Result<RightsCase> RightsCases::Decide(const model::Access& access, const Uuid& id, Right right,
                                       Outcome outcome, const std::string& reason,
                                       model::Sensitive words) {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  if (outcome != Outcome::kFull && !IsRefusalReason(reason)) {
    return Fail(Code::kInvalidInput, "a partial answer or a refusal names its legal reason");
  }
  if (outcome != Outcome::kFull && !SaysWhy(words.Reveal())) {
    return Fail(Code::kReasonRequired, "tell the person why, in at least three letters");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  CaseProcess* process = one.Find(right);
  if (process == nullptr) {
    return Fail(Code::kNotFound, "the case does not ask for this");
  }
  const bool unproven = process->state == CaseState::kIdentity && outcome == Outcome::kRefused &&
                        reason == "identity_unproven";
  if (process->state != CaseState::kReview && !unproven) {
    return Fail(Code::kConflict, process->state == CaseState::kIdentity
                                     ? Literal("first establish who asks")
                                     : Literal("this was decided already"));
  }
  process->outcome = outcome;
  process->reason = outcome == Outcome::kFull ? "" : reason;
  process->words = std::move(words);
  process->decided_by = access.actor.id;
  process->decided_ms = parts_.clock.NowMs();
  if (outcome == Outcome::kRefused) {
    process->state = CaseState::kRefused;
    Meet(*process, {"answer", "apply", "refuse"});
  } else {
    process->state = CaseState::kDecided;
    Meet(*process, {"refuse"});
    if (right == Right::kErase) {
      FID_ASSIGN(process->items, Plan({0, one.customer}));
    }
  }
  FID_TRY(Save(one, LeafFor(access, one, "rights.decide"), access.actor.id,
               "decided " + std::string(Name(outcome)), Name(right)));
  return one;
}

}  // namespace fiducia::govern
