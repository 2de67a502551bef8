#include "collect/events/streams.h"

#include <algorithm>
#include <array>

#include "base/names.h"
#include "base/text.h"
#include "model/names.h"
#include "store/config_rows.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kKind = "event_stream";
constexpr std::string_view kCountsKind = "stream_counts";
constexpr std::string_view kCapability = "streams.manage";
constexpr std::string_view kRole = "collector";
constexpr size_t kSecretBytes = 24;
constexpr size_t kNamesMost = 200;
constexpr size_t kLabelMax = 80;

constexpr std::array<std::string_view, 3> kIpNames = {"drop", "truncate", "keep"};

void AddMap(std::map<std::string, int64_t>& to, const std::map<std::string, int64_t>& from) {
  for (const auto& [key, n] : from) {
    // Names come from outside: no more than so many are kept apart.
    const bool room = to.size() < kNamesMost || to.contains(key);
    to[room ? key : "other"] += n;
  }
}

Json ToJson(const Stream& stream) {
  const StreamSpec& spec = stream.spec;
  return {{"source", spec.source},
          {"label", spec.label},
          {"purposes", spec.purposes},
          {"basis", model::Name(spec.basis)},
          {"fields", spec.fields},
          {"paths", spec.paths},
          {"origins", spec.origins},
          {"ip", kIpNames[static_cast<size_t>(spec.ip)]},
          {"refuse_unknown", spec.refuse_unknown},
          {"hash", ToBase64(stream.secret_hash)},
          {"created", stream.created_ms},
          {"ended", stream.ended_ms}};
}

Result<Stream> StreamOf(const guard::Document& document) {
  const Json& json = document.json;
  Stream stream;
  stream.id = document.id;
  stream.version = document.version;
  StreamSpec& spec = stream.spec;
  spec.source = JsonText(json, "source");
  spec.label = JsonText(json, "label");
  spec.purposes = json.value("purposes", std::vector<std::string>());
  FID_ASSIGN(spec.basis, model::ParseBasisKind(JsonText(json, "basis")));
  spec.fields = json.value("fields", std::vector<std::string>());
  spec.paths = json.value("paths", std::map<std::string, std::string>());
  spec.origins = json.value("origins", std::vector<std::string>());
  FID_ASSIGN(spec.ip, IpPolicyNamed(JsonText(json, "ip")));
  spec.refuse_unknown = json.value("refuse_unknown", false);
  FID_ASSIGN(stream.secret_hash, FromBase64(JsonText(json, "hash")));
  stream.created_ms = json.value("created", int64_t{0});
  stream.ended_ms = json.value("ended", int64_t{0});
  return stream;
}

}  // namespace

bool IsOrigin(std::string_view origin) {
  const bool web = origin.starts_with("https://") || origin.starts_with("http://localhost") ||
                   origin.starts_with("http://127.0.0.1");
  return web && origin.size() <= 200 && IsOneLine(origin) && !origin.ends_with('/') &&
         origin.find_first_of(" ,;*") == std::string_view::npos;
}

std::string PathOf(const rules::Field& field) {
  const bool happened = field.data_class == "interaction" || field.data_class == "transaction";
  return (happened ? "properties." : "context.traits.") + field.id;
}

Result<IpPolicy> IpPolicyNamed(std::string_view name) {
  if (const auto found = ValueNamed<IpPolicy>(kIpNames, name)) {
    return *found;
  }
  return Fail(Code::kInvalidInput, "an address is dropped, truncated or kept");
}

std::string_view Name(IpPolicy policy) { return kIpNames[static_cast<size_t>(policy)]; }

const std::map<std::string, std::string, std::less<>>& UsualPaths() {
  static const std::map<std::string, std::string, std::less<>> kPaths = {
      {"traits.name", "name_full"},
      {"traits.email", "email"},
      {"traits.phone", "mobile"},
      {"traits.gender", "sex"},
      {"traits.birthday", "birth_date"},
      {"traits.title", "occupation"},
      {"traits.company.name", "employer"},
      {"traits.company", "employer"},
      {"traits.address.street", "street"},
      {"traits.address.city", "city"},
      {"traits.address.postalCode", "postcode"},
      {"traits.address.country", "country"},
      {"traits.language", "language"},
      {"context.locale", "language"},
      {"context.ip", "ip_address"},
      {"context.device.id", "device_id"},
      {"event", "event_name"},
      {"name", "page_view"},
      {"properties.path", "page_view"},
      {"context.page.path", "page_view"},
      {"properties.query", "search_term"},
      {"properties.order_id", "order"},
      {"properties.revenue", "amount"},
      {"properties.total", "amount"},
      {"properties.products.name", "order_items"},
      {"properties.product_name", "order_items"},
      {"properties.rating", "satisfaction"}};
  return kPaths;
}

void StreamCounts::Add(const StreamCounts& more) {
  accepted += more.accepted;
  duplicates += more.duplicates;
  AddMap(dropped, more.dropped);
  AddMap(refused, more.refused);
  AddMap(left_out, more.left_out);
  last_ms = std::max(last_ms, more.last_ms);
}

Json StreamCounts::ToJson() const {
  return {{"accepted", accepted}, {"duplicates", duplicates}, {"dropped", dropped},
          {"refused", refused},   {"left_out", left_out},     {"last", last_ms}};
}

StreamCounts StreamCounts::FromJson(const Json& json) {
  StreamCounts counts;
  counts.accepted = json.value("accepted", int64_t{0});
  counts.duplicates = json.value("duplicates", int64_t{0});
  counts.last_ms = json.value("last", int64_t{0});
  for (const auto& [name, map] :
       {std::pair("dropped", &counts.dropped), std::pair("refused", &counts.refused),
        std::pair("left_out", &counts.left_out)}) {
    const Json all = json.value(name, Json::object());
    for (const auto& [key, n] : all.items()) {
      (*map)[key] = n.get<int64_t>();
    }
  }
  return counts;
}

StreamPtr Made(Stream stream, const rules::Catalog& catalog) {
  stream.actor = model::ActorWith(stream.id, std::string(kRole));
  std::vector<model::Lease> leases(1);
  leases[0].role = kRole;
  leases[0].purposes = stream.spec.purposes;
  gate::Compile(leases[0], catalog);
  stream.actor.leases = std::make_shared<const std::vector<model::Lease>>(std::move(leases));
  for (const std::string& id : stream.spec.fields) {
    if (const rules::Field* field = catalog.Find(id); field != nullptr) {
      stream.fields.Add(field->number);
    }
  }
  for (const auto& [path, id] : UsualPaths()) {
    stream.by_path[path] = catalog.Find(id);
  }
  for (const auto& [path, id] : stream.spec.paths) {
    stream.by_path[path] = catalog.Find(id);
  }
  std::erase_if(stream.by_path, [](const auto& entry) { return entry.second == nullptr; });
  return std::make_shared<const Stream>(std::move(stream));
}

Streams::Streams(Parts parts) : parts_(parts), counts_(parts.book, std::string(kCountsKind)) {}

Result<std::unique_ptr<Streams>> Streams::Open(Parts parts) {
  std::unique_ptr<Streams> made(new Streams(parts));
  FID_ASSIGN(const auto streams, parts.book.Load(kKind));
  for (const guard::Document& document : streams) {
    FID_ASSIGN(Stream stream, StreamOf(document));
    made->known_[document.id] = Made(std::move(stream), parts.gate.policy().catalog);
  }
  FID_TRY(made->counts_.Load());
  return made;
}

Status Streams::Check(const StreamSpec& spec) const {
  const rules::Policy& policy = parts_.gate.policy();
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_TRY(store::RequireSource(lease->session(store::Which::kData), 0, spec.source));
  }
  if (spec.label.empty() || spec.label.size() > kLabelMax || !IsOneLine(spec.label)) {
    return Fail(Code::kInvalidInput, "a label is one line of at most 80 bytes");
  }
  if (spec.purposes.empty()) {
    return Fail(Code::kPurposeRequired, "a stream names at least one purpose");
  }
  model::FieldSet needed;
  for (const std::string& id : spec.purposes) {
    const rules::Purpose* purpose = policy.FindPurpose(id);
    if (purpose == nullptr) {
      return Fail(Code::kUnknownPurpose, "the purpose is not declared");
    }
    if (!purpose->AllowsBasis(spec.basis)) {
      return Fail(Code::kPurposeRefused, "a purpose cannot rest on this lawful basis");
    }
    needed = needed | purpose->fields;
  }
  if (spec.fields.empty()) {
    return Fail(Code::kInvalidInput, "a stream names the fields that it may bring");
  }
  for (const std::string& id : spec.fields) {
    const rules::Field* field = policy.catalog.Find(id);
    if (field == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
    // Over-collection is refused before anything is collected.
    if (!needed.Has(field->number)) {
      return Fail(Code::kPurposeRefused, "none of the purposes needs one of these fields",
                  field->number);
    }
  }
  for (const auto& [path, id] : spec.paths) {
    if (policy.catalog.Find(id) == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
    if (path.empty() || path.size() > 120 || !IsOneLine(path)) {
      return Fail(Code::kInvalidInput, "a path is one line such as properties.size");
    }
  }
  if (!std::all_of(spec.origins.begin(), spec.origins.end(), IsOrigin)) {
    return Fail(Code::kInvalidInput, "an origin is written as https://shop.example");
  }
  return {};
}

Result<Streams::New> Streams::Add(const model::Access& access, StreamSpec spec) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(Check(spec));
  Bytes secret(kSecretBytes, '\0');
  parts_.rng.Fill(secret);
  Stream stream;
  stream.id = Uuid::V7(parts_.clock, parts_.rng);
  stream.version = 1;
  stream.spec = std::move(spec);
  stream.secret_hash = parts_.vault.HashOf(secret);
  stream.created_ms = parts_.clock.NowMs();
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "stream.add", "done");
  leaf.detail = stream.id.Text() + " " + stream.spec.source;
  FID_TRY(parts_.book.Commit({{std::string(kKind), stream.id, 1, ToJson(stream)}}, {leaf}));
  New made{stream.id, "wk_" + ToHex(stream.id.bytes()) + "_" + ToHex(secret)};
  const std::unique_lock lock(mutex_);
  known_[made.id] = Made(std::move(stream), parts_.gate.policy().catalog);
  return made;
}

Status Streams::End(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  Stream stream;
  {
    const std::shared_lock lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end() || found->second->ended_ms != 0) {
      return Fail(Code::kNotFound, "there is no such stream");
    }
    stream = *found->second;
  }
  ++stream.version;
  stream.ended_ms = parts_.clock.NowMs();
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "stream.end", "done");
  leaf.detail = id.Text();
  FID_TRY(parts_.book.Commit({{std::string(kKind), id, stream.version, ToJson(stream)}}, {leaf}));
  const std::unique_lock lock(mutex_);
  known_[id] = Made(std::move(stream), parts_.gate.policy().catalog);
  return {};
}

Result<std::vector<Streams::Listed>> Streams::List(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  std::vector<Listed> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, stream] : known_) {
      all.push_back({stream, {}});
    }
  }
  for (Listed& one : all) {
    one.counts = CountsOf(one.stream->id);
  }
  std::reverse(all.begin(), all.end());
  return all;
}

Result<StreamPtr> Streams::Find(std::string_view key) const {
  constexpr size_t kIdDigits = 32;
  constexpr size_t kKeySize = 3 + kIdDigits + 1 + 2 * kSecretBytes;
  const auto wrong = [] { return Fail(Code::kUnauthenticated, "a valid write key is needed"); };
  if (key.size() != kKeySize || !key.starts_with("wk_") || key[3 + kIdDigits] != '_') {
    return wrong();
  }
  const auto id = FromHex(key.substr(3, kIdDigits));
  const auto secret = FromHex(key.substr(4 + kIdDigits));
  if (!id || !secret) {
    return wrong();
  }
  StreamPtr stream;
  {
    const std::shared_lock lock(mutex_);
    const auto found = known_.find(Uuid::FromBytes(*id).value_or(Uuid()));
    stream = found == known_.end() ? nullptr : found->second;
  }
  if (stream == nullptr || stream->ended_ms != 0 ||
      !EqualConstantTime(parts_.vault.HashOf(*secret), stream->secret_hash)) {
    return wrong();
  }
  return stream;
}

bool Streams::AllowsOrigin(std::string_view origin) const {
  const std::shared_lock lock(mutex_);
  return std::any_of(known_.begin(), known_.end(), [&](const auto& entry) {
    const auto& origins = entry.second->spec.origins;
    return entry.second->ended_ms == 0 &&
           std::find(origins.begin(), origins.end(), origin) != origins.end();
  });
}

}  // namespace fiducia::collect
