#include "guard/service_keys.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <arpa/inet.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "guard/standing.h"

namespace fiducia::guard {

namespace {

constexpr int kFailuresMax = 100;  // a minute and address
constexpr int64_t kWindowMs = 60000;
constexpr size_t kWindowsMax = 10000;  // remembered at once
constexpr size_t kNetworksMax = 50;
constexpr size_t kLabelMax = 80;
constexpr int64_t kDayMs = 86400000;
constexpr std::string_view kKind = "service_key";

std::unexpected<Error> Unknown() { return Fail(Code::kUnauthenticated, "a valid key is needed"); }

// An address as bytes: 4 of IPv4, 16 of IPv6; empty if it is neither.
Bytes AddressBytes(const std::string& text) {
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return Bytes(bytes.data(), 4);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    // A socket of both families shows IPv4 as ::ffff:10.0.0.1 (RFC 4291 section 2.5.5.2).
    static const Bytes kMapped = Bytes(10, '\0') + "\xff\xff";
    const Bytes address(bytes.data(), 16);
    return address.starts_with(kMapped) ? address.substr(12) : address;
  }
  return {};
}

struct Network {
  Bytes address;
  size_t bits = 0;
};

Result<Network> ParseNetwork(const std::string& text) {
  const size_t slash = text.find('/');
  Network network{AddressBytes(text.substr(0, slash)), 0};
  network.bits = network.address.size() * 8;
  char* end = nullptr;
  if (slash != std::string::npos) {
    if (slash + 1 == text.size() || std::isdigit(static_cast<uint8_t>(text[slash + 1])) == 0) {
      network.address.clear();
    }
    network.bits = std::strtoul(text.c_str() + slash + 1, &end, 10);
  }
  if (network.address.empty() || network.bits > network.address.size() * 8 ||
      (end != nullptr && *end != '\0')) {
    return Fail(Code::kInvalidInput, "a network is an address with a length, such as 10.0.0.0/8");
  }
  return network;
}

bool Contains(const Network& network, const Bytes& address) {
  if (network.address.size() != address.size()) {
    return false;
  }
  for (size_t bit = 0; bit < network.bits; ++bit) {
    const int shift = 7 - static_cast<int>(bit % 8);
    if (((network.address[bit / 8] ^ address[bit / 8]) >> shift & 1) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool InNetworks(const std::string& address, const std::vector<std::string>& networks) {
  const Bytes bytes = AddressBytes(address);
  return std::any_of(networks.begin(), networks.end(), [&](const std::string& text) {
    const auto network = ParseNetwork(text);
    return network && !bytes.empty() && Contains(*network, bytes);
  });
}

Status CheckScope(const KeyScope& scope, const rules::Policy& policy) {
  const rules::Role* role = policy.FindRole(scope.lease.role);
  if (role == nullptr) {
    return Fail(Code::kInvalidInput, "the role is not declared");
  }
  if (scope.label.size() > kLabelMax || !IsUtf8(scope.label) || scope.days < 1 ||
      scope.days > 365) {
    return Fail(Code::kInvalidInput,
                "a key has a label of at most 80 bytes and a term of 1 to 365 days");
  }
  FID_TRY(CheckNarrowing(scope.lease, *role));
  if (scope.networks.size() > kNetworksMax || scope.per_minute < 0) {
    return Fail(Code::kInvalidInput, "a key has at most 50 networks, and a rate above zero");
  }
  for (const std::string& network : scope.networks) {
    FID_TRY(ParseNetwork(network));
  }
  return {};
}

Json ToJson(const KeyScope& scope) {
  return {{"lease", ToJson(scope.lease)},
          {"networks", scope.networks},
          {"per_minute", scope.per_minute},
          {"label", scope.label},
          {"days", scope.days}};
}

Result<KeyScope> KeyScopeFrom(const Json& json, const rules::Catalog& catalog) {
  KeyScope scope;
  FID_ASSIGN(scope.lease, LeaseFrom(json.value("lease", Json::object()), catalog));
  scope.networks = json.value("networks", std::vector<std::string>());
  scope.per_minute = json.value("per_minute", 0);
  scope.label = JsonText(json, "label");
  scope.days = json.value("days", 0);
  return scope;
}

ServiceKeys::ServiceKeys(const RegisterBook& book, const gate::Gate& gate,
                         const vault::Vault& vault, const Clock& clock, Rng& rng)
    : book_(book), gate_(gate), vault_(vault), clock_(clock), rng_(rng) {}

void ServiceKeys::Keep(ServiceKey key) {
  Live live{std::move(key), {}};
  live.actor.id = live.key.id;
  live.actor.role = live.key.scope.lease.role;
  std::vector<model::Lease> leases = {live.key.scope.lease};
  gate::Compile(leases[0], gate_.policy().catalog);
  live.actor.leases = std::make_shared<const std::vector<model::Lease>>(std::move(leases));
  keys_[live.key.id] = std::move(live);
}

Status ServiceKeys::Load() {
  FID_ASSIGN(const auto documents, book_.Load(kKind));
  const std::unique_lock lock(mutex_);
  for (const Document& document : documents) {
    const Json& json = document.json;
    ServiceKey key;
    key.id = document.id;
    key.version = document.version;
    FID_ASSIGN(key.scope, KeyScopeFrom(json, gate_.policy().catalog));
    FID_ASSIGN(key.secret_hash, FromBase64(JsonText(json, "hash")));
    key.created_ms = json.value("created", int64_t{0});
    key.expires_ms = json.value("expires", int64_t{0});
    key.revoked_ms = json.value("revoked", int64_t{0});
    Keep(std::move(key));
  }
  return {};
}

namespace {

Json ToJson(const ServiceKey& key) {
  Json json = ToJson(key.scope);
  json["hash"] = ToBase64(key.secret_hash);
  json["created"] = key.created_ms;
  json["expires"] = key.expires_ms;
  json["revoked"] = key.revoked_ms;
  return json;
}

}  // namespace

Result<NewKey> ServiceKeys::Add(const model::Access& access, KeyScope scope) {
  FID_TRY(gate_.Require(access.actor, "keys.manage"));
  FID_TRY(CheckScope(scope, gate_.policy()));
  const auto secret = crypto::Key256::Random(rng_);
  ServiceKey key;
  key.id = Uuid::V7(clock_, rng_);
  key.version = 1;
  key.scope = std::move(scope);
  key.secret_hash = Bytes(crypto::View(crypto::Sha256({secret.view()})));
  key.created_ms = clock_.NowMs();
  key.expires_ms = key.created_ms + key.scope.days * kDayMs;
  audit::Leaf leaf = gate_.NewLeaf(access, "key.add", "done");
  leaf.detail = key.id.Text() + " " + key.scope.lease.role;
  FID_TRY(book_.Commit({{std::string(kKind), key.id, 1, ToJson(key)}}, {leaf}));
  const std::unique_lock lock(mutex_);
  NewKey made{key.id, "fk_" + ToHex(key.id.bytes()) + "_" + ToHex(secret.view())};
  Keep(std::move(key));
  return made;
}

Status ServiceKeys::Revoke(const model::Access& access, const Uuid& id) {
  FID_TRY(gate_.Require(access.actor, "keys.manage"));
  return End(access, id, "key.revoke", {});
}

Status ServiceKeys::End(const model::Access& access, const Uuid& id, std::string_view op,
                        std::vector<DocumentChange> with) {
  ServiceKey key;
  {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(id);
    if (found == keys_.end() || found->second.key.revoked_ms != 0) {
      return Fail(Code::kNotFound, "there is no such live key");
    }
    key = found->second.key;
  }
  ++key.version;
  key.revoked_ms = clock_.NowMs();
  audit::Leaf leaf = gate_.NewLeaf(access, op, "done");
  leaf.detail = id.Text();
  with.push_back({std::string(kKind), key.id, key.version, ToJson(key)});
  FID_TRY(book_.Commit(with, {leaf}));
  const std::unique_lock lock(mutex_);
  Keep(std::move(key));
  return {};
}

std::vector<ServiceKey> ServiceKeys::List() const {
  const std::shared_lock lock(mutex_);
  std::vector<ServiceKey> list;
  list.reserve(keys_.size());
  for (const auto& [id, live] : keys_) {
    list.push_back(live.key);
  }
  return list;
}

Status ServiceKeys::Count(std::map<std::string, Window>& windows, const std::string& what,
                          int most) {
  const std::lock_guard lock(windows_mutex_);
  const int64_t now = clock_.MonotonicMs();
  if (windows.size() > kWindowsMax) {
    windows.clear();
  }
  Window& window = windows[what];
  if (now - window.since_ms >= kWindowMs) {
    window = {0, now};
  }
  if (window.count >= most) {
    return Fail(Code::kTooManyRequests, "too many requests: wait a minute");
  }
  ++window.count;
  return {};
}

Result<model::Actor> ServiceKeys::Check(std::string_view authorization, const std::string& peer,
                                        int& per_minute) const {
  constexpr std::string_view kScheme = "Bearer fk_";
  constexpr size_t kIdHex = 32;
  constexpr size_t kSecretHex = 64;
  if (!authorization.starts_with(kScheme) ||
      authorization.size() != kScheme.size() + kIdHex + 1 + kSecretHex) {
    return Unknown();
  }
  const std::string_view rest = authorization.substr(kScheme.size());
  const auto id_bytes = FromHex(rest.substr(0, kIdHex));
  const auto secret = FromHex(rest.substr(kIdHex + 1));
  if (!id_bytes || !secret || rest[kIdHex] != '_') {
    return Unknown();
  }
  const crypto::Digest hash = crypto::Sha256({*secret});
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(*Uuid::FromBytes(*id_bytes));
  // An unknown id takes the same steps as a known one with a wrong secret.
  static const Bytes kNobody(32, '\0');
  const Bytes& expected = found == keys_.end() ? kNobody : found->second.key.secret_hash;
  if (!EqualConstantTime(crypto::View(hash), expected) || found == keys_.end()) {
    return Unknown();
  }
  const ServiceKey& key = found->second.key;
  if (key.revoked_ms != 0 || clock_.NowMs() >= key.expires_ms ||
      (!key.scope.networks.empty() && !InNetworks(peer, key.scope.networks))) {
    return Unknown();
  }
  per_minute = key.scope.per_minute;
  return found->second.actor;
}

Result<model::Actor> ServiceKeys::Authenticate(std::string_view authorization,
                                               const std::string& peer) {
  int per_minute = 0;
  auto actor = Check(authorization, peer, per_minute);
  if (!actor) {
    // Only faults are counted and slowed down: a flood of them does not lock out a good key.
    FID_TRY(Count(failures_, peer, kFailuresMax));
  } else if (per_minute > 0) {
    FID_TRY(Count(uses_, actor->id.Text(), per_minute));
  }
  return actor;
}

}  // namespace fiducia::guard
