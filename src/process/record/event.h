// An entry of the timeline: cells that open in this entry only.
#pragma once

#include <string>
#include <vector>

#include "process/classify/text_counts.h"
#include "process/record/record.h"

namespace fiducia::process {

// The MAC of an entry stands before its body.
constexpr size_t kEventMacBytes = 16;
// What the cells of an entry are sealed to.
std::string EventTable(const Uuid& event);

struct EventField {
  const rules::Field* field = nullptr;
  Cleaned cleaned;
};

struct SealedEvent {
  store::TimelineRow row;
  model::FieldSet held;
  std::vector<FoundText> found;  // in free texts
  BytesView mac() const { return BytesView(row.body).substr(0, kEventMacBytes); }
};
// `place`: subject, and the id and time of the entry. `provenance.channel` says what kind of entry
// it is.
struct EventPlace {
  model::SubjectRef subject;
  Uuid event;
  int64_t at_ms = 0;
};
SealedEvent SealEvent(const vault::Vault& vault, const vault::SubjectKey& key,
                      const EventPlace& place, const model::Provenance& provenance,
                      const std::vector<EventField>& fields);

// What an entry holds, checked against its MAC; its cells open under EventTable. Errors: kCorrupt.
Result<store::Dossier> OpenEvent(const vault::Vault& vault, const model::SubjectRef& subject,
                                 const store::TimelineRow& row);

}  // namespace fiducia::process
