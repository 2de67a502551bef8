#include "guard/register_book.h"

#include "store/registers.h"

namespace fiducia::guard {

namespace {

constexpr model::TenantId kTenant = 0;

}  // namespace

Result<std::vector<Document>> RegisterBook::Load(std::string_view kind) const {
  FID_ASSIGN(const auto lease, engine_.Read());
  FID_ASSIGN(const auto rows,
             store::ListRegister(lease->session(store::Which::kData), kTenant, kind));
  std::vector<Document> documents;
  documents.reserve(rows.size());
  for (const store::RegisterRow& row : rows) {
    FID_ASSIGN(const model::Sensitive text,
               vault_.OpenRegister({kTenant, row.kind, row.id, row.version}, row.body));
    FID_ASSIGN(Json json, ParseJson(text.Reveal()));
    documents.push_back({row.id, row.version, std::move(json)});
  }
  return documents;
}

// What is put on record of a change that nobody decided: counts, how a connector stands, what was
// tidied away.
audit::Leaf RegisterBook::KeepLeaf(const std::string& kind) const {
  model::Access access;
  access.actor.role = "system";
  audit::Leaf leaf = gate_.NewLeaf(access, "register.keep", "done");
  leaf.detail = kind;
  return leaf;
}

Status RegisterBook::Commit(const std::vector<DocumentChange>& changes,
                            const std::vector<audit::Leaf>& leaves) const {
  if (changes.empty() && leaves.empty()) {
    return {};
  }
  std::vector<store::RegisterRow> rows;
  for (const DocumentChange& change : changes) {
    store::RegisterRow row{change.kind, change.id, change.version, {}};
    if (change.json) {
      row.body = vault_.SealRegister({kTenant, row.kind, row.id, row.version},
                                     model::Sensitive(WriteJson(*change.json)));
    }
    rows.push_back(std::move(row));
  }
  store::Job job;
  job.data = [&](store::Session& data) -> Status {
    for (const store::RegisterRow& row : rows) {
      FID_TRY(row.body.empty()   ? store::DeleteRegister(data, kTenant, row.kind, row.id)
              : row.version == 1 ? store::InsertRegister(data, kTenant, row)
                                 : store::UpdateRegister(data, kTenant, row));
    }
    // Without a leaf the bucket would look as if it had been put back.
    if (leaves.empty()) {
      FID_TRY(gate_.log().Append(data, gate_.DraftFor(kTenant, KeepLeaf(changes[0].kind))));
    }
    for (const audit::Leaf& leaf : leaves) {
      FID_TRY(gate_.log().Append(data, gate_.DraftFor(kTenant, leaf)));
    }
    return {};
  };
  return engine_.SubmitAndWait(std::move(job));
}

}  // namespace fiducia::guard
