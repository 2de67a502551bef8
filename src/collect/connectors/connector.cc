#include "collect/connectors/connector.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/names.h"
#include "base/text.h"
#include "model/names.h"

namespace fiducia::collect {

namespace {

constexpr std::array<std::string_view, 7> kKinds = {"webhook",  "rest",  "folder", "mailbox",
                                                    "postgres", "mysql", "nats"};
constexpr std::array<std::string_view, 3> kStates = {"running", "paused", "ended"};
constexpr size_t kTextMax = 1000;
constexpr int kSecondsMost = 86400;

struct Settings {
  ConnectorKind kind;
  std::vector<std::string_view> needed;
  std::vector<std::string_view> more;
};

const Settings& SettingsOf(ConnectorKind kind) {
  static const std::vector<Settings> kAll = {
      {ConnectorKind::kWebhook, {"signing"}, {"header"}},
      {ConnectorKind::kRest,
       {"url"},
       {"items", "next", "cursor", "header", "scheme", "inside", "ca"}},
      {ConnectorKind::kFolder, {"folder"}, {"keep"}},
      {ConnectorKind::kMailbox, {"url", "user"}, {"inside", "ca"}},
      {ConnectorKind::kPostgres, {"url", "table", "order"}, {"inside"}},
      {ConnectorKind::kMysql, {"url", "table", "order"}, {"inside", "ca"}},
      {ConnectorKind::kNats, {"url", "stream", "consumer"}, {"inside", "user", "ca"}},
  };
  return *std::find_if(kAll.begin(), kAll.end(),
                       [&](const Settings& one) { return one.kind == kind; });
}

Result<std::string> WordFrom(const Json& json, const char* member) {
  const auto found = json.find(member);
  if (found == json.end()) {
    return std::string();
  }
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kTextMax ||
      !IsOneLine(found->get_ref<const std::string&>())) {
    return Fail(Code::kInvalidInput, "a word of the connector is no line of text");
  }
  return found->get<std::string>();
}

}  // namespace

std::string_view Name(ConnectorKind kind) { return kKinds[static_cast<size_t>(kind)]; }
std::string_view Name(ConnectorState state) { return kStates[static_cast<size_t>(state)]; }

Result<ConnectorKind> ConnectorKindNamed(std::string_view name) {
  if (const auto found = ValueNamed<ConnectorKind>(kKinds, name)) {
    return *found;
  }
  return Fail(Code::kInvalidInput, "there is no connector of this kind");
}

Status CheckSettings(const ConnectorSpec& spec) {
  const Settings& known = SettingsOf(spec.kind);
  for (const std::string_view needed : known.needed) {
    const auto found = spec.settings.find(std::string(needed));
    if (found == spec.settings.end() || found->second.empty()) {
      return Fail(Code::kInvalidInput, "a setting that this kind of connector needs is missing");
    }
  }
  const auto among = [](const auto& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const auto& [name, value] : spec.settings) {
    if (!among(known.needed, name) && !among(known.more, name)) {
      return Fail(Code::kInvalidInput, "this kind of connector has no such setting");
    }
  }
  if (spec.kind == ConnectorKind::kWebhook) {
    FID_TRY(SigningNamed(spec.settings.at("signing")));
  }
  return {};
}

Result<ConnectorSpec> ConnectorSpecOf(const Json& json, const rules::Catalog& catalog) {
  ConnectorSpec spec;
  FID_ASSIGN(spec.label, WordFrom(json, "label"));
  FID_ASSIGN(const std::string kind, WordFrom(json, "kind"));
  FID_ASSIGN(spec.kind, ConnectorKindNamed(kind));
  FID_ASSIGN(spec.source, WordFrom(json, "source"));
  if (spec.label.empty() || spec.label.size() > 80) {
    return Fail(Code::kInvalidInput, "a connector has a label of at most 80 bytes");
  }
  const Json purposes = json.value("purposes", Json::array());
  if (!purposes.is_array() || purposes.size() > 12) {
    return Fail(Code::kInvalidInput, "a connector names its purposes with their bases");
  }
  for (const Json& one : purposes) {
    FID_ASSIGN(const std::string id, WordFrom(one.is_object() ? one : Json::object(), "id"));
    FID_ASSIGN(const std::string word, WordFrom(one.is_object() ? one : Json::object(), "basis"));
    FID_ASSIGN(const model::BasisKind basis, model::ParseBasisKind(word));
    spec.purposes.push_back({id, basis});
  }
  const Json mappings = json.value("mappings", Json::object());
  if (!mappings.is_object() || mappings.empty() || mappings.size() > 20) {
    return Fail(Code::kInvalidInput, "a connector has 1 to 20 mappings, by topic");
  }
  for (const auto& [topic, mapping] : mappings.items()) {
    if (!mapping.is_object() || topic.size() > 80) {
      return Fail(Code::kInvalidInput, "a mapping is an object");
    }
    FID_ASSIGN(spec.mappings[topic], RecordMappingOf(mapping, catalog));
  }
  const Json settings = json.value("settings", Json::object());
  if (!settings.is_object() || settings.size() > 20) {
    return Fail(Code::kInvalidInput, "settings are words by name");
  }
  for (const auto& [name, value] : settings.items()) {
    if (!value.is_string() || value.get_ref<const std::string&>().size() > 8 * kTextMax) {
      return Fail(Code::kInvalidInput, "settings are words by name");
    }
    spec.settings[name] = value.get<std::string>();
  }
  const Json every = json.value("every", Json(60));
  if (!every.is_number_integer() || every.get<int64_t>() < 1 ||
      every.get<int64_t>() > kSecondsMost) {
    return Fail(Code::kInvalidInput, "a connector looks every 1 to 86,400 seconds");
  }
  spec.every_s = every.get<int>();
  FID_TRY(CheckSettings(spec));
  return spec;
}

Json ToJson(const ConnectorSpec& spec) {
  Json purposes = Json::array();
  for (const FormPurpose& one : spec.purposes) {
    purposes.push_back({{"id", one.id}, {"basis", model::Name(one.basis)}});
  }
  Json mappings = Json::object();
  for (const auto& [topic, mapping] : spec.mappings) {
    mappings[topic] = ToJson(mapping);
  }
  return {{"label", spec.label},       {"kind", Name(spec.kind)},
          {"source", spec.source},     {"purposes", std::move(purposes)},
          {"settings", spec.settings}, {"mappings", std::move(mappings)},
          {"every", spec.every_s}};
}

StreamSpec StreamSpecOf(const ConnectorSpec& spec) {
  StreamSpec stream;
  stream.source = spec.source;
  stream.label = spec.label;
  for (const FormPurpose& purpose : spec.purposes) {
    stream.purposes.push_back(purpose.id);
    stream.bases[purpose.id] = purpose.basis;
  }
  for (const auto& [topic, mapping] : spec.mappings) {
    for (const auto& [field, place] : mapping.values) {
      if (std::find(stream.fields.begin(), stream.fields.end(), field) == stream.fields.end()) {
        stream.fields.push_back(field);
      }
    }
  }
  return stream;
}

bool Connector::Inside() const {
  const auto inside = spec.settings.find("inside");
  return spec.kind == ConnectorKind::kFolder || spec.kind == ConnectorKind::kPostgres ||
         spec.kind == ConnectorKind::kMysql || spec.kind == ConnectorKind::kNats ||
         (inside != spec.settings.end() && inside->second == "true");
}

}  // namespace fiducia::collect
