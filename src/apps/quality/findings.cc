#include "apps/quality/findings.h"

#include <algorithm>

#include "model/names.h"

namespace fiducia::apps {

namespace {

constexpr std::string_view kKind = "text_finding";
constexpr std::string_view kRead = "quality.read";
constexpr std::string_view kDecide = "quality.decide";

Json ToJson(const Finding& one) {
  return {{"source", one.source}, {"field", one.field},
          {"kind", one.kind},     {"level", model::Name(one.level)},
          {"values", one.values}, {"first", one.first_ms},
          {"last", one.last_ms},  {"state", one.state},
          {"by", one.by.Text()},  {"decided", one.decided_ms}};
}

Result<Finding> FindingOf(const guard::Document& document) {
  const Json& json = document.json;
  Finding one;
  one.id = document.id;
  one.source = JsonText(json, "source");
  one.field = JsonText(json, "field");
  one.kind = JsonText(json, "kind");
  FID_ASSIGN(one.level, model::ParseLevel(JsonText(json, "level")));
  one.values = json.value("values", int64_t{0});
  one.first_ms = json.value("first", int64_t{0});
  one.last_ms = json.value("last", int64_t{0});
  one.state = JsonText(json, "state");
  FID_ASSIGN(one.by, Uuid::Parse(JsonText(json, "by")));
  one.decided_ms = json.value("decided", int64_t{0});
  return one;
}

}  // namespace

Result<std::unique_ptr<Findings>> Findings::Open(Parts parts) {
  std::unique_ptr<Findings> made(new Findings(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    FID_ASSIGN(Finding one, FindingOf(document));
    made->known_[document.id] = {document.version, std::move(one)};
  }
  return made;
}

Status Findings::Tick() {
  const std::lock_guard changing(changing_);
  const auto counted = parts_.counts.Take();
  if (counted.empty()) {
    return {};
  }
  const int64_t now = parts_.clock.NowMs();
  std::vector<Held> changed;
  std::vector<guard::DocumentChange> changes;
  for (const auto& [key, count] : counted) {
    const rules::Field* field = parts_.gate.policy().catalog.Find(key.field);
    Held held;
    for (const auto& [id, before] : known_) {
      const Finding& one = before.finding;
      if (field != nullptr && one.source == key.source && one.field == field->id &&
          one.kind == key.kind) {
        held = before;
      }
    }
    Finding& one = held.finding;
    if (held.version == 0) {
      one.id = Uuid::V7(parts_.clock, parts_.rng);
      one.source = key.source;
      one.field = field == nullptr ? "" : field->id;
      one.kind = key.kind;
      one.first_ms = now;
    }
    one.level = count.level;
    one.values += count.values;
    one.last_ms = now;
    one.state = one.state == "mended" ? "new" : one.state;
    ++held.version;
    changes.push_back({std::string(kKind), one.id, held.version, ToJson(one)});
    changed.push_back(std::move(held));
  }
  if (const Status kept = parts_.book.Commit(changes, {}); !kept) {
    parts_.counts.PutBack(counted);
    return kept;
  }
  const std::lock_guard lock(mutex_);
  for (Held& held : changed) {
    const Uuid id = held.finding.id;
    known_[id] = std::move(held);
  }
  return {};
}

Result<std::vector<Finding>> Findings::List(const model::Access& access) {
  FID_TRY(parts_.gate.Require(access.actor, kRead));
  FID_TRY(Tick());
  std::vector<Finding> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, held] : known_) {
      all.push_back(held.finding);
    }
  }
  std::sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) {
    const auto rank = [](const Finding& f) {
      return std::tuple(f.state != "new", -static_cast<int>(f.level), -f.last_ms);
    };
    return rank(a) < rank(b);
  });
  return all;
}

Result<Finding> Findings::Decide(const model::Access& access, const Uuid& id,
                                 const std::string& state) {
  FID_TRY(parts_.gate.Require(access.actor, kDecide));
  FID_TRY(parts_.gate.CheckAccess(access));
  if (state != "new" && state != "expected" && state != "mended") {
    return Fail(Code::kInvalidInput, "a finding is new, expected or mended");
  }
  const std::lock_guard changing(changing_);
  Held held;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end()) {
      return Fail(Code::kNotFound, "there is no such finding");
    }
    held = found->second;
  }
  held.finding.state = state;
  held.finding.by = access.actor.id;
  held.finding.decided_ms = parts_.clock.NowMs();
  ++held.version;
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "finding.decide", "done");
  leaf.detail = held.finding.field + " " + held.finding.kind + " " + state;
  FID_TRY(
      parts_.book.Commit({{std::string(kKind), id, held.version, ToJson(held.finding)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  known_[id] = held;
  return held.finding;
}

}  // namespace fiducia::apps
