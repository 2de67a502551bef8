// Every address of the product. openapi.yaml says the same; a test holds the two together.
#include <array>

#include "api/api.h"

namespace fiducia::api {

namespace {

constexpr bool kWaits = true;
constexpr bool kAtOnce = false;

constexpr std::array kRoutes = std::to_array<Route>({
    {"GET", "/healthz", Needs::kNothing, kAtOnce, &Api::Healthz},
    {"GET", "/readyz", Needs::kNothing, kAtOnce, &Api::Readyz},
    {"GET", "/openapi.yaml", Needs::kNothing, kAtOnce, &Api::Contract},
    {"GET", "/api/v1/catalog", Needs::kKey, kAtOnce, &Api::Catalog},

    {"POST", "/api/v1/customers", Needs::kKey, kAtOnce, &Api::CreateCustomer},
    {"POST", "/api/v1/customers/search", Needs::kKey, kAtOnce, &Api::SearchCustomers},
    {"POST", "/api/v1/customers/list", Needs::kKey, kAtOnce, &Api::ListCustomers},
    {"GET", "/api/v1/customers/{id}", Needs::kKey, kAtOnce, &Api::ReadCustomer},
    {"PATCH", "/api/v1/customers/{id}", Needs::kKey, kAtOnce, &Api::PatchCustomer},
    {"DELETE", "/api/v1/customers/{id}", Needs::kKey, kWaits, &Api::EraseCustomer},
    {"GET", "/api/v1/customers/{id}/erasure", Needs::kKey, kWaits, &Api::ReadErasure},
    {"POST", "/api/v1/customers/{id}/reveal", Needs::kKey, kAtOnce, &Api::RevealCustomer},
    {"GET", "/api/v1/customers/{id}/timeline", Needs::kKey, kAtOnce, &Api::ReadTimeline},
    {"POST", "/api/v1/customers/{id}/timeline", Needs::kKey, kAtOnce, &Api::AddTimeline},
    {"GET", "/api/v1/customers/{id}/accesses", Needs::kKey, kAtOnce, &Api::ReadAccesses},
    {"GET", "/api/v1/customers/{id}/lineage", Needs::kKey, kAtOnce, &Api::ReadLineage},
    {"POST", "/api/v1/customers/{id}/explain", Needs::kKey, kAtOnce, &Api::ExplainCustomer},
    {"POST", "/api/v1/customers/{id}/restriction", Needs::kKey, kAtOnce, &Api::RestrictCustomer},
    {"POST", "/api/v1/customers/{id}/basis", Needs::kKey, kAtOnce, &Api::AddBasis},
    {"GET", "/api/v1/customers/{id}/authorizations", Needs::kKey, kAtOnce,
     &Api::ReadAuthorizations},
    {"POST", "/api/v1/customers/{id}/authorizations/end", Needs::kKey, kAtOnce,
     &Api::EndAuthorizations},
    {"POST", "/api/v1/customers/{id}/authorizations/check", Needs::kKey, kAtOnce,
     &Api::CheckAuthorization},
    {"GET", "/api/v1/customers/{id}/authorizations/{seq}/receipt", Needs::kKey, kAtOnce,
     &Api::ReadConsentReceipt},

    {"GET", "/api/v1/imports", Needs::kKey, kAtOnce, &Api::ListImports},
    {"POST", "/api/v1/imports", Needs::kKey, kWaits, &Api::Import},
    {"POST", "/api/v1/imports/suggest", Needs::kKey, kWaits, &Api::SuggestMapping},
    {"POST", "/api/v1/imports/local", Needs::kLocalOwner, kWaits, &Api::ImportLocal},
    {"GET", "/api/v1/imports/{id}", Needs::kKey, kAtOnce, &Api::ReadImport},
    {"GET", "/api/v1/imports/{id}/rejects", Needs::kKey, kAtOnce, &Api::ReadRejects},
    {"POST", "/api/v1/imports/{id}/repairs", Needs::kKey, kWaits, &Api::RepairImport},
    {"POST", "/api/v1/imports/{id}/revert", Needs::kKey, kWaits, &Api::RevertImport},

    {"GET", "/notices/{id}/{version}/{locale}", Needs::kNothing, kAtOnce, &Api::NoticePage},
    {"GET", "/api/v1/notices", Needs::kNothing, kAtOnce, &Api::ListNotices},
    {"POST", "/api/v1/notices/{id}/publish", Needs::kKey, kWaits, &Api::PublishNotice},
    {"GET", "/api/v1/rules", Needs::kKey, kAtOnce, &Api::ReadRules},
    {"POST", "/api/v1/rules/diff", Needs::kKey, kWaits, &Api::DiffRules},
    {"GET", "/api/v1/sources", Needs::kKey, kAtOnce, &Api::ListSources},
    {"POST", "/api/v1/sources", Needs::kKey, kWaits, &Api::PutSource},
    {"GET", "/api/v1/keys", Needs::kKey, kAtOnce, &Api::ListKeys},
    {"POST", "/api/v1/keys", Needs::kKey, kWaits, &Api::AddKey},
    {"DELETE", "/api/v1/keys/{id}", Needs::kKey, kWaits, &Api::RevokeKey},

    {"POST", "/api/v1/session", Needs::kNothing, kWaits, &Api::SignIn},
    {"GET", "/api/v1/session", Needs::kSession, kAtOnce, &Api::ReadSession},
    {"DELETE", "/api/v1/session", Needs::kSession, kWaits, &Api::SignOut},
    {"POST", "/api/v1/session/setup", Needs::kNothing, kWaits, &Api::SetUp},
    {"POST", "/api/v1/session/code", Needs::kSession, kWaits, &Api::SignInCode},
    {"POST", "/api/v1/session/passkey/options", Needs::kNothing, kAtOnce, &Api::PasskeyOptions},
    {"POST", "/api/v1/session/passkey", Needs::kNothing, kWaits, &Api::SignInPasskey},
    {"POST", "/api/v1/session/step-up/options", Needs::kSession, kAtOnce, &Api::StepUpOptions},
    {"POST", "/api/v1/session/step-up", Needs::kSession, kWaits, &Api::StepUpPasskey},

    {"GET", "/api/v1/session/sso", Needs::kNothing, kAtOnce, &Api::ReadSso},
    {"POST", "/api/v1/session/sso/start", Needs::kNothing, kWaits, &Api::StartSso},
    {"POST", "/api/v1/session/sso", Needs::kNothing, kWaits, &Api::FinishSso},
    {"GET", "/api/v1/sso", Needs::kLocalOwner, kAtOnce, &Api::ReadProvider},
    {"POST", "/api/v1/sso", Needs::kLocalOwner, kWaits, &Api::PutProvider},
    {"DELETE", "/api/v1/sso", Needs::kLocalOwner, kWaits, &Api::RemoveProvider},

    {"POST", "/api/v1/me/totp", Needs::kSession, kWaits, &Api::OfferTotp},
    {"POST", "/api/v1/me/totp/confirm", Needs::kSession, kWaits, &Api::ConfirmTotp},
    {"POST", "/api/v1/me/passkeys", Needs::kSession, kWaits, &Api::AddPasskey},
    {"DELETE", "/api/v1/me/passkeys/{id}", Needs::kPerson, kWaits, &Api::RemovePasskey},
    {"POST", "/api/v1/me/sso/start", Needs::kPerson, kWaits, &Api::StartLink},
    {"POST", "/api/v1/me/sso", Needs::kPerson, kWaits, &Api::FinishLink},
    {"DELETE", "/api/v1/me/sso", Needs::kPerson, kWaits, &Api::Unlink},
    {"POST", "/api/v1/me/recovery-codes", Needs::kPerson, kWaits, &Api::NewRecoveryCodes},
    {"POST", "/api/v1/me/password", Needs::kPerson, kWaits, &Api::ChangePassword},
    {"POST", "/api/v1/me/agreement", Needs::kSession, kWaits, &Api::SignAgreement},
    {"GET", "/api/v1/me/courses", Needs::kPerson, kAtOnce, &Api::ReadCourses},
    {"POST", "/api/v1/me/courses/{id}", Needs::kPerson, kWaits, &Api::TakeCourse},
    {"GET", "/api/v1/me/sessions", Needs::kPerson, kAtOnce, &Api::ListSessions},
    {"DELETE", "/api/v1/me/sessions/{id}", Needs::kPerson, kWaits, &Api::EndSession},
    {"GET", "/api/v1/me/views", Needs::kPerson, kAtOnce, &Api::ListViews},
    {"POST", "/api/v1/me/views", Needs::kPerson, kWaits, &Api::SaveView},
    {"DELETE", "/api/v1/me/views/{id}", Needs::kPerson, kWaits, &Api::RemoveView},

    {"GET", "/api/v1/people", Needs::kKey, kAtOnce, &Api::ListPeople},
    {"POST", "/api/v1/people", Needs::kKey, kWaits, &Api::AddPerson},
    {"POST", "/api/v1/people/{id}/invitation", Needs::kKey, kWaits, &Api::InvitePerson},
    {"POST", "/api/v1/people/{id}/disable", Needs::kKey, kWaits, &Api::DisablePerson},
    {"POST", "/api/v1/people/{id}/enable", Needs::kKey, kWaits, &Api::EnablePerson},
    {"POST", "/api/v1/people/{id}/department", Needs::kKey, kWaits, &Api::MovePerson},
    {"GET", "/api/v1/departments", Needs::kKey, kAtOnce, &Api::ListDepartments},
    {"POST", "/api/v1/departments", Needs::kKey, kWaits, &Api::PutDepartment},
    {"GET", "/api/v1/grants", Needs::kKey, kAtOnce, &Api::ListGrants},
    {"POST", "/api/v1/grants", Needs::kKey, kWaits, &Api::GiveGrant},
    {"DELETE", "/api/v1/grants/{id}", Needs::kKey, kWaits, &Api::RevokeGrant},
    {"GET", "/api/v1/requests", Needs::kPerson, kAtOnce, &Api::ListRequests},
    {"POST", "/api/v1/requests/access", Needs::kPerson, kWaits, &Api::AskAccess},
    {"POST", "/api/v1/requests/export", Needs::kPerson, kWaits, &Api::AskExport},
    {"POST", "/api/v1/requests/{id}/decision", Needs::kPerson, kWaits, &Api::DecideRequest},
    {"POST", "/api/v1/requests/{id}/review", Needs::kPerson, kWaits, &Api::ReviewGlass},
    {"POST", "/api/v1/requests/{id}/export", Needs::kPerson, kWaits, &Api::MakeExport},
    {"POST", "/api/v1/requests/{id}/key", Needs::kPerson, kWaits, &Api::MakeKey},
    {"POST", "/api/v1/break-glass", Needs::kPerson, kWaits, &Api::BreakGlass},
    {"GET", "/api/v1/exports", Needs::kPerson, kAtOnce, &Api::ListExports},
    {"GET", "/api/v1/exports/{id}/file", Needs::kPerson, kWaits, &Api::DownloadExport},
    {"POST", "/api/v1/exports/{id}/recall", Needs::kPerson, kWaits, &Api::RecallExport},
    {"GET", "/api/v1/recertifications", Needs::kKey, kAtOnce, &Api::ListRecertifications},
    {"POST", "/api/v1/recertifications", Needs::kPerson, kWaits, &Api::StartRecertification},
    {"POST", "/api/v1/recertifications/{id}/items/{object}", Needs::kPerson, kWaits,
     &Api::DecideRecertification},
    {"POST", "/api/v1/policy/explain", Needs::kKey, kAtOnce, &Api::ExplainPolicy},

    {"GET", "/api/v1/audit/checkpoint", Needs::kKey, kWaits, &Api::AuditCheckpoint},
    {"GET", "/api/v1/audit/verifier", Needs::kKey, kWaits, &Api::AuditVerifier},
    {"GET", "/api/v1/audit/leaves", Needs::kKey, kWaits, &Api::AuditLeaves},
    {"GET", "/api/v1/audit/proof/inclusion", Needs::kKey, kWaits, &Api::AuditInclusion},
    {"GET", "/api/v1/audit/proof/consistency", Needs::kKey, kWaits, &Api::AuditConsistency},

    {"GET", "/api/v1/vault", Needs::kKey, kWaits, &Api::ReadVault},
    {"POST", "/api/v1/system/fsck", Needs::kLocalOwner, kWaits, &Api::Fsck},
    {"GET", "/api/v1/system/backup", Needs::kLocalOwner, kAtOnce, &Api::ReadBackup},
    {"POST", "/api/v1/system/backup", Needs::kLocalOwner, kWaits, &Api::BackUp},
});

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

}  // namespace fiducia::api
