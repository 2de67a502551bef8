#include "store/config_rows.h"

#include "store/registry.h"

namespace fiducia::store {

namespace {

using db::Param;
using db::Row;
using db::Statement;
using db::Tag;

constexpr Statement kSetting{"setting.load", Tag::kReference,
                             "SELECT value FROM settings WHERE name=$1"};
constexpr Statement kPutSetting{"setting.put", Tag::kReference,
                                "INSERT INTO settings(name, value) VALUES($1, $2) "
                                "ON CONFLICT(name) DO UPDATE SET value=excluded.value"};
constexpr Statement kSource{"source.load", Tag::kReference,
                            "SELECT source, channel, owner, created_ms FROM sources "
                            "WHERE tenant=$1 AND source=$2"};
constexpr Statement kSources{"source.list", Tag::kReference,
                             "SELECT source, channel, owner, created_ms FROM sources "
                             "WHERE tenant=$1 ORDER BY source"};
constexpr Statement kPutSource{
    "source.put", Tag::kReference,
    "INSERT INTO sources(tenant, source, channel, owner, created_ms) "
    "VALUES($1, $2, $3, $4, $5) ON CONFLICT(tenant, source) DO UPDATE SET "
    "channel=excluded.channel, owner=excluded.owner"};
constexpr Statement kAnswer{"answer.load", Tag::kSingleBucket,
                            "SELECT request_hash, status, answer FROM idempotency "
                            "WHERE bucket=$1 AND tenant=$2 AND actor=$3 AND key_hash=$4"};
constexpr Statement kKeep{"answer.keep", Tag::kSingleBucket,
                          "INSERT INTO idempotency(bucket, tenant, actor, key_hash, request_hash, "
                          "status, answer, created_ms) VALUES($1, $2, $3, $4, $5, $6, $7, $8)"};

Source ReadSource(const Row& row) {
  return {std::string(row.Bytes(0)), std::string(row.Bytes(1)), std::string(row.Bytes(2)),
          row.Int(3)};
}

}  // namespace

void ListConfigStatements(StatementList& all) {
  all.insert(all.end(),
             {&kSetting, &kPutSetting, &kSource, &kSources, &kPutSource, &kAnswer, &kKeep});
}

Result<std::optional<std::string>> LoadSetting(db::Session& data, std::string_view name) {
  std::optional<std::string> value;
  FID_TRY(data.Query(kSetting, {Param::Text(name)}, [&](const Row& row) -> Status {
    value = std::string(row.Bytes(0));
    return {};
  }));
  return value;
}

Status PutSetting(db::Session& data, std::string_view name, std::string_view value) {
  return data.Post(kPutSetting, {Param::Text(name), Param::Text(value)});
}

Result<std::optional<Source>> LoadSource(db::Session& data, model::TenantId tenant,
                                         std::string_view id) {
  std::optional<Source> source;
  FID_TRY(data.Query(kSource, {tenant, Param::Text(id)}, [&](const Row& row) -> Status {
    source = ReadSource(row);
    return {};
  }));
  return source;
}

Status RequireSource(db::Session& data, model::TenantId tenant, std::string_view id) {
  FID_ASSIGN(const auto source, LoadSource(data, tenant, id));
  return source ? Status() : Fail(Code::kUnknownSource, "the source is not registered");
}

Result<std::vector<Source>> ListSources(db::Session& data, model::TenantId tenant) {
  std::vector<Source> sources;
  FID_TRY(data.Query(kSources, {tenant}, [&](const Row& row) -> Status {
    sources.push_back(ReadSource(row));
    return {};
  }));
  return sources;
}

Status PutSource(db::Session& data, model::TenantId tenant, const Source& source) {
  return data.Post(kPutSource, {tenant, Param::Text(source.id), Param::Text(source.channel),
                                Param::Text(source.owner), source.created_ms});
}

Result<std::optional<KeptAnswer>> LoadAnswer(db::Session& data, const AnswerPlace& place) {
  std::optional<KeptAnswer> answer;
  FID_TRY(data.Query(kAnswer,
                     {place.bucket, place.tenant, place.actor, Param::Blob(place.key_hash)},
                     [&](const Row& row) -> Status {
                       answer = KeptAnswer{Bytes(row.Bytes(0)), static_cast<int>(row.Int(1)),
                                           std::string(row.Bytes(2))};
                       return {};
                     }));
  return answer;
}

Status KeepAnswer(db::Session& data, const AnswerPlace& place, const KeptAnswer& answer,
                  int64_t now_ms) {
  return data.Post(
      kKeep, {place.bucket, place.tenant, place.actor, Param::Blob(place.key_hash),
              Param::Blob(answer.request_hash), answer.status, Param::Text(answer.answer), now_ms});
}

}  // namespace fiducia::store
