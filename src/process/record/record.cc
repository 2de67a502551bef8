#include "process/record/record.h"

#include <algorithm>
#include <iterator>

#include "store/placement.h"

namespace fiducia::process {

RecordBuilder::RecordBuilder(const Cleaner& cleaner, const vault::Vault& vault,
                             const gate::Gate& gate, TextCounts& counts, const Clock& clock,
                             Rng& rng)
    : cleaner_(cleaner), vault_(vault), gate_(gate), counts_(counts), clock_(clock), rng_(rng) {}

uint8_t RecordBuilder::ProvenancePlace(store::Dossier& dossier, const model::Provenance& p) const {
  const auto found = std::find(dossier.provenances.begin(), dossier.provenances.end(), p);
  if (found != dossier.provenances.end()) {
    return static_cast<uint8_t>(found - dossier.provenances.begin());
  }
  if (dossier.provenances.size() == 255) {
    // A long life: the places no cell uses any more are given up.
    std::vector<model::Provenance> used;
    const auto move_places = [&](std::vector<store::Cell>& cells) {
      for (store::Cell& cell : cells) {
        const model::Provenance& old = dossier.provenances[cell.provenance];
        const auto at = std::find(used.begin(), used.end(), old);
        cell.provenance = static_cast<uint8_t>(at - used.begin());
        if (at == used.end()) {
          used.push_back(old);
        }
      }
    };
    move_places(dossier.cells);
    for (store::Joined& one : dossier.joined) {
      move_places(one.replaced);
    }
    dossier.provenances = std::move(used);
  }
  dossier.provenances.push_back(p);
  return static_cast<uint8_t>(dossier.provenances.size() - 1);
}

std::vector<store::Token> RecordBuilder::TokensOf(model::TenantId tenant, const rules::Field& field,
                                                  const Cleaned& cleaned) const {
  std::vector<store::Token> tokens;
  for (const rules::IndexDecl& index : field.index) {
    const bool sound = index.kind == rules::IndexKind::kPinyin;
    const model::Sensitive& key = sound ? cleaned.sound : cleaned.key;
    if (!key.empty()) {
      tokens.push_back(
          vault_.TokenFor(tenant, field.number * 2U + (sound ? 1U : 0U), index.bits, key));
    }
  }
  return tokens;
}

void RecordBuilder::AddCell(BuiltRecord& built, const rules::Field& field, const Cleaned& cleaned,
                            uint8_t provenance) const {
  store::Dossier& dossier = built.dossier;
  store::Cell cell;
  cell.field = field.number;
  cell.ordinal = dossier.next_ordinal++;
  cell.provenance = provenance;
  cell.confidence = cleaned.confidence;
  cell.version = dossier.version;
  cell.sealed = vault_.Seal(
      *built.key, {built.subject, vault::kDossierTable, cell.field, cell.ordinal, cell.version},
      cleaned.value);
  dossier.cells.push_back(std::move(cell));
  built.fields.Add(field.number);
  std::vector<FoundText> found =
      FoundIn(dossier.provenances[provenance].source, field, cleaned.value);
  std::move(found.begin(), found.end(), std::back_inserter(built.found));
  built.counts = &counts_;
  std::vector<store::Token> tokens = TokensOf(built.subject.tenant, field, cleaned);
  std::move(tokens.begin(), tokens.end(), std::back_inserter(built.tokens));
  if (auto fingerprint = FingerprintOf(built.subject.tenant, field, cleaned)) {
    built.fingerprints.push_back(std::move(*fingerprint));
  }
}

std::optional<store::Token> RecordBuilder::FingerprintOf(model::TenantId tenant,
                                                         const rules::Field& field,
                                                         const Cleaned& cleaned) const {
  if (!field.identifies() || cleaned.key.empty()) {
    return std::nullopt;
  }
  constexpr int kBits = 128;
  return vault_.TokenFor(tenant, store::kTokenKindSuppression + field.number, kBits, cleaned.key);
}

Result<std::vector<store::Token>> RecordBuilder::FingerprintsOf(
    const store::Dossier& dossier, const vault::SubjectKey& key) const {
  std::vector<store::Token> all;
  BuiltRecord probe;
  probe.subject = dossier.subject;
  probe.key = std::make_shared<const vault::SubjectKey>(key);
  for (const store::Cell& cell : dossier.cells) {
    const rules::Field* field = gate_.policy().catalog.Find(cell.field);
    if (field != nullptr && field->identifies()) {
      FID_ASSIGN(const Cleaned value, Reopen(probe, cell, *field));
      if (auto fingerprint = FingerprintOf(dossier.subject.tenant, *field, value)) {
        all.push_back(std::move(*fingerprint));
      }
    }
  }
  return all;
}

Result<Cleaned> RecordBuilder::Reopen(const BuiltRecord& built, const store::Cell& cell,
                                      const rules::Field& field) const {
  FID_ASSIGN(
      const model::Sensitive value,
      vault_.Open(gate_.SystemPermit(built.subject), *built.key,
                  {built.subject, vault::kDossierTable, cell.field, cell.ordinal, cell.version},
                  cell.sealed));
  // Values were brought to one form when they came in: cleaning again changes nothing.
  Hints hints;
  hints.region = "ZZ";
  auto cleaned = cleaner_.Clean(field, value, hints);
  if (!cleaned) {
    return Cleaned{value, value, {}, cell.confidence};
  }
  return cleaned;
}

Status RecordBuilder::RemoveCells(BuiltRecord& built, const rules::Field& field) const {
  auto& cells = built.dossier.cells;
  for (const store::Cell& cell : cells) {
    if (cell.field == field.number && !field.index.empty()) {
      FID_ASSIGN(const Cleaned old, Reopen(built, cell, field));
      std::vector<store::Token> tokens = TokensOf(built.subject.tenant, field, old);
      std::move(tokens.begin(), tokens.end(), std::back_inserter(built.stale_tokens));
    }
  }
  std::erase_if(cells, [&](const store::Cell& c) { return c.field == field.number; });
  built.fields.Add(field.number);
  return {};
}

void RecordBuilder::AddEvent(BuiltRecord& built, model::BasisEvent event) const {
  store::Dossier& dossier = built.dossier;
  // The wall clock may have been set back; the ledger's time never runs backwards.
  event.at_ms = std::max(clock_.NowMs(), dossier.updated_ms);
  if (event.action == model::BasisAction::kGiven) {
    FillTerm(event);
  }
  dossier.ledger_head = NextHead(dossier.ledger_head, dossier.basis_seq, event);
  event.seq = ++dossier.basis_seq;
  store::Apply(event, dossier.standing);
  if (store::Narrows(event.action)) {
    store::Refusal refusal{event.seq, store::EncodeBasisEvent(event), {}};
    refusal.mac = vault_.MacRow(built.subject, kRefusalTable, refusal.seq, refusal.body);
    built.refusals.push_back(std::move(refusal));
  }
  built.events.push_back(std::move(event));
}

// Silence expires: a consent without an end of its own ends with the term of its purpose.
void RecordBuilder::FillTerm(model::BasisEvent& event) const {
  const rules::Purpose* purpose = gate_.policy().FindPurpose(event.purpose);
  const bool endless = event.until_ms == 0 && event.until_event.empty() && event.max_uses == 0;
  if (event.basis != model::BasisKind::kConsent || !endless || purpose == nullptr) {
    return;
  }
  constexpr int64_t kDayMs = 86400000;
  if (const auto end = rules::AfterPeriod(event.at_ms / kDayMs, purpose->term)) {
    event.until_ms = *end * kDayMs + event.at_ms % kDayMs;
  }
}

// The number of the last event that is not in it, and a hash over all that came after.
Bytes RecordBuilder::NextHead(const Bytes& head, uint32_t before,
                              const model::BasisEvent& event) const {
  constexpr size_t kHash = 16;
  Bytes next;
  ByteWriter out(next);
  const Bytes start = head.empty() ? Bytes(kHash, '\0') : head.substr(4);
  out.U32(head.empty() ? before : ByteReader(head).U32());
  out.Raw(BytesView(vault_.HashOf(start + store::EncodeBasisEvent(event))).substr(0, kHash));
  return next;
}

Status RecordBuilder::CheckLedger(const store::Dossier& dossier,
                                  const std::vector<model::BasisEvent>& events) const {
  bool good = events.size() == dossier.basis_seq;
  const uint32_t from =
      dossier.ledger_head.empty() ? dossier.basis_seq : ByteReader(dossier.ledger_head).U32();
  Bytes head;
  for (size_t i = 0; good && i < events.size(); ++i) {
    good = events[i].seq == i + 1;
    if (i >= from) {
      head = NextHead(head, static_cast<uint32_t>(i), events[i]);
    }
  }
  if (!good || head != dossier.ledger_head) {
    return Fail(Code::kCorrupt, "the ledger of authorizations was altered");
  }
  return {};
}

void RecordBuilder::Finish(BuiltRecord& built) const {
  built.dossier.updated_ms = clock_.NowMs();
  built.row.version = built.dossier.version;
  built.row.body = store::EncodeDossier(built.dossier);
  built.row.mac =
      vault_.MacRow(built.subject, vault::kDossierTable, built.row.version, built.row.body);
}

Result<BuiltRecord> RecordBuilder::BuildNew(NewRecord record, const Hints& hints) const {
  std::vector<Cleaned> cleaned;
  cleaned.reserve(record.fields.size());
  for (const FieldInput& input : record.fields) {
    auto one = cleaner_.Clean(*input.field, input.raw, hints);
    if (!one) {
      return std::unexpected(one.error());
    }
    cleaned.push_back(std::move(*one));
  }
  return BuildCleaned(std::move(record), std::move(cleaned));
}

Result<BuiltRecord> RecordBuilder::BuildCleaned(NewRecord record,
                                                std::vector<Cleaned> cleaned) const {
  BuiltRecord built;
  const Uuid id = Uuid::V7(clock_, rng_);
  built.subject = {record.tenant, record.near.empty() ? id : store::IdNear(id, record.near)};
  FID_ASSIGN(vault::NewSubjectKey key, vault_.keys().Create(built.subject));
  built.key = std::move(key.key);
  built.key_row = std::move(key.row);
  built.dossier.subject = built.subject;
  built.dossier.kind = record.kind;
  built.dossier.version = 1;
  built.dossier.created_ms = clock_.NowMs();
  built.dossier.provenances.push_back(record.provenance);
  for (size_t i = 0; i < cleaned.size(); ++i) {
    const rules::Field& field = *record.fields[i].field;
    if (!field.many && built.fields.Has(field.number)) {
      return Fail(Code::kInvalidValue, "the field takes one value only", field.number);
    }
    AddCell(built, field, cleaned[i], 0);
  }
  std::move(record.extra_tokens.begin(), record.extra_tokens.end(),
            std::back_inserter(built.tokens));
  for (model::BasisEvent& event : record.bases) {
    AddEvent(built, std::move(event));
  }
  Finish(built);
  return built;
}

BuiltRecord RecordBuilder::StartFrom(const store::Dossier& current,
                                     const vault::SubjectKeyPtr& key) const {
  BuiltRecord built;
  built.subject = current.subject;
  built.key = key;
  built.dossier = current;
  ++built.dossier.version;
  return built;
}

Result<BuiltRecord> RecordBuilder::BuildChange(const store::Dossier& current,
                                               const vault::SubjectKeyPtr& key,
                                               const std::vector<Change>& changes,
                                               const model::Provenance& provenance,
                                               const Hints& hints) const {
  BuiltRecord built = StartFrom(current, key);
  const uint8_t place = ProvenancePlace(built.dossier, provenance);
  for (const Change& change : changes) {
    const rules::Field& field = *change.field;
    if (change.kind != ChangeKind::kAdd) {
      FID_TRY(RemoveCells(built, field));
    }
    const bool held = built.dossier.held().Has(field.number);
    if (!field.many && change.raws.size() + (held ? 1 : 0) > 1) {
      return Fail(Code::kInvalidValue, "the field takes one value only", field.number);
    }
    for (const model::Sensitive& raw : change.raws) {
      FID_ASSIGN(const Cleaned cleaned, cleaner_.Clean(field, raw, hints));
      AddCell(built, field, cleaned, place);
    }
  }
  // A token that stays in use is not stale.
  std::erase_if(built.stale_tokens, [&](const store::Token& old) {
    return std::any_of(built.tokens.begin(), built.tokens.end(), [&](const store::Token& t) {
      return t.kind == old.kind && t.value == old.value;
    });
  });
  Finish(built);
  return built;
}

Result<BuiltRecord> RecordBuilder::BuildMerge(const store::Dossier& current,
                                              const vault::SubjectKeyPtr& key, NewRecord record,
                                              std::vector<Cleaned> cleaned) const {
  BuiltRecord built = StartFrom(current, key);
  const uint8_t place = ProvenancePlace(built.dossier, record.provenance);
  for (size_t i = 0; i < cleaned.size(); ++i) {
    const rules::Field& field = *record.fields[i].field;
    bool same = false;
    bool held = false;
    for (const store::Cell& cell : current.cells) {
      if (cell.field == field.number) {
        held = true;
        FID_ASSIGN(const Cleaned old, Reopen(built, cell, field));
        same = same || old.key.Reveal() == cleaned[i].key.Reveal();
      }
    }
    if (same) {
      continue;
    }
    if (held && !field.many) {
      ++built.conflicts;
      continue;
    }
    AddCell(built, field, cleaned[i], place);
  }
  for (model::BasisEvent& event : record.bases) {
    // An import fills a gap; it never overturns what is on record.
    if (record.by_own_hand || !current.standing.Knows(event.purpose)) {
      AddEvent(built, std::move(event));
    }
  }
  std::move(record.extra_tokens.begin(), record.extra_tokens.end(),
            std::back_inserter(built.tokens));
  Finish(built);
  return built;
}

Result<BuiltRecord> RecordBuilder::BuildEvents(const store::Dossier& current,
                                               const vault::SubjectKeyPtr& key,
                                               std::vector<model::BasisEvent> events) const {
  constexpr size_t kStandingMax = 200;
  BuiltRecord built = StartFrom(current, key);
  const uint32_t first = current.basis_seq + 1;
  for (model::BasisEvent& event : events) {
    event.cause = event.cause == 0 ? 0 : first;
    AddEvent(built, std::move(event));
  }
  if (built.dossier.standing.bases.size() > kStandingMax ||
      built.dossier.standing.exclusions.size() > kStandingMax) {
    return Fail(Code::kConflict, "there are too many authorizations on this record: end some");
  }
  Finish(built);
  return built;
}

Result<BuiltRecord> RecordBuilder::BuildVerified(const store::Dossier& current,
                                                 const vault::SubjectKeyPtr& key,
                                                 const model::FieldSet& fields) const {
  BuiltRecord built = StartFrom(current, key);
  for (store::Cell& cell : built.dossier.cells) {
    if (fields.Has(cell.field)) {
      cell.verified_ms = clock_.NowMs();
      built.fields.Add(cell.field);
    }
  }
  if (built.fields.empty()) {
    return Fail(Code::kNotFound, "the record holds none of these fields");
  }
  Finish(built);
  return built;
}

Result<BuiltRecord> RecordBuilder::BuildWithout(const store::Dossier& current,
                                                const vault::SubjectKeyPtr& key,
                                                const Came& came) const {
  BuiltRecord built = StartFrom(current, key);
  const auto goes = [&](const store::Cell& cell) {
    return came(current.provenances[cell.provenance]);
  };
  store::Dossier gone = current;
  std::erase_if(gone.cells, [&](const store::Cell& cell) { return !goes(cell); });
  store::Dossier kept = current;
  std::erase_if(kept.cells, goes);
  built.fields = gone.held();
  FID_ASSIGN(built.stale_tokens, TokensOf(gone, *key));
  FID_ASSIGN(const std::vector<store::Token> in_use, TokensOf(kept, *key));
  std::erase_if(built.stale_tokens, [&](const store::Token& old) {
    return std::any_of(in_use.begin(), in_use.end(), [&](const store::Token& t) {
      return t.kind == old.kind && t.value == old.value;
    });
  });
  built.dossier.cells = std::move(kept.cells);
  Finish(built);
  return built;
}

Result<std::vector<store::Token>> RecordBuilder::TokensOf(const store::Dossier& dossier,
                                                          const vault::SubjectKey& key) const {
  std::vector<store::Token> all;
  BuiltRecord probe;
  probe.subject = dossier.subject;
  probe.key = std::make_shared<const vault::SubjectKey>(key);
  const auto add = [&](const std::vector<store::Cell>& cells) -> Status {
    for (const store::Cell& cell : cells) {
      const rules::Field* field = gate_.policy().catalog.Find(cell.field);
      if (field != nullptr && !field->index.empty()) {
        FID_ASSIGN(const Cleaned value, Reopen(probe, cell, *field));
        std::vector<store::Token> tokens = TokensOf(dossier.subject.tenant, *field, value);
        std::move(tokens.begin(), tokens.end(), std::back_inserter(all));
      }
    }
    return {};
  };
  FID_TRY(add(dossier.cells));
  for (const store::Joined& one : dossier.joined) {
    FID_TRY(add(one.replaced));
  }
  return all;
}

Result<bool> RecordBuilder::Holds(const store::Dossier& dossier, const vault::SubjectKey& key,
                                  const rules::Field& field, bool sound,
                                  const Cleaned& wanted) const {
  for (const store::Cell& cell : dossier.cells) {
    if (cell.field != field.number) {
      continue;
    }
    FID_ASSIGN(const model::Sensitive value, vault_.Open(gate_.SystemPermit(dossier.subject), key,
                                                         {dossier.subject, vault::kDossierTable,
                                                          cell.field, cell.ordinal, cell.version},
                                                         cell.sealed));
    Hints hints;
    hints.region = "ZZ";
    const auto cleaned = cleaner_.Clean(field, value, hints);
    if (cleaned && (cleaned->key.Reveal() == wanted.key.Reveal() ||
                    (sound && cleaned->sound.Reveal() == wanted.sound.Reveal()))) {
      return true;
    }
  }
  return false;
}

Result<store::Dossier> RecordBuilder::Decode(const model::SubjectRef& subject,
                                             const store::SubjectRow& row) const {
  FID_TRY(vault_.CheckRow(subject, vault::kDossierTable, row.version, row.body, row.mac));
  return store::DecodeDossier(subject, row.version, row.body);
}

Status WriteKeys(store::Session& keys, const BuiltRecord& built, bool is_new) {
  if (is_new) {
    FID_TRY(store::InsertSubjectKey(keys, built.subject, built.key_row));
  }
  // What a person took back outlives a restore of older data.
  for (const store::Refusal& refusal : built.refusals) {
    FID_TRY(store::PutRefusal(keys, built.subject, refusal));
  }
  return {};
}

Status WriteRows(store::Session& data, const BuiltRecord& built, bool is_new) {
  FID_TRY(is_new ? store::InsertSubject(data, built.subject, built.row)
                 : store::UpdateSubject(data, built.subject, built.row.version - 1, built.row));
  for (const model::BasisEvent& event : built.events) {
    FID_TRY(store::AppendBasisEvent(data, built.subject, event));
  }
  return {};
}

store::Job WriteJob(const std::shared_ptr<const BuiltRecord>& built, bool is_new,
                    std::move_only_function<Status(store::Session& data)> then) {
  store::Job job;
  if (is_new || !built->refusals.empty()) {
    job.keys = [built, is_new](store::Session& keys) { return WriteKeys(keys, *built, is_new); };
  }
  if (!built->tokens.empty()) {
    job.index = [built](store::Session& index) -> Status {
      for (const store::Token& token : built->tokens) {
        FID_TRY(store::AddToken(index, token, built->subject));
      }
      return {};
    };
  }
  job.data = [built, is_new, then = std::move(then)](store::Session& data) mutable -> Status {
    FID_TRY(WriteRows(data, *built, is_new));
    FID_TRY(then(data));
    if (built->counts != nullptr) {
      built->counts->Add(built->found);
    }
    return {};
  };
  return job;
}

store::Job CleanupJob(const std::shared_ptr<const BuiltRecord>& built) {
  store::Job job;
  job.index = [built](store::Session& index) -> Status {
    for (const store::Token& token : built->stale_tokens) {
      FID_TRY(store::RemoveToken(index, token, built->subject));
    }
    return {};
  };
  return job;
}

}  // namespace fiducia::process
