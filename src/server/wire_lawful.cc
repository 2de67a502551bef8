// The wiring of lawful use: what customers are told, what they allow, their door and their rights.
#include <future>

#include "server/instance_parts.h"
#include "server/mail.h"
#include "store/config_rows.h"

namespace fiducia::server {

namespace {

constexpr const char* kPortalSource = "portal";

// What people say in the portal has a source of its own.
Status RegisterPortal(db::Engine& engine, const Clock& clock) {
  {
    FID_ASSIGN(const auto lease, engine.Read());
    FID_ASSIGN(const auto known,
               store::LoadSource(lease->session(db::Which::kData), 0, kPortalSource));
    if (known) {
      return {};
    }
  }
  db::Job job;
  job.spans_buckets = true;
  job.data = [&](db::Session& data) -> Status {
    return store::PutSource(data, 0, {kPortalSource, "portal", "privacy officer", clock.NowMs()});
  };
  return engine.SubmitAndWait(std::move(job));
}

// Waits for a change of a record.
template <typename F>
Status Wait(F change) {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  change([&promise](const Result<apps::Written>& written) {
    promise.set_value(written ? Status() : std::unexpected(written.error()));
  });
  return answer.get();
}

// What people approved before is done by the house: what held it up is over.
model::Access DoingOf(const Instance::Parts& parts, const model::Access& access) {
  model::Access doing = access;
  if (access.actor.role == "system") {
    doing.actor = model::ActorWith(parts.operator_id, "operator");
    doing.actor.role = "system";
    doing.purpose = "legal_compliance";
  }
  return doing;
}

govern::RightsCases::Hands HandsOf(Instance::Parts& parts) {
  govern::RightsCases::Hands hands;
  hands.erase = [&parts](const model::Access& access, const model::SubjectRef& subject) {
    return parts.customers->Erase(DoingOf(parts, access), subject);
  };
  hands.rectify = [&parts](const model::Access& access, const model::SubjectRef& subject,
                           const std::vector<govern::Correction>& corrections) -> Status {
    FID_ASSIGN(const process::LoadedRecord record, parts.records->LoadFresh(subject));
    apps::PatchCommand command;
    command.subject = subject;
    command.expected_version = record.dossier.version;
    command.source = kPortalSource;
    for (const govern::Correction& correction : corrections) {
      command.fields.push_back({correction.field, {correction.value}});
    }
    return Wait(
        [&](auto done) { parts.customers->Patch(access, std::move(command), std::move(done)); });
  };
  hands.restrict = [&parts](const model::Access& access, const model::SubjectRef& subject) {
    const Status done =
        Wait([&](auto answer) { parts.customers->Restrict(access, {subject}, std::move(answer)); });
    // It is so already: that is what was asked.
    return !done && done.error().code() == Code::kConflict ? Status() : done;
  };
  hands.recipients =
      [&parts](
          const model::SubjectRef& subject) -> Result<std::vector<std::pair<Uuid, std::string>>> {
    FID_ASSIGN(const auto given, parts.recipients->Of(subject));
    std::vector<std::pair<Uuid, std::string>> all;
    for (const auto& [recipient, disclosure] : given) {
      all.emplace_back(recipient.id, recipient.code);
    }
    return all;
  };
  hands.whose = [&parts](const model::Sensitive& contact) { return parts.doors->Whose(contact); };
  hands.forget = [&parts](const Uuid& customer) {
    (void)parts.feedback->Forget(customer);
    (void)parts.doors->Forget(customer);
    (void)parts.customer_passkeys->Forget(customer);
    (void)parts.guardians->Forget(customer);
    (void)parts.redactions->Forget(customer);
  };
  return hands;
}

}  // namespace

Status Instance::Parts::WireLawful(const std::string& jurisdiction, const Clock& clock, Rng& rng) {
  FID_ASSIGN(notices, govern::Notices::Open({*registers, *gate, *vault, clock, rng}));
  FID_ASSIGN(guardians,
             govern::Guardians::Open({*records, *gate, *registers, clock, rng, jurisdiction}));
  authorizations = std::make_unique<govern::Authorizations>(govern::Authorizations::Parts{
      *records, *gate, *people, clock, jurisdiction, *guardians, *sources});
  FID_TRY(RegisterPortal(*engine, clock));
  FID_ASSIGN(outbox, courier::Outbox::Open({*registers, clock, rng, send ? send : SendByMail}));
  customer_sessions =
      std::make_unique<guard::Sessions>(*registers, *vault, clock, rng, "portal_session");
  FID_ASSIGN(doors, govern::Doors::Open({*authorizations, *registers, *vault, *outbox,
                                         *customer_sessions, clock, rng}));
  FID_ASSIGN(customer_passkeys,
             govern::CustomerPasskeys::Open({*doors, *registers, clock, rng, site_name}));
  FID_ASSIGN(redactions, govern::Redactions::Open({*registers, clock, rng}));
  self_service = std::make_unique<govern::SelfService>(
      govern::SelfService::Parts{*authorizations, *notices, *redactions, clock});
  FID_ASSIGN(feedback, govern::Feedback::Open({*authorizations, *registers, clock, rng}));
  FID_ASSIGN(campaigns,
             govern::Campaigns::Open({*authorizations, *doors, *outbox, *registers, clock, rng}));
  unsubscribe = std::make_unique<govern::Unsubscribe>(*vault, *self_service);
  FID_ASSIGN(rights, govern::RightsCases::Open({*authorizations, *self_service, *registers, clock,
                                                rng, *redactions, HandsOf(*this)}));
  FID_ASSIGN(retentions, govern::Retentions::Open(
                             {*authorizations, *registers, clock, rng,
                              [this](const model::Access& access, const model::SubjectRef& one) {
                                return customers->EraseRecord(DoingOf(*this, access), one, true);
                              }}));
  return {};
}

Status Instance::Parts::WireData(const std::string& jurisdiction, const Clock& clock, Rng& rng) {
  merges =
      std::make_unique<apps::Merges>(apps::Merges::Parts{*engine, *gate, *records, clock, rng});
  FID_TRY(merges->Resume());
  matching = std::make_unique<apps::Matching>(
      apps::Matching::Parts{*engine, *gate, *records, *changes, *registers, clock, rng});
  desk = std::make_unique<apps::Desk>(
      apps::Desk::Parts{*engine, *gate, *records, *rights, *sources, clock, rng});
  FID_ASSIGN(findings, apps::Findings::Open({*gate, *registers, texts, clock, rng}));
  FID_ASSIGN(streams, collect::Streams::Open({*engine, *gate, *registers, *vault, clock, rng}));
  sealing_key = std::make_unique<collect::SealingKey>(*vault);
  intake = std::make_unique<collect::Intake>(collect::Intake::Parts{
      *engine, *gate, *records, *streams, *sealing_key, *sources, clock, rng, jurisdiction});
  FID_ASSIGN(forms,
             collect::Forms::Open({*engine, *gate, *registers, *vault, *streams, clock, rng}));
  challenges = std::make_unique<collect::Challenges>(*vault, clock, rng);
  FID_ASSIGN(submissions, collect::Submissions::Open({*gate, *records, *forms, *intake, *challenges,
                                                      *sealing_key, *outbox, *registers, *vault,
                                                      clock, rng, jurisdiction}));
  withdrawal = std::make_unique<collect::Withdrawal>(collect::Withdrawal::Parts{
      *engine, *gate, *records, *sources,
      [this](const model::Access& access, const model::SubjectRef& one) -> Status {
        FID_TRY(customers->EraseRecord(access, one, false));
        return {};
      }});
  FID_ASSIGN(connectors, collect::Connectors::Open(
                             {*engine, *gate, *registers, *vault, *streams, *intake, clock, rng}));
  FID_ASSIGN(statistics,
             apps::Statistics::Open({*engine, *gate, *records, *registers, clock, rng}));
  FID_ASSIGN(quality, apps::Quality::Open({*engine, *gate, *records, *registers, clock, rng}));
  return {};
}

Status Instance::Parts::WireAssurance(const std::string& exports_folder,
                                      const std::string& jurisdiction, const Clock& clock,
                                      Rng& rng) {
  FID_ASSIGN(recipients, govern::Recipients::Open(
                             {*authorizations, *notices, *service_keys, *registers, clock, rng}));
  FID_ASSIGN(exports, apps::Exports::Open({*customers, *requests, *recipients, *registers, *gate,
                                           *vault, clock, rng, exports_folder, site_name}));
  thresholds = std::make_unique<govern::Thresholds>(*authorizations);
  FID_ASSIGN(assessments, govern::Assessments::Open({*notices, *recipients, *gate, *registers,
                                                     *vault, clock, rng, jurisdiction}));
  FID_ASSIGN(duties, govern::Duties::Open(
                         {*notices, *recipients, *authorizations, *registers, clock, rng}));
  FID_ASSIGN(processing_records,
             govern::ProcessingRecords::Open({*notices, *recipients, *assessments, *duties,
                                              *authorizations, *registers, *vault, clock, rng}));
  return {};
}

}  // namespace fiducia::server
