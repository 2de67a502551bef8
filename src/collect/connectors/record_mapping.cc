#include "collect/connectors/record_mapping.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "collect/events/streams.h"
#include "govern/rights/reading.h"
#include "process/classify/value_level.h"

namespace fiducia::collect {

namespace {

constexpr size_t kPlaceMax = 200;
constexpr size_t kValuesMost = 100;
constexpr size_t kTextsMost = 200;

bool IsPlace(std::string_view place) {
  return !place.empty() && place.size() <= kPlaceMax && IsOneLine(place);
}

Result<std::string> PlaceFrom(const Json& json, const char* member) {
  std::string place = JsonText(json, member);
  if (!place.empty() && !IsPlace(place)) {
    return Fail(Code::kInvalidInput, "a place is a line such as customer.email");
  }
  return place;
}

Result<std::map<std::string, std::string>> PlacesFrom(const Json& json, const char* member) {
  const Json all = json.value(member, Json::object());
  if (!all.is_object() || all.size() > kValuesMost) {
    return Fail(Code::kInvalidInput, "a mapping names at most 100 places");
  }
  std::map<std::string, std::string> places;
  for (const auto& [name, place] : all.items()) {
    if (!place.is_string() || !IsPlace(place.get_ref<const std::string&>())) {
      return Fail(Code::kInvalidInput, "a place is a line such as customer.email");
    }
    places[name] = place.get<std::string>();
  }
  return places;
}

std::string TextOf(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  return value.is_primitive() && !value.is_null() ? WriteJson(value) : std::string();
}

void Gather(const Json& at, std::string_view place, std::vector<std::string>& texts) {
  if (texts.size() >= kTextsMost) {
    return;
  }
  if (at.is_array()) {
    for (const Json& one : at) {
      Gather(one, place, texts);
    }
  } else if (place.empty()) {
    if (std::string text = TextOf(at); !text.empty()) {
      texts.push_back(std::move(text));
    }
  } else if (at.is_object()) {
    // A name may have a dot in it, as the columns of tables do.
    if (const auto whole = at.find(std::string(place)); whole != at.end()) {
      return Gather(*whole, "", texts);
    }
    const size_t dot = place.find('.');
    if (const auto part = at.find(std::string(place.substr(0, dot)));
        dot != std::string_view::npos && part != at.end()) {
      Gather(*part, place.substr(dot + 1), texts);
    }
  }
}

bool IsYes(const std::vector<std::string>& texts) {
  if (texts.size() != 1) {
    return false;
  }
  const std::string word = LowerAscii(texts[0]);
  return word == "true" || word == "yes" || word == "1" || word == "subscribed" || word == "是";
}

}  // namespace

Json ToJson(const RecordMapping& mapping) {
  return {{"event", mapping.event},
          {"person", mapping.person},
          {"id", mapping.id},
          {"when", mapping.when},
          {"values", mapping.values},
          {"consent", mapping.consent},
          {"redact", mapping.redact},
          {"ticket", mapping.ticket},
          {"channel", process::Name(mapping.channel)},
          {"match", mapping.match}};
}

Result<RecordMapping> RecordMappingOf(const Json& json, const rules::Catalog& catalog) {
  RecordMapping mapping;
  mapping.event = JsonText(json, "event");
  if (mapping.event.size() > kPlaceMax || !IsOneLine(mapping.event)) {
    return Fail(Code::kInvalidInput, "an event has a name of one line");
  }
  FID_ASSIGN(mapping.person, PlaceFrom(json, "person"));
  FID_ASSIGN(mapping.id, PlaceFrom(json, "id"));
  FID_ASSIGN(mapping.when, PlaceFrom(json, "when"));
  FID_ASSIGN(mapping.values, PlacesFrom(json, "values"));
  FID_ASSIGN(mapping.consent, PlacesFrom(json, "consent"));
  const Json redact = json.value("redact", Json(false));
  if (!redact.is_boolean()) {
    return Fail(Code::kInvalidInput, "a mapping redacts, or does not");
  }
  mapping.redact = redact.get<bool>();
  FID_ASSIGN(mapping.ticket, PlaceFrom(json, "ticket"));
  if (const std::string word = JsonText(json, "channel"); !word.empty()) {
    const auto channel = process::ChannelNamed(word);
    if (!channel) {
      return Fail(Code::kInvalidInput, "a contact comes by phone, mail, chat or visit");
    }
    mapping.channel = *channel;
  }
  mapping.match = JsonText(json, "match");
  if (!mapping.match.empty() && !mapping.values.contains(mapping.match)) {
    return Fail(Code::kInvalidInput, "a customer is found by a field that the mapping fills");
  }
  for (const auto& [field, place] : mapping.values) {
    if (catalog.Find(field) == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
  }
  return mapping;
}

std::vector<std::string> TextsAt(const Json& record, std::string_view place) {
  std::vector<std::string> texts;
  if (!place.empty()) {
    Gather(record, place, texts);
  }
  return texts;
}

namespace {

// The texts as the desk keeps them, and what it is told of them.
Json SiftedInto(std::vector<std::string>& texts, const RecordMapping& mapping,
                const std::string& thread) {
  std::string all;
  Json kinds = Json::object();
  for (std::string& text : texts) {
    process::Sifted sifted = process::Sift(text, {mapping.channel, "", {}});
    for (const process::SiftedKind& kind : sifted.kinds) {
      const std::string name(kind.kind);
      kinds[name] = kinds.value(name, 0) + kind.count;
    }
    all.append(text).append("\n");
    text = std::move(sifted.text);
  }
  Json rights = Json::array();
  for (const govern::Right right : govern::RightsIn(all)) {
    rights.push_back(govern::Name(right));
  }
  return {{"thread", thread},
          {"channel", process::Name(mapping.channel)},
          {"matter", process::Name(process::MatterOf(all))},
          {"rights", std::move(rights)},
          {"taken", std::move(kinds)}};
}

}  // namespace

Result<Json> ToEvent(const Json& record, const RecordMapping& mapping,
                     const rules::Catalog& catalog, const std::string& id) {
  if (!record.is_object()) {
    return Fail(Code::kInvalidInput, "the record is no object");
  }
  Json event = {{"type", mapping.event.empty() ? "identify" : "track"}, {"messageId", id}};
  if (!mapping.event.empty()) {
    event["event"] = mapping.event;
  }
  const auto person = TextsAt(record, mapping.person);
  if (!mapping.person.empty() && person.empty()) {
    return Fail(Code::kInvalidInput, "the record names nobody");
  }
  // Without an id of its own a record stands for somebody new.
  event[person.empty() ? "anonymousId" : "userId"] = person.empty() ? id : person.front();
  if (const auto own = TextsAt(record, mapping.id); own.size() == 1) {
    event["messageId"] = own.front();
  }
  if (const auto when = TextsAt(record, mapping.when); when.size() == 1 && ParseTime(when[0])) {
    event["originalTimestamp"] = when.front();
  }
  Json traits = Json::object();
  Json properties = Json::object();
  Json ticket;
  for (const auto& [field, place] : mapping.values) {
    auto texts = TextsAt(record, place);
    if (!texts.empty()) {
      const rules::Field& known = *catalog.Find(field);
      if (!mapping.ticket.empty() && known.type == "long_text") {
        const auto thread = TextsAt(record, mapping.ticket);
        ticket = SiftedInto(texts, mapping, thread.empty() ? id : thread.front());
      } else if (mapping.redact && process::IsFreeText(known)) {
        for (std::string& text : texts) {
          text = process::RedactedAbove(known.level, text, process::FindSensitive(text));
        }
      }
      const bool happened = PathOf(known).starts_with("properties.");
      (happened ? properties : traits)[field] = texts;
    }
  }
  Json consent = Json::object();
  for (const auto& [purpose, place] : mapping.consent) {
    consent[purpose] = IsYes(TextsAt(record, place));
  }
  event["properties"] = std::move(properties);
  event["context"] = {{"traits", std::move(traits)},
                      {"consent", {{"categoryPreferences", std::move(consent)}}}};
  if (!mapping.match.empty()) {
    event["context"]["match"] = mapping.match;
  }
  if (!ticket.is_null()) {
    event["context"]["ticket"] = std::move(ticket);
  }
  return event;
}

}  // namespace fiducia::collect
