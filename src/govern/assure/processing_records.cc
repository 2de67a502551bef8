#include "govern/assure/processing_records.h"

#include <algorithm>

#include "store/config_rows.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "processing_record";
constexpr std::string_view kRead = "records.read";

}  // namespace

Result<std::unique_ptr<ProcessingRecords>> ProcessingRecords::Open(Parts parts) {
  std::unique_ptr<ProcessingRecords> made(new ProcessingRecords(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    made->frozen_.push_back({document.id, JsonText(document.json, "month"),
                             document.json.value("frozen", int64_t{0}),
                             JsonText(document.json, "hash"), JsonText(document.json, "text")});
  }
  std::sort(made->frozen_.begin(), made->frozen_.end(),
            [](const FrozenRecord& a, const FrozenRecord& b) { return a.month < b.month; });
  return made;
}

Result<Json> ProcessingRecords::Now(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kRead));
  return Build();
}

Result<Json> ProcessingRecords::Build() const {
  const Authorizations::Parts& common = parts_.authorizations.parts();
  ProcessingFacts facts{common.gate.policy(),
                        common.jurisdiction,
                        parts_.notices.Versions(),
                        parts_.recipients.All(),
                        parts_.assessments.NeedsNow(),
                        {},
                        parts_.duties.OwnersOf("purpose")};
  FID_ASSIGN(const auto lease, common.records.engine().Read());
  FID_ASSIGN(const auto sources, store::ListSources(lease->session(store::Which::kData), 0));
  for (const store::Source& source : sources) {
    facts.sources.push_back({source.id, source.channel, source.owner});
  }
  return ProcessingRecord(facts);
}

Result<std::vector<FrozenRecord>> ProcessingRecords::Frozen(const model::Access& access) const {
  FID_TRY(parts_.authorizations.parts().gate.Require(access.actor, kRead));
  const std::lock_guard lock(mutex_);
  return std::vector<FrozenRecord>(frozen_.rbegin(), frozen_.rend());
}

Result<FrozenRecord> ProcessingRecords::Find(const model::Access& access,
                                             const std::string& month) const {
  FID_ASSIGN(const auto all, Frozen(access));
  for (const FrozenRecord& one : all) {
    if (one.month == month) {
      return one;
    }
  }
  return Fail(Code::kNotFound, "no record of this month was frozen");
}

Status ProcessingRecords::Tick() {
  const std::string month = rules::FormatDay(parts_.clock.NowMs() / 86400000).substr(0, 7);
  const std::lock_guard lock(mutex_);
  if (!frozen_.empty() && frozen_.back().month >= month) {
    return {};
  }
  model::Access access;
  access.actor.role = "system";
  FID_ASSIGN(const Json now, Build());
  FrozenRecord one;
  one.id = Uuid::V7(parts_.clock, parts_.rng);
  one.month = month;
  one.frozen_ms = parts_.clock.NowMs();
  one.text = WriteJsonPretty(now) + "\n";
  one.hash = ToHex(parts_.vault.HashOf(one.text));
  audit::Leaf leaf = parts_.authorizations.parts().gate.NewLeaf(access, "record.freeze", "done");
  leaf.detail = month + " " + one.hash;
  FID_TRY(parts_.book.Commit({{std::string(kKind), one.id, 1,
                               Json{{"month", one.month},
                                    {"frozen", one.frozen_ms},
                                    {"hash", one.hash},
                                    {"text", one.text}}}},
                             {leaf}));
  frozen_.push_back(std::move(one));
  return {};
}

}  // namespace fiducia::govern
