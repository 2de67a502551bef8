// What a connector brings, put where it belongs, and what could not be: the dead letters.
#include <algorithm>

#include "base/text.h"
#include "collect/connectors/connectors.h"

namespace fiducia::collect {

namespace {

// Nobody's record holds them, so nobody's erasure reaches them: they go by themselves.
constexpr int64_t kLetterKeptMs = int64_t{30} * 86400000;
// What is signed without a time may come again; receipts are kept for thirty days.
constexpr int64_t kOldestMs = int64_t{25} * 86400000;

}  // namespace

size_t Connectors::WaitingOf(const Uuid& id) const {
  const std::shared_lock lock(mutex_);
  return static_cast<size_t>(std::count_if(letters_.begin(), letters_.end(), [&](const auto& one) {
    return one.second.connector == id;
  }));
}

Status Connectors::Bury(const Connector& connector, const Arrived& arrived,
                        std::string_view reason) {
  Letter letter;
  letter.version = 1;
  letter.connector = connector.id;
  // The same record makes one letter, however often it comes.
  FID_ASSIGN(letter.letter.id,
             Uuid::FromBytes(
                 parts_.vault.KeyedHash("dead letter", Bytes(connector.id.bytes()) + arrived.id)
                     .substr(0, 16)));
  {
    const std::shared_lock lock(mutex_);
    if (letters_.contains(letter.letter.id)) {
      return {};
    }
  }
  letter.letter.at_ms = parts_.clock.NowMs();
  letter.letter.topic = arrived.topic;
  letter.letter.reason = reason;
  letter.letter.bytes = WriteJson(arrived.record).size();
  const bool fits = letter.letter.bytes <= kRecordMost;
  FID_TRY(parts_.book.Commit({{std::string(kLetterKind), letter.letter.id, 1,
                               Json{{"connector", connector.id.Text()},
                                    {"at", letter.letter.at_ms},
                                    {"topic", arrived.topic},
                                    {"reason", letter.letter.reason},
                                    {"id", arrived.id},
                                    {"record", fits ? arrived.record : Json()}}}},
                             {}));
  const std::unique_lock lock(mutex_);
  letters_[letter.letter.id] = std::move(letter);
  return {};
}

// Which event each record makes, or what is wrong with it.
Connectors::Mapped Connectors::MapAll(const Connector& connector,
                                      const std::vector<Arrived>& arrived, bool replayed) const {
  const auto& mappings = connector.spec.mappings;
  Mapped mapped;
  mapped.wrong.resize(arrived.size());
  for (size_t i = 0; i < arrived.size(); ++i) {
    auto mapping = mappings.find(arrived[i].topic);
    mapping = mapping == mappings.end() ? mappings.find("") : mapping;
    if (mapping == mappings.end()) {
      ++mapped.skipped;  // what nobody asked for
      continue;
    }
    auto event =
        ToEvent(arrived[i].record, mapping->second, parts_.gate.policy().catalog, arrived[i].id);
    if (!event) {
      mapped.wrong[i] = event.error().text();
      continue;
    }
    const auto at = ParseTime(JsonText(*event, "originalTimestamp"));
    mapped.newest_ms = std::max(mapped.newest_ms, at.value_or(0));
    if (connector.spec.kind == ConnectorKind::kWebhook && !replayed && at &&
        parts_.clock.NowMs() - *at > kOldestMs) {
      mapped.wrong[i] = "it is older than what can be told from something sent again";
      continue;
    }
    mapped.events.push_back(std::move(*event));
    mapped.of.push_back(i);
  }
  return mapped;
}

// Those with nothing wrong any more.
Status Connectors::RemoveLetters(const std::vector<Uuid>& letters,
                                 const std::vector<std::string>& wrong) {
  std::vector<guard::DocumentChange> gone;
  {
    const std::shared_lock lock(mutex_);
    for (size_t i = 0; i < letters.size(); ++i) {
      const auto found = letters_.find(letters[i]);
      if (wrong[i].empty() && found != letters_.end()) {
        gone.push_back({std::string(kLetterKind), letters[i], found->second.version, std::nullopt});
      }
    }
  }
  if (gone.empty()) {
    return {};
  }
  FID_TRY(parts_.book.Commit(gone, {}));
  const std::unique_lock lock(mutex_);
  for (const guard::DocumentChange& one : gone) {
    letters_.erase(one.id);
  }
  return {};
}

Result<int> Connectors::TakeIn(const ConnectorPtr& connector, std::vector<Arrived> arrived,
                               const std::vector<Uuid>& letters) {
  Mapped mapped = MapAll(*connector, arrived, !letters.empty());
  int taken = 0;
  if (!mapped.events.empty()) {
    FID_ASSIGN(const auto outcomes,
               parts_.intake.Take(connector->stream, std::move(mapped.events), Json::object()));
    for (size_t e = 0; e < outcomes.size(); ++e) {
      if (outcomes[e].status == "refused") {
        mapped.wrong[mapped.of[e]] = outcomes[e].reason;
      } else {
        ++taken;
      }
    }
  }
  if (mapped.skipped > 0) {
    StreamCounts counts;
    counts.left_out["topic"] = mapped.skipped;
    parts_.streams.Count(connector->id, counts);
  }
  for (size_t i = 0; i < arrived.size(); ++i) {
    if (!mapped.wrong[i].empty() && letters.empty()) {
      FID_TRY(Bury(*connector, arrived[i], mapped.wrong[i]));
    }
  }
  FID_TRY(RemoveLetters(letters, mapped.wrong));
  const std::unique_lock lock(mutex_);
  Health& health = health_[connector->id].health;
  health.newest_ms = std::max(health.newest_ms, mapped.newest_ms);
  return taken;
}

Status Connectors::ForgetLetters() {
  std::vector<guard::DocumentChange> old;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, letter] : letters_) {
      if (parts_.clock.NowMs() - letter.letter.at_ms > kLetterKeptMs) {
        old.push_back({std::string(kLetterKind), id, letter.version, std::nullopt});
      }
    }
  }
  if (!old.empty()) {
    model::Access access;
    access.actor.role = "system";
    audit::Leaf leaf = parts_.gate.NewLeaf(access, "connector.forget", "done");
    leaf.count = old.size();
    FID_TRY(parts_.book.Commit(old, {leaf}));
    const std::unique_lock lock(mutex_);
    for (const guard::DocumentChange& one : old) {
      letters_.erase(one.id);
    }
  }
  return {};
}

Result<std::vector<DeadLetter>> Connectors::Letters(const model::Access& access,
                                                    const Uuid& id) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(Find(id));
  std::vector<DeadLetter> all;
  const std::shared_lock lock(mutex_);
  for (const auto& [letter, one] : letters_) {
    if (one.connector == id) {
      all.push_back(one.letter);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const DeadLetter& a, const DeadLetter& b) { return a.at_ms > b.at_ms; });
  return all;
}

Result<int> Connectors::Replay(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_ASSIGN(const ConnectorPtr connector, Find(id));
  FID_ASSIGN(const auto documents, parts_.book.Load(kLetterKind));
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "connector.replay", "done");
  leaf.detail = id.Text();
  FID_TRY(parts_.book.Record(leaf));
  int taken = 0;
  std::vector<Arrived> arrived;
  std::vector<Uuid> letters;
  const auto flush = [&]() -> Status {
    if (!arrived.empty()) {
      FID_ASSIGN(const int n, TakeIn(connector, std::exchange(arrived, {}), letters));
      taken += n;
      letters.clear();
    }
    return {};
  };
  for (const guard::Document& document : documents) {
    if (JsonText(document.json, "connector") == id.Text()) {
      arrived.push_back({JsonText(document.json, "id"), JsonText(document.json, "topic"),
                         document.json.value("record", Json())});
      letters.push_back(document.id);
    }
    if (arrived.size() >= kBatch) {
      FID_TRY(flush());
    }
  }
  FID_TRY(flush());
  return taken;
}

Status Connectors::Discard(const model::Access& access, const Uuid& id, const Uuid& letter) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  uint32_t version = 0;
  {
    const std::shared_lock lock(mutex_);
    const auto found = letters_.find(letter);
    if (found == letters_.end() || found->second.connector != id) {
      return Fail(Code::kNotFound, "there is no such record waiting");
    }
    version = found->second.version;
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "connector.discard", "done");
  leaf.detail = id.Text();
  FID_TRY(parts_.book.Commit({{std::string(kLetterKind), letter, version, std::nullopt}}, {leaf}));
  const std::unique_lock lock(mutex_);
  letters_.erase(letter);
  return {};
}

}  // namespace fiducia::collect
