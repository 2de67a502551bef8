#include "process/record/event.h"

#include <iterator>

namespace fiducia::process {

std::string EventTable(const Uuid& event) {
  return std::string(vault::kTimelineTable) + ":" + std::string(event.bytes());
}

SealedEvent SealEvent(const vault::Vault& vault, const vault::SubjectKey& key,
                      const EventPlace& place, const model::Provenance& provenance,
                      const std::vector<EventField>& fields) {
  const std::string table = EventTable(place.event);
  SealedEvent sealed;
  store::Dossier body;
  body.subject = place.subject;
  body.version = 1;
  body.created_ms = provenance.collected_ms;
  body.provenances.push_back(provenance);
  for (const EventField& one : fields) {
    store::Cell cell;
    cell.field = one.field->number;
    cell.ordinal = body.next_ordinal++;
    cell.version = 1;
    cell.confidence = one.cleaned.confidence;
    cell.sealed =
        vault.Seal(key, {place.subject, table, cell.field, cell.ordinal, 1}, one.cleaned.value);
    body.cells.push_back(std::move(cell));
    std::vector<FoundText> found = FoundIn(provenance.source, *one.field, one.cleaned.value);
    std::move(found.begin(), found.end(), std::back_inserter(sealed.found));
  }
  const Bytes encoded = store::EncodeDossier(body);
  sealed.row = {place.at_ms, place.event, vault.MacRow(place.subject, table, 1, encoded) + encoded};
  sealed.held = body.held();
  return sealed;
}

Result<store::Dossier> OpenEvent(const vault::Vault& vault, const model::SubjectRef& subject,
                                 const store::TimelineRow& row) {
  const BytesView body = row.body;
  if (body.size() < kEventMacBytes) {
    return Fail(Code::kCorrupt, "a stored record is damaged");
  }
  FID_TRY(vault.CheckRow(subject, EventTable(row.event), 1, body.substr(kEventMacBytes),
                         body.substr(0, kEventMacBytes)));
  return store::DecodeDossier(subject, 1, body.substr(kEventMacBytes));
}

}  // namespace fiducia::process
