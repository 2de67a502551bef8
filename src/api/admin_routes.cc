// Health, contract, catalog, sources, keys and the audit log.
#include "api/decode.h"
#include "api/render.h"
#include "base/embedded.h"
#include "model/names.h"
#include "store/config_rows.h"

namespace fiducia::api {

std::span<const EmbeddedFile> contract_files();  // generated from openapi.yaml

namespace {

constexpr size_t kIdMax = 80;

bool IsPlainId(std::string_view id) {
  return !id.empty() && id.size() <= 64 &&
         id.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
             std::string_view::npos;
}

Json HashesToJson(const std::vector<crypto::Digest>& hashes) {
  Json json = Json::array();
  for (const crypto::Digest& hash : hashes) {
    json.push_back(ToBase64(crypto::View(hash)));
  }
  return json;
}

}  // namespace

// NOLINTBEGIN(performance-unnecessary-value-param): every route has the signature of RouteFn.
void Api::Healthz(Call, http::Responder respond) const {
  http::Response response;
  response.body = "{\"status\":\"ok\"}";
  respond(std::move(response));
}

void Api::Readyz(Call, http::Responder respond) const {
  if (!parts_.is_ready()) {
    return respond(http::Problem({Code::kUnavailable, "the service is not ready"}));
  }
  http::Response response;
  response.body = "{\"status\":\"ready\"}";
  respond(std::move(response));
}

void Api::Contract(Call, http::Responder respond) const {
  http::Response response;
  response.content_type = "application/yaml";
  response.body = contract_files().front().content;
  respond(std::move(response));
}

// NOLINTEND(performance-unnecessary-value-param)

void Api::Catalog(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    respond(JsonResponse(200, Render(parts_.gate.policy())));
    return {};
  });
}

void Api::ListSources(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_ASSIGN(const auto sources, store::ListSources(lease->session(store::Which::kData), 0));
    Json json;
    json["sources"] = Json::array();
    for (const store::Source& source : sources) {
      Json one;
      one["id"] = source.id;
      one["channel"] = source.channel;
      one["owner"] = source.owner;
      json["sources"].push_back(std::move(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PutSource(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "sources.write"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"id", "channel", "owner"}));
    store::Source source;
    FID_ASSIGN(source.id, DecodeNeeded(body, "id", kIdMax));
    FID_ASSIGN(source.channel, DecodeNeeded(body, "channel", kIdMax));
    FID_ASSIGN(source.owner, DecodeNeeded(body, "owner", kIdMax));
    if (!IsPlainId(source.id) || !IsPlainId(source.channel)) {
      return Fail(Code::kInvalidInput, "an id has 1 to 64 of A-Z, a-z, 0-9 and ._-");
    }
    source.created_ms = parts_.clock.NowMs();
    audit::Leaf leaf = parts_.gate.NewLeaf(call.access, "source.put", "done");
    leaf.purpose.clear();
    leaf.detail = source.id;
    store::Job job;
    job.data = [&](store::Session& data) -> Status {
      FID_TRY(store::PutSource(data, 0, source));
      FID_TRY(parts_.gate.log().Append(data, parts_.gate.DraftFor(0, leaf)));
      return {};
    };
    FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
    Json json;
    json["id"] = source.id;
    respond(JsonResponse(201, json));
    return {};
  });
}

void Api::ListKeys(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "keys.manage"));
    Json json;
    json["keys"] = Json::array();
    for (const guard::ServiceKey& key : parts_.keys.List()) {
      const model::Lease& lease = key.scope.lease;
      json["keys"].push_back({{"id", key.id.Text()},
                              {"role", lease.role},
                              {"label", key.scope.label},
                              {"purposes", ListOrNull(lease.purposes)},
                              {"classes", ListOrNull(lease.classes)},
                              {"level_max", model::Name(lease.level_max)},
                              {"networks", key.scope.networks},
                              {"per_minute", key.scope.per_minute},
                              {"created_at", FormatTime(key.created_ms)},
                              {"expires_at", FormatTime(key.expires_ms)},
                              {"revoked_at", TimeOrNull(key.revoked_ms)}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AddKey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"role", "label", "days", "purposes", "classes",
                                           "level_max", "networks", "per_minute"}));
    guard::KeyScope scope;
    FID_ASSIGN(scope.lease, DecodeLease(body));
    FID_ASSIGN(scope.label, DecodeText(body, "label", kIdMax));
    FID_ASSIGN(scope.days, DecodeNumber(body, "days", scope.days, 365));
    FID_ASSIGN(auto networks, DecodeWords(body, "networks"));
    scope.networks = std::move(networks).value_or(std::vector<std::string>());
    FID_ASSIGN(scope.per_minute, DecodeNumber(body, "per_minute", 0, 1000000));
    const std::string role = scope.lease.role;
    if (call.session && parts_.requests.ReachesCustomers(role)) {
      FID_ASSIGN(const guard::Request request,
                 parts_.requests.AskKey(call.access, std::move(scope)));
      respond(JsonResponse(202, RenderRequest(request)));
      return {};
    }
    FID_ASSIGN(const guard::NewKey key, parts_.keys.Add(call.access, std::move(scope)));
    Json json;
    json["id"] = key.id.Text();
    json["role"] = role;
    json["key"] = key.key;
    respond(JsonResponse(201, json));
    return {};
  });
}

void Api::RevokeKey(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such live key"));
    FID_TRY(parts_.keys.Revoke(call.access, id));
    respond(NoContent());
    return {};
  });
}

void Api::AuditCheckpoint(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "audit.read"));
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    FID_ASSIGN(response.body, parts_.gate.log().Publish());
    respond(std::move(response));
    return {};
  });
}

void Api::AuditVerifier(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "audit.read"));
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = parts_.gate.log().verifier() + "\n";
    respond(std::move(response));
    return {};
  });
}

void Api::AuditLeaves(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"from", "to"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "audit.read"));
    FID_ASSIGN(const uint64_t from, QueryNumber(call.request, "from"));
    FID_ASSIGN(const uint64_t to, QueryNumber(call.request, "to"));
    if (to < from || to - from > 1000) {
      return Fail(Code::kInvalidInput, "ask for at most 1000 leaves, from before to");
    }
    Json json;
    json["leaves"] = Json::array();
    for (uint64_t place = from; place < to; ++place) {
      const auto entry = parts_.gate.log().ReadEntry(place);
      if (!entry && entry.error().code() == Code::kNotFound) {
        break;
      }
      if (!entry) {
        return std::unexpected(entry.error());
      }
      Json one;
      one["place"] = place;
      one["entry"] = ToBase64(*entry);
      FID_ASSIGN(const audit::Entry decoded, audit::DecodeEntry(*entry));
      one["leaf"] = RenderLeaf(decoded.leaf, parts_.gate.policy().catalog);
      one["leaf"]["count"] = decoded.leaf.count;
      one["leaf"]["detail"] = decoded.leaf.detail;
      json["leaves"].push_back(std::move(one));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AuditInclusion(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"leaf", "size"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "audit.read"));
    FID_ASSIGN(const uint64_t leaf, QueryNumber(call.request, "leaf"));
    FID_ASSIGN(const uint64_t size, QueryNumber(call.request, "size"));
    if (size > parts_.gate.log().published_size()) {
      return Fail(Code::kInvalidInput, "the tree is not that large yet");
    }
    FID_ASSIGN(const auto proof, audit::InclusionProof(leaf, size, parts_.gate.log().tiles()));
    Json json;
    json["leaf"] = leaf;
    json["size"] = size;
    json["hashes"] = HashesToJson(proof);
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AuditConsistency(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"from", "to"}));
    FID_TRY(parts_.gate.Require(call.access.actor, "audit.read"));
    FID_ASSIGN(const uint64_t from, QueryNumber(call.request, "from"));
    FID_ASSIGN(const uint64_t to, QueryNumber(call.request, "to"));
    if (to > parts_.gate.log().published_size()) {
      return Fail(Code::kInvalidInput, "the tree is not that large yet");
    }
    FID_ASSIGN(const auto proof, audit::ConsistencyProof(from, to, parts_.gate.log().tiles()));
    Json json;
    json["from"] = from;
    json["to"] = to;
    json["hashes"] = HashesToJson(proof);
    respond(JsonResponse(200, json));
    return {};
  });
}

}  // namespace fiducia::api
