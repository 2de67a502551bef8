#include "collect/imports/import_run.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/text.h"
#include "base/worker_pool.h"
#include "model/names.h"
#include "store/config_rows.h"
#include "store/placement.h"

namespace fiducia::collect {

namespace {

constexpr size_t kChunkRows = 128;
constexpr size_t kBatchRows = 3000;  // the more, the fewer times an index page is written
constexpr size_t kInFlightMax = 1;   // batches being made durable
constexpr int kUniqueBits = 128;     // an index of this width names one person

std::string TokenKey(const store::Token& token) {
  return std::to_string(token.kind) + ":" + token.value;
}

// What import_rows keeps of a row, so that its tokens can be removed with the customer.
Bytes RowTokens(const PreparedRow& row) {
  const bool has_key =
      !row.match_tokens.empty() && row.match_tokens[0].kind == store::kTokenKindRecordKey;
  return row.fingerprint.value + (has_key ? row.match_tokens[0].value : Bytes());
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
  FID_ASSIGN(const auto source,
             store::LoadSource(lease->session(store::Which::kData), 0, request.source));
  if (!source) {
    return Fail(Code::kUnknownSource, "the source is not registered");
  }
  return {};
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
  writable_ = parts_.gate.Writable(access_, report_.request.purposes);
  for (const ColumnMap& map : report_.request.mapping.columns) {
    Bound bound{&map, {}, {}, writable_.Has(map.field->number)};
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
      row.reject = store::Reject{row.raw.number,
                                 field.id,
                                 std::string(cleaned.error().text()),
                                 store::RejectState::kOpen,
                                 {}};
      return {};
    }
    row.inputs.push_back({&field, {}});
    row.cleaned.push_back(std::move(*cleaned));
  }
  if (row.inputs.empty()) {
    row.reject = store::Reject{
        row.raw.number, "", "the row holds nothing that is needed", store::RejectState::kOpen, {}};
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

Status ImportRun::PrepareRow(PreparedRow& row, store::ReadLease& lease) const {
  if (!row.raw.whole) {
    row.reject = store::Reject{row.raw.number,
                               "",
                               "the row has another number of cells than the header",
                               store::RejectState::kOpen,
                               {}};
    return {};
  }
  FID_TRY(CleanRow(row));
  if (row.reject) {
    return {};
  }
  MakeTokens(row);
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
    row.reject = store::Reject{
        row.raw.number, "", std::string(built.error().text()), store::RejectState::kOpen, {}};
    return {};
  }
  if (!built) {
    return std::unexpected(built.error());
  }
  row.built = std::move(*built);
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
  recent_[subject.id] = {row.built->dossier, row.built->key, batch_number_};
  batch_->records.push_back(std::move(*row.built));
  batch_->numbers.push_back(row.raw.number);
  batch_->fingerprints.push_back(RowTokens(row));
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

// The customer as it will be when all batches before this one are durable.
Result<ImportRun::Recent> ImportRun::LatestState(const model::SubjectRef& subject) {
  const auto known = recent_.find(subject.id);
  if (known != recent_.end()) {
    return known->second;
  }
  FID_ASSIGN(const store::SubjectRow stored,
             store::LoadSubject(lease_->session(store::Which::kData), subject));
  Recent state;
  FID_ASSIGN(state.dossier, parts_.builder.Decode(subject, stored));
  FID_ASSIGN(state.key,
             parts_.builder.vault().keys().Get(lease_->session(store::Which::kKeys), subject));
  return state;
}

Status ImportRun::Merge(PreparedRow row, const model::SubjectRef& subject) {
  if (report_.request.dry_run) {
    return {};
  }
  FID_ASSIGN(const Recent state, LatestState(subject));
  MergedRow merge;
  merge.record = RecordOf(row);
  merge.cleaned = row.cleaned;
  merge.number = row.raw.number;
  merge.tokens = RowTokens(row);
  FID_ASSIGN(merge.change, parts_.builder.BuildMerge(state.dossier, state.key, merge.record,
                                                     std::move(row.cleaned)));
  report_.counts.conflicts += merge.change.conflicts;
  Remember(row, subject);
  recent_[subject.id] = {merge.change.dossier, state.key, batch_number_};
  batch_->merges.push_back(std::move(merge));
  return batch_->size() >= kBatchRows ? FlushBatch() : Status();
}

store::ImportRow ImportRun::StateRow(const std::string& state) const {
  Json facts;
  facts["source"] = report_.request.source;
  facts["basis"] = model::Name(report_.request.basis);
  facts["purposes"] = report_.request.purposes;
  facts["jurisdiction"] = report_.request.jurisdiction;
  facts["separate"] = report_.request.separate;
  facts["actor"] = access_.actor.id.Text();
  facts["file"] = ToHex(report_.request.file_hash);
  facts["columns"] = header_;
  facts["mapping"] = WriteMapping(report_.request.mapping);
  facts["counts"] = CountsToJson(report_.counts);
  return {report_.id, state, 0, parts_.clock.NowMs(), rows_done_, WriteJson(facts)};
}

Status ImportRun::WriteMerge(store::Session& data, MergedRow& merge) const {
  process::BuiltRecord& change = merge.change;
  Status written = store::UpdateSubject(data, change.subject, change.row.version - 1, change.row);
  if (!written && written.error().code() == Code::kVersionMismatch) {
    // Somebody changed the record meanwhile: merge into what it is now.
    const auto stored = store::LoadSubject(data, change.subject);
    if (!stored) {
      return {};  // erased meanwhile
    }
    FID_ASSIGN(const store::Dossier dossier, parts_.builder.Decode(change.subject, *stored));
    FID_ASSIGN(change, parts_.builder.BuildMerge(dossier, change.key, merge.record, merge.cleaned));
    written = store::UpdateSubject(data, change.subject, change.row.version - 1, change.row);
  }
  FID_TRY(written);
  for (const model::BasisEvent& event : change.events) {
    FID_TRY(store::AppendBasisEvent(data, change.subject, event));
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, "import.merge", "done");
  leaf.purpose = report_.request.purposes[0];
  leaf.basis = model::Name(report_.request.basis);
  leaf.pseudonym = change.key->pseudonym;
  leaf.clear = change.fields;
  leaf.row_mac = change.row.mac;
  leaf.detail = report_.id.Text();
  FID_ASSIGN(const uint64_t place,
             parts_.gate.log().Append(
                 data, audit::Draft(store::BucketOf(change.subject), change.subject.tenant, leaf)));
  return store::InsertImportedRow(
      data, report_.id,
      {change.subject, merge.number, store::RowAction::kMatched, merge.tokens, place});
}

Status ImportRun::WriteBatch(store::Session& data, Batch& batch, const std::vector<size_t>& order,
                             const audit::LeafDraft& leaf, const store::ImportRow& state) const {
  uint64_t place = 0;
  if (!batch.records.empty()) {
    FID_ASSIGN(place, parts_.gate.log().Append(data, leaf));
  }
  for (const size_t i : order) {
    const process::BuiltRecord& record = batch.records[i];
    FID_TRY(store::InsertSubject(data, record.subject, record.row));
    for (const model::BasisEvent& event : record.events) {
      FID_TRY(store::AppendBasisEvent(data, record.subject, event));
    }
    FID_TRY(store::InsertImportedRow(data, report_.id,
                                     {record.subject, batch.numbers[i], store::RowAction::kCreated,
                                      batch.fingerprints[i], place}));
  }
  for (MergedRow& merge : batch.merges) {
    FID_TRY(WriteMerge(data, merge));
  }
  for (const store::Reject& reject : batch.rejects) {
    FID_TRY(store::PutReject(data, 0, report_.id, reject));
  }
  return store::PutImport(data, 0, state);
}

store::Job ImportRun::JobOf(const std::shared_ptr<Batch>& batch) const {
  // Rows in key order keep the writer's pages together.
  std::vector<size_t> order(batch->records.size());
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return store::BucketOf(batch->records[a].subject) < store::BucketOf(batch->records[b].subject);
  });
  store::Job job;
  job.keys = [batch, order](store::Session& keys) -> Status {
    for (const size_t i : order) {
      FID_TRY(store::InsertSubjectKey(keys, batch->records[i].subject, batch->records[i].key_row));
    }
    return {};
  };
  job.index = [batch](store::Session& index) -> Status {
    std::vector<std::pair<const store::Token*, const model::SubjectRef*>> tokens;
    const auto add = [&](const process::BuiltRecord& record) {
      for (const store::Token& token : record.tokens) {
        tokens.emplace_back(&token, &record.subject);
      }
    };
    for (const process::BuiltRecord& record : batch->records) {
      add(record);
    }
    for (const MergedRow& merge : batch->merges) {
      add(merge.change);
    }
    std::sort(tokens.begin(), tokens.end(),
              [](const auto& a, const auto& b) { return a.first->value < b.first->value; });
    for (const auto& [token, subject] : tokens) {
      FID_TRY(store::AddToken(index, *token, *subject));
    }
    return {};
  };
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, "import.rows", "done");
  leaf.purpose = report_.request.purposes[0];
  leaf.basis = model::Name(report_.request.basis);
  leaf.detail = report_.id.Text();
  leaf.count = batch->records.size();
  Bytes pseudonyms;
  for (const process::BuiltRecord& record : batch->records) {
    leaf.clear = leaf.clear | record.fields;
    pseudonyms += record.key->pseudonym;
  }
  leaf.set_root = Bytes(crypto::View(crypto::Sha256({pseudonyms})));
  job.data = [this, batch, order, state = StateRow("running"),
              draft = parts_.gate.DraftFor(0, leaf)](store::Session& data) -> Status {
    return WriteBatch(data, *batch, order, draft, state);
  };
  return job;
}

Status ImportRun::FlushBatch() {
  if (batch_->empty()) {
    return {};
  }
  while (in_flight_.size() >= kInFlightMax) {
    FID_TRY(WaitForOldest());
  }
  auto batch = std::exchange(batch_, std::make_shared<Batch>());
  auto promise = std::make_shared<std::promise<Status>>();
  in_flight_.push_back(promise->get_future());
  ++batch_number_;
  store::Job job = JobOf(batch);
  job.done = [promise](const Status& status) { promise->set_value(status); };
  parts_.engine.Submit(std::move(job));
  return {};
}

Status ImportRun::WaitForOldest() {
  const Status status = in_flight_.front().get();
  in_flight_.pop_front();
  ++durable_;
  // What is durable is found in the index and the store from now on.
  std::erase_if(recent_, [this](const auto& entry) { return entry.second.batch <= durable_; });
  std::erase_if(recent_tokens_,
                [this](const auto& entry) { return entry.second.batch <= durable_; });
  return status;
}

Status ImportRun::Drain() {
  Status status;
  while (!in_flight_.empty()) {
    const Status one = WaitForOldest();
    status = status ? one : status;
  }
  return status;
}

Status ImportRun::SaveState(const std::string& state) {
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, "import." + state, "done");
  leaf.purpose = report_.request.purposes[0];
  leaf.basis = model::Name(report_.request.basis);
  leaf.detail = report_.id.Text();
  leaf.count = static_cast<uint64_t>(report_.counts.rows);
  store::Job job;
  job.data = [&](store::Session& data) -> Status {
    FID_TRY(parts_.gate.log().Append(data, parts_.gate.DraftFor(0, leaf)));
    store::ImportRow row = StateRow(state);
    row.created_ms = row.updated_ms;
    return store::PutImport(data, 0, row);
  };
  return parts_.engine.SubmitAndWait(std::move(job));
}

Status ImportRun::StartOrResume() {
  FID_ASSIGN(lease_, parts_.engine.Read());
  if (report_.request.dry_run) {
    return {};
  }
  FID_ASSIGN(const auto earlier, store::ListImports(lease_->session(store::Which::kData), 0, 1000));
  for (const store::ImportRow& row : earlier) {
    const auto facts = ParseJson(row.facts);
    const bool same = (row.state == "running" || row.state == "done") && facts &&
                      !report_.request.file_hash.empty() &&
                      JsonText(*facts, "file") == ToHex(report_.request.file_hash) &&
                      JsonText(*facts, "source") == report_.request.source &&
                      (*facts)["purposes"] == Json(report_.request.purposes) &&
                      JsonText(*facts, "mapping") == WriteMapping(report_.request.mapping);
    if (same) {
      Adopt(row);
      repeated_ = row.state == "done";
      if (repeated_) {
        return {};
      }
      report_.resumed = true;
      skip_rows_ = row.rows_done;
      FID_ASSIGN(
          key_, parts_.builder.vault().keys().Get(lease_->session(store::Which::kKeys), key_ref()));
      return {};
    }
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
  // Chunks are prepared side by side and consumed in order.
  std::deque<std::future<Result<Chunk>>> preparing;
  const auto prepare = [this](Chunk chunk) -> Result<Chunk> {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    for (PreparedRow& row : chunk) {
      FID_TRY(PrepareRow(row, *lease));
    }
    return chunk;
  };
  // Threads that live as long as the import: what they cache is worth keeping.
  WorkerPool workers(static_cast<int>(parts_.workers), SIZE_MAX);
  Status status;
  bool more = true;
  const auto take = [&]() -> Status {
    auto chunk = preparing.front().get();
    preparing.pop_front();
    if (!chunk) {
      return std::unexpected(chunk.error());
    }
    FID_TRY(Consume(std::move(*chunk)));
    if (progress && !progress(report_.counts, table.bytes_read())) {
      return Fail(Code::kUnavailable, "the import was stopped: run it again to go on");
    }
    return {};
  };
  while (status && more) {
    Chunk chunk;
    while (more && status && chunk.size() < kChunkRows) {
      PreparedRow row;
      const auto any = table.Next(row.raw);
      if (!any) {
        status = std::unexpected(any.error());
      } else if (!*any) {
        more = false;
      } else if (row.raw.number > skip_rows_) {
        chunk.push_back(std::move(row));
      }
    }
    if (status && !chunk.empty()) {
      auto promise = std::make_shared<std::promise<Result<Chunk>>>();
      preparing.push_back(promise->get_future());
      workers.Post([&prepare, promise, chunk = std::move(chunk)]() mutable {
        promise->set_value(prepare(std::move(chunk)));
      });
    }
    while (status && preparing.size() >= parts_.workers + 1) {
      status = take();
    }
  }
  while (status && !preparing.empty()) {
    status = take();
  }
  if (status) {
    status = FlushBatch();
  }
  const Status drained = Drain();
  status = status ? drained : status;
  if (!status) {
    return std::unexpected(status.error());
  }
  report_.state = report_.request.dry_run ? "dry_run" : "done";
  if (!report_.request.dry_run) {
    FID_TRY(SaveState("done"));
  }
  report_.milliseconds = parts_.clock.MonotonicMs() - started;
  return report_;
}

}  // namespace fiducia::collect
