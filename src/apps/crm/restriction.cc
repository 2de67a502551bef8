// Restricting a record: it is kept, and used for nothing but what the law demands.
#include "apps/crm/answer.h"
#include "apps/crm/customers.h"
#include "model/names.h"

namespace fiducia::apps {

void CustomerService::Restrict(const model::Access& access, const RestrictionCommand& command,
                               Done<Written> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "customers.restrict"));
    FID_TRY(parts_.gate.CheckAccess(access));
    if (access.reason.size() < 3) {
      return Fail(Code::kReasonRequired, "say why, in at least three characters");
    }
    FID_ASSIGN(const Loaded loaded, LoadFresh(command.subject));
    const uint32_t before = loaded.dossier.restrictions;
    const uint32_t after =
        command.restricted ? before | command.restriction : before & ~uint32_t{command.restriction};
    if (before == after) {
      return Fail(Code::kConflict, command.restricted
                                       ? Literal("the record is restricted so already")
                                       : Literal("the record is not restricted so"));
    }
    auto built = std::make_shared<const process::BuiltRecord>(
        parts_.builder.BuildRestrictions(loaded.dossier, loaded.key, after));
    audit::Leaf leaf =
        parts_.gate.NewLeaf(access, command.restricted ? "restrict" : "unrestrict", "done");
    leaf.pseudonym = loaded.key->pseudonym;
    leaf.commitment = parts_.builder.vault().Commit(*loaded.key, access.reason);
    leaf.row_mac = built->row.mac;
    leaf.detail = model::Name(command.restriction);
    auto draft = parts_.gate.DraftOf(leaf, command.subject);
    store::Job job = process::WriteJob(
        built, false, [this, draft = std::move(draft)](store::Session& data) -> Status {
          FID_TRY(parts_.gate.log().Append(data, draft));
          return {};
        });
    job.done = Acknowledge({built->subject, built->row.version, {}, false}, std::move(done));
    parts_.engine.Submit(std::move(job));
    return {};
  };
  const Status status = run();
  if (!status) {
    done(std::unexpected(status.error()));
  }
}

}  // namespace fiducia::apps
