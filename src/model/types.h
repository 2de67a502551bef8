// The nouns of the house: who is asking, about whom, what for, and where a value came from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "model/field_set.h"

namespace fiducia::model {

using TenantId = uint32_t;  // 0 is the default tenant
using SubjectId = Uuid;
using Bucket = uint32_t;  // 0..4095

constexpr Bucket kBucketCount = 4096;

struct SubjectRef {
  TenantId tenant = 0;
  SubjectId id;
  bool operator==(const SubjectRef&) const = default;
};

enum class SubjectKind : uint8_t { kPerson = 1, kOrganization = 2 };

// How freely a value may be shown: L1 open, L2 ordinary, L3 masked by default, L4 separately
// authorized.
enum class Level : uint8_t { kL1 = 1, kL2 = 2, kL3 = 3, kL4 = 4 };

// What the caller wants to do with the fields of one subject.
enum class Op : uint8_t {
  kRead = 0,
  kReveal = 1,
  kWrite = 2,
  kSearch = 3,
  kErase = 4,
  kExport = 5,
  kShare = 6,  // given to somebody who decides by themselves what becomes of it
};
constexpr size_t kOpCount = 7;

// A grant as the gate sees it: a role, narrowed, for a time. Unset lists do not narrow.
struct Lease {
  std::string role;        // a role id of data/roles
  std::string department;  // it is used for; empty for services
  std::optional<std::vector<std::string>> purposes;
  std::optional<std::vector<std::string>> classes;
  Level level_max = Level::kL4;
  std::string case_id;   // only for this case; empty: for any
  int64_t from_ms = 0;   // on the wall clock
  int64_t until_ms = 0;  // 0: no end
  // `classes` and `level_max`, compiled by gate::Compile.
  FieldSet fields = FieldSet::All();
};

// Who asks. Without a lease nothing is allowed.
struct Actor {
  Uuid id;           // a service key or a person; pseudonymous in leaves
  std::string role;  // of the leases, joined by "+": for the record only
  std::shared_ptr<const std::vector<Lease>> leases;
  // Courses and agreements are in order: if not, L3 and above are masked.
  bool trained = true;
};
// Somebody who has this role and nothing narrower.
Actor ActorWith(const Uuid& id, std::string role);

// Says who reads, for which declared purpose, and (optionally) for which case.
struct Access {
  Actor actor;
  std::string purpose;
  std::string case_id;  // an id of the caller's own, [A-Za-z0-9._:-]{0,64}
  std::string reason;   // typed by a person for a reveal; only its salted commitment is recorded
};

enum class BasisKind : uint8_t {
  kConsent = 1,
  kContract = 2,
  kLegalObligation = 3,
  kLegitimateInterest = 4,
  kVitalInterest = 5,
  kPublicInterest = 6,
  kPublicSource = 7,
};

// What is put on record about a person: by the person (given to objected), by the house (requested,
// ended, used), or about the record as a whole (restricted, lifted).
enum class BasisAction : uint8_t {
  kGiven = 1,
  kWithdrawn = 2,
  kObjected = 3,
  kRefused = 4,
  kRequested = 5,
  kEnded = 6,
  kUsed = 7,
  kRestricted = 8,
  kLifted = 9,
};

// General: the ordinary work of the house. Specific: one purpose, named fields. Temporary: for
// hours or days, a number of uses, or until something has happened.
enum class AuthorizationKind : uint8_t { kGeneral = 1, kSpecific = 2, kTemporary = 3 };

// How a consent was expressed.
enum class ConsentType : uint8_t {
  kNone = 0,
  kImplied = 1,
  kExpress = 2,
  kExplicit = 3,
  kWritten = 4
};

// What may be done under an authorization, as bits.
enum Operation : uint8_t {
  kCollect = 1,
  kView = 2,
  kDerive = 4,
  kContact = 8,
  kTakeOut = 16,
  kShare = 32,
};
constexpr uint8_t kInHouse = kCollect | kView | kDerive | kContact | kTakeOut;

// What an authorization reaches. Fields are named by number when it is given: a field that joins a
// class later is not in it.
struct Scope {
  std::optional<FieldSet> fields;        // none: all that the purpose works with
  std::vector<std::string> departments;  // empty: the whole house
  uint8_t operations = kInHouse;
  bool operator==(const Scope&) const = default;
};

// How it is known. No personal values: references point to where the proof is kept.
struct Evidence {
  std::string channel;    // portal, desk, form, phone, paper, import, api …
  std::string method;     // switch, signature, recording, double_opt_in …
  std::string reference;  // of a form, a recording, a file; [A-Za-z0-9._:/-]{0,80}
  Uuid taken_by;          // the member of staff; nil: the person did it alone
  bool operator==(const Evidence&) const = default;
};

// One row of the append-only ledger: what was put on record at a moment. The state of all
// authorizations follows from these rows and nothing else.
struct BasisEvent {
  uint32_t seq = 0;  // 1, 2, 3 … within the subject
  BasisAction action = BasisAction::kGiven;
  BasisKind basis = BasisKind::kConsent;
  std::string purpose;
  std::string jurisdiction;  // CN, EU, US-CA, JP, AU …
  std::string source;
  bool separate = false;  // covers L4 fields too: given separately and explicitly
  int64_t at_ms = 0;
  int64_t until_ms = 0;  // 0: no end
  AuthorizationKind kind = AuthorizationKind::kGeneral;
  ConsentType consent = ConsentType::kNone;
  Scope scope;
  int64_t from_ms = 0;      // 0: at once
  uint32_t max_uses = 0;    // 0: as often as needed
  std::string until_event;  // case:CASE-7, parcel:123; it ends when that is over
  std::string notice;       // what the person was told: id@version
  std::string locale;       // in which language
  Evidence evidence;
  Uuid guardian;       // who gave it for a minor
  uint32_t of = 0;     // the authorization (its seq) that this is about; 0: all of the purpose
  uint32_t cause = 0;  // the event that this follows from
  uint32_t restriction = 0;  // bits of Restriction
};

// Bits of a subject's restrictions; any of them stops all but legal purposes.
enum Restriction : uint32_t {
  kRestrictedNone = 0,
  kRestrictedBySubject = 1,
  kRestrictedDispute = 2,
  kRestrictedMinor = 4,
  kRestrictedHold = 8,
};

// Where a value came from and how far it is trusted.
struct Provenance {
  std::string source;   // a registered source
  std::string channel;  // import, api, desk, portal …
  std::string basis;    // the lawful basis named when it was collected
  Uuid collector;       // actor
  Uuid batch;           // the import, if any
  int64_t collected_ms = 0;
  bool operator==(const Provenance&) const = default;
};

}  // namespace fiducia::model
