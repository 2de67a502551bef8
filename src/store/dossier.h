// A subject as it is stored: one row whose body holds separately sealed cells, their provenance,
// and the derived state of the lawful bases. store/ cannot open a cell.
#pragma once

#include <algorithm>
#include <vector>

#include "store/ledger.h"

namespace fiducia::store {

struct Cell {
  model::FieldNo field = 0;
  uint16_t ordinal = 0;      // tells several values of one field apart; never reused in a dossier
  uint8_t provenance = 0;    // place in Dossier::provenances
  uint8_t confidence = 100;  // percent
  uint32_t version = 0;      // version of the dossier at which the value was sealed
  int64_t verified_ms = 0;   // last verified; 0: never
  Bytes sealed;
};

// Another record of the same person, which stays as it was and is used through this one.
struct Joined {
  Uuid merge;
  Uuid subject;
  int64_t at_ms = 0;
  uint32_t known = 0;          // events of this record's ledger by then
  Standing standing;           // of the other, then
  std::vector<Cell> replaced;  // values of this record that gave way to the other's
};

struct Dossier {
  model::SubjectRef subject;
  model::SubjectKind kind = model::SubjectKind::kPerson;
  uint32_t version = 0;
  uint32_t basis_seq = 0;  // events in the ledger
  uint16_t next_ordinal = 1;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::vector<model::Provenance> provenances;
  Standing standing;
  Bytes ledger_head;  // a hash over all events of the ledger, in order
  std::vector<Cell> cells;
  Uuid merged_into;  // nil: this record stands for itself
  std::vector<Joined> joined;

  model::FieldSet held() const;
  // When a value of it was last known to be right.
  int64_t SeenMs(const Cell& cell) const {
    return std::max(cell.verified_ms, provenances[cell.provenance].collected_ms);
  }
  // What decides: the own standing, and what joined records add to it.
  Standing InForce() const;
};

Bytes EncodeDossier(const Dossier& dossier);
// Errors: kCorrupt.
Result<Dossier> DecodeDossier(const model::SubjectRef& subject, uint32_t version, BytesView body);

}  // namespace fiducia::store
