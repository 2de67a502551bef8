#include "govern/lawful/recipients.h"

#include <algorithm>

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "recipient";
constexpr std::string_view kRead = "recipients.read";
constexpr std::string_view kManage = "recipients.manage";
constexpr size_t kNoteMost = 2000;
constexpr size_t kReasonLeast = 10;

Error Refused(std::string_view code) {
  struct Words {
    std::string_view code;
    Literal text;
  };
  static const std::array<Words, 11> kTexts = {{
      {"suspended", "the recipient is suspended"},
      {"ended", "the work with this recipient has ended"},
      {"agreement_missing", "there is no agreement with this recipient"},
      {"agreement_lapsed", "the agreement with this recipient has lapsed"},
      {"audit_overdue", "the audit of this recipient is overdue"},
      {"audit_failed", "the recipient did not pass its last audit"},
      {"purpose_out_of_scope", "the purpose is not in the agreement with this recipient"},
      {"field_out_of_scope", "a field is not in the agreement with this recipient"},
      {"not_in_notice", "customers were not told of this recipient for this purpose"},
      {"way_missing", "the recipient is abroad, and no way of sending data there is on record"},
      {"subprocessor_not_approved", "the recipient works with a subprocessor that nobody approved"},
  }};
  for (const Words& words : kTexts) {
    if (words.code == code) {
      return {Code::kConflict, words.text};
    }
  }
  return {Code::kConflict, "the agreement lacks a clause that the law wants"};
}

}  // namespace

Result<std::unique_ptr<Recipients>> Recipients::Open(Parts parts) {
  std::unique_ptr<Recipients> made(new Recipients(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Recipient one, RecipientFrom(document.id, document.version, document.json));
    made->known_[document.id] = std::move(one);
  }
  return made;
}

std::vector<Recipient> Recipients::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<Recipient> all;
  all.reserve(known_.size());
  for (const auto& [id, one] : known_) {
    all.push_back(one);
  }
  std::sort(all.begin(), all.end(),
            [](const Recipient& a, const Recipient& b) { return a.code < b.code; });
  return all;
}

std::optional<Recipient> Recipients::Known(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<Recipient>> Recipients::List(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kRead));
  return All();
}

Result<Recipient> Recipients::Find(const model::Access& access, const Uuid& id) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kRead));
  auto one = Known(id);
  if (!one) {
    return Fail(Code::kNotFound, "there is no such recipient");
  }
  return *std::move(one);
}

Status Recipients::Save(Recipient& one, const audit::Leaf& leaf) {
  ++one.version;
  FID_TRY(parts_.book.Commit({{std::string(kKind), one.id, one.version, ToJson(one)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[one.id] = one;
  return {};
}

Result<Recipient> Recipients::Put(const model::Access& access, Recipient wanted) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kManage));
  FID_TRY(CheckRecipient(wanted, common.gate.policy()));
  const std::lock_guard changing(changing_);
  for (const Recipient& other : All()) {
    if (other.code == wanted.code && other.id != wanted.id) {
      return Fail(Code::kConflict, "there is a recipient with this code");
    }
  }
  const bool is_new = wanted.id.is_nil();
  if (is_new) {
    wanted.id = Uuid::V7(parts_.clock, parts_.rng);
    wanted.created_ms = common.clock.NowMs();
  } else {
    const auto before = Known(wanted.id);
    if (!before) {
      return Fail(Code::kNotFound, "there is no such recipient");
    }
    wanted.version = before->version;
    wanted.audits = before->audits;
    wanted.state = before->state;
    wanted.state_reason = before->state_reason;
    wanted.state_ms = before->state_ms;
    wanted.created_ms = before->created_ms;
  }
  audit::Leaf leaf =
      common.gate.NewLeaf(access, is_new ? "recipient.create" : "recipient.change", "done");
  leaf.detail = wanted.code;
  FID_TRY(Save(wanted, leaf));
  return wanted;
}

Result<Recipient> Recipients::AddAudit(const model::Access& access, const Uuid& id,
                                       AuditResult result, int64_t day, const std::string& note) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kManage));
  if (day > Today() || note.size() > kNoteMost) {
    return Fail(Code::kInvalidInput, "an audit has a day that is over and a note of at most 2,000");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Recipient one, Find(access, id));
  one.audits.push_back({day, result, note, access.actor.id});
  audit::Leaf leaf = common.gate.NewLeaf(access, "recipient.audit", "done");
  leaf.detail = one.code + " " + std::string(Name(result));
  FID_TRY(Save(one, leaf));
  return one;
}

Result<Recipient> Recipients::SetState(const model::Access& access, const Uuid& id,
                                       RecipientState state, const std::string& reason) {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kManage));
  if (reason.size() < kReasonLeast || reason.size() > kNoteMost) {
    return Fail(Code::kReasonRequired, "say why, in 10 to 2,000 characters");
  }
  const std::lock_guard changing(changing_);
  FID_ASSIGN(Recipient one, Find(access, id));
  if (one.state == RecipientState::kEnded || one.state == state) {
    return Fail(Code::kConflict, "the recipient has ended, or is in this state already");
  }
  one.state = state;
  one.state_reason = reason;
  one.state_ms = common.clock.NowMs();
  audit::Leaf leaf = common.gate.NewLeaf(access, "recipient." + std::string(Name(state)), "done");
  leaf.detail = one.code;
  FID_TRY(Save(one, leaf));
  if (state == RecipientState::kEnded) {
    // From the moment above no key of it is let in; here they end for good.
    for (const std::string& key : one.keys) {
      if (const auto key_id = Uuid::Parse(key)) {
        (void)parts_.keys.End(access, *key_id, "key.revoke", {});
      }
    }
  }
  return one;
}

std::map<std::string, std::set<std::string>> Recipients::Told() const {
  std::map<std::string, std::set<std::string>> told;
  std::set<std::string> seen;
  for (const NoticeVersion& version : parts_.notices.Versions()) {
    if (!seen.insert(version.id).second) {
      continue;  // the newest comes first
    }
    const Json clauses = version.snapshot.value("clauses", Json::array());
    for (const Json& clause : clauses) {
      const auto names = clause.value("recipients", std::vector<std::string>());
      told[JsonText(clause, "purpose")].insert(names.begin(), names.end());
    }
  }
  return told;
}

std::vector<Obstacle> Recipients::Obstacles(const Recipient& one, const std::string& purpose,
                                            const std::vector<std::string>& fields) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  const auto told = Told();
  return ObstaclesOf(one, common.gate.policy(), common.jurisdiction, {purpose, fields, &told},
                     Today());
}

Result<Recipient> Recipients::MayGive(const model::Access& access, const std::string& code,
                                      const std::string& purpose,
                                      const std::vector<std::string>& fields) const {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  for (Recipient& one : All()) {
    if (one.code != code) {
      continue;
    }
    for (const Obstacle& obstacle : Obstacles(one, purpose, fields)) {
      if (obstacle.blocks) {
        audit::Leaf leaf = gate.NewLeaf(access, "share", "refused");
        leaf.reason = obstacle.code;
        leaf.detail = one.code;
        FID_TRY(gate.Record(0, leaf).Wait());
        return std::unexpected(Refused(obstacle.code));
      }
    }
    return std::move(one);
  }
  return Fail(Code::kNotFound, "there is no such recipient");
}

Status Recipients::MayUseKey(const Uuid& key) const {
  const std::string text = key.Text();
  std::optional<Recipient> owner;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, one] : known_) {
      if (std::find(one.keys.begin(), one.keys.end(), text) != one.keys.end()) {
        owner = one;
        break;
      }
    }
  }
  if (!owner) {
    return {};
  }
  for (const Obstacle& obstacle : Obstacles(*owner)) {
    if (obstacle.blocks) {
      return std::unexpected(Refused(obstacle.code));
    }
  }
  return {};
}

bool Recipients::IsSensitive(const std::vector<std::string>& fields) const {
  const rules::Policy& policy = parts_.authorizations.parts().gate.policy();
  const auto flags =
      SensitiveFlags(policy.laws.RegimeOf(parts_.authorizations.parts().jurisdiction));
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& id) {
    const rules::Field* field = policy.catalog.Find(id);
    return field != nullptr &&
           std::any_of(field->flags.begin(), field->flags.end(),
                       [&](const std::string& flag) { return flags.contains(flag); });
  });
}

Status Recipients::Given(const Recipient& one, const std::vector<std::string>& fields,
                         const std::vector<model::SubjectRef>& people) const {
  const auto& parts = parts_.authorizations.parts();
  const rules::Jurisdictions& laws = parts.gate.policy().laws;
  store::Disclosure disclosure;
  disclosure.recipient = one.id;
  disclosure.last_ms = parts.clock.NowMs();
  disclosure.abroad = one.IsAbroad(laws.FindPack(laws.RegimeOf(parts.jurisdiction)));
  disclosure.sensitive = IsSensitive(fields);
  store::Job job;
  job.spans_buckets = true;
  job.data = [&](store::Session& data) -> Status {
    for (const model::SubjectRef& subject : people) {
      FID_TRY(store::AddDisclosure(data, subject, disclosure));
    }
    return {};
  };
  return parts.records.engine().SubmitAndWait(std::move(job));
}

Result<int64_t> Recipients::PeopleOf(const Uuid& id) const {
  FID_ASSIGN(const auto lease, parts_.authorizations.parts().records.engine().Read());
  return store::CountDisclosed(lease->session(store::Which::kData), 0, id);
}

Result<std::vector<std::pair<Recipient, store::Disclosure>>> Recipients::Of(
    const model::SubjectRef& subject) const {
  FID_ASSIGN(const auto lease, parts_.authorizations.parts().records.engine().Read());
  FID_ASSIGN(const auto given,
             store::LoadDisclosures(lease->session(store::Which::kData), subject));
  std::vector<std::pair<Recipient, store::Disclosure>> found;
  for (const store::Disclosure& disclosure : given) {
    if (auto one = Known(disclosure.recipient)) {
      found.emplace_back(*std::move(one), disclosure);
    }
  }
  return found;
}

}  // namespace fiducia::govern
