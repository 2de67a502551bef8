#include "collect/events/event.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/names.h"
#include "base/text.h"

namespace fiducia::collect {

namespace {

constexpr std::array<std::string_view, 6> kTypes = {"identify", "track", "page",
                                                    "screen",   "group", "alias"};
constexpr size_t kIdMax = 100;
constexpr size_t kValuesMax = 200;
constexpr size_t kPathMax = 120;
constexpr int kDepthMax = 8;
constexpr int64_t kYearMs = int64_t{366} * 86400000;

// Numbers and flags as they would be written.
std::string TextOf(const Json& value) {
  return value.is_string()    ? value.get<std::string>()
         : value.is_boolean() ? (value.get<bool>() ? "true" : "false")
                              : value.dump();
}

// Lists give several values of one path.
Status Flatten(const std::string& path, Json& value, int depth, std::vector<EventValue>& values) {
  if (depth > kDepthMax || path.size() > kPathMax) {
    return Fail(Code::kInvalidInput, "a value is nested too deeply");
  }
  if (value.is_object()) {
    std::string below = path + ".";
    for (auto& [key, inner] : value.items()) {
      below.resize(path.size() + 1);
      below += key;
      FID_TRY(Flatten(below, inner, depth + 1, values));
    }
    return {};
  }
  if (value.is_array()) {
    for (Json& inner : value) {
      FID_TRY(Flatten(path, inner, depth + 1, values));
    }
    return {};
  }
  if (value.is_null()) {
    return {};
  }
  if (values.size() == kValuesMax) {
    return Fail(Code::kInvalidInput, "an event holds at most 200 values");
  }
  std::string text = TextOf(value);
  if (!text.empty()) {
    values.push_back({path, model::Sensitive(std::move(text))});
  }
  return {};
}

// An id: text, or a number as some clients send it.
Result<model::Sensitive> ReadId(const Json& item, const char* member, Literal wrong) {
  const auto found = item.find(member);
  if (found == item.end() || found->is_null()) {
    return model::Sensitive();
  }
  if (!found->is_string() && !found->is_number_integer()) {
    return Fail(Code::kInvalidInput, wrong);
  }
  std::string text = TextOf(*found);
  if (text.size() > 200 || !IsOneLine(text)) {
    return Fail(Code::kInvalidInput, wrong);
  }
  return model::Sensitive(std::move(text));
}

Result<int64_t> ReadTime(const Json& item, const Json& shared, const char* member) {
  const auto own = item.find(member);
  const Json* found = own != item.end() && !own->is_null() ? &*own : nullptr;
  if (found == nullptr && shared.contains(member) && !shared[member].is_null()) {
    found = &shared[member];
  }
  if (found == nullptr) {
    return int64_t{0};
  }
  if (!found->is_string()) {
    return Fail(Code::kInvalidInput, "a time is written as RFC 3339");
  }
  const auto time = ParseTime(found->get<std::string>());
  if (!time) {
    return Fail(Code::kInvalidInput, "a time is written as RFC 3339");
  }
  return *time;
}

void ReadConsent(const Json& context, std::map<std::string, bool>& consent) {
  const Json preferences =
      context.value("consent", Json::object()).value("categoryPreferences", Json::object());
  for (const auto& [category, given] : preferences.items()) {
    if (given.is_boolean() && consent.size() < 50) {
      consent[category] = given.get<bool>();
    }
  }
}

Status CheckShape(const CollectedEvent& event, const Json& item) {
  if (event.user.empty() && event.anonymous.empty()) {
    return Fail(Code::kInvalidInput, "an event names a userId or an anonymousId");
  }
  const auto text = [&](const char* member) {
    return item.contains(member) && item[member].is_string() &&
           !item[member].get_ref<const std::string&>().empty();
  };
  if (event.type == EventType::kTrack && !text("event")) {
    return Fail(Code::kInvalidInput, "a track call names its event");
  }
  if (event.type == EventType::kGroup && !item.contains("groupId")) {
    return Fail(Code::kInvalidInput, "a group call names its groupId");
  }
  if (event.type == EventType::kAlias && (event.previous.empty() || event.user.empty())) {
    return Fail(Code::kInvalidInput, "an alias call names a userId and a previousId");
  }
  return {};
}

}  // namespace

std::optional<EventType> EventTypeNamed(std::string_view name) {
  return ValueNamed<EventType>(kTypes, name);
}

std::string_view Name(EventType type) { return kTypes[static_cast<size_t>(type)]; }

Result<CollectedEvent> ReadEvent(Json& item, const Json& shared) {
  if (!item.is_object()) {
    return Fail(Code::kInvalidInput, "an event is an object");
  }
  const auto type = EventTypeNamed(JsonText(item, "type"));
  if (!type) {
    return Fail(Code::kInvalidInput, "a type is identify, track, page, screen, group or alias");
  }
  CollectedEvent event;
  event.type = *type;
  if (item.contains("messageId") && !item["messageId"].is_null()) {
    event.message_id = JsonText(item, "messageId");
    if (event.message_id.empty() || event.message_id.size() > kIdMax) {
      return Fail(Code::kInvalidInput, "a messageId is a text of at most 100 bytes");
    }
  }
  FID_ASSIGN(event.user, ReadId(item, "userId", "a userId is one line of at most 200 bytes"));
  FID_ASSIGN(event.anonymous,
             ReadId(item, "anonymousId", "an anonymousId is one line of at most 200 bytes"));
  FID_ASSIGN(event.previous,
             ReadId(item, "previousId", "a previousId is one line of at most 200 bytes"));
  FID_TRY(CheckShape(event, item));
  FID_ASSIGN(event.original_ms, ReadTime(item, Json::object(), "originalTimestamp"));
  if (event.original_ms == 0) {
    FID_ASSIGN(event.original_ms, ReadTime(item, Json::object(), "timestamp"));
  }
  FID_ASSIGN(event.sent_ms, ReadTime(item, shared, "sentAt"));
  Json context = item.value("context", Json::object());
  if (context.is_null()) {
    context = Json::object();
  }
  if (!context.is_object()) {
    return Fail(Code::kInvalidInput, "a context is an object");
  }
  if (shared.contains("context") && shared["context"].is_object()) {
    for (const auto& [key, value] : shared["context"].items()) {
      if (!context.contains(key)) {
        context[key] = value;
      }
    }
  }
  ReadConsent(context, event.consent);
  event.about_consent = event.type == EventType::kTrack &&
                        JsonText(item, "event").ends_with("Consent Preference Updated");
  event.ticket = context.value("ticket", Json());
  event.match = JsonText(context, "match");
  context.erase("ticket");
  context.erase("match");
  context.erase("consent");
  context.erase("library");
  for (const char* member : {"traits", "properties"}) {
    if (item.contains(member) && !item[member].is_null()) {
      if (!item[member].is_object()) {
        return Fail(Code::kInvalidInput, "traits and properties are objects");
      }
      FID_TRY(Flatten(member, item[member], 1, event.values));
    }
  }
  for (const char* member : {"event", "name", "groupId", "category"}) {
    if (item.contains(member)) {
      FID_TRY(Flatten(member, item[member], 1, event.values));
    }
  }
  FID_TRY(Flatten("context", context, 1, event.values));
  return event;
}

int64_t HappenedMs(const CollectedEvent& event, int64_t received_ms) {
  if (event.original_ms == 0) {
    return received_ms;
  }
  const int64_t happened =
      event.sent_ms == 0 ? event.original_ms : received_ms - (event.sent_ms - event.original_ms);
  // What claims to lie ahead, or to be older than a year, is not believed.
  return happened > received_ms ? received_ms : std::max(happened, received_ms - kYearMs);
}

}  // namespace fiducia::collect
