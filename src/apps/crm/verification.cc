// Values that were looked at and found right.
#include "apps/answer.h"
#include "apps/crm/customers.h"

namespace fiducia::apps {

void CustomerService::Verify(const model::Access& access, const model::SubjectRef& subject,
                             const std::vector<std::string>& fields, Done<Written> done) const {
  auto run = [&]() -> Status {
    FID_TRY(parts_.gate.Require(access.actor, "customers.write"));
    FID_TRY(parts_.gate.CheckAccess(access));
    if (fields.empty()) {
      return Fail(Code::kInvalidInput, "name at least one field");
    }
    model::FieldSet wanted;
    for (const std::string& id : fields) {
      FID_ASSIGN(const rules::Field* field, FieldOf(id));
      wanted.Add(field->number);
    }
    FID_ASSIGN(const Loaded loaded, parts_.records.LoadFresh(subject));
    FID_ASSIGN(process::BuiltRecord made,
               parts_.builder.BuildVerified(loaded.dossier, loaded.key, wanted));
    const auto built = std::make_shared<const process::BuiltRecord>(std::move(made));
    FID_ASSIGN(gate::WriteGranted granted,
               parts_.gate.AskWrite(access, "verify", {loaded.dossier, *loaded.key}, built->fields,
                                    built->row.mac));
    process::WriteChange(
        parts_.engine, parts_.gate, built, std::move(granted.leaf),
        Acknowledge({built->subject, built->row.version, {}, false}, std::move(done)));
    return {};
  };
  const Status status = run();
  if (!status) {
    done(std::unexpected(status.error()));
  }
}

}  // namespace fiducia::apps
