// The ledger of a person's authorizations and other lawful bases: append-only events, and the state
// that follows from them. What stands in a record is this state and a hash over the events.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "model/types.h"

namespace fiducia::store {

// What the events amount to for one authorization or basis, now.
struct BasisState {
  std::string purpose;
  model::BasisKind basis = model::BasisKind::kConsent;
  bool live = false;
  bool separate = false;
  int64_t until_ms = 0;  // 0: no end
  uint32_t seq = 0;      // the event that gave it; if it is dead, the one that ended it
  model::AuthorizationKind kind = model::AuthorizationKind::kGeneral;
  model::Scope scope;
  int64_t from_ms = 0;
  uint32_t max_uses = 0;  // 0: no limit
  uint32_t uses = 0;
  std::string until_event;
  std::string jurisdiction;
  std::string notice;                                    // id@version
  model::BasisAction last = model::BasisAction::kGiven;  // what ended it, if it is dead

  // In term, begun, and with a use left.
  bool InForce(int64_t now_ms) const {
    return live && from_ms <= now_ms && (until_ms == 0 || now_ms < until_ms) &&
           (max_uses == 0 || uses < max_uses);
  }
};

// A part that the person took out: of a purpose, for a department or for all, these fields. It
// bears on consents given before it; an objection also on what the house claims without asking.
struct Exclusion {
  std::string purpose;
  std::string department;  // empty: every one
  model::FieldSet fields;
  bool objection = false;
  uint32_t seq = 0;
  bool BearsOn(const BasisState& basis) const;
};

struct Standing {
  std::vector<BasisState> bases;
  std::vector<Exclusion> exclusions;
  uint32_t restrictions = 0;

  // Whether there ever was an answer about this purpose.
  bool Knows(std::string_view purpose) const;
};

// What ends or narrows something, or uses some of it up: a restore from before must not forget it.
bool Narrows(model::BasisAction action);
// An objection ends these; contract, law and vital interest do not ask.
bool CanBeObjectedTo(model::BasisKind basis);

// Applies one event: the only way a standing changes. An event never widens another purpose.
void Apply(const model::BasisEvent& event, Standing& standing);
// Everything up to and including `at_ms`, from nothing.
Standing StandingAt(const std::vector<model::BasisEvent>& events, int64_t at_ms);

// Two records found to be of one person: what `joined` stood at adds to `own`, of which `known`
// events had come by then. A "no" of either stands against a "yes" of the other until the person
// says yes anew; a "yes" of the joined one counts where `own` knows no answer. Neither ledger
// changes, so parting them restores both.
Standing Unite(const Standing& own, uint32_t known, const Standing& joined);

Bytes EncodeBasisEvent(const model::BasisEvent& event);
// Errors: kCorrupt.
Result<model::BasisEvent> DecodeBasisEvent(uint32_t seq, BytesView body);

// The part of a record that holds a standing; private to store. `format` is that of the record.
void PutStanding(ByteWriter& out, const Standing& standing);
void GetStanding(ByteReader& in, uint8_t format, Standing& standing);

}  // namespace fiducia::store
