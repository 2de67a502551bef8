#include "collect/connectors/connectors.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "store/config_rows.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kKind = "connector";
constexpr std::string_view kHealthKind = "connector_state";
constexpr std::string_view kLetterKind = "dead_letter";
constexpr std::string_view kCapability = "connectors.manage";
constexpr size_t kLettersMost = 1000;
// Nobody's record holds them, so nobody's erasure reaches them: they go by themselves.
constexpr int64_t kLetterKeptMs = int64_t{30} * 86400000;
constexpr size_t kRecordMost = 256 * 1024;
constexpr size_t kBatch = 200;
constexpr int64_t kLongestMs = 3600000;
// What is signed without a time may come again; receipts are kept for thirty days.
constexpr int64_t kOldestMs = int64_t{25} * 86400000;

Json ToJson(const Health& health) {
  return {{"cursor", health.cursor},    {"looked", health.looked_ms},  {"newest", health.newest_ms},
          {"failed", health.failed_ms}, {"failures", health.failures}, {"why", health.why}};
}

Health HealthOf(const Json& json) {
  Health health;
  health.cursor = JsonText(json, "cursor");
  health.looked_ms = json.value("looked", int64_t{0});
  health.newest_ms = json.value("newest", int64_t{0});
  health.failed_ms = json.value("failed", int64_t{0});
  health.failures = json.value("failures", 0);
  health.why = JsonText(json, "why");
  return health;
}

}  // namespace

Json Connectors::DocumentOf(const Connector& connector) {
  return {{"spec", collect::ToJson(connector.spec)},
          {"secret", connector.secret},
          {"state", Name(connector.state)},
          {"created", connector.created_ms}};
}

Result<Connector> Connectors::ConnectorOf(const guard::Document& document) const {
  Connector connector;
  connector.id = document.id;
  connector.version = document.version;
  FID_ASSIGN(connector.spec, ConnectorSpecOf(document.json.value("spec", Json::object()),
                                             parts_.gate.policy().catalog));
  connector.secret = JsonText(document.json, "secret");
  const std::string state = JsonText(document.json, "state");
  connector.state = state == "paused"  ? ConnectorState::kPaused
                    : state == "ended" ? ConnectorState::kEnded
                                       : ConnectorState::kRunning;
  connector.created_ms = document.json.value("created", int64_t{0});
  return connector;
}

ConnectorPtr Connectors::Made(Connector connector) const {
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  Stream stream;
  stream.id = connector.id;
  stream.spec = StreamSpecOf(connector.spec);
  for (const std::string& id : stream.spec.fields) {
    stream.spec.paths[PathOf(*catalog.Find(id))] = id;
  }
  stream.manner.channel = "connector";
  stream.manner.operation = "connector.take";
  stream.manner.trusted = true;
  stream.manner.evidence = {"api", "connector", "connector:" + connector.id.Text(), Uuid()};
  connector.stream = collect::Made(std::move(stream), catalog);
  return std::make_shared<const Connector>(std::move(connector));
}

Result<std::unique_ptr<Connectors>> Connectors::Open(Parts parts) {
  std::unique_ptr<Connectors> made(new Connectors(parts));
  FID_ASSIGN(const auto connectors, parts.book.Load(kKind));
  for (const guard::Document& document : connectors) {
    FID_ASSIGN(Connector connector, made->ConnectorOf(document));
    made->known_[document.id] = made->Made(std::move(connector));
  }
  FID_ASSIGN(const auto states, parts.book.Load(kHealthKind));
  for (const guard::Document& document : states) {
    made->health_[document.id] = {document.version, HealthOf(document.json), 0, false};
  }
  FID_ASSIGN(const auto letters, parts.book.Load(kLetterKind));
  for (const guard::Document& document : letters) {
    const Json& json = document.json;
    Letter letter;
    letter.version = document.version;
    letter.connector = Uuid::Parse(JsonText(json, "connector")).value_or(Uuid());
    letter.letter = {document.id, json.value("at", int64_t{0}), JsonText(json, "topic"),
                     JsonText(json, "reason"), WriteJson(json["record"]).size()};
    made->letters_[document.id] = std::move(letter);
  }
  return made;
}

Connectors::~Connectors() {
  {
    const std::lock_guard lock(stop_mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Connectors::Start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(stop_mutex_);
    while (!stop_) {
      lock.unlock();
      if (const Status status = Tick(); !status) {
        LogError("what connectors bring could not be taken in", status.error());
      }
      lock.lock();
      stopped_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_; });
    }
  });
}

Status Connectors::CheckPurposes(const ConnectorSpec& spec) const {
  const rules::Policy& policy = parts_.gate.policy();
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_TRY(store::RequireSource(lease->session(store::Which::kData), 0, spec.source));
  }
  if (spec.purposes.empty()) {
    return Fail(Code::kPurposeRequired, "a connector names at least one purpose");
  }
  for (const FormPurpose& one : spec.purposes) {
    const rules::Purpose* purpose = policy.FindPurpose(one.id);
    if (purpose == nullptr) {
      return Fail(Code::kUnknownPurpose, "the purpose is not declared");
    }
    if (!purpose->AllowsBasis(one.basis)) {
      return Fail(Code::kPurposeRefused, "a purpose cannot rest on this lawful basis");
    }
  }
  // Over-collection is refused before anything is collected.
  Stream stream;
  stream.spec = StreamSpecOf(spec);
  const StreamPtr made = collect::Made(std::move(stream), policy.catalog);
  model::Access as;
  as.actor = made->actor;
  as.purpose = spec.purposes[0].id;
  const model::FieldSet over = made->fields - parts_.gate.Writable(as, made->spec.purposes);
  for (const rules::Field& field : policy.catalog.fields()) {
    if (over.Has(field.number)) {
      return Fail(Code::kPurposeRefused, "none of the purposes needs one of these fields",
                  field.number);
    }
  }
  return {};
}

Result<ConnectorPtr> Connectors::Add(const model::Access& access, ConnectorSpec spec,
                                     std::string secret) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(CheckPurposes(spec));
  Connector connector;
  connector.id = Uuid::V7(parts_.clock, parts_.rng);
  connector.version = 1;
  connector.spec = std::move(spec);
  connector.secret = std::move(secret);
  connector.created_ms = parts_.clock.NowMs();
  if (connector.Inside() && access.actor.role != "operator") {
    return Fail(Code::kRoleRefused,
                "only the owner of the home folder lets a connector reach into the house");
  }
  if (connector.spec.kind == ConnectorKind::kWebhook && connector.secret.size() < 16) {
    return Fail(Code::kInvalidInput, "a shared secret has at least 16 characters");
  }
  if (connector.spec.kind != ConnectorKind::kWebhook) {
    FID_TRY(Reach(connector));
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "connector.add", "done");
  leaf.detail = connector.id.Text() + " " + connector.spec.source;
  FID_TRY(
      parts_.book.Commit({{std::string(kKind), connector.id, 1, DocumentOf(connector)}}, {leaf}));
  ConnectorPtr made = Made(std::move(connector));
  const std::unique_lock lock(mutex_);
  return known_[made->id] = made;
}

Result<ConnectorPtr> Connectors::Find(const Uuid& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) {
    return Fail(Code::kNotFound, "there is no such connector");
  }
  return found->second;
}

Status Connectors::Turn(const model::Access& access, const Uuid& id, ConnectorState state) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(const ConnectorPtr known, Find(id));
  if (known->state == ConnectorState::kEnded || known->state == state) {
    return Fail(Code::kConflict, "it has ended, or is so already");
  }
  Connector connector = *known;
  ++connector.version;
  connector.state = state;
  if (state == ConnectorState::kEnded) {
    connector.secret.clear();
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access,
                                         state == ConnectorState::kEnded    ? "connector.end"
                                         : state == ConnectorState::kPaused ? "connector.pause"
                                                                            : "connector.resume",
                                         "done");
  leaf.detail = id.Text();
  FID_TRY(parts_.book.Commit({{std::string(kKind), id, connector.version, DocumentOf(connector)}},
                             {leaf}));
  const std::unique_lock lock(mutex_);
  known_[id] = Made(std::move(connector));
  health_[id].next_ms = 0;
  return {};
}

size_t Connectors::WaitingOf(const Uuid& id) const {
  const std::shared_lock lock(mutex_);
  return static_cast<size_t>(std::count_if(letters_.begin(), letters_.end(), [&](const auto& one) {
    return one.second.connector == id;
  }));
}

Result<std::vector<Connectors::Listed>> Connectors::List(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  std::vector<Listed> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, connector] : known_) {
      const auto kept = health_.find(id);
      all.push_back({connector, kept == health_.end() ? Health() : kept->second.health,
                     parts_.streams.CountsOf(id)});
    }
  }
  for (Listed& one : all) {
    one.health.letters = static_cast<int64_t>(WaitingOf(one.connector->id));
  }
  std::reverse(all.begin(), all.end());
  return all;
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

Status Connectors::SaveHealth(const Uuid& id) {
  Kept kept;
  {
    const std::unique_lock lock(mutex_);
    kept = health_[id];
    ++kept.version;
    health_[id].version = kept.version;
  }
  const Status done =
      parts_.book.Commit({{std::string(kHealthKind), id, kept.version, ToJson(kept.health)}}, {});
  if (!done) {
    const std::unique_lock lock(mutex_);
    --health_[id].version;
  }
  return done;
}

void Connectors::Failed(const ConnectorPtr& connector, const Error& error) {
  const int64_t now = parts_.clock.NowMs();
  const std::unique_lock lock(mutex_);
  Kept& kept = health_[connector->id];
  ++kept.health.failures;
  kept.health.failed_ms = kept.health.failed_ms == 0 ? now : kept.health.failed_ms;
  kept.health.why = error.text();
  const int64_t every = int64_t{connector->spec.every_s} * 1000;
  kept.next_ms = now + std::min(kLongestMs, every << std::min(kept.health.failures, 10));
  peers_.erase(connector->id);
}

// One batch. True: there is more at once.
Result<bool> Connectors::Look(const ConnectorPtr& connector) {
  if (WaitingOf(connector->id) >= kLettersMost) {
    return Fail(Code::kUnavailable, "too many records wait to be mended");
  }
  std::unique_ptr<Peer>& peer = peers_[connector->id];
  if (peer == nullptr) {
    FID_ASSIGN(peer, Reach(*connector));
  }
  std::string cursor;
  {
    const std::shared_lock lock(mutex_);
    const auto kept = health_.find(connector->id);
    cursor = kept == health_.end() ? "" : kept->second.health.cursor;
  }
  FID_ASSIGN(Pulled pulled, peer->Pull(cursor));
  std::vector<PulledRecord>& records = pulled.records;
  for (size_t from = 0; from < records.size(); from += kBatch) {
    std::vector<Arrived> arrived;
    for (size_t i = from; i < std::min(from + kBatch, records.size()); ++i) {
      arrived.push_back({std::move(records[i].id), "", std::move(records[i].record)});
    }
    FID_TRY(TakeIn(connector, std::move(arrived), {}));
  }
  bool changed = false;
  {
    const std::unique_lock lock(mutex_);
    Health& health = health_[connector->id].health;
    changed = health.cursor != pulled.cursor || health.failures != 0 || health.looked_ms == 0 ||
              !pulled.records.empty();
    health.cursor = pulled.cursor;
    health.looked_ms = parts_.clock.NowMs();
    health.failed_ms = 0;
    health.failures = 0;
    health.why.clear();
    health_[connector->id].next_ms =
        pulled.more ? 0 : health.looked_ms + int64_t{connector->spec.every_s} * 1000;
  }
  if (changed) {
    FID_TRY(SaveHealth(connector->id));
  }
  // Only now may the other side forget it.
  FID_TRY(peer->Done());
  return pulled.more;
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

// What webhooks brought is seen after a restart too.
Status Connectors::SaveHeard() {
  std::vector<Uuid> heard;
  {
    const std::unique_lock lock(mutex_);
    for (auto& [id, kept] : health_) {
      if (kept.dirty && kept.next_ms <= parts_.clock.NowMs()) {
        kept.dirty = false;
        kept.next_ms = parts_.clock.NowMs() + 60000;
        heard.push_back(id);
      }
    }
  }
  for (const Uuid& id : heard) {
    FID_TRY(SaveHealth(id));
  }
  return {};
}

Status Connectors::Tick() {
  const std::lock_guard looking(looking_);
  FID_TRY(ForgetLetters());
  FID_TRY(SaveHeard());
  std::vector<ConnectorPtr> due;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, connector] : known_) {
      const auto kept = health_.find(id);
      const int64_t next = kept == health_.end() ? 0 : kept->second.next_ms;
      if (connector->state == ConnectorState::kRunning &&
          connector->spec.kind != ConnectorKind::kWebhook && next <= parts_.clock.NowMs()) {
        due.push_back(connector);
      }
    }
  }
  for (const ConnectorPtr& connector : due) {
    // Many batches, but never for so long that the others starve.
    for (int batch = 0; batch < 50; ++batch) {
      const auto more = Look(connector);
      if (!more) {
        Failed(connector, more.error());
        FID_TRY(SaveHealth(connector->id));
        break;
      }
      const std::lock_guard lock(stop_mutex_);
      if (!*more || stop_) {
        break;
      }
    }
  }
  return {};
}

Result<Health> Connectors::RunNow(const model::Access& access, const Uuid& id) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_ASSIGN(const ConnectorPtr connector, Find(id));
  if (connector->spec.kind == ConnectorKind::kWebhook) {
    return Fail(Code::kInvalidInput, "a webhook is called; it does not look");
  }
  if (connector->state != ConnectorState::kRunning) {
    return Fail(Code::kConflict, "the connector does not run");
  }
  const std::lock_guard looking(looking_);
  for (bool more = true; more;) {
    const auto looked = Look(connector);
    if (!looked) {
      Failed(connector, looked.error());
      FID_TRY(SaveHealth(id));
      return std::unexpected(looked.error());
    }
    more = *looked;
  }
  const std::shared_lock lock(mutex_);
  Health health = health_[id].health;
  return health;
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

Status Connectors::Take(const Uuid& id, const http::Request& request) {
  FID_ASSIGN(const ConnectorPtr connector, Find(id));
  if (connector->spec.kind != ConnectorKind::kWebhook ||
      connector->state == ConnectorState::kEnded) {
    return Fail(Code::kNotFound, "there is no such connector");
  }
  const auto& settings = connector->spec.settings;
  FID_ASSIGN(const Signing signing, SigningNamed(settings.at("signing")));
  const auto header = settings.find("header");
  const std::string name = header == settings.end() ? "x-signature" : LowerAscii(header->second);
  const int64_t now = parts_.clock.NowMs();
  const auto call = CheckSigned(signing, connector->secret, name, request, now);
  if (!call) {
    StreamCounts counts;
    counts.refused["signature"] = 1;
    counts.last_ms = now;
    parts_.streams.Count(id, counts);
    return std::unexpected(call.error());
  }
  // Paused: the sender keeps it and comes again.
  if (connector->state == ConnectorState::kPaused) {
    return Fail(Code::kUnavailable, "the connector is paused: send it again later");
  }
  if (WaitingOf(id) >= kLettersMost) {
    return Fail(Code::kTooManyRequests, "too many records wait to be mended: send it again later");
  }
  auto record = ParseJson(call->body);
  Arrived arrived;
  arrived.topic = call->topic;
  // What is not signed cannot tell two calls apart.
  arrived.id = call->id.empty() ? ToHex(parts_.vault.HashOf(call->body)) : call->id;
  if (!record) {
    arrived.record =
        call->body.size() <= kRecordMost && IsUtf8(call->body) ? Json(call->body) : Json();
    FID_TRY(Bury(*connector, arrived, "the body is no JSON"));
  } else {
    arrived.record = std::move(*record);
    std::vector<Arrived> all;
    all.push_back(std::move(arrived));
    FID_TRY(TakeIn(connector, std::move(all), {}));
  }
  const std::unique_lock lock(mutex_);
  health_[id].health.looked_ms = now;
  health_[id].dirty = true;
  return {};
}

Result<std::string> Connectors::AnswerCheck(const Uuid& id, const http::Request& request) const {
  FID_ASSIGN(const ConnectorPtr connector, Find(id));
  const auto signing = connector->spec.settings.find("signing");
  if (signing == connector->spec.settings.end() || signing->second != "wecom" ||
      connector->state == ConnectorState::kEnded) {
    return Fail(Code::kNotFound, "there is no such connector");
  }
  return AnswerWeCom(connector->secret, request, parts_.clock.NowMs());
}

}  // namespace fiducia::collect
