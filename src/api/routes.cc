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
    {"GET", "/api/v1/customers/{id}", Needs::kKey, kAtOnce, &Api::ReadCustomer},
    {"PATCH", "/api/v1/customers/{id}", Needs::kKey, kAtOnce, &Api::PatchCustomer},
    {"DELETE", "/api/v1/customers/{id}", Needs::kKey, kWaits, &Api::EraseCustomer},
    {"GET", "/api/v1/customers/{id}/erasure", Needs::kKey, kWaits, &Api::ReadErasure},
    {"POST", "/api/v1/customers/{id}/reveal", Needs::kKey, kAtOnce, &Api::RevealCustomer},
    {"GET", "/api/v1/customers/{id}/timeline", Needs::kKey, kAtOnce, &Api::ReadTimeline},
    {"POST", "/api/v1/customers/{id}/timeline", Needs::kKey, kAtOnce, &Api::AddTimeline},
    {"GET", "/api/v1/customers/{id}/accesses", Needs::kKey, kAtOnce, &Api::ReadAccesses},
    {"GET", "/api/v1/customers/{id}/lineage", Needs::kKey, kAtOnce, &Api::ReadLineage},
    {"POST", "/api/v1/customers/{id}/basis", Needs::kKey, kAtOnce, &Api::AddBasis},

    {"GET", "/api/v1/imports", Needs::kKey, kAtOnce, &Api::ListImports},
    {"POST", "/api/v1/imports", Needs::kKey, kWaits, &Api::Import},
    {"POST", "/api/v1/imports/suggest", Needs::kKey, kWaits, &Api::SuggestMapping},
    {"POST", "/api/v1/imports/local", Needs::kLocalOwner, kWaits, &Api::ImportLocal},
    {"GET", "/api/v1/imports/{id}", Needs::kKey, kAtOnce, &Api::ReadImport},
    {"GET", "/api/v1/imports/{id}/rejects", Needs::kKey, kAtOnce, &Api::ReadRejects},
    {"POST", "/api/v1/imports/{id}/repairs", Needs::kKey, kWaits, &Api::RepairImport},
    {"POST", "/api/v1/imports/{id}/revert", Needs::kKey, kWaits, &Api::RevertImport},

    {"GET", "/api/v1/sources", Needs::kKey, kAtOnce, &Api::ListSources},
    {"POST", "/api/v1/sources", Needs::kKey, kWaits, &Api::PutSource},
    {"GET", "/api/v1/keys", Needs::kKey, kAtOnce, &Api::ListKeys},
    {"POST", "/api/v1/keys", Needs::kKey, kWaits, &Api::AddKey},
    {"DELETE", "/api/v1/keys/{id}", Needs::kKey, kWaits, &Api::RevokeKey},

    {"GET", "/api/v1/audit/checkpoint", Needs::kKey, kWaits, &Api::AuditCheckpoint},
    {"GET", "/api/v1/audit/verifier", Needs::kKey, kWaits, &Api::AuditVerifier},
    {"GET", "/api/v1/audit/leaves", Needs::kKey, kWaits, &Api::AuditLeaves},
    {"GET", "/api/v1/audit/proof/inclusion", Needs::kKey, kWaits, &Api::AuditInclusion},
    {"GET", "/api/v1/audit/proof/consistency", Needs::kKey, kWaits, &Api::AuditConsistency},

    {"POST", "/api/v1/system/fsck", Needs::kLocalOwner, kWaits, &Api::Fsck},
    {"GET", "/api/v1/system/backup", Needs::kLocalOwner, kAtOnce, &Api::ReadBackup},
    {"POST", "/api/v1/system/backup", Needs::kLocalOwner, kWaits, &Api::BackUp},
});

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

}  // namespace fiducia::api
