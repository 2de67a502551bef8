// Records of one person brought together, so that it can be taken back: what is added and what
// gives way stay told apart.
#include <algorithm>

#include "process/record/record.h"

namespace fiducia::process {

namespace {

// One record stands for this many at most.
constexpr size_t kJoinedMost = 200;

const store::Joined* FindMerge(const store::Dossier& dossier, const Uuid& merge) {
  const auto found = std::find_if(dossier.joined.begin(), dossier.joined.end(),
                                  [&](const store::Joined& one) { return one.merge == merge; });
  return found == dossier.joined.end() ? nullptr : &*found;
}

}  // namespace

Result<BuiltRecord> RecordBuilder::BuildJoin(const store::Dossier& current,
                                             const vault::SubjectKeyPtr& key,
                                             const OtherRecord& other, const Uuid& merge,
                                             const model::FieldSet& preferred) const {
  if (!current.merged_into.is_nil() || current.subject.id == other.dossier.subject.id ||
      current.kind != other.dossier.kind || current.joined.size() >= kJoinedMost ||
      !other.dossier.merged_into.is_nil() || !other.dossier.joined.empty()) {
    return Fail(Code::kConflict, "these two records cannot be merged");
  }
  BuiltRecord built = StartFrom(current, key);
  BuiltRecord theirs;
  theirs.subject = other.dossier.subject;
  theirs.key = other.key;
  store::Joined joined{
      merge, other.dossier.subject.id, clock_.NowMs(), current.basis_seq, other.dossier.InForce(),
      {}};
  for (const store::Cell& cell : other.dossier.cells) {
    const rules::Field* field = gate_.policy().catalog.Find(cell.field);
    if (field == nullptr) {
      continue;
    }
    FID_ASSIGN(const Cleaned value, Reopen(theirs, cell, *field));
    bool same = false;
    bool held = false;
    for (const store::Cell& own : current.cells) {
      if (own.field == cell.field) {
        held = true;
        FID_ASSIGN(const Cleaned old, Reopen(built, own, *field));
        same = same || old.key.Reveal() == value.key.Reveal();
      }
    }
    if (same || (held && !field->many && !preferred.Has(cell.field))) {
      continue;
    }
    if (held && !field->many) {
      auto& cells = built.dossier.cells;
      const auto gives_way = [&](const store::Cell& own) { return own.field == cell.field; };
      std::copy_if(cells.begin(), cells.end(), std::back_inserter(joined.replaced), gives_way);
      std::erase_if(cells, gives_way);
    }
    model::Provenance provenance = other.dossier.provenances[cell.provenance];
    provenance.channel = "merge";
    provenance.batch = merge;
    // Places of provenance move when there are too many: what gave way must be among them then.
    built.dossier.joined.push_back(std::move(joined));
    const uint8_t place = ProvenancePlace(built.dossier, provenance);
    joined = std::move(built.dossier.joined.back());
    built.dossier.joined.pop_back();
    AddCell(built, *field, value, place);
    built.dossier.cells.back().confidence = cell.confidence;
    built.dossier.cells.back().verified_ms = cell.verified_ms;
  }
  built.dossier.joined.push_back(std::move(joined));
  Finish(built);
  return built;
}

Result<BuiltRecord> RecordBuilder::BuildParted(const store::Dossier& current,
                                               const vault::SubjectKeyPtr& key,
                                               const Uuid& merge) const {
  const store::Joined* joined = FindMerge(current, merge);
  if (joined == nullptr) {
    return Fail(Code::kNotFound, "there is no such merge on this record");
  }
  BuiltRecord built = StartFrom(current, key);
  const auto of_merge = [&](const store::Cell& cell) {
    return current.provenances[cell.provenance].batch == merge;
  };
  store::Dossier gone = current;
  gone.joined.clear();
  std::erase_if(gone.cells, [&](const store::Cell& cell) { return !of_merge(cell); });
  auto& cells = built.dossier.cells;
  std::erase_if(cells, of_merge);
  built.fields = gone.held();
  const model::FieldSet untouched = gone.held() - built.dossier.held();
  for (const store::Cell& cell : joined->replaced) {
    (untouched.Has(cell.field) ? cells : gone.cells).push_back(cell);
  }
  // As they stood before: in the order in which they were written.
  std::sort(cells.begin(), cells.end(),
            [](const store::Cell& a, const store::Cell& b) { return a.ordinal < b.ordinal; });
  std::erase_if(built.dossier.joined, [&](const store::Joined& one) { return one.merge == merge; });
  FID_ASSIGN(built.stale_tokens, TokensOf(gone, *key));
  FID_ASSIGN(const std::vector<store::Token> in_use, TokensOf(built.dossier, *key));
  std::erase_if(built.stale_tokens, [&](const store::Token& old) {
    return std::any_of(in_use.begin(), in_use.end(), [&](const store::Token& t) {
      return t.kind == old.kind && t.value == old.value;
    });
  });
  Finish(built);
  return built;
}

BuiltRecord RecordBuilder::BuildMarked(const store::Dossier& current,
                                       const vault::SubjectKeyPtr& key, const Uuid& into) const {
  BuiltRecord built = StartFrom(current, key);
  built.dossier.merged_into = into;
  Finish(built);
  return built;
}

}  // namespace fiducia::process
