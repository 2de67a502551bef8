#include "collect/imports/import_run.h"

#include <algorithm>

#include "base/text.h"
#include "base/worker_pool.h"
#include "model/names.h"
#include "store/config_rows.h"
#include "store/placement.h"

namespace fiducia::collect {

namespace {

constexpr size_t kChunkRows = 128;
constexpr int kUniqueBits = 128;  // an index of this width names one person

std::string TokenKey(const store::Token& token) {
  return std::to_string(token.kind) + ":" + token.value;
}

void Refuse(PreparedRow& row, const std::string& field, std::string_view reason) {
  row.reject =
      store::Reject{row.raw.number, field, std::string(reason), store::RejectState::kOpen, {}};
}

}  // namespace

ImportRun::ImportRun(const Importer::Parts& parts, const model::Access& access,
                     ImportRequest request)
    : parts_(parts), access_(access), batch_(std::make_shared<Batch>()) {
  if (request.jurisdiction.empty()) {
    request.jurisdiction =
        request.mapping.jurisdiction.empty() ? parts.jurisdiction : request.mapping.jurisdiction;
  }
  if (request.mapping.region.empty()) {
    request.mapping.region = request.jurisdiction.substr(0, 2);
  }
  report_.request = std::move(request);
}

Status ImportRun::Check() const {
  const ImportRequest& request = report_.request;
  FID_TRY(parts_.gate.Require(access_.actor, "imports.run"));
  if (request.purposes.empty()) {
    return Fail(Code::kPurposeRequired, "an import names at least one purpose");
  }
  for (const std::string& id : request.purposes) {
    model::Access access = access_;
    access.purpose = id;
    FID_TRY(parts_.gate.CheckAccess(access));
    if (!parts_.gate.policy().FindPurpose(id)->AllowsBasis(request.basis)) {
      return Fail(Code::kPurposeRefused, "a purpose cannot rest on this lawful basis");
    }
  }
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_TRY(store::RequireSource(lease->session(store::Which::kData), 0, request.source));
  return parts_.sources.MayBring(request.source);
}

Status ImportRun::BindHeader(const std::vector<std::string>& header) {
  header_ = header;
  const auto place = [&](const std::string& name) -> Result<size_t> {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end()) {
      return Fail(Code::kInvalidInput, "the mapping names a column that the file does not have");
    }
    return static_cast<size_t>(found - header.begin());
  };
  const model::FieldSet writable = parts_.gate.Writable(access_, report_.request.purposes);
  for (const ColumnMap& map : report_.request.mapping.columns) {
    Bound bound{&map, {}, {}, writable.Has(map.field->number)};
    for (const std::string& name : map.columns) {
      FID_ASSIGN(const size_t at, place(name));
      bound.places.push_back(at);
    }
    bound.hints = {report_.request.mapping.region, report_.request.mapping.currency, map.date_order,
                   parts_.clock.NowMs() / 86400000};
    bound_.push_back(std::move(bound));
  }
  for (const std::string& name : report_.request.mapping.key) {
    FID_ASSIGN(const size_t at, place(name));
    key_places_.push_back(at);
  }
  for (const std::string& purpose : report_.request.purposes) {
    model::BasisEvent event;
    event.basis = report_.request.basis;
    event.purpose = purpose;
    event.jurisdiction = report_.request.jurisdiction;
    event.source = report_.request.source;
    event.separate = report_.request.separate;
    bases_.push_back(std::move(event));
  }
  return {};
}

Status ImportRun::CleanRow(PreparedRow& row) const {
  for (const Bound& bound : bound_) {
    std::string joined;
    for (const size_t at : bound.places) {
      const std::string_view part = TrimAscii(row.raw.cells[at].Reveal());
      if (!part.empty()) {
        joined += (joined.empty() ? "" : bound.map->joiner) + std::string(part);
      }
    }
    model::Sensitive raw(std::move(joined));
    if (raw.empty()) {
      continue;
    }
    const rules::Field& field = *bound.map->field;
    if (!bound.allowed) {
      ++row.dropped[field.id];
      continue;
    }
    auto cleaned = parts_.builder.cleaner().Clean(field, raw, bound.hints);
    if (!cleaned && bound.map->on_invalid == OnInvalid::kDrop) {
      ++row.dropped[field.id];
      continue;
    }
    if (!cleaned) {
      Refuse(row, field.id, cleaned.error().text());
      return {};
    }
    row.inputs.push_back({&field, {}});
    row.cleaned.push_back(std::move(*cleaned));
  }
  if (row.inputs.empty()) {
    Refuse(row, "", "the row holds nothing that is needed");
  }
  return {};
}

void ImportRun::MakeTokens(PreparedRow& row) const {
  const vault::Vault& vault = parts_.builder.vault();
  const std::string& source = report_.request.source;
  std::string all = source;
  for (const Bound& bound : bound_) {
    for (const size_t at : bound.places) {
      all += '\x1f';
      all += TrimAscii(row.raw.cells[at].Reveal());
    }
  }
  std::string key;
  for (const size_t at : key_places_) {
    all += '\x1e';
    all += TrimAscii(row.raw.cells[at].Reveal());
    key += '\x1f';
    key += TrimAscii(row.raw.cells[at].Reveal());
  }
  // The purposes belong to it: the same rows for a new purpose are news.
  for (const std::string& purpose : report_.request.purposes) {
    all += '\x1d' + purpose;
  }
  row.fingerprint = vault.TokenFor(0, store::kTokenKindFingerprint, kUniqueBits,
                                   model::Sensitive(std::move(all)));
  if (key.size() > key_places_.size()) {
    row.match_tokens.push_back(
        vault.TokenFor(0, store::kTokenKindRecordKey, kUniqueBits, model::Sensitive(source + key)));
  }
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    const rules::Field& field = *row.inputs[i].field;
    const bool unique =
        !field.many && field.index.size() == 1 && field.index[0].bits == kUniqueBits;
    if (unique || field.id == "passport_no") {
      for (store::Token& token : parts_.builder.TokensOf(0, field, row.cleaned[i])) {
        row.match_tokens.push_back(std::move(token));
      }
    }
  }
}

// A person who asked to be erased does not come back with an old list.
Status ImportRun::RefuseSuppressed(PreparedRow& row, store::ReadLease& lease) const {
  if (!any_suppressed_) {
    return {};
  }
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    const rules::Field& field = *row.inputs[i].field;
    const auto fingerprint = parts_.builder.FingerprintOf(0, field, row.cleaned[i]);
    if (!fingerprint) {
      continue;
    }
    FID_ASSIGN(const bool suppressed,
               store::IsSuppressed(lease.session(store::Which::kData), 0, *fingerprint));
    if (suppressed) {
      Refuse(row, field.id, "this person asked to be erased");
      // Not even the quarantine keeps it.
      std::fill(row.raw.cells.begin(), row.raw.cells.end(), model::Sensitive());
      return {};
    }
  }
  return {};
}

Status ImportRun::PrepareRow(PreparedRow& row, store::ReadLease& lease) const {
  if (!row.raw.whole) {
    Refuse(row, "", "the row has another number of cells than the header");
    return {};
  }
  FID_TRY(CleanRow(row));
  if (row.reject) {
    return {};
  }
  MakeTokens(row);
  FID_TRY(RefuseSuppressed(row, lease));
  if (row.reject) {
    return {};
  }
  FID_ASSIGN(const auto found,
             store::FindByToken(lease.session(store::Which::kIndex), 0, row.fingerprint, {}, 1));
  // The token outlives the record it pointed at.
  row.known = !found.empty() &&
              store::LoadSubject(lease.session(store::Which::kData), found[0]).has_value();
  if (row.known || report_.request.dry_run) {
    return {};
  }
  auto built = parts_.builder.BuildCleaned(RecordOf(row), row.cleaned);
  if (!built && built.error().code() == Code::kInvalidValue) {
    Refuse(row, "", built.error().text());
    return {};
  }
  if (!built) {
    return std::unexpected(built.error());
  }
  row.built = std::move(*built);
  row.built->dossier = {};  // its row says the same, in a third of the memory
  return {};
}

Result<std::optional<model::SubjectRef>> ImportRun::FindMatch(const PreparedRow& row) {
  for (const store::Token& token : row.match_tokens) {
    const auto recent = recent_tokens_.find(TokenKey(token));
    if (recent != recent_tokens_.end()) {
      return std::optional(recent->second.subject);
    }
    FID_ASSIGN(const auto found,
               store::FindByToken(lease_->session(store::Which::kIndex), 0, token, {}, 5));
    for (const model::SubjectRef& candidate : found) {
      // The token may point at a record that was erased since.
      if (store::LoadSubject(lease_->session(store::Which::kData), candidate)) {
        return std::optional(candidate);
      }
    }
  }
  return std::optional<model::SubjectRef>();
}

Status ImportRun::Accept(PreparedRow row) {
  ImportCounts& counts = report_.counts;
  ++counts.rows;
  for (const auto& [field, n] : row.dropped) {
    counts.dropped[field] += n;
    counts.dropped_values += n;
  }
  if (row.reject) {
    return PutAside(std::move(row));
  }
  if (row.known || recent_tokens_.contains(TokenKey(row.fingerprint))) {
    ++counts.unchanged;
    rows_done_ = row.raw.number;
    return {};
  }
  FID_ASSIGN(const std::optional<model::SubjectRef> match, FindMatch(row));
  if (match) {
    ++counts.matched;
    return Merge(std::move(row), *match);
  }
  ++counts.created;
  return AcceptNew(std::move(row));
}

void ImportRun::Remember(const PreparedRow& row, const model::SubjectRef& subject) {
  for (const store::Token& token : row.match_tokens) {
    recent_tokens_[TokenKey(token)] = {subject, batch_number_};
  }
  recent_tokens_[TokenKey(row.fingerprint)] = {subject, batch_number_};
  rows_done_ = row.raw.number;
}

Status ImportRun::AcceptNew(PreparedRow row) {
  if (report_.request.dry_run) {
    Remember(row, {0, Uuid()});
    return {};
  }
  const model::SubjectRef subject = row.built->subject;
  Remember(row, subject);
  recent_[subject.id] = {row.built->row, row.built->key, batch_number_};
  batch_->records.push_back(std::move(*row.built));
  batch_->numbers.push_back(row.raw.number);
  batch_->fingerprints.push_back(TokensOf(row));
  return batch_->size() >= kBatchRows ? FlushBatch() : Status();
}

Status ImportRun::PutAside(PreparedRow row) {
  ++report_.counts.quarantined;
  ++report_.counts.reasons[row.reject->reason];
  rows_done_ = row.raw.number;
  if (report_.request.dry_run) {
    return {};
  }
  FID_ASSIGN(row.reject->sealed, SealRow(*key_, row.raw));
  batch_->rejects.push_back(std::move(*row.reject));
  return batch_->size() >= kBatchRows ? FlushBatch() : Status();
}

process::NewRecord ImportRun::RecordOf(const PreparedRow& row) const {
  process::NewRecord record;
  record.kind = report_.request.mapping.kind;
  for (const process::FieldInput& input : row.inputs) {
    record.fields.push_back({input.field, {}});
  }
  record.provenance = {
      report_.request.source, "import",   std::string(model::Name(report_.request.basis)),
      access_.actor.id,       report_.id, parts_.clock.NowMs()};
  record.bases = bases_;
  record.extra_tokens = {row.fingerprint};
  if (!row.match_tokens.empty() && row.match_tokens[0].kind == store::kTokenKindRecordKey) {
    record.extra_tokens.push_back(row.match_tokens[0]);
  }
  return record;
}

// Whether this is the same file, taken in the same way, begun or done.
bool ImportRun::IsSame(const store::ImportRow& row) const {
  const ImportRequest& request = report_.request;
  if (row.state != "running" && row.state != "done") {
    return false;
  }
  const auto facts = ParseJson(row.facts);
  return facts && JsonText(*facts, "file") == ToHex(request.file_hash) &&
         JsonText(*facts, "source") == request.source &&
         facts->value("purposes", Json()) == Json(request.purposes) &&
         JsonText(*facts, "mapping") == WriteMapping(request.mapping);
}

Status ImportRun::StartOrResume() {
  FID_ASSIGN(lease_, parts_.engine.Read());
  FID_ASSIGN(any_suppressed_, store::AnySuppressed(lease_->session(store::Which::kData), 0));
  if (report_.request.dry_run) {
    return {};
  }
  std::optional<store::ImportRow> same;
  if (!report_.request.file_hash.empty()) {
    FID_TRY(store::EachImport(lease_->session(store::Which::kData), 0,
                              [&](const store::ImportRow& row) {
                                if (IsSame(row)) {
                                  same = row;
                                }
                                return !same;
                              }));
  }
  if (same) {
    Adopt(*same);
    repeated_ = same->state == "done";
    if (repeated_) {
      return {};
    }
    report_.resumed = true;
    skip_rows_ = same->rows_done;
    FID_ASSIGN(key_,
               parts_.builder.vault().keys().Get(lease_->session(store::Which::kKeys), key_ref()));
    return {};
  }
  report_.id = Uuid::V7(parts_.clock, parts_.rng);
  FID_ASSIGN(vault::NewSubjectKey key, parts_.builder.vault().keys().Create(key_ref()));
  key_ = key.key;
  store::Job job;
  job.keys = [&](store::Session& keys) {
    return store::InsertSubjectKey(keys, key_ref(), key.row);
  };
  FID_TRY(parts_.engine.SubmitAndWait(std::move(job)));
  return SaveState("running");
}

Status ImportRun::Consume(Chunk chunk) {
  for (PreparedRow& row : chunk) {
    FID_TRY(Accept(std::move(row)));
  }
  return {};
}

// The next rows that an earlier run has not done; empty at the end of the table.
Result<ImportRun::Chunk> ImportRun::ReadChunk(TableReader& table) const {
  Chunk chunk;
  while (chunk.size() < kChunkRows) {
    PreparedRow row;
    FID_ASSIGN(const bool any, table.Next(row.raw));
    if (!any) {
      break;
    }
    if (row.raw.number > skip_rows_) {
      chunk.push_back(std::move(row));
    }
  }
  return chunk;
}

// Chunks are prepared side by side and consumed in order.
Status ImportRun::Pump(TableReader& table, const ImportProgress& progress) {
  std::deque<std::future<Result<Chunk>>> preparing;
  const auto prepare = [this](Chunk chunk) -> Result<Chunk> {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    for (PreparedRow& row : chunk) {
      FID_TRY(PrepareRow(row, *lease));
    }
    return chunk;
  };
  // Threads that live as long as the import: what they cache is worth keeping. Declared after what
  // their tasks refer to, so that they end first.
  WorkerPool workers(static_cast<int>(parts_.workers), SIZE_MAX);
  const auto take = [&]() -> Status {
    auto chunk = preparing.front().get();
    preparing.pop_front();
    if (!chunk) {
      return std::unexpected(chunk.error());
    }
    FID_TRY(Consume(std::move(*chunk)));
    bytes_read_ = table.bytes_read();
    if (progress && !progress(report_.counts, bytes_read_)) {
      return Fail(Code::kUnavailable, "the import was stopped: run it again to go on");
    }
    return {};
  };
  while (true) {
    FID_ASSIGN(Chunk chunk, ReadChunk(table));
    if (chunk.empty()) {
      break;
    }
    auto promise = std::make_shared<std::promise<Result<Chunk>>>();
    preparing.push_back(promise->get_future());
    workers.Post([&prepare, promise, chunk = std::move(chunk)]() mutable {
      promise->set_value(prepare(std::move(chunk)));
    });
    while (preparing.size() >= parts_.workers + 1) {
      FID_TRY(take());
    }
  }
  while (!preparing.empty()) {
    FID_TRY(take());
  }
  return FlushBatch();
}

Result<ImportReport> ImportRun::Run(TableReader& table, const ImportProgress& progress) {
  const int64_t started = parts_.clock.MonotonicMs();
  FID_TRY(Check());
  FID_TRY(BindHeader(table.header()));
  FID_TRY(StartOrResume());
  if (repeated_) {
    // The same file, mapping, source and purposes: all of it is here.
    ImportCounts& counts = report_.counts;
    counts.unchanged = counts.rows - counts.quarantined;
    counts.created = counts.matched = counts.repaired = counts.conflicts = 0;
    report_.state = "already_imported";
    return report_;
  }
  const Status pumped = Pump(table, progress);
  // Also after a fault: batches under way refer to this run.
  const Status drained = Drain();
  FID_TRY(pumped);
  FID_TRY(drained);
  report_.state = report_.request.dry_run ? "dry_run" : "done";
  if (!report_.request.dry_run) {
    FID_TRY(SaveState("done"));
  }
  report_.milliseconds = parts_.clock.MonotonicMs() - started;
  return report_;
}

}  // namespace fiducia::collect
