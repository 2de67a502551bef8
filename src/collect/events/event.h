// An event as client libraries send it (the calls of Segment's protocol), read strictly: what it
// is, who it is about, and its values by path, each of them personal until somebody says otherwise.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/sensitive.h"

namespace fiducia::collect {

enum class EventType : uint8_t { kIdentify, kTrack, kPage, kScreen, kGroup, kAlias };
std::optional<EventType> EventTypeNamed(std::string_view name);
std::string_view Name(EventType type);

struct EventValue {
  std::string path;  // traits.address.city, properties.products.name, context.page.path
  model::Sensitive text;
};

struct CollectedEvent {
  EventType type = EventType::kTrack;
  std::string message_id;  // at most 100 bytes; empty: none was given
  model::Sensitive user;
  model::Sensitive anonymous;
  model::Sensitive previous;  // of an alias
  int64_t original_ms = 0;    // when it happened by the client's clock; 0: not told
  int64_t sent_ms = 0;        // when it was sent by the same clock; 0: not told
  // By category; not told is not given.
  std::map<std::string, bool> consent;
  bool about_consent = false;  // sent because the person changed what they allow
  std::vector<EventValue> values;
  // As a connector makes them; of no use in what anybody else sends.
  Json ticket;        // of the service desk; null: none
  std::string match;  // field whose value finds a customer on record; empty: none
};

constexpr size_t kEventBytes = 32 * 1024;
constexpr size_t kBatchBytes = 500 * 1024;

// One item of a batch, or a call by itself. `shared`: the batch's own members (context, sentAt).
// Errors: kInvalidInput with the reason, kTooLarge.
Result<CollectedEvent> ReadEvent(Json& item, const Json& shared);

// When it happened by our clock: a client's clock may be wrong by any amount, but it is wrong by
// the same for both times. Never later than it was received.
int64_t HappenedMs(const CollectedEvent& event, int64_t received_ms);

}  // namespace fiducia::collect
