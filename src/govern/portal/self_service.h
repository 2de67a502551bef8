// What customers see and decide by themselves: what is held, who used it, for what, on which
// ground; and the switches. Everything here is about the one who is signed in, and on record like
// any other use. A guardian does the same for a minor, under the guardian's own name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/leaf.h"
#include "govern/lawful/authorizations.h"
#include "govern/lawful/notices.h"
#include "govern/portal/redactions.h"

namespace fiducia::govern {

struct OwnValue {
  model::Sensitive text;
  bool masked = false;
  model::Provenance provenance;
  int64_t verified_ms = 0;
  bool stale = false;  // to be looked at again
};
struct OwnField {
  const rules::Field* field = nullptr;
  std::vector<OwnValue> values;
  std::vector<std::string> purposes;  // that work with it now
};
// An entry of the timeline.
struct OwnEvent {
  Uuid id;
  int64_t at_ms = 0;
  std::string kind;
  std::vector<OwnField> fields;
};
struct OwnView {
  model::SubjectKind kind = model::SubjectKind::kPerson;
  uint32_t version = 0;
  uint32_t restrictions = 0;
  int64_t created_ms = 0;
  std::vector<OwnField> fields;
  std::vector<OwnEvent> events;  // newest first
  std::set<std::string> regimes;
  bool needs_guardian = false;
};

// One square of the grid.
struct UseCell {
  std::string data_class;
  bool on = false;
  std::vector<std::string> fields;  // held or not: what the purpose works with
};
struct UseRow {
  std::string department;  // code; empty: the company
  rules::Texts name;
  std::vector<UseCell> cells;
  int64_t last_ms = 0;
  int64_t count = 0;
};
struct Use {
  const rules::Purpose* purpose = nullptr;
  std::string state;  // on, off, unset
  std::string basis;  // that carries it, or did
  int64_t until_ms = 0;
  bool can_switch = false;  // locked if contract or law carry it
  bool asked_anew = false;  // the notice has changed materially since the consent
  std::vector<UseRow> rows;
};

struct Switch {
  std::string purpose;
  bool on = false;
  std::string department;  // empty: all
  std::string data_class;  // empty: all
  std::string locale;
  std::string channel = "portal";
  std::string method = "switch";
};

struct OwnAccess {
  uint64_t leaf = 0;
  audit::Leaf entry;
  std::string department;  // code; may be empty
};
struct OwnAccesses {
  std::vector<OwnAccess> accesses;
  std::string next;
};

// Thread safe. All parts must outlive it.
class SelfService {
 public:
  struct Parts {
    const Authorizations& authorizations;
    const Notices& notices;
    const Redactions& redactions;
    const Clock& clock;
  };
  explicit SelfService(Parts parts) : parts_(parts) {}

  void View(const Self& self, bool fresh, gate::Done<OwnView> done) const;
  void Uses(const Self& self, gate::Done<std::vector<Use>> done) const;
  // Turns a use on or off, whole or for a department and a class of data. Errors: kConflict if it
  // is locked, kStepUpRequired for L4 without `fresh`, and those of Authorizations::Judge.
  void Set(const Self& self, const Switch& change, bool fresh, gate::Done<Recorded> done) const;
  // The person looked at these fields and found them right. Errors: kUnknownField, kNotFound.
  void Verify(const Self& self, const std::vector<std::string>& fields,
              gate::Done<uint32_t> done) const;
  // The person's own stop: nothing but what the law demands, until they lift it.
  void Restrict(const Self& self, bool restricted, gate::Done<Recorded> done) const;
  void Accesses(const Self& self, const std::string& cursor, int limit,
                gate::Done<OwnAccesses> done) const;
  void Ledger(const Self& self, gate::Done<LedgerView> done) const;
  void Receipt(const Self& self, uint32_t seq, gate::Done<std::string> done) const;
  // Global Privacy Control: an opt-out of what is done for targeting. Writes once.
  void Signal(const Self& self, gate::Done<bool> done) const;

 private:
  struct Seen {
    int64_t last_ms = 0;
    int64_t count = 0;
  };
  using SeenBy = std::map<std::pair<std::string, std::string>, Seen>;  // purpose, department
  Result<std::vector<OwnAccess>> LeavesOf(store::ReadLease& lease,
                                          const process::LoadedRecord& record, uint64_t before,
                                          int limit) const;
  Status FillEvents(store::ReadLease& lease, const process::LoadedRecord& record,
                    const gate::Granted& granted, OwnView& view) const;
  Status FillTickets(store::ReadLease& lease, const process::LoadedRecord& record,
                     const gate::Granted& granted, OwnView& view) const;
  // Where a sealed value stands: in the record, or in an event of it or of one joined to it.
  struct Place {
    const process::LoadedRecord& record;
    const store::Dossier& body;
    const vault::SubjectKey& key;
    std::string_view table;
  };
  Result<OwnValue> OpenCell(const Place& place, const gate::Granted& granted,
                            const store::Cell& cell) const;
  std::string DepartmentOf(const Uuid& actor) const;
  Use UseOf(const rules::Purpose& purpose, const process::LoadedRecord& record,
            const std::vector<model::BasisEvent>& events, const SeenBy& seen) const;
  Result<model::BasisEvent> EventOf(const process::LoadedRecord& record, const Switch& change,
                                    bool fresh) const;
  void Write(const process::LoadedRecord& record, const Self& self,
             std::vector<model::BasisEvent> events, std::vector<Advice> advice,
             gate::Done<Recorded> done) const;
  audit::Receipt Record(const process::LoadedRecord& record, const Self& self,
                        std::string_view op) const;

  Parts parts_;
};

}  // namespace fiducia::govern
