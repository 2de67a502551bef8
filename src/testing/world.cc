#include "testing/world.h"

#include <cstdlib>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>
#include <unistd.h>

#include "audit/publisher.h"
#include "base/log.h"
#include "server/store_file.h"
#include "testing/split_engine.h"

namespace fiducia::testing {

namespace fs = std::filesystem;

std::string TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "fiducia-test-XXXXXX").string();
  const char* made = mkdtemp(pattern.data());
  FID_CHECK(made != nullptr);
  return made;
}

Json Body(const http::Response& response) {
  const auto json = ParseJson(response.body.empty() ? "{}" : response.body,
                              {.depth_max = 64, .values_max = 10000000});
  return json ? *json : Json();
}

namespace {

// What the running cluster is, from the file its starter wrote.
Json Cluster() {
  const char* said = std::getenv("FIDUCIA_TEST_PG");
  const std::string_view lane = said == nullptr ? "" : said;
  const auto text = audit::ReadWholeFile(std::string(lane.substr(lane.find(':') + 1)));
  return text ? ParseJson(*text).value_or(Json()) : Json();
}

// Schemas nobody else uses.
std::string FreshSchema() {
  std::string text = "t" + Uuid::V7(SystemClock(), SystemRng()).Text();
  std::erase(text, '-');
  return text;
}

// Its servers.
std::vector<SplitNode> Nodes() {
  const Json cluster = Cluster();
  std::vector<SplitNode> nodes;
  for (const Json& node : cluster.at("nodes")) {
    nodes.push_back({.host = JsonText(node, "folder"),
                     .data = JsonText(node, "data"),
                     .keys = JsonText(node, "keys")});
  }
  return nodes;
}

}  // namespace

std::string StoreKind() {
  const char* said = std::getenv("FIDUCIA_TEST_PG");
  const std::string_view lane = said == nullptr ? "sqlite:" : said;
  return std::string(lane.substr(0, lane.find(':')));
}

bool OnPostgres() { return StoreKind() != "sqlite"; }

db::StoreAddress FreshStore(const std::string& folder) {
  db::StoreAddress address;
  address.folder = folder;
  if (OnPostgres()) {
    const Json cluster = Cluster();
    address.schema = FreshSchema();
    // So that a test can tell its own connections from those of others.
    const std::string name = "&application_name=" + address.schema +
                             (StoreKind() == "serializable"
                                  ? "&options=-c%20default_transaction_isolation%3Dserializable"
                                  : "");
    address.data = JsonText(cluster, "data") + name;
    address.keys = JsonText(cluster, "keys") + name;
    address.owner = Uuid::V7(SystemClock(), SystemRng());
    address.partitioned = StoreKind() == "partitioned";
  }
  return address;
}

server::StoreOpener Opener() {
  if (!OnPostgres() || StoreKind() != "split") {
    return db::OpenStore;
  }
  return [](const db::StoreAddress& address, std::span<const db::Migration> migrations,
            std::string* /*detail*/) { return OpenSplit(address, Nodes(), migrations); };
}

World::World() {
  SetLogLevel(LogLevel::kError);
  home_.folder = TempFolder();
  fs::remove(home_.folder);
  server::InitOptions options;
  const db::StoreAddress address = FreshStore(home_.Db());
  options.store = address.data;
  options.keys_store = address.keys;
  options.schema = address.schema;
  options.partitioned = address.partitioned;
  options.opener = Opener();
  options.clock = &clock_;
  const auto made = server::Instance::Init(home_, options);
  EXPECT_TRUE(made) << (made ? "" : made.error().text);
  Reopen();
  Local("POST", "/api/v1/sources", {}, R"({"id":"shop","channel":"api","owner":"ops"})");
}

World::~World() {
  instance_.reset();
  std::error_code error;
  fs::remove_all(home_.folder, error);
}

void World::Reopen() {
  const std::string trouble = TryOpen();
  ASSERT_EQ(trouble, "");
}

std::string World::TryOpen() {
  instance_.reset();
  auto opened = server::Instance::Open(
      home_, {.clock = &clock_, .opener = Opener(), .fetch = fetch_, .send = send_});
  if (!opened) {
    return opened.error().text;
  }
  instance_ = std::move(*opened);
  return "";
}

model::Access World::Owner(const std::string& purpose) {
  model::Access access;
  access.actor = model::ActorWith(instance_->operator_id(), "operator");
  access.purpose = purpose;
  return access;
}

std::string World::Key(const std::string& role) {
  std::string& key = keys_[role];
  if (key.empty()) {
    const auto made = instance_->service_keys().Add(
        Owner(), guard::KeyScope{.lease = {.role = role}, .label = "test", .days = 30});
    EXPECT_TRUE(made);
    key = made ? made->key : "";
  }
  return key;
}

http::Response World::Send(const std::string& role, const std::string& method,
                           const std::string& path, const std::string& purpose,
                           const std::string& body,
                           const std::map<std::string, std::string>& headers) {
  http::Request request;
  request.method = method;
  request.peer = "127.0.0.1";
  if (const Status status = http::ParseTarget(path, request); !status) {
    return http::Problem(status.error());
  }
  request.headers["content-type"] = "application/json";
  if (!role.empty()) {
    request.headers["authorization"] = "Bearer " + Key(role);
  }
  if (!purpose.empty()) {
    request.headers["fiducia-purpose"] = purpose;
  }
  for (const auto& [name, value] : headers) {
    request.headers[name] = value;
  }
  request.body = body;
  std::promise<http::Response> promise;
  auto answer = promise.get_future();
  instance_->api().Handle(std::move(request), [&promise](http::Response response) {
    promise.set_value(std::move(response));
  });
  return answer.get();
}

http::Response World::Local(const std::string& method, const std::string& path,
                            const std::string& purpose, const std::string& body) {
  http::Request request;
  request.method = method;
  EXPECT_TRUE(http::ParseTarget(path, request));
  request.headers["content-type"] = "application/json";
  if (!purpose.empty()) {
    request.headers["fiducia-purpose"] = purpose;
  }
  request.body = body;
  return instance_->Call(std::move(request));
}

int World::Leaves(const std::string& operation, const std::string& decision) {
  Local("GET", "/api/v1/audit/checkpoint");
  int count = 0;
  const Json read = Body(Local("GET", "/api/v1/audit/leaves?from=0&to=1000"));
  for (const Json& one : read["leaves"]) {
    const Json& leaf = one["leaf"];
    const bool counts = JsonText(leaf, "operation") == operation &&
                        (decision.empty() || JsonText(leaf, "decision") == decision);
    count += counts ? 1 : 0;
  }
  return count;
}

std::string World::AddCustomer(const Json& fields, const std::string& purpose) {
  Json body;
  body["kind"] = "person";
  body["fields"] = fields;
  body["source"] = "shop";
  body["basis"] = purpose == "service" ? "contract" : "consent";
  const http::Response response = Local("POST", "/api/v1/customers", purpose, WriteJson(body));
  EXPECT_EQ(response.status, 201) << response.body;
  return JsonText(Body(response), "id");
}

namespace {

// The first marker that `content` holds, or "". One pass, however many markers.
std::string FirstHeld(BytesView content, const std::vector<std::string>& markers) {
  const auto pair = [](BytesView text, size_t at) {
    return static_cast<uint8_t>(text[at]) << 8 | static_cast<uint8_t>(text[at + 1]);
  };
  std::vector<bool> starts(65536);
  for (const std::string& marker : markers) {
    FID_CHECK(marker.size() >= 6);  // shorter ones stand in ciphertext by chance
    starts[static_cast<size_t>(pair(marker, 0))] = true;
  }
  for (size_t at = 0; at + 1 < content.size(); ++at) {
    if (!starts[static_cast<size_t>(pair(content, at))]) {
      continue;
    }
    for (const std::string& marker : markers) {
      if (content.substr(at).starts_with(marker)) {
        return marker;
      }
    }
  }
  return "";
}

}  // namespace

std::string World::HeldInClear(const std::vector<std::string>& markers) const {
  std::vector<std::string> folders = {home_.folder};
  if (OnPostgres()) {
    for (const auto& server : BareServers(db::Which::kData)) {
      EXPECT_TRUE(server->Run("CHECKPOINT"));
    }
    for (const SplitNode& node : Nodes()) {
      folders.push_back(node.host);
    }
  }
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) {
        continue;
      }
      const auto content = audit::ReadWholeFile(entry.path().string());
      if (std::string held = FirstHeld(content.value_or(""), markers); !held.empty()) {
        return held;
      }
    }
  }
  return "";
}

std::vector<std::unique_ptr<db::SchemaSession>> World::BareServers(db::Which which) const {
  auto address = server::ReadStoreFile(home_);
  EXPECT_TRUE(address);
  std::vector<db::StoreAddress> addresses = {address.value_or(db::StoreAddress())};
  if (StoreKind() == "split") {
    addresses.clear();
    for (const SplitNode& node : Nodes()) {
      address->data = node.data;
      address->keys = node.keys;
      addresses.push_back(*address);
    }
  }
  std::vector<std::unique_ptr<db::SchemaSession>> servers;
  for (const db::StoreAddress& each : addresses) {
    auto session = db::OpenBare(each, which, db::Access::kWrite);
    EXPECT_TRUE(session);
    servers.push_back(session ? std::move(*session) : nullptr);
  }
  return servers;
}

std::unique_ptr<db::SchemaSession> World::Bare(db::Which which) const {
  auto servers = BareServers(which);
  EXPECT_EQ(servers.size(), 1U) << "a split store has no one database";
  return std::move(servers.front());
}

void World::Tamper(db::Which which, const std::string& sql) {
  instance_.reset();
  for (const auto& server : BareServers(which)) {
    ASSERT_TRUE(server->Run(sql)) << sql;
  }
}

}  // namespace fiducia::testing
