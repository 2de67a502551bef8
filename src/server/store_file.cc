#include "server/store_file.h"

#include <sys/stat.h>

#include "audit/publisher.h"
#include "base/json.h"

namespace fiducia::server {

Result<db::StoreAddress> ReadStoreFile(const Home& home) {
  db::StoreAddress address;
  address.folder = home.Db();
  struct stat info{};
  if (stat(home.Store().c_str(), &info) != 0) {
    return address;
  }
  if ((info.st_mode & 077) != 0) {
    return Fail(Code::kDenied, "store.json must be readable by its owner only (chmod 600)");
  }
  FID_ASSIGN(const Bytes text, audit::ReadWholeFile(home.Store()));
  const auto json = ParseJson(text);
  if (!json || !json->is_object()) {
    return Fail(Code::kInvalidInput, "store.json is malformed");
  }
  address.data = JsonText(*json, "data");
  address.keys = JsonText(*json, "keys");
  address.schema = JsonText(*json, "schema");
  address.partitioned = json->value("partitioned", false);
  const auto owner = Uuid::Parse(JsonText(*json, "owner"));
  if (address.data.empty() || address.keys.empty() || address.schema.empty() || !owner) {
    return Fail(Code::kInvalidInput, "store.json needs data, keys, schema and owner");
  }
  address.owner = *owner;
  return address;
}

Status WriteStoreFile(const Home& home, const db::StoreAddress& address) {
  if (address.data.empty()) {
    return {};
  }
  Json json;
  json["data"] = address.data;
  json["keys"] = address.keys;
  json["schema"] = address.schema;
  json["owner"] = address.owner.Text();
  if (address.partitioned) {
    json["partitioned"] = true;
  }
  return audit::WriteFileDurably(home.Store(), WriteJsonPretty(json) + "\n");
}

}  // namespace fiducia::server
