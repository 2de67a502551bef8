// What events say, and which of it their purposes need.
#include <algorithm>

#include "base/text.h"
#include "collect/events/intake_run.h"

namespace fiducia::collect {

namespace {

constexpr int kIdentityBits = 128;
constexpr int64_t kDayMs = 86400000;

// A name of a value that may stand in a count: nothing that looks like a value itself.
std::string CountedPath(std::string_view path) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._- $";
  const bool plain = path.size() <= 64 && path.find_first_not_of(kPlain) == std::string_view::npos;
  return plain ? std::string(path) : "other";
}

// The address without its last part: the last byte, or all but the first three groups.
std::string Truncated(std::string_view address) {
  if (const size_t dot = address.rfind('.'); dot != std::string_view::npos) {
    return std::string(address.substr(0, dot)) + ".0";
  }
  size_t end = 0;
  for (int groups = 0; groups < 3 && end != std::string_view::npos; ++groups) {
    end = address.find(':', end == 0 ? 0 : end + 1);
  }
  return end == std::string_view::npos ? std::string() : std::string(address.substr(0, end)) + "::";
}

}  // namespace

// What the browser sealed for us alone comes to stand where it belongs, over what came beside it.
Status Intake::Run::Unseal(Json& json) const {
  const Json sealed = json.is_object() && json.contains("context") && json["context"].is_object()
                          ? json["context"].value("sealed", Json())
                          : Json();
  if (sealed.is_null()) {
    return {};
  }
  FID_ASSIGN(const model::Sensitive plain,
             parts_.key.Open(sealed, "fiducia event", JsonText(json, "messageId")));
  FID_ASSIGN(const Json members, ParseJson(plain.Reveal()));
  json["context"].erase("sealed");
  for (const char* member : {"traits", "properties"}) {
    if (members.is_object() && members.contains(member) && members[member].is_object()) {
      json[member].update(members[member]);
    }
  }
  return {};
}

void Intake::Run::Read(Item& item, Json& json, const Json& shared) {
  const Status unsealed = Unseal(json);
  auto event = unsealed ? ReadEvent(json, shared)
                        : Result<CollectedEvent>(std::unexpected(unsealed.error()));
  if (!event) {
    item.outcome.message_id = JsonText(json.is_object() ? json : Json::object(), "messageId");
    if (item.outcome.message_id.size() > 100) {
      item.outcome.message_id.clear();
    }
    return Refuse(item, event.error().text());
  }
  item.event = std::move(*event);
  if (!stream_.manner.trusted) {
    item.event.ticket = Json();
    item.event.match.clear();
  }
  item.outcome.message_id = item.event.message_id;
  if (!item.event.message_id.empty()) {
    item.message = parts_.records.builder()
                       .vault()
                       .KeyedHash("event", stream_.spec.source + "\x1f" + item.event.message_id)
                       .substr(0, 16);
  }
}

// Consent rides on the event; what is not told is not given.
void Intake::Run::FindPurposes(Item& item) const {
  for (const std::string& purpose : stream_.spec.purposes) {
    const auto given = item.event.consent.find(purpose);
    const bool asked = stream_.spec.BasisOf(purpose) == model::BasisKind::kConsent;
    if (parts_.gate.IsBarred(purpose)) {
      continue;
    }
    if (!asked || (given != item.event.consent.end() && given->second)) {
      item.purposes.push_back(purpose);
    }
  }
  if (item.purposes.empty() && !item.event.about_consent) {
    Drop(item, "no_consent");
  }
  item.writable = parts_.gate.Writable(access_, item.purposes) & stream_.fields;
}

void Intake::Run::CleanValue(Item& item, const EventValue& value, const process::Hints& hints) {
  const auto at = stream_.by_path.find(value.path);
  const rules::Field* field = at == stream_.by_path.end() ? nullptr : at->second;
  const bool about = value.path.starts_with("traits.") || value.path.starts_with("context.traits.");
  const bool content = about || value.path.starts_with("properties.");
  if (field == nullptr || !item.writable.Has(field->number)) {
    ++counts_.left_out[CountedPath(value.path)];
    if (content && stream_.spec.refuse_unknown) {
      Refuse(item, "the event holds a value that the stream is not for");
    }
    return;
  }
  auto cleaned = parts_.records.builder().cleaner().Clean(*field, value.text, hints);
  if (!cleaned) {
    ++counts_.left_out[CountedPath(value.path) + " (invalid)"];
    return;
  }
  const bool person =
      item.event.type == EventType::kIdentify || item.event.type == EventType::kGroup || about;
  const auto same = [&](const auto& list, auto field_of) {
    return std::any_of(list.begin(), list.end(),
                       [&](const auto& one) { return field_of(one) == field; });
  };
  if (person) {
    if (field->many || !same(item.inputs, [](const auto& one) { return one.field; })) {
      item.inputs.push_back({field, {}});
      item.cleaned.push_back(std::move(*cleaned));
    }
  } else if (field->data_class == "interaction" || field->data_class == "transaction") {
    if (field->many || !same(item.entry, [](const auto& one) { return one.field; })) {
      item.entry.push_back({field, std::move(*cleaned)});
    }
  } else {
    ++counts_.left_out[CountedPath(value.path)];
  }
}

void Intake::Run::Clean(Item& item) {
  process::Hints hints;
  hints.region = parts_.jurisdiction.substr(0, 2);
  hints.today_days = now_ms_ / kDayMs;
  std::string first;
  std::string last;
  bool named = false;
  for (EventValue& value : item.event.values) {
    if (value.path == "properties.currency") {
      hints.currency = std::string(value.text.Reveal()).substr(0, 3);
    }
    named = named || value.path == "traits.name";
    if (value.path == "traits.firstName") {
      first = value.text.Reveal();
    } else if (value.path == "traits.lastName") {
      last = value.text.Reveal();
    } else if (value.path == "context.ip") {
      value.text = stream_.spec.ip == IpPolicy::kDrop ? model::Sensitive()
                   : stream_.spec.ip == IpPolicy::kTruncate
                       ? model::Sensitive(Truncated(value.text.Reveal()))
                       : std::move(value.text);
    }
  }
  if (!named && !(first + last).empty()) {
    item.event.values.push_back(
        {"traits.name", model::Sensitive(std::string(TrimAscii(first + " " + last)))});
  }
  explicit_bzero(first.data(), first.size());
  explicit_bzero(last.data(), last.size());
  for (const EventValue& value : item.event.values) {
    const bool part = value.path == "traits.firstName" || value.path == "traits.lastName" ||
                      value.path == "properties.currency" || value.text.empty();
    if (!part && item.open()) {
      CleanValue(item, value, hints);
    }
  }
  item.event.values.clear();
}

void Intake::Run::Identify(Item& item) const {
  const auto add = [&](std::string_view kind, const model::Sensitive& id) {
    if (!id.empty()) {
      item.identities.push_back(parts_.records.builder().vault().TokenFor(
          0, store::kTokenKindRecordKey, kIdentityBits,
          model::Sensitive(stream_.spec.source + "\x1f" + std::string(kind) + "\x1f" +
                           std::string(id.Reveal()))));
    }
  };
  add("user", item.event.user);
  if (item.event.type == EventType::kAlias) {
    add("user", item.event.previous);
    add("anonymous", item.event.previous);
  }
  add("anonymous", item.event.anonymous);
}

}  // namespace fiducia::collect
