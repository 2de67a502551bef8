#include "govern/lawful/source_terms.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/names.h"
#include "base/text.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "source_terms";
constexpr std::string_view kTakenKind = "source_taken";
constexpr std::string_view kCapability = "sources.terms";
constexpr std::array<std::string_view, 3> kKinds = {"own", "third_party", "public"};
constexpr size_t kLineMax = 400;
constexpr int64_t kYearMs = int64_t{366} * 86400000;

bool IsLine(const std::string& text) { return text.size() <= kLineMax && IsOneLine(text); }

Json ToJson(const SourceTerms& terms) {
  return {{"source", terms.source},
          {"kind", Name(terms.kind)},
          {"supplier", terms.supplier},
          {"agreement", terms.agreement},
          {"agreement_until", terms.agreement_until_ms},
          {"evidence", terms.evidence},
          {"evidence_on", terms.evidence_ms},
          {"citation", terms.citation},
          {"observed", terms.observed_ms},
          {"told", terms.told_ms},
          {"told_how", terms.told_how},
          {"cut", terms.cut_ms},
          {"cut_why", terms.cut_why}};
}

Result<SourceTerms> TermsOf(const guard::Document& document) {
  const Json& json = document.json;
  SourceTerms terms;
  terms.source = JsonText(json, "source");
  terms.version = document.version;
  FID_ASSIGN(terms.kind, SourceKindNamed(JsonText(json, "kind")));
  terms.supplier = JsonText(json, "supplier");
  terms.agreement = JsonText(json, "agreement");
  terms.agreement_until_ms = json.value("agreement_until", int64_t{0});
  terms.evidence = JsonText(json, "evidence");
  terms.evidence_ms = json.value("evidence_on", int64_t{0});
  terms.citation = JsonText(json, "citation");
  terms.observed_ms = json.value("observed", int64_t{0});
  terms.told_ms = json.value("told", int64_t{0});
  terms.told_how = JsonText(json, "told_how");
  terms.cut_ms = json.value("cut", int64_t{0});
  terms.cut_why = JsonText(json, "cut_why");
  return terms;
}

}  // namespace

std::string_view Name(SourceKind kind) { return kKinds[static_cast<size_t>(kind)]; }

Result<SourceKind> SourceKindNamed(std::string_view name) {
  if (const auto found = ValueNamed<SourceKind>(kKinds, name)) {
    return *found;
  }
  return Fail(Code::kInvalidInput, "a source is own, third_party or public");
}

std::string_view ObstacleOf(const SourceTerms& terms, int64_t now_ms) {
  if (terms.cut_ms != 0) {
    return "cut_off";
  }
  if (terms.kind == SourceKind::kThirdParty) {
    return terms.supplier.empty() || terms.agreement.empty() || terms.agreement_until_ms == 0
               ? "agreement_missing"
           : terms.agreement_until_ms <= now_ms   ? "agreement_lapsed"
           : terms.evidence.empty()               ? "evidence_missing"
           : now_ms - terms.evidence_ms > kYearMs ? "evidence_old"
                                                  : "";
  }
  if (terms.kind == SourceKind::kPublic) {
    return terms.citation.empty() || terms.observed_ms == 0 ? "citation_missing" : "";
  }
  return "";
}

void SourceTaken::Add(const SourceTaken& more) {
  taken += more.taken;
  last_ms = std::max(last_ms, more.last_ms);
}

Json SourceTaken::ToJson() const { return {{"taken", taken}, {"last", last_ms}}; }

SourceTaken SourceTaken::FromJson(const Json& json) {
  return {json.value("taken", int64_t{0}), json.value("last", int64_t{0})};
}

SourceRegister::SourceRegister(Parts parts)
    : parts_(parts), taken_(parts.book, std::string(kTakenKind)) {}

Result<std::unique_ptr<SourceRegister>> SourceRegister::Open(Parts parts) {
  std::unique_ptr<SourceRegister> made(new SourceRegister(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(SourceTerms terms, TermsOf(document));
    made->known_[terms.source] = std::move(terms);
  }
  FID_TRY(made->taken_.Load());
  return made;
}

Uuid SourceRegister::IdOf(const std::string& source) const {
  return Uuid::FromBytes(parts_.vault.KeyedHash("source", source).substr(0, 16)).value_or(Uuid());
}

SourceTerms SourceRegister::Terms(const std::string& source) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(source);
  SourceTerms own;
  own.source = source;
  return found == known_.end() ? own : found->second;
}

Status SourceRegister::MayBring(const std::string& source) const {
  std::string_view obstacle;
  {
    const std::shared_lock lock(mutex_);
    const auto found = known_.find(source);
    obstacle = found == known_.end() ? "" : ObstacleOf(found->second, parts_.clock.NowMs());
  }
  if (obstacle.empty()) {
    return {};
  }
  if (obstacle == "cut_off") {
    return Fail(Code::kConflict, "the source is cut off");
  }
  if (obstacle == "citation_missing") {
    return Fail(Code::kConflict, "public data needs a citation and the day it was seen");
  }
  if (obstacle.starts_with("agreement")) {
    return Fail(Code::kConflict, "the agreement with the supplier is missing or has ended");
  }
  return Fail(Code::kConflict,
              "what shows that the supplier may give the data is missing or more than a year old");
}

Status SourceRegister::Save(const model::Access& access, SourceTerms terms,
                            std::string_view operation) {
  ++terms.version;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, operation, "done");
  leaf.purpose.clear();
  leaf.detail = terms.source;
  FID_TRY(parts_.book.Commit(
      {{std::string(kKind), IdOf(terms.source), terms.version, ToJson(terms)}}, {leaf}));
  const std::unique_lock lock(mutex_);
  known_[terms.source] = std::move(terms);
  return {};
}

Status SourceRegister::Set(const model::Access& access, SourceTerms terms) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  for (const std::string* line :
       {&terms.supplier, &terms.agreement, &terms.evidence, &terms.citation}) {
    if (!IsLine(*line)) {
      return Fail(Code::kInvalidInput, "a reference is one line of at most 400 bytes");
    }
  }
  const std::lock_guard changing(changing_);
  const SourceTerms before = Terms(terms.source);
  terms.version = before.version;
  terms.told_ms = before.told_ms;
  terms.told_how = before.told_how;
  terms.cut_ms = before.cut_ms;
  terms.cut_why = before.cut_why;
  return Save(access, std::move(terms), "source.terms");
}

Status SourceRegister::Cut(const model::Access& access, const std::string& source,
                           const std::string& why) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  if (why.empty() || !IsLine(why)) {
    return Fail(Code::kInvalidInput, "say why, in one line");
  }
  const std::lock_guard changing(changing_);
  SourceTerms terms = Terms(source);
  if (terms.cut_ms != 0) {
    return Fail(Code::kConflict, "the source is cut off already");
  }
  terms.cut_ms = parts_.clock.NowMs();
  terms.cut_why = why;
  return Save(access, std::move(terms), "source.cut");
}

Status SourceRegister::Told(const model::Access& access, const std::string& source,
                            const std::string& how) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  if (how.empty() || !IsLine(how)) {
    return Fail(Code::kInvalidInput, "say how they were told, in one line");
  }
  const std::lock_guard changing(changing_);
  SourceTerms terms = Terms(source);
  terms.told_ms = parts_.clock.NowMs();
  terms.told_how = how;
  return Save(access, std::move(terms), "source.told");
}

}  // namespace fiducia::govern
