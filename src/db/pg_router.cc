#include "db/pg_router.h"

#include "base/clock.h"
#include "base/log.h"

namespace fiducia::db {

namespace {

constexpr int64_t kMapLifeMs = 60000;

}  // namespace

PgRouter::PgRouter(std::string dsn, std::string schema, Load load)
    : dsn_(std::move(dsn)), schema_(std::move(schema)), load_(std::move(load)) {}

std::shared_ptr<PgRouter::Map> PgRouter::map() {
  const std::lock_guard lock(mutex_);
  const int64_t now = SystemClock().MonotonicMs();
  if (map_ != nullptr && now - map_->loaded_ms < kMapLifeMs && !doubted_) {
    return map_;
  }
  doubted_ = false;
  auto placement = load_();
  if (!placement) {
    // An old map costs a detour, never an answer.
    LogError("the placement of buckets could not be read", placement.error());
    map_ = map_ == nullptr ? std::make_shared<Map>() : map_;
    map_->loaded_ms = now;
    return map_;
  }
  auto fresh = std::make_shared<Map>();
  fresh->loaded_ms = now;
  for (const PgNode& node : placement->nodes) {
    fresh->connectors.push_back(std::make_unique<PgConnector>(dsn_, schema_, node));
  }
  fresh->placement = std::move(*placement);
  map_ = std::move(fresh);
  return map_;
}

PgSession* PgRoutedSession::OwnerOf(const Statement& statement, std::span<const Param> params) {
  const auto at = BucketParameter(statement);
  if (!at || *at >= params.size() || params[*at].kind() != Param::Kind::kInt) {
    return nullptr;
  }
  if (const auto map = router_.map(); map != map_) {
    map_ = map;
    sessions_.clear();
    sessions_.resize(map_->connectors.size());
  }
  const auto bucket = static_cast<uint64_t>(params[*at].number());
  if (map_->connectors.empty() || bucket >= kPlacedBuckets) {
    return nullptr;
  }
  const size_t node = map_->placement.node_of[bucket];
  if (sessions_[node] == nullptr) {
    sessions_[node] = std::make_unique<PgSession>(*map_->connectors[node]);
  }
  return sessions_[node].get();
}

Status PgRoutedSession::Query(const Statement& statement, std::span<const Param> params,
                              const EachRow& each) {
  if (PgSession* owner = OwnerOf(statement, params); owner != nullptr) {
    const Status status = owner->Query(statement, params, each);
    if (status || status.error().code() != Code::kUnavailable) {
      ++routed_;
      return status;
    }
    router_.Doubt();
  }
  return whole_.Query(statement, params, each);
}

}  // namespace fiducia::db
