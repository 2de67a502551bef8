// The writing half of an import run: batches of new customers, merges and rejects.
#include <algorithm>

#include "collect/imports/import_run.h"
#include "model/names.h"
#include "store/placement.h"
#include "store/subjects.h"

namespace fiducia::collect {

namespace {

constexpr size_t kInFlightMax = 1;  // batches being made durable beside the one that fills

}  // namespace

Bytes TokensOf(const PreparedRow& row) {
  const bool has_key =
      !row.match_tokens.empty() && row.match_tokens[0].kind == store::kTokenKindRecordKey;
  return row.fingerprint.value + (has_key ? row.match_tokens[0].value : Bytes());
}

// What every leaf of this import says.
audit::Leaf ImportRun::NewLeaf(const std::string& op) const {
  audit::Leaf leaf = parts_.gate.NewLeaf(access_, op, "done");
  leaf.purpose = report_.request.purposes[0];
  leaf.basis = model::Name(report_.request.basis);
  leaf.detail = report_.id.Text();
  return leaf;
}

// The customer as it will be when all batches before this one are durable.
Result<ImportRun::Recent> ImportRun::LatestState(const model::SubjectRef& subject) {
  const auto known = recent_.find(subject.id);
  if (known != recent_.end()) {
    return known->second;
  }
  FID_ASSIGN(const store::SubjectRow stored,
             store::LoadSubject(lease_->session(store::Which::kData), subject));
  Recent state{stored, nullptr, 0};
  FID_ASSIGN(state.key,
             parts_.builder.vault().keys().Get(lease_->session(store::Which::kKeys), subject));
  return state;
}

Status ImportRun::Merge(PreparedRow row, const model::SubjectRef& subject) {
  if (report_.request.dry_run) {
    return {};
  }
  FID_ASSIGN(const Recent state, LatestState(subject));
  FID_ASSIGN(const store::Dossier dossier, parts_.builder.Decode(subject, state.row));
  if (!dossier.merged_into.is_nil()) {
    // It stands with another record of the same person now: that one learns what is new.
    return Merge(std::move(row), {subject.tenant, dossier.merged_into});
  }
  MergedRow merge;
  merge.record = RecordOf(row);
  merge.cleaned = row.cleaned;
  merge.number = row.raw.number;
  merge.tokens = TokensOf(row);
  FID_ASSIGN(merge.change,
             parts_.builder.BuildMerge(dossier, state.key, merge.record, std::move(row.cleaned)));
  report_.counts.conflicts += merge.change.conflicts;
  Remember(row, subject);
  merge.change.dossier = {};  // its row says the same
  recent_[subject.id] = {merge.change.row, state.key, batch_number_};
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
  facts["bytes"] = {bytes_read_, report_.request.file_bytes};
  facts["columns"] = header_;
  facts["mapping"] = WriteMapping(report_.request.mapping);
  facts["counts"] = CountsToJson(report_.counts);
  return {report_.id, state, 0, parts_.clock.NowMs(), rows_done_, WriteJson(facts)};
}

Status ImportRun::WriteMerge(store::Session& data, MergedRow& merge) const {
  process::BuiltRecord& change = merge.change;
  const Status written = process::WriteRows(data, change, false);
  if (!written && written.error().code() == Code::kVersionMismatch) {
    // Somebody changed the record meanwhile: merge into what it is now.
    const auto stored = store::LoadSubject(data, change.subject);
    if (!stored) {
      return {};  // erased meanwhile
    }
    FID_ASSIGN(const store::Dossier dossier, parts_.builder.Decode(change.subject, *stored));
    FID_ASSIGN(change, parts_.builder.BuildMerge(dossier, change.key, merge.record, merge.cleaned));
    FID_TRY(process::WriteRows(data, change, false));
  } else {
    FID_TRY(written);
  }
  audit::Leaf leaf = NewLeaf("import.merge");
  leaf.pseudonym = change.key->pseudonym;
  leaf.clear = change.fields;
  leaf.row_mac = change.row.mac;
  FID_ASSIGN(const uint64_t place,
             parts_.gate.log().Append(data, parts_.gate.DraftOf(leaf, change.subject)));
  parts_.builder.counts().Add(change.found);
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
    FID_TRY(process::WriteRows(data, record, true));
    FID_TRY(store::InsertImportedRow(data, report_.id,
                                     {record.subject, batch.numbers[i], store::RowAction::kCreated,
                                      batch.fingerprints[i], place}));
    parts_.builder.counts().Add(record.found);
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
  job.spans_buckets = true;
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
  audit::Leaf leaf = NewLeaf("import.rows");
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
  audit::Leaf leaf = NewLeaf("import." + state);
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

}  // namespace fiducia::collect
