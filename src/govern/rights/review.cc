// Reading what people write, and looking through what is written about them before they get it.
#include <algorithm>

#include "govern/rights/cases.h"
#include "govern/rights/reading.h"
#include "process/classify/entities.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kCapability = "rights.handle";
constexpr size_t kTextMax = 20000;
constexpr size_t kContactsMost = 5;
constexpr int kEventsMost = 2000;
constexpr size_t kSuggestionsMost = 20;  // of one text

bool IsFreeText(const rules::Field& field) {
  return field.type == "long_text" || field.type == "text";
}

}  // namespace

Result<Reading> RightsCases::Read(const model::Access& access, const model::Sensitive& text) const {
  const gate::Gate& gate = parts_.authorizations.parts().gate;
  FID_TRY(gate.Require(access.actor, kCapability));
  if (text.empty() || text.Reveal().size() > kTextMax) {
    return Fail(Code::kInvalidInput, "a message has 1 to 20,000 bytes");
  }
  Reading reading;
  reading.rights = RightsIn(text.Reveal());
  const auto contacts = ContactsIn(text.Reveal(), kContactsMost);
  for (const model::Sensitive& contact : contacts) {
    FID_ASSIGN(const auto people, parts_.hands.whose(contact));
    for (const Uuid& one : people) {
      if (std::find(reading.customers.begin(), reading.customers.end(), one) ==
          reading.customers.end()) {
        reading.customers.push_back(one);
      }
    }
  }
  FID_TRY(gate.Record(0, gate.NewLeaf(access, "rights.read", "done")).Wait());
  return reading;
}

namespace {

// What points to a person and is not this person's own contact may be somebody else's.
Status Suggest(const RightsCases::Hands& hands, const Uuid& customer, HeldText& held) {
  const std::string text(held.text.Reveal());
  const std::vector<process::Entity> entities = process::FindEntities(text);
  for (const process::Entity& entity : entities) {
    if (!process::PointsToOne(entity.kind)) {
      continue;
    }
    model::Sensitive found(text.substr(entity.from, entity.to - entity.from));
    const bool contact =
        entity.kind == process::EntityKind::kEmail || entity.kind == process::EntityKind::kPhone;
    FID_ASSIGN(const auto owners,
               contact ? hands.whose(found) : Result<std::vector<Uuid>>(std::vector<Uuid>()));
    if (std::find(owners.begin(), owners.end(), customer) == owners.end() &&
        held.suggestions.size() < kSuggestionsMost) {
      held.suggestions.push_back(std::move(found));
    }
  }
  return {};
}

}  // namespace

Result<TextReview> RightsCases::Texts(const model::Access& access, const Uuid& id) const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  FID_TRY(common.gate.Require(access.actor, kCapability));
  FID_TRY(common.gate.CheckAccess(access));
  FID_ASSIGN(const RightsCase one, Load(id));
  if (one.customer.is_nil()) {
    return Fail(Code::kConflict, "first say whose case it is");
  }
  const model::SubjectRef subject{0, one.customer};
  FID_ASSIGN(const auto lease, common.records.engine().Read());
  FID_ASSIGN(const process::LoadedRecord record, common.records.Load(*lease, subject));
  FID_ASSIGN(const auto events, common.records.LoadTimeline(*lease, record, kEventsMost));
  model::FieldSet wanted;
  const auto want = [&](const store::Dossier& body) {
    for (const store::Cell& cell : body.cells) {
      const rules::Field* field = common.gate.policy().catalog.Find(cell.field);
      if (field != nullptr && IsFreeText(*field)) {
        wanted.Add(cell.field);
      }
    }
  };
  want(record.dossier);
  for (const process::LoadedEvent& event : events) {
    want(event.body);
  }
  TextReview review;
  review.words = parts_.redactions.Of(one.customer);
  if (wanted.empty()) {
    return review;
  }
  model::Access opening = access;
  opening.reason = one.number;  // the case is why
  FID_ASSIGN(const gate::Granted granted,
             common.gate.Ask(opening, model::Op::kReveal, {record.dossier, *record.key}, wanted));
  const auto add = [&](const store::Dossier& body, const vault::SubjectKey& key,
                       std::string_view table, const Uuid& event, int64_t at_ms) -> Status {
    FID_ASSIGN(const model::Permit permit,
               common.gate.PermitFor(granted, record.dossier, body.subject));
    for (const store::Cell& cell : body.cells) {
      if (!granted.masks.clear.Has(cell.field)) {
        continue;
      }
      HeldText held{event, at_ms, common.gate.policy().catalog.Find(cell.field)->id, {}, {}};
      FID_ASSIGN(held.text,
                 common.records.builder().vault().Open(
                     permit, key, {body.subject, table, cell.field, cell.ordinal, cell.version},
                     cell.sealed));
      FID_TRY(Suggest(parts_.hands, one.customer, held));
      review.texts.push_back(std::move(held));
    }
    return {};
  };
  for (const process::LoadedEvent& event : events) {
    FID_TRY(add(event.body, *event.key, event.table, event.id, event.at_ms));
  }
  FID_TRY(
      add(record.dossier, *record.key, vault::kDossierTable, Uuid(), record.dossier.created_ms));
  FID_TRY(granted.receipt.Wait());
  return review;
}

Result<RightsCase> RightsCases::Redact(const model::Access& access, const Uuid& id,
                                       std::vector<model::Sensitive> words) {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(RightsCase one, Load(id));
  if (!one.IsOpen() || one.customer.is_nil()) {
    return Fail(Code::kConflict, "the case is closed, or nobody's yet");
  }
  FID_ASSIGN(auto draft, parts_.redactions.Prepare(one.customer, std::move(words)));
  FID_TRY(Save(one, LeafFor(access, one, "rights.redact"), access.actor.id, "redacted", "",
               {draft.change}));
  parts_.redactions.Keep(std::move(draft));
  return one;
}

}  // namespace fiducia::govern
