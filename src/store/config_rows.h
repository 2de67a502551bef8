// Small tables of the installation: settings, sources, answered requests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/session.h"
#include "model/types.h"

namespace fiducia::store {

Result<std::optional<std::string>> LoadSetting(db::Session& data, std::string_view name);
Status PutSetting(db::Session& data, std::string_view name, std::string_view value);

struct Source {
  std::string id;
  std::string channel;
  std::string owner;
  int64_t created_ms = 0;
};
Result<std::optional<Source>> LoadSource(db::Session& data, model::TenantId tenant,
                                         std::string_view id);
// Errors: kUnknownSource.
Status RequireSource(db::Session& data, model::TenantId tenant, std::string_view id);
Result<std::vector<Source>> ListSources(db::Session& data, model::TenantId tenant);
Status PutSource(db::Session& data, model::TenantId tenant, const Source& source);

// An answer kept under an Idempotency-Key, so that a repeated request does nothing twice.
struct KeptAnswer {
  Bytes request_hash;
  int status = 0;
  std::string answer;
};
struct AnswerPlace {
  model::Bucket bucket = 0;
  model::TenantId tenant = 0;
  Uuid actor;
  Bytes key_hash;
};
Result<std::optional<KeptAnswer>> LoadAnswer(db::Session& data, const AnswerPlace& place);
// Errors: kConflict if one is kept already.
Status KeepAnswer(db::Session& data, const AnswerPlace& place, const KeptAnswer& answer,
                  int64_t now_ms);

}  // namespace fiducia::store
