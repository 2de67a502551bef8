#include "apps/crm/customers.h"

#include <algorithm>

#include "apps/answer.h"
#include "apps/crm/fill.h"
#include "apps/source_door.h"
#include "base/text.h"
#include "model/names.h"
#include "store/placement.h"
#include "store/subjects.h"

namespace fiducia::apps {

Result<const rules::Field*> CustomerService::FieldOf(std::string_view id) const {
  const rules::Field* field = parts_.gate.policy().catalog.Find(id);
  if (field == nullptr) {
    return Fail(Code::kUnknownField, "a field is not in the catalog");
  }
  return field;
}

process::Hints CustomerService::HintsFor(const std::string& region) const {
  process::Hints hints;
  hints.region = !region.empty() ? region : parts_.jurisdiction.substr(0, 2);
  hints.today_days = parts_.clock.NowMs() / 86400000;
  return hints;
}

Result<CustomerView> CustomerService::View(const model::Permit& permit, const gate::Masks& masks,
                                           const std::vector<gate::Refusal>& refusals,
                                           const Loaded& loaded) const {
  CustomerView view;
  view.subject = loaded.dossier.subject;
  view.kind = loaded.dossier.kind;
  view.version = loaded.dossier.version;
  view.restrictions = loaded.dossier.standing.restrictions;
  FID_TRY(FillFields(Filling{parts_.gate.policy(), parts_.builder.vault(), permit, masks, refusals},
                     loaded, vault::kDossierTable, view.fields, view.withheld));
  return view;
}

// Answers when the leaf is durable, and a use that was taken of an authorization is on record too.
// If somebody else changed the record meanwhile, the whole question is asked again.
void CustomerService::Answer(Shown shown, std::move_only_function<void(Done<CustomerView>)> again,
                             Done<CustomerView> done) const {
  if (shown.takes_use_of == 0) {
    return AnswerAfter<CustomerView>(shown.receipt, std::move(shown.view), std::move(done));
  }
  model::BasisEvent event;
  event.action = model::BasisAction::kUsed;
  event.of = shown.takes_use_of;
  for (const store::BasisState& basis : shown.loaded.dossier.standing.bases) {
    if (basis.seq == event.of) {
      event.purpose = basis.purpose;
      event.basis = basis.basis;
    }
  }
  auto made =
      parts_.builder.BuildEvents(shown.loaded.dossier, shown.loaded.key, {std::move(event)});
  if (!made) {
    return done(std::unexpected(made.error()));
  }
  store::Job job = process::WriteJob(std::make_shared<const process::BuiltRecord>(std::move(*made)),
                                     false, [](store::Session&) -> Status { return {}; });
  job.done = [receipt = shown.receipt, view = std::move(shown.view), again = std::move(again),
              done = std::move(done)](const Status& status) mutable {
    if (!status && status.error().code() == Code::kVersionMismatch) {
      return again(std::move(done));
    }
    if (!status) {
      return done(std::unexpected(status.error()));
    }
    AnswerAfter<CustomerView>(receipt, std::move(view), std::move(done));
  };
  parts_.engine.Submit(std::move(job));
}

Result<CustomerService::Shown> CustomerService::Show(const model::Access& access, model::Op op,
                                                     const model::SubjectRef& subject,
                                                     const model::FieldSet* wanted) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(Loaded loaded, parts_.records.LoadCurrent(*lease, subject));
  FID_ASSIGN(const gate::Granted granted,
             parts_.gate.Ask(access, op, {loaded.dossier, *loaded.key},
                             wanted == nullptr ? loaded.dossier.held() : *wanted));
  FID_ASSIGN(CustomerView view, View(granted.permit, granted.masks, granted.refusals, loaded));
  return Shown{std::move(view), granted.receipt, granted.takes_use_of, std::move(loaded)};
}

void CustomerService::Read(const model::Access& access, const model::SubjectRef& subject,
                           Done<CustomerView> done) const {
  auto run = [&]() -> Result<Shown> {
    FID_TRY(parts_.gate.Require(access.actor, "customers.read"));
    FID_TRY(parts_.gate.CheckAccess(access));
    return Show(access, model::Op::kRead, subject, nullptr);
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  Answer(
      std::move(*result),
      [this, access, subject](Done<CustomerView> again) {
        Read(access, subject, std::move(again));
      },
      std::move(done));
}

void CustomerService::Reveal(const model::Access& access, const model::SubjectRef& subject,
                             const std::vector<std::string>& fields,
                             Done<CustomerView> done) const {
  auto run = [&]() -> Result<Shown> {
    FID_TRY(parts_.gate.Require(access.actor, "customers.reveal"));
    FID_TRY(parts_.gate.CheckAccess(access));
    if (!SaysWhy(access.reason)) {
      return Fail(Code::kReasonRequired, "a reveal needs a reason of at least three letters");
    }
    model::FieldSet wanted;
    for (const std::string& id : fields) {
      FID_ASSIGN(const rules::Field* field, FieldOf(id));
      wanted.Add(field->number);
    }
    if (wanted.empty()) {
      return Fail(Code::kInvalidInput, "name at least one field to reveal");
    }
    return Show(access, model::Op::kReveal, subject, &wanted);
  };
  auto result = run();
  if (!result) {
    return done(std::unexpected(result.error()));
  }
  Answer(
      std::move(*result),
      [this, access, subject, fields](Done<CustomerView> again) {
        Reveal(access, subject, fields, std::move(again));
      },
      std::move(done));
}

Result<std::shared_ptr<const process::BuiltRecord>> CustomerService::BuildNew(
    const model::Access& access, CreateCommand& command, const Bytes& near) const {
  const rules::Purpose* purpose = parts_.gate.policy().FindPurpose(access.purpose);
  FID_TRY(RequireSource(parts_.engine, parts_.sources, command.source));
  if (!purpose->AllowsBasis(command.basis)) {
    return Fail(Code::kPurposeRefused, "the purpose cannot rest on this lawful basis");
  }
  process::NewRecord record;
  record.near = near;
  record.kind = command.kind;
  for (auto& [id, values] : command.fields) {
    FID_ASSIGN(const rules::Field* field, FieldOf(id));
    for (model::Sensitive& value : values) {
      record.fields.push_back({field, std::move(value)});
    }
  }
  if (record.fields.empty()) {
    return Fail(Code::kInvalidInput, "a customer needs at least one field");
  }
  record.provenance = {command.source,
                       command.channel,
                       std::string(model::Name(command.basis)),
                       access.actor.id,
                       {},
                       parts_.clock.NowMs()};
  model::BasisEvent event;
  event.basis = command.basis;
  event.purpose = access.purpose;
  event.jurisdiction = command.jurisdiction.empty() ? parts_.jurisdiction : command.jurisdiction;
  event.source = command.source;
  event.separate = command.separate;
  record.bases.push_back(std::move(event));
  FID_ASSIGN(process::BuiltRecord built,
             parts_.builder.BuildNew(std::move(record), HintsFor(command.region)));
  return std::make_shared<const process::BuiltRecord>(std::move(built));
}

void CustomerService::Create(const model::Access& access, CreateCommand command,
                             const Idempotency& idempotency, Done<Written> done) const {
  auto run = [&]() -> Result<std::optional<Written>> {
    FID_TRY(parts_.gate.Require(access.actor, "customers.create"));
    FID_TRY(parts_.gate.CheckAccess(access));
    // The customer is not known yet, but where it will lie is.
    const store::AnswerPlace place{idempotency.key_hash.empty()
                                       ? model::Bucket{0}
                                       : store::BucketOfHash(0, idempotency.key_hash),
                                   0, access.actor.id, idempotency.key_hash};
    FID_ASSIGN(const std::optional<Written> repeated, Repeated(parts_.engine, place, idempotency));
    if (repeated) {
      return repeated;
    }
    const std::string source = command.source;
    FID_ASSIGN(const auto built, BuildNew(access, command, idempotency.key_hash));
    FID_ASSIGN(const bool suppressed, Suppressed(*built));
    if (suppressed && !command.returned) {
      return Fail(
          Code::kSuppressed,
          "a person with this identifier asked to be erased; if the person came back, say so "
          "with \"returned\": true");
    }
    FID_ASSIGN(gate::WriteGranted granted,
               parts_.gate.AskWrite(access, "create", {built->dossier, *built->key}, built->fields,
                                    built->row.mac));
    const Written written{built->subject, 1, {}, false};
    store::Job job =
        process::WriteJob(built, true,
                          [this, place, idempotency, written,
                           leaf = std::move(granted.leaf)](store::Session& data) -> Status {
                            FID_TRY(Keep(data, place, idempotency, written, parts_.clock.NowMs()));
                            FID_TRY(parts_.gate.log().Append(data, leaf));
                            return {};
                          });
    job.done = Acknowledge(written, Counted(parts_.sources, source, std::move(done)));
    if (suppressed) {
      job.done = [this, built, then = std::move(job.done)](const Status& status) mutable {
        status ? LiftSuppression(*built, std::move(then)) : then(status);
      };
    }
    parts_.engine.Submit(std::move(job));
    return std::optional<Written>();
  };
  AnswerUnlessUnderWay(run(), done);
}

void CustomerService::Patch(const model::Access& access, PatchCommand command,
                            Done<Written> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "customers.write"));
    FID_TRY(parts_.gate.CheckAccess(access));
    FID_TRY(RequireSource(parts_.engine, parts_.sources, command.source));
    FID_ASSIGN(const Loaded loaded, parts_.records.LoadFresh(command.subject));
    if (loaded.dossier.version != command.expected_version) {
      return Fail(Code::kVersionMismatch, "the record has changed since it was read");
    }
    std::vector<process::Change> changes;
    model::FieldSet wanted;
    for (auto& [id, values] : command.fields) {
      FID_ASSIGN(const rules::Field* field, FieldOf(id));
      wanted.Add(field->number);
      changes.push_back({field,
                         values.empty() ? process::ChangeKind::kRemove : process::ChangeKind::kSet,
                         std::move(values)});
    }
    if (changes.empty()) {
      return Fail(Code::kInvalidInput, "name at least one field to change");
    }
    const std::string basis =
        loaded.dossier.standing.bases.empty()
            ? ""
            : std::string(model::Name(loaded.dossier.standing.bases[0].basis));
    FID_ASSIGN(process::BuiltRecord made,
               parts_.builder.BuildChange(
                   loaded.dossier, loaded.key, changes,
                   {command.source, "api", basis, access.actor.id, {}, parts_.clock.NowMs()},
                   HintsFor(command.region)));
    auto built = std::make_shared<const process::BuiltRecord>(std::move(made));
    FID_ASSIGN(gate::WriteGranted granted,
               parts_.gate.AskWrite(access, "write", {loaded.dossier, *loaded.key}, wanted,
                                    built->row.mac));
    const Written written{built->subject, built->row.version, {}, false};
    process::WriteChange(
        parts_.engine, parts_.gate, built, std::move(granted.leaf),
        [this, built, written, done = Counted(parts_.sources, command.source, std::move(done))](
            const Status& status) mutable {
          if (status && !built->stale_tokens.empty()) {
            parts_.engine.Submit(process::CleanupJob(built));
          }
          done(status ? Result<Written>(written) : std::unexpected(status.error()));
        });
    return {};
  };
  const Status status = run();
  if (!status) {
    done(std::unexpected(status.error()));
  }
}

}  // namespace fiducia::apps
