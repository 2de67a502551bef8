// Restricting a record: it is kept, and used for nothing but what the law demands.
#include "apps/answer.h"
#include "apps/crm/customers.h"
#include "base/text.h"
#include "model/names.h"

namespace fiducia::apps {

void CustomerService::Restrict(const model::Access& access, const RestrictionCommand& command,
                               Done<Written> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "customers.restrict"));
    FID_TRY(parts_.gate.CheckAccess(access));
    if (!SaysWhy(access.reason)) {
      return Fail(Code::kReasonRequired, "say why, in at least three letters");
    }
    FID_ASSIGN(const Loaded loaded, parts_.records.LoadFresh(command.subject));
    const bool before = (loaded.dossier.standing.restrictions & command.restriction) != 0;
    if (before == command.restricted) {
      return Fail(Code::kConflict, command.restricted
                                       ? Literal("the record is restricted so already")
                                       : Literal("the record is not restricted so"));
    }
    model::BasisEvent event;
    event.action =
        command.restricted ? model::BasisAction::kRestricted : model::BasisAction::kLifted;
    event.restriction = command.restriction;
    event.source = command.channel;
    FID_ASSIGN(process::BuiltRecord made,
               parts_.builder.BuildEvents(loaded.dossier, loaded.key, {std::move(event)}));
    auto built = std::make_shared<const process::BuiltRecord>(std::move(made));
    audit::Leaf leaf =
        parts_.gate.NewLeaf(access, command.restricted ? "restrict" : "unrestrict", "done");
    leaf.pseudonym = loaded.key->pseudonym;
    leaf.commitment = parts_.builder.vault().Commit(*loaded.key, access.reason);
    leaf.row_mac = built->row.mac;
    leaf.detail = model::Name(command.restriction);
    process::WriteChange(
        parts_.engine, parts_.gate, built, parts_.gate.DraftOf(leaf, command.subject),
        Acknowledge({built->subject, built->row.version, {}, false}, std::move(done)));
    return {};
  };
  const Status status = run();
  if (!status) {
    done(std::unexpected(status.error()));
  }
}

}  // namespace fiducia::apps
