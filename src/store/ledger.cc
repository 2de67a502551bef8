#include "store/ledger.h"

#include <algorithm>

namespace fiducia::store {

namespace {

using model::BasisAction;
using model::BasisKind;

bool IsNo(BasisAction action) {
  return action == BasisAction::kWithdrawn || action == BasisAction::kObjected ||
         action == BasisAction::kRefused;
}

bool SamePlace(const BasisState& state, const model::BasisEvent& event) {
  return state.purpose == event.purpose && state.basis == event.basis && state.kind == event.kind &&
         state.scope.fields == event.scope.fields &&
         state.scope.departments == event.scope.departments;
}

BasisState StateOf(const model::BasisEvent& event) {
  BasisState state;
  state.purpose = event.purpose;
  state.basis = event.basis;
  state.live = true;
  state.separate = event.separate;
  state.until_ms = event.until_ms;
  state.seq = event.seq;
  state.kind = event.kind;
  state.scope = event.scope;
  state.from_ms = event.from_ms;
  state.max_uses = event.max_uses;
  state.until_event = event.until_event;
  state.jurisdiction = event.jurisdiction;
  state.notice = event.notice;
  return state;
}

void Give(const model::BasisEvent& event, Standing& standing) {
  const bool apart = event.kind == model::AuthorizationKind::kTemporary;
  std::erase_if(standing.bases, [&](const BasisState& state) {
    const bool dead = !state.live && state.purpose == event.purpose && state.basis == event.basis;
    return dead || (!apart && SamePlace(state, event));
  });
  standing.bases.push_back(StateOf(event));
}

// What is left of what ended: that there was an answer, and which.
void Bury(const model::BasisEvent& event, BasisKind basis, Standing& standing) {
  std::erase_if(standing.bases, [&](const BasisState& state) {
    return state.purpose == event.purpose && state.basis == basis;
  });
  BasisState dead;
  dead.purpose = event.purpose;
  dead.basis = basis;
  dead.seq = event.seq;
  dead.jurisdiction = event.jurisdiction;
  dead.last = event.action;
  standing.bases.push_back(std::move(dead));
}

void Exclude(const model::BasisEvent& event, const std::string& department, Standing& standing) {
  Exclusion made{event.purpose, department, event.scope.fields.value_or(model::FieldSet::All()),
                 event.action == BasisAction::kObjected, event.seq};
  std::erase_if(standing.exclusions, [&](const Exclusion& older) {
    return older.purpose == made.purpose && (older.objection == made.objection) &&
           (made.department.empty() || older.department == made.department) &&
           (older.fields - made.fields).empty();
  });
  standing.exclusions.push_back(std::move(made));
}

void TakeBack(const model::BasisEvent& event, Standing& standing) {
  const bool part = event.scope.fields.has_value() || !event.scope.departments.empty();
  if (part) {
    for (const std::string& department : event.scope.departments) {
      Exclude(event, department, standing);
    }
    if (event.scope.departments.empty()) {
      Exclude(event, "", standing);
    }
    return;
  }
  if (event.action != BasisAction::kObjected) {
    Bury(event, event.basis, standing);
    return;
  }
  for (const BasisKind basis : {BasisKind::kConsent, BasisKind::kLegitimateInterest,
                                BasisKind::kPublicInterest, BasisKind::kPublicSource}) {
    const bool held = std::any_of(
        standing.bases.begin(), standing.bases.end(),
        [&](const BasisState& s) { return s.purpose == event.purpose && s.basis == basis; });
    if (held || basis == event.basis) {
      Bury(event, basis, standing);
    }
  }
  Exclude(event, "", standing);
}

// Drops what bears on nothing any more, as long as something else says that there was an answer.
void Tidy(const std::string& purpose, Standing& standing) {
  const auto& bases = standing.bases;
  if (std::none_of(bases.begin(), bases.end(),
                   [&](const BasisState& s) { return s.purpose == purpose; })) {
    return;
  }
  std::erase_if(standing.exclusions, [&](const Exclusion& exclusion) {
    return exclusion.purpose == purpose && !exclusion.objection &&
           std::none_of(bases.begin(), bases.end(),
                        [&](const BasisState& s) { return s.live && exclusion.BearsOn(s); });
  });
}

// Ends one authorization by its number.
void End(const model::BasisEvent& event, Standing& standing) {
  const auto found = std::find_if(standing.bases.begin(), standing.bases.end(),
                                  [&](const BasisState& s) { return s.live && s.seq == event.of; });
  if (found == standing.bases.end()) {
    return;
  }
  const BasisKind basis = found->basis;
  const std::string purpose = found->purpose;
  standing.bases.erase(found);
  const bool another =
      std::any_of(standing.bases.begin(), standing.bases.end(),
                  [&](const BasisState& s) { return s.purpose == purpose && s.basis == basis; });
  if (!another) {
    Bury(event, basis, standing);
  }
}

void PutText(ByteWriter& out, std::string_view text) {
  out.U8(static_cast<uint8_t>(std::min<size_t>(text.size(), 255)));
  out.Raw(text.substr(0, 255));
}

std::string GetText(ByteReader& in) { return std::string(in.Raw(in.U8())); }

void PutFields(ByteWriter& out, const model::FieldSet& fields) { PutText(out, fields.Pack()); }

model::FieldSet GetFields(ByteReader& in) { return model::FieldSet::Unpack(in.Raw(in.U8())); }

void PutScope(ByteWriter& out, const model::Scope& scope) {
  out.U8(scope.fields ? 1 : 0);
  if (scope.fields) {
    PutFields(out, *scope.fields);
  }
  out.U8(static_cast<uint8_t>(scope.departments.size()));
  for (const std::string& department : scope.departments) {
    PutText(out, department);
  }
  out.U8(scope.operations);
}

model::Scope GetScope(ByteReader& in) {
  model::Scope scope;
  if (in.U8() != 0) {
    scope.fields = GetFields(in);
  }
  for (uint8_t n = in.U8(); n > 0 && in.ok(); --n) {
    scope.departments.push_back(GetText(in));
  }
  scope.operations = in.U8();
  return scope;
}

// The form of an event without anything out of the ordinary, which is nearly all of an import.
constexpr uint8_t kPlain = 1;
constexpr uint8_t kWhole = 2;

bool IsPlain(const model::BasisEvent& e) {
  return static_cast<uint8_t>(e.action) <= 3 && e.kind == model::AuthorizationKind::kGeneral &&
         e.consent == model::ConsentType::kNone && e.scope == model::Scope() && e.from_ms == 0 &&
         e.max_uses == 0 && e.until_event.empty() && e.notice.empty() && e.locale.empty() &&
         e.evidence == model::Evidence() && e.guardian.is_nil() && e.of == 0 && e.cause == 0 &&
         e.restriction == 0;
}

void PutRest(ByteWriter& out, const model::BasisEvent& e) {
  out.U8(static_cast<uint8_t>(e.kind));
  out.U8(static_cast<uint8_t>(e.consent));
  PutScope(out, e.scope);
  out.U64(static_cast<uint64_t>(e.from_ms));
  out.U32(e.max_uses);
  PutText(out, e.until_event);
  PutText(out, e.notice);
  PutText(out, e.locale);
  PutText(out, e.evidence.channel);
  PutText(out, e.evidence.method);
  PutText(out, e.evidence.reference);
  out.Raw(e.evidence.taken_by.bytes());
  out.Raw(e.guardian.bytes());
  out.U32(e.of);
  out.U32(e.cause);
  out.U32(e.restriction);
}

Uuid GetId(ByteReader& in) { return Uuid::FromBytes(in.Raw(16)).value_or(Uuid()); }

bool GetRest(ByteReader& in, model::BasisEvent& e) {
  const uint8_t kind = in.U8();
  const uint8_t consent = in.U8();
  e.kind = static_cast<model::AuthorizationKind>(kind);
  e.consent = static_cast<model::ConsentType>(consent);
  e.scope = GetScope(in);
  e.from_ms = static_cast<int64_t>(in.U64());
  e.max_uses = in.U32();
  e.until_event = GetText(in);
  e.notice = GetText(in);
  e.locale = GetText(in);
  e.evidence.channel = GetText(in);
  e.evidence.method = GetText(in);
  e.evidence.reference = GetText(in);
  e.evidence.taken_by = GetId(in);
  e.guardian = GetId(in);
  e.of = in.U32();
  e.cause = in.U32();
  e.restriction = in.U32();
  return kind >= 1 && kind <= 3 && consent <= 4;
}

// Bits of a state's second byte.
constexpr uint8_t kLive = 1;
constexpr uint8_t kSeparate = 2;
constexpr uint8_t kMore = 4;
constexpr uint8_t kJurisdiction = 8;

bool HasMore(const BasisState& s) {
  return s.kind != model::AuthorizationKind::kGeneral || s.scope != model::Scope() ||
         s.from_ms != 0 || s.max_uses != 0 || !s.until_event.empty() || !s.notice.empty() ||
         s.last != BasisAction::kGiven;
}

void PutState(ByteWriter& out, const BasisState& s) {
  const bool more = HasMore(s);
  PutText(out, s.purpose);
  out.U8(static_cast<uint8_t>(s.basis));
  out.U8(static_cast<uint8_t>((s.live ? kLive : 0) | (s.separate ? kSeparate : 0) |
                              (more ? kMore : 0) | (s.jurisdiction.empty() ? 0 : kJurisdiction)));
  out.U64(static_cast<uint64_t>(s.until_ms));
  out.U32(s.seq);
  if (!s.jurisdiction.empty()) {
    PutText(out, s.jurisdiction);
  }
  if (more) {
    out.U8(static_cast<uint8_t>(s.kind));
    PutScope(out, s.scope);
    out.U64(static_cast<uint64_t>(s.from_ms));
    out.U32(s.max_uses);
    out.U32(s.uses);
    PutText(out, s.until_event);
    PutText(out, s.notice);
    out.U8(static_cast<uint8_t>(s.last));
  }
}

BasisState GetState(ByteReader& in) {
  BasisState s;
  s.purpose = GetText(in);
  s.basis = in.Word(BasisKind::kPublicSource);
  const uint8_t bits = in.U8();
  s.live = (bits & kLive) != 0;
  s.separate = (bits & kSeparate) != 0;
  s.until_ms = static_cast<int64_t>(in.U64());
  s.seq = in.U32();
  if ((bits & kJurisdiction) != 0) {
    s.jurisdiction = GetText(in);
  }
  if ((bits & kMore) != 0) {
    s.kind = static_cast<model::AuthorizationKind>(in.U8());
    s.scope = GetScope(in);
    s.from_ms = static_cast<int64_t>(in.U64());
    s.max_uses = in.U32();
    s.uses = in.U32();
    s.until_event = GetText(in);
    s.notice = GetText(in);
    s.last = static_cast<BasisAction>(in.U8());
  }
  return s;
}

void ApplyOne(const model::BasisEvent& event, Standing& standing) {
  switch (event.action) {
    case BasisAction::kGiven:
      return Give(event, standing);
    case BasisAction::kWithdrawn:
    case BasisAction::kRefused:
    case BasisAction::kObjected:
      return event.of != 0 ? End(event, standing) : TakeBack(event, standing);
    case BasisAction::kEnded:
      return End(event, standing);
    case BasisAction::kUsed:
      for (BasisState& state : standing.bases) {
        state.uses += state.live && state.seq == event.of ? 1U : 0U;
      }
      return;
    case BasisAction::kRestricted:
      standing.restrictions |= event.restriction;
      return;
    case BasisAction::kLifted:
      standing.restrictions &= ~event.restriction;
      return;
    case BasisAction::kRequested:
      return;
  }
}

}  // namespace

bool Narrows(model::BasisAction action) {
  switch (action) {
    case model::BasisAction::kGiven:
    case model::BasisAction::kRequested:
    case model::BasisAction::kLifted:
      return false;
    case model::BasisAction::kWithdrawn:
    case model::BasisAction::kObjected:
    case model::BasisAction::kRefused:
    case model::BasisAction::kEnded:
    case model::BasisAction::kUsed:
    case model::BasisAction::kRestricted:
      return true;
  }
  return true;
}

bool CanBeObjectedTo(BasisKind basis) {
  return basis == BasisKind::kConsent || basis == BasisKind::kLegitimateInterest ||
         basis == BasisKind::kPublicInterest || basis == BasisKind::kPublicSource;
}

bool Exclusion::BearsOn(const BasisState& basis) const {
  if (basis.purpose != purpose) {
    return false;
  }
  if (basis.basis == BasisKind::kConsent) {
    return basis.seq < seq;
  }
  return objection && CanBeObjectedTo(basis.basis);
}

bool Standing::Knows(std::string_view purpose) const {
  return std::any_of(bases.begin(), bases.end(),
                     [&](const BasisState& s) { return s.purpose == purpose; }) ||
         std::any_of(exclusions.begin(), exclusions.end(),
                     [&](const Exclusion& e) { return e.purpose == purpose; });
}

void Apply(const model::BasisEvent& event, Standing& standing) {
  ApplyOne(event, standing);
  Tidy(event.purpose, standing);
}

Standing StandingAt(const std::vector<model::BasisEvent>& events, int64_t at_ms) {
  Standing standing;
  for (const model::BasisEvent& event : events) {
    if (event.at_ms <= at_ms) {
      Apply(event, standing);
    }
  }
  return standing;
}

namespace {

// What of a live basis is left by the exclusions beside it; false: nothing, or not to be said in
// one scope.
bool Narrowed(const Standing& standing, BasisState& state) {
  for (const Exclusion& exclusion : standing.exclusions) {
    if (!exclusion.BearsOn(state)) {
      continue;
    }
    if (!exclusion.department.empty()) {
      return false;
    }
    state.scope.fields = state.scope.fields.value_or(model::FieldSet::All()) - exclusion.fields;
  }
  return !state.scope.fields || !state.scope.fields->empty();
}

}  // namespace

Standing Unite(const Standing& own, uint32_t known, const Standing& joined) {
  Standing united = own;
  united.restrictions |= joined.restrictions;
  for (Exclusion exclusion : joined.exclusions) {
    exclusion.seq = known + 1;  // bears on what was given before they were joined
    united.exclusions.push_back(std::move(exclusion));
  }
  for (BasisState state : joined.bases) {
    if (!state.live) {
      if (IsNo(state.last)) {
        united.exclusions.push_back({state.purpose, "", model::FieldSet::All(),
                                     state.last == BasisAction::kObjected, known + 1});
      }
      continue;
    }
    // One with a number of uses stays with the record whose ledger counts them.
    if (state.max_uses == 0 && !own.Knows(state.purpose) && Narrowed(joined, state)) {
      state.seq = known + 1;
      united.bases.push_back(std::move(state));
    }
  }
  return united;
}

Bytes EncodeBasisEvent(const model::BasisEvent& e) {
  Bytes body;
  ByteWriter out(body);
  const bool plain = IsPlain(e);
  out.U8(plain ? kPlain : kWhole);
  out.U8(static_cast<uint8_t>(e.action));
  out.U8(static_cast<uint8_t>(e.basis));
  out.U8(e.separate ? 1 : 0);
  out.U64(static_cast<uint64_t>(e.at_ms));
  out.U64(static_cast<uint64_t>(e.until_ms));
  PutText(out, e.purpose);
  PutText(out, e.jurisdiction);
  PutText(out, e.source);
  if (!plain) {
    PutRest(out, e);
  }
  return body;
}

Result<model::BasisEvent> DecodeBasisEvent(uint32_t seq, BytesView body) {
  ByteReader in(body);
  model::BasisEvent e;
  e.seq = seq;
  const uint8_t format = in.U8();
  const uint8_t action = in.U8();
  const uint8_t basis = in.U8();
  bool good = action >= 1 && action <= 9 && basis >= 1 && basis <= 7;
  e.action = static_cast<BasisAction>(good ? action : 1);
  e.basis = static_cast<BasisKind>(good ? basis : 1);
  e.separate = in.U8() != 0;
  e.at_ms = static_cast<int64_t>(in.U64());
  e.until_ms = static_cast<int64_t>(in.U64());
  e.purpose = GetText(in);
  e.jurisdiction = GetText(in);
  e.source = GetText(in);
  if (format == kWhole) {
    good = GetRest(in, e) && good;
  }
  if (!in.done() || (format != kPlain && format != kWhole) || !good) {
    return Fail(Code::kCorrupt, "a basis event is damaged");
  }
  return e;
}

void PutStanding(ByteWriter& out, const Standing& standing) {
  out.U8(static_cast<uint8_t>(standing.bases.size()));
  for (const BasisState& state : standing.bases) {
    PutState(out, state);
  }
  out.U8(static_cast<uint8_t>(standing.exclusions.size()));
  for (const Exclusion& exclusion : standing.exclusions) {
    PutText(out, exclusion.purpose);
    PutText(out, exclusion.department);
    PutFields(out, exclusion.fields);
    out.U8(exclusion.objection ? 1 : 0);
    out.U32(exclusion.seq);
  }
}

void GetStanding(ByteReader& in, uint8_t format, Standing& standing) {
  for (uint8_t n = in.U8(); n > 0 && in.ok(); --n) {
    standing.bases.push_back(GetState(in));
  }
  for (uint8_t n = format < 2 ? 0 : in.U8(); n > 0 && in.ok(); --n) {
    Exclusion exclusion;
    exclusion.purpose = GetText(in);
    exclusion.department = GetText(in);
    exclusion.fields = GetFields(in);
    exclusion.objection = in.U8() != 0;
    exclusion.seq = in.U32();
    standing.exclusions.push_back(std::move(exclusion));
  }
}

}  // namespace fiducia::store
