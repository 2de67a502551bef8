// Going to the other side: who looks when, how far they came, and what went wrong.
#include <algorithm>

#include "base/log.h"
#include "collect/connectors/connectors.h"

namespace fiducia::collect {

namespace {

constexpr int64_t kLongestMs = 3600000;
constexpr size_t kThreads = 4;
// At one go; then the others have their turn.
constexpr int kBatchesAtOnce = 50;

}  // namespace

Json Health::ToJson() const {
  return {{"cursor", cursor},    {"looked", looked_ms},  {"newest", newest_ms},
          {"failed", failed_ms}, {"failures", failures}, {"why", why}};
}

Health Health::FromJson(const Json& json) {
  Health health;
  health.cursor = JsonText(json, "cursor");
  health.looked_ms = json.value("looked", int64_t{0});
  health.newest_ms = json.value("newest", int64_t{0});
  health.failed_ms = json.value("failed", int64_t{0});
  health.failures = json.value("failures", 0);
  health.why = JsonText(json, "why");
  return health;
}

Connectors::~Connectors() {
  {
    const std::lock_guard lock(stop_mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void Connectors::Start() {
  for (size_t i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this, i] { Run(i == 0); });
  }
}

void Connectors::Run(bool keeps_house) {
  const auto logged = [](const Status& status, Literal otherwise) {
    if (!status) {
      LogError(otherwise, status.error());
    }
  };
  while (!stop_) {
    if (keeps_house) {
      logged(ForgetLetters(), "old records that wait could not be forgotten");
      logged(SaveHeard(), "when webhooks were called could not be kept");
    }
    if (const ConnectorPtr due = TakeDue(); due != nullptr) {
      logged(LookOften(due->id), "a connector could not look, or take in what it found");
      const std::unique_lock lock(mutex_);
      taken_.erase(due->id);
      continue;
    }
    std::unique_lock lock(stop_mutex_);
    stopped_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_.load(); });
  }
}

std::shared_ptr<Connectors::Line> Connectors::LineOf(const Uuid& id) {
  const std::unique_lock lock(mutex_);
  std::shared_ptr<Line>& line = lines_[id];
  if (line == nullptr) {
    line = std::make_shared<Line>();
  }
  return line;
}

std::optional<int64_t> Connectors::DueSince(const Connector& connector) const {
  if (connector.state != ConnectorState::kRunning ||
      connector.spec.kind == ConnectorKind::kWebhook) {
    return std::nullopt;
  }
  const auto kept = health_.find(connector.id);
  const int64_t next = kept == health_.end() ? 0 : kept->second.next_ms;
  return next <= parts_.clock.NowMs() ? std::optional(next) : std::nullopt;
}

// The one that has waited longest and that nobody is at; nobody else is from now on.
ConnectorPtr Connectors::TakeDue() {
  const std::unique_lock lock(mutex_);
  ConnectorPtr longest;
  int64_t since = INT64_MAX;
  for (const auto& [id, connector] : known_) {
    const std::optional<int64_t> due = DueSince(*connector);
    if (due && *due < since && !taken_.contains(id)) {
      longest = connector;
      since = *due;
    }
  }
  if (longest != nullptr) {
    taken_.insert(longest->id);
  }
  return longest;
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
      parts_.book.Commit({{std::string(kHealthKind), id, kept.version, kept.health.ToJson()}}, {});
  if (!done) {
    const std::unique_lock lock(mutex_);
    --health_[id].version;
  }
  return done;
}

void Connectors::Failed(const ConnectorPtr& connector, Line& line, const Error& error) {
  line.peer.reset();
  const int64_t now = parts_.clock.NowMs();
  const std::unique_lock lock(mutex_);
  Kept& kept = health_[connector->id];
  ++kept.health.failures;
  kept.health.failed_ms = kept.health.failed_ms == 0 ? now : kept.health.failed_ms;
  kept.health.why = error.text();
  const int64_t every = int64_t{connector->spec.every_s} * 1000;
  kept.next_ms = now + std::min(kLongestMs, every << std::min(kept.health.failures, 10));
}

// One batch. True: there is more at once.
Result<bool> Connectors::Look(const ConnectorPtr& connector, Line& line) {
  if (WaitingOf(connector->id) >= kLettersMost) {
    return Fail(Code::kUnavailable, "too many records wait to be mended");
  }
  if (line.peer == nullptr) {
    FID_ASSIGN(line.peer, Reach(*connector));
  }
  std::string cursor;
  {
    const std::shared_lock lock(mutex_);
    const auto kept = health_.find(connector->id);
    cursor = kept == health_.end() ? "" : kept->second.health.cursor;
  }
  FID_ASSIGN(Pulled pulled, line.peer->Pull(cursor));
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
        health.looked_ms + (pulled.more ? 0 : int64_t{connector->spec.every_s} * 1000);
  }
  if (changed) {
    FID_TRY(SaveHealth(connector->id));
  }
  // Only now may the other side forget it.
  FID_TRY(line.peer->Done());
  return pulled.more;
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

// Until there is nothing more, it was turned off, or others have waited long enough.
Status Connectors::LookOften(const Uuid& id) {
  const std::shared_ptr<Line> line = LineOf(id);
  const std::lock_guard looking(line->looking);
  for (int batch = 0; batch < kBatchesAtOnce && !stop_; ++batch) {
    FID_ASSIGN(const ConnectorPtr connector, Find(id));
    if (connector->state != ConnectorState::kRunning) {
      line->peer.reset();
      return {};
    }
    const auto more = Look(connector, *line);
    if (!more) {
      Failed(connector, *line, more.error());
      FID_TRY(SaveHealth(id));
      return std::unexpected(more.error());
    }
    if (!*more) {
      break;
    }
  }
  return {};
}

Status Connectors::Tick() {
  FID_TRY(ForgetLetters());
  FID_TRY(SaveHeard());
  std::vector<Uuid> due;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, connector] : known_) {
      if (DueSince(*connector)) {
        due.push_back(id);
      }
    }
  }
  for (const Uuid& id : due) {
    (void)LookOften(id);  // what went wrong stands in its health
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
  FID_TRY(LookOften(id));
  const std::shared_lock lock(mutex_);
  const auto kept = health_.find(id);
  return kept == health_.end() ? Health() : kept->second.health;
}

}  // namespace fiducia::collect
