#include "collect/imports/importer.h"

#include <algorithm>

#include "collect/imports/import_run.h"
#include "model/names.h"
#include "process/record/reader.h"
#include "store/placement.h"
#include "store/subjects.h"

namespace fiducia::collect {

namespace {

ImportCounts CountsFromJson(const Json& json) {
  ImportCounts counts;
  const auto number = [&](const char* key) {
    return json.contains(key) && json[key].is_number() ? json[key].get<int64_t>() : 0;
  };
  counts.rows = number("rows");
  counts.created = number("created");
  counts.matched = number("matched");
  counts.unchanged = number("unchanged");
  counts.quarantined = number("quarantined");
  counts.repaired = number("repaired");
  counts.conflicts = number("conflicts");
  counts.dropped_values = number("dropped_values");
  for (const auto& [key, target] :
       {std::pair("dropped", &counts.dropped), std::pair("reasons", &counts.reasons)}) {
    if (json.contains(key)) {
      for (const auto& [name, n] : json[key].items()) {
        (*target)[name] = n.get<int64_t>();
      }
    }
  }
  return counts;
}

Json RowToJson(const store::ImportRow& row) {
  Json json;
  json["id"] = row.id.Text();
  json["state"] = row.state;
  const auto facts = ParseJson(row.facts);
  if (facts) {
    for (const char* key : {"source", "basis", "purposes", "jurisdiction", "separate", "bytes"}) {
      json[key] = facts->value(key, Json());
    }
    json["counts"] = facts->value("counts", Json::object());
  }
  json["updated_at"] = FormatTime(row.updated_ms);
  return json;
}

}  // namespace

Json CountsToJson(const ImportCounts& counts) {
  Json json;
  json["rows"] = counts.rows;
  json["accepted"] = counts.created + counts.matched + counts.unchanged + counts.repaired;
  json["created"] = counts.created;
  json["matched"] = counts.matched;
  json["unchanged"] = counts.unchanged;
  json["quarantined"] = counts.quarantined;
  json["repaired"] = counts.repaired;
  json["conflicts"] = counts.conflicts;
  json["dropped_values"] = counts.dropped_values;
  json["dropped"] = counts.dropped;
  json["reasons"] = counts.reasons;
  return json;
}

Json ReportToJson(const ImportReport& report) {
  Json json;
  if (!report.id.is_nil()) {
    json["id"] = report.id.Text();
  }
  json["state"] = report.state;
  json["source"] = report.request.source;
  json["basis"] = model::Name(report.request.basis);
  json["purposes"] = report.request.purposes;
  json["jurisdiction"] = report.request.jurisdiction;
  json["resumed"] = report.resumed;
  json["counts"] = CountsToJson(report.counts);
  json["milliseconds"] = report.milliseconds;
  return json;
}

Result<Bytes> HashSource(ByteSource& source) {
  // Chunked: each piece's hash is folded into the next, so memory stays flat.
  crypto::Digest digest{};
  std::vector<char> buffer(1 << 20);
  while (true) {
    size_t have = 0;
    while (have < buffer.size()) {
      FID_ASSIGN(const size_t n, source.Read(buffer.data() + have, buffer.size() - have));
      if (n == 0) {
        break;
      }
      have += n;
    }
    digest = crypto::Sha256({crypto::View(digest), BytesView(buffer.data(), have)});
    if (have < buffer.size()) {
      return Bytes(crypto::View(digest));
    }
  }
}

Result<Bytes> ImportRun::SealRow(const vault::SubjectKey& key, const TableRow& row) const {
  std::string text;
  ByteWriter out(text);
  for (const model::Sensitive& cell : row.cells) {
    out.Long(cell.Reveal());
  }
  return parts_.builder.vault().Seal(
      key, {key_ref(), vault::kQuarantineTable, 0, 0, static_cast<uint32_t>(row.number)},
      model::Sensitive(std::move(text)));
}

Result<TableRow> ImportRun::OpenRow(const vault::SubjectKey& key, int64_t number,
                                    BytesView sealed) const {
  FID_ASSIGN(
      const model::Sensitive text,
      parts_.builder.vault().Open(
          parts_.gate.SystemPermit(key_ref()), key,
          {key_ref(), vault::kQuarantineTable, 0, 0, static_cast<uint32_t>(number)}, sealed));
  TableRow row;
  row.number = number;
  ByteReader in(text.Reveal());
  while (in.ok() && in.left() > 0) {
    row.cells.push_back(model::Sensitive::CopyOf(in.Long()));
  }
  row.whole = row.cells.size() == header_.size();
  return row;
}

void ImportRun::Adopt(const store::ImportRow& row) {
  report_.id = row.id;
  rows_done_ = row.rows_done;
  if (const auto facts = ParseJson(row.facts); facts && facts->contains("counts")) {
    report_.counts = CountsFromJson((*facts)["counts"]);
  }
}

Result<ImportReport> ImportRun::RunRepairs(const store::ImportRow& stored,
                                           std::vector<PreparedRow> rows) {
  FID_ASSIGN(lease_, parts_.engine.Read());
  FID_ASSIGN(any_suppressed_, store::AnySuppressed(lease_->session(store::Which::kData), 0));
  FID_ASSIGN(key_,
             parts_.builder.vault().keys().Get(lease_->session(store::Which::kKeys), key_ref()));
  const int64_t done_before = stored.rows_done;
  for (PreparedRow& row : rows) {
    FID_TRY(PrepareRow(row, *lease_));
    const int64_t number = row.raw.number;
    const bool good = !row.reject.has_value();
    if (!good) {
      FID_ASSIGN(row.reject->sealed, SealRow(*key_, row.raw));
      batch_->rejects.push_back(*row.reject);
    } else {
      const ImportCounts before = report_.counts;
      FID_TRY(Accept(std::move(row)));
      // It was counted as quarantined; now it is repaired, whatever it became.
      report_.counts = before;
      ++report_.counts.repaired;
      --report_.counts.quarantined;
      batch_->rejects.push_back({number, "", "", store::RejectState::kRepaired, {}});
    }
    rows_done_ = done_before;
    FID_TRY(FlushBatch());
    FID_TRY(Drain());
  }
  report_.state = "done";
  FID_TRY(SaveState("done"));
  return report_;
}

Result<ImportReport> Importer::Run(const model::Access& access, ImportRequest request,
                                   TableReader& table, const ImportProgress& progress) const {
  ImportRun run(parts_, access, std::move(request));
  return run.Run(table, progress);
}

Result<Json> Importer::Describe(const Uuid& import) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const store::ImportRow row,
             store::LoadImport(lease->session(store::Which::kData), 0, import));
  return RowToJson(row);
}

Result<Json> Importer::List(int limit, const std::string& cursor) const {
  std::optional<Uuid> before;
  if (!cursor.empty()) {
    FID_ASSIGN(before, Uuid::Parse(cursor));
  }
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_ASSIGN(const auto rows,
             store::ListImports(lease->session(store::Which::kData), 0, before, limit));
  Json json = {{"imports", Json::array()}, {"next", Json()}};
  for (const store::ImportRow& row : rows) {
    json["imports"].push_back(RowToJson(row));
  }
  if (static_cast<int>(rows.size()) == limit) {
    json["next"] = rows.back().id.Text();
  }
  return json;
}

Result<std::map<std::string, Importer::Brought>> Importer::BroughtBySource() const {
  std::map<std::string, Brought> by_source;
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  FID_TRY(
      store::EachImport(lease->session(store::Which::kData), 0, [&](const store::ImportRow& row) {
        const Json facts = ParseJson(row.facts).value_or(Json::object());
        const Json counts = facts.value("counts", Json::object());
        Brought& files = by_source[JsonText(facts, "source")];
        files.rows += counts.value("rows", int64_t{0});
        files.quarantined += counts.value("quarantined", int64_t{0});
        files.left_out += counts.value("dropped_values", int64_t{0});
        files.last_ms = std::max(files.last_ms, row.updated_ms);
        return true;
      }));
  return by_source;
}

Result<Json> Importer::Rejects(const Uuid& import, int64_t after_row, int limit) const {
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  store::Session& data = lease->session(store::Which::kData);
  FID_TRY(store::LoadImport(data, 0, import));
  FID_ASSIGN(const auto rejects, store::LoadRejects(data, 0, import, after_row, limit));
  Json json;
  json["rejects"] = Json::array();
  for (const store::Reject& reject : rejects) {
    Json one;
    one["row"] = reject.row;
    one["field"] = reject.field;
    one["reason"] = reject.reason;
    one["state"] = reject.state == store::RejectState::kOpen       ? "open"
                   : reject.state == store::RejectState::kRepaired ? "repaired"
                                                                   : "undone";
    json["rejects"].push_back(std::move(one));
  }
  json["next"] =
      static_cast<int>(rejects.size()) == limit ? Json(std::to_string(rejects.back().row)) : Json();
  return json;
}

namespace {

// Takes the row tokens of a customer out of the index: those of one import, so that its file may
// come again, or of all where the customer goes.
store::Job RemoveImportTokens(store::Session& data, const model::SubjectRef& subject,
                              const std::optional<Uuid>& only) {
  store::Job job;
  job.index = [subject, only,
               imports = store::LoadImportsOf(data, subject)](store::Session& index) -> Status {
    if (!imports) {
      return std::unexpected(imports.error());
    }
    for (const store::SubjectImport& import : *imports) {
      if (only && import.import != *only) {
        continue;
      }
      for (const store::Token& token : store::TokensOfImport(import.row)) {
        FID_TRY(store::RemoveToken(index, token, subject));
      }
    }
    return {};
  };
  return job;
}

}  // namespace

Status Importer::RevertPage(const model::Access& access, store::ReadLease& lease,
                            const Uuid& import, const std::vector<store::TouchedSubject>& touched,
                            RevertCounts& counts) const {
  store::Session& data = lease.session(store::Which::kData);
  const process::RecordReader records(parts_.engine, parts_.builder);
  std::vector<model::ErasureOrder> orders;
  for (const store::TouchedSubject& one : touched) {
    const auto row = store::LoadSubject(data, one.subject);
    const auto key =
        parts_.builder.vault().keys().Get(lease.session(store::Which::kKeys), one.subject);
    if (!row || !key) {
      continue;  // erased since
    }
    FID_ASSIGN(const store::Dossier dossier, parts_.builder.Decode(one.subject, *row));
    FID_ASSIGN(const bool held, records.IsHeld(lease, dossier));
    if (held) {
      ++counts.held;
      continue;
    }
    FID_ASSIGN(process::BuiltRecord made,
               parts_.builder.BuildWithout(dossier, *key, [&](const model::Provenance& provenance) {
                 return provenance.batch == import;
               }));
    auto built = std::make_shared<const process::BuiltRecord>(std::move(made));
    if (built->dossier.cells.empty()) {
      FID_TRY(parts_.engine.SubmitAndWait(process::CleanupJob(built)));
      FID_TRY(parts_.engine.SubmitAndWait(RemoveImportTokens(data, one.subject, std::nullopt)));
      orders.push_back(parts_.gate.ResumeErasure(one.subject));
      ++counts.removed;
    } else if (!built->fields.empty()) {
      audit::Leaf leaf = parts_.gate.NewLeaf(access, "import.reduce", "done");
      leaf.pseudonym = (*key)->pseudonym;
      leaf.clear = built->fields;
      leaf.row_mac = built->row.mac;
      leaf.detail = import.Text();
      store::Job reduce = process::WriteJob(built, false,
                                            [this, draft = parts_.gate.DraftOf(leaf, one.subject)](
                                                store::Session& session) -> Status {
                                              FID_TRY(parts_.gate.log().Append(session, draft));
                                              return {};
                                            });
      FID_TRY(parts_.engine.SubmitAndWait(std::move(reduce)));
      FID_TRY(parts_.engine.SubmitAndWait(process::CleanupJob(built)));
      FID_TRY(parts_.engine.SubmitAndWait(RemoveImportTokens(data, one.subject, import)));
      ++counts.reduced;
    }
  }
  if (orders.empty()) {
    return {};
  }
  // Should we stop between the keys and the rows, the next start finishes it.
  store::Job intend;
  intend.spans_buckets = true;
  intend.data = [&](store::Session& session) -> Status {
    for (const model::ErasureOrder& order : orders) {
      FID_TRY(store::AddErasureIntent(session, {order.subject(), false}, parts_.clock.NowMs()));
    }
    return {};
  };
  FID_TRY(parts_.engine.SubmitAndWait(std::move(intend)));
  FID_TRY(parts_.builder.vault().keys().Shred(std::span<const model::ErasureOrder>(orders)));
  store::Job remove;
  remove.spans_buckets = true;
  remove.data = [&](store::Session& session) -> Status {
    for (const model::ErasureOrder& order : orders) {
      FID_TRY(store::DeleteSubject(session, order.subject()));
      FID_TRY(store::RemoveErasureIntent(session, order.subject()));
    }
    return {};
  };
  return parts_.engine.SubmitAndWait(std::move(remove));
}

Result<Json> Importer::Revert(const model::Access& access, const Uuid& import) const {
  FID_TRY(parts_.gate.Require(access.actor, "imports.revert"));
  FID_ASSIGN(const auto lease, parts_.engine.Read());
  store::Session& data = lease->session(store::Which::kData);
  FID_ASSIGN(store::ImportRow stored, store::LoadImport(data, 0, import));
  if (stored.state == "reverted") {
    return Fail(Code::kConflict, "the import was reverted already");
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "import.revert", "done");
  leaf.detail = import.Text();
  FID_TRY(parts_.gate.Record(0, leaf).Wait());
  RevertCounts counts;
  model::Bucket bucket = 0;
  Uuid after;
  while (true) {
    constexpr int kPage = 500;
    FID_ASSIGN(const auto touched, store::LoadTouchedBy(data, 0, import, bucket, after, kPage));
    FID_TRY(RevertPage(access, *lease, import, touched, counts));
    if (touched.size() < kPage) {
      break;
    }
    bucket = touched.back().bucket;
    after = touched.back().subject.id;
  }
  // What is kept for a legal claim can be taken out later: until then the import is not done with.
  const bool all = counts.held == 0;
  if (all) {
    store::Job finish;
    finish.data = [&](store::Session& session) -> Status {
      FID_TRY(store::DeleteRejects(session, 0, import));
      stored.state = "reverted";
      stored.updated_ms = parts_.clock.NowMs();
      return store::PutImport(session, 0, stored);
    };
    FID_TRY(parts_.engine.SubmitAndWait(std::move(finish)));
    FID_TRY(parts_.builder.vault().keys().Shred(parts_.gate.ResumeErasure({0, import})));
  }
  Json json;
  json["id"] = import.Text();
  json["state"] = stored.state;
  json["customers_removed"] = counts.removed;
  json["customers_reduced"] = counts.reduced;
  json["customers_held"] = counts.held;
  return json;
}

}  // namespace fiducia::collect
