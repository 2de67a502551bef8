#include "govern/lawful/notices.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "model/names.h"

namespace fiducia::govern {

namespace {

constexpr std::string_view kKind = "notice";

Json Texts(const rules::Texts& texts) { return {{"zh-CN", texts.zh}, {"en", texts.en}}; }

std::set<std::string> SetOf(const Json& clause, const char* key) {
  std::set<std::string> words;
  const Json list = clause.value(key, Json::array());
  for (const Json& word : list) {
    words.insert(word.get<std::string>());
  }
  return words;
}

std::vector<std::string> Minus(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::vector<std::string> left;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(left));
  return left;
}

std::map<std::string, Json> ClausesOf(const Json& snapshot) {
  std::map<std::string, Json> clauses;
  const Json list = snapshot.value("clauses", Json::array());
  for (const Json& clause : list) {
    clauses[JsonText(clause, "purpose")] = clause;
  }
  return clauses;
}

void DiffClause(const std::string& purpose, const Json& before, const Json& after,
                std::vector<NoticeChange>& changes) {
  struct Part {
    const char* key;
    const char* added;
    const char* removed;
  };
  for (const Part& part : {Part{"fields", "fields_added", "fields_removed"},
                           Part{"recipients", "recipients_added", "recipients_removed"},
                           Part{"countries", "countries_added", "countries_removed"},
                           Part{"bases", "bases_added", "bases_removed"}}) {
    const auto old_words = SetOf(before, part.key);
    const auto new_words = SetOf(after, part.key);
    if (auto added = Minus(new_words, old_words); !added.empty()) {
      changes.push_back({part.added, purpose, std::move(added), true});
    }
    if (auto removed = Minus(old_words, new_words); !removed.empty()) {
      changes.push_back({part.removed, purpose, std::move(removed), false});
    }
  }
  const auto old_term = rules::AfterPeriod(0, JsonText(before, "retention"));
  const auto new_term = rules::AfterPeriod(0, JsonText(after, "retention"));
  if (old_term && new_term && *old_term != *new_term) {
    const bool longer = *new_term > *old_term;
    changes.push_back({longer ? "retention_longer" : "retention_shorter",
                       purpose,
                       {JsonText(before, "retention"), JsonText(after, "retention")},
                       longer});
  }
  const bool was = before.value("automated", false);
  if (was != after.value("automated", false)) {
    changes.push_back({was ? "automated_removed" : "automated_added", purpose, {}, !was});
  }
  if (before.value("necessity", Json()) != after.value("necessity", Json())) {
    changes.push_back({"wording", purpose, {"necessity"}, false});
  }
}

}  // namespace

Json SnapshotOf(const rules::Policy& policy, const rules::Notice& notice) {
  Json snapshot = {{"id", notice.id},
                   {"title", Texts(notice.title)},
                   {"controller", Texts(notice.controller)},
                   {"contact", Texts(notice.contact)},
                   {"complaint", Texts(notice.complaint)},
                   {"clauses", Json::array()}};
  for (const rules::Clause& clause : notice.clauses) {
    const rules::Purpose& purpose = *policy.FindPurpose(clause.purpose);
    Json fields = Json::array();
    purpose.fields.ForEach(
        [&](model::FieldNo number) { fields.push_back(policy.catalog.Find(number)->id); });
    Json bases = Json::array();
    for (const model::BasisKind basis : purpose.bases) {
      bases.push_back(std::string(model::Name(basis)));
    }
    snapshot["clauses"].push_back({{"purpose", clause.purpose},
                                   {"bases", bases},
                                   {"fields", fields},
                                   {"recipients", clause.recipients},
                                   {"countries", clause.countries},
                                   {"retention", clause.retention},
                                   {"automated", clause.automated},
                                   {"necessity", Texts(clause.necessity)}});
  }
  return snapshot;
}

std::vector<NoticeChange> DiffNotices(const Json& before, const Json& after) {
  std::vector<NoticeChange> changes;
  const auto old_clauses = ClausesOf(before);
  const auto new_clauses = ClausesOf(after);
  for (const auto& [purpose, clause] : new_clauses) {
    const auto old = old_clauses.find(purpose);
    if (old == old_clauses.end()) {
      changes.push_back({"purpose_added", purpose, {}, true});
    } else {
      DiffClause(purpose, old->second, clause, changes);
    }
  }
  for (const auto& [purpose, clause] : old_clauses) {
    if (!new_clauses.contains(purpose)) {
      changes.push_back({"purpose_removed", purpose, {}, false});
    }
  }
  for (const char* part : {"title", "contact", "complaint", "controller"}) {
    if (before.value(part, Json()) != after.value(part, Json())) {
      const bool who = std::string_view(part) == "controller";
      changes.push_back({who ? "controller" : "wording", "", {part}, who});
    }
  }
  return changes;
}

Result<std::unique_ptr<Notices>> Notices::Open(Parts parts) {
  std::unique_ptr<Notices> made(new Notices(parts));
  FID_ASSIGN(const auto documents, parts.book.Load(kKind));
  for (const guard::Document& document : documents) {
    NoticeVersion version;
    version.id = JsonText(document.json, "id");
    version.version = document.json.value("version", 0);
    version.published_ms = document.json.value("published", int64_t{0});
    version.snapshot = document.json.value("snapshot", Json::object());
    version.material = document.json.value("material", false);
    for (const std::string_view locale : kNoticeLocales) {
      const Json texts = document.json.value("texts", Json::object());
      const Json hashes = document.json.value("hashes", Json::object());
      version.texts[std::string(locale)] = JsonText(texts, locale);
      version.hashes[std::string(locale)] = JsonText(hashes, locale);
    }
    made->versions_.push_back(std::move(version));
  }
  std::sort(made->versions_.begin(), made->versions_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.id, a.version) < std::pair(b.id, b.version);
  });
  model::Access system;
  system.actor.role = "system";
  for (const rules::Notice& notice : parts.gate.policy().notices) {
    if (!made->Find(notice.id, 0)) {
      const std::lock_guard lock(made->mutex_);
      FID_TRY(made->Make(system, notice));
    }
  }
  const std::lock_guard lock(made->mutex_);
  made->TellGate();
  return made;
}

std::vector<NoticeVersion> Notices::Versions(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  std::vector<NoticeVersion> found;
  for (auto at = versions_.rbegin(); at != versions_.rend(); ++at) {
    if (id.empty() || at->id == id) {
      found.push_back(*at);
    }
  }
  return found;
}

Result<NoticeVersion> Notices::Find(const std::string& id, int version) const {
  for (NoticeVersion& one : Versions(id)) {
    if (version == 0 || one.version == version) {
      return std::move(one);
    }
  }
  return Fail(Code::kNotFound, "there is no such notice");
}

Result<std::vector<NoticeChange>> Notices::Pending(const std::string& id) const {
  FID_ASSIGN(const NoticeVersion current, Find(id, 0));
  const rules::Policy& policy = parts_.gate.policy();
  for (const rules::Notice& notice : policy.notices) {
    if (notice.id == id) {
      return DiffNotices(current.snapshot, SnapshotOf(policy, notice));
    }
  }
  return Fail(Code::kNotFound, "there is no such notice");
}

// Holding the lock.
Result<NoticeVersion> Notices::Make(const model::Access& access, const rules::Notice& notice) {
  const rules::Policy& policy = parts_.gate.policy();
  NoticeVersion made;
  made.id = notice.id;
  made.version = 1;
  made.snapshot = SnapshotOf(policy, notice);
  for (const NoticeVersion& one : versions_) {
    if (one.id == notice.id) {
      made.version = one.version + 1;
      const auto changes = DiffNotices(one.snapshot, made.snapshot);
      made.material = std::any_of(changes.begin(), changes.end(),
                                  [](const NoticeChange& c) { return c.material; });
    }
  }
  made.published_ms = parts_.clock.NowMs();
  const std::string day = rules::FormatDay(made.published_ms / 86400000);
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "notice.publish", "done");
  leaf.detail = made.Name();
  Json texts = Json::object();
  Json hashes = Json::object();
  for (const std::string_view view : kNoticeLocales) {
    const std::string locale(view);
    made.texts[locale] = NoticeHtml(policy, made.snapshot, locale, made.version, day);
    made.hashes[locale] = ToHex(parts_.vault.HashOf(made.texts[locale]));
    texts[locale] = made.texts[locale];
    hashes[locale] = made.hashes[locale];
    leaf.detail += " " + locale + " " + made.hashes[locale];
  }
  FID_TRY(parts_.book.Commit({{std::string(kKind), Uuid::V7(parts_.clock, parts_.rng), 1,
                               Json{{"id", made.id},
                                    {"version", made.version},
                                    {"published", made.published_ms},
                                    {"snapshot", made.snapshot},
                                    {"material", made.material},
                                    {"texts", texts},
                                    {"hashes", hashes}}}},
                             {leaf}));
  versions_.push_back(made);
  return made;
}

Result<NoticeVersion> Notices::Publish(const model::Access& access, const std::string& id) {
  FID_TRY(parts_.gate.Require(access.actor, "notices.publish"));
  FID_ASSIGN(const auto changes, Pending(id));
  if (changes.empty()) {
    return Fail(Code::kConflict, "nothing has changed since the last version");
  }
  const std::lock_guard lock(mutex_);
  for (const rules::Notice& notice : parts_.gate.policy().notices) {
    if (notice.id == id) {
      FID_ASSIGN(NoticeVersion made, Make(access, notice));
      TellGate();
      return made;
    }
  }
  return Fail(Code::kNotFound, "there is no such notice");
}

void Notices::TellGate() const {
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  auto told = std::make_shared<gate::Told>();
  for (const NoticeVersion& version : versions_) {
    gate::Told::Fields& fields = told->versions[version.Name()];
    for (const auto& [purpose, clause] : ClausesOf(version.snapshot)) {
      model::FieldSet set;
      for (const std::string& id : SetOf(clause, "fields")) {
        if (const rules::Field* field = catalog.Find(id); field != nullptr) {
          set.Add(field->number);
        }
      }
      fields[purpose] = set;
    }
    told->first = told->first.empty() ? version.Name() : told->first;
    told->current = version.Name();
  }
  parts_.gate.Tell(std::move(told));
}

}  // namespace fiducia::govern
