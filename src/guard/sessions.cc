#include "guard/sessions.h"

#include <algorithm>

#include "crypto/second_factor.h"

namespace fiducia::guard {

namespace {

constexpr size_t kTokenSize = 32;

}  // namespace

DocumentChange Sessions::ChangeOf(const Session& session) const {
  Json json;
  json["token"] = ToBase64(session.token_hash);
  json["user"] = session.user.Text();
  json["factors"] = session.factors;
  json["device"] = session.device;
  json["created"] = session.created_ms;
  json["seen"] = session.seen_ms;
  json["factor"] = session.factor_ms;
  return {kind_, session.id, session.version, std::move(json)};
}

Status Sessions::Load() {
  FID_ASSIGN(const auto documents, book_.Load(kind_));
  const std::lock_guard lock(mutex_);
  for (const Document& document : documents) {
    const Json& json = document.json;
    Session session;
    session.id = document.id;
    session.version = document.version;
    FID_ASSIGN(session.token_hash, FromBase64(JsonText(json, "token")));
    FID_ASSIGN(session.user, Uuid::Parse(JsonText(json, "user")));
    session.factors = json.value("factors", 1);
    session.device = JsonText(json, "device");
    session.created_ms = json.value("created", int64_t{0});
    session.seen_ms = json.value("seen", int64_t{0});
    session.factor_ms = json.value("factor", int64_t{0});
    sessions_[session.token_hash] = session;
  }
  return {};
}

bool Sessions::Live(const Session& session) const {
  const int64_t now = clock_.NowMs();
  return now < session.created_ms + kSessionMs && now < session.seen_ms + kIdleMs &&
         session.seen_ms <= now + kIdleMs;
}

Result<Sessions::Opened> Sessions::Keep(Session session, const audit::Leaf& leaf,
                                        std::vector<DocumentChange> with) {
  Bytes secret(kTokenSize, '\0');
  rng_.Fill(secret);
  const std::string token = ToBase64Url(secret);
  session.token_hash = vault_.HashOf(token);
  session.csrf = ToBase64Url(vault_.KeyedHash("csrf", token));
  session.seen_ms = clock_.NowMs();
  // What has ended is cleared away with the next that starts.
  std::vector<Session> ended;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [hash, one] : sessions_) {
      if (!Live(one) && one.id != session.id) {
        ended.push_back(one);
      }
    }
  }
  for (const Session& one : ended) {
    with.push_back({kind_, one.id, one.version, std::nullopt});
  }
  with.push_back(ChangeOf(session));
  FID_TRY(book_.Commit(with, {leaf}));
  const std::lock_guard lock(mutex_);
  for (const Session& one : ended) {
    sessions_.erase(one.token_hash);
  }
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.id == session.id; });
  sessions_[session.token_hash] = session;
  return Opened{session, token};
}

Result<Sessions::Opened> Sessions::Start(Session session, const audit::Leaf& leaf,
                                         std::vector<DocumentChange> with) {
  session.id = Uuid::V7(clock_, rng_);
  session.version = 1;
  session.created_ms = clock_.NowMs();
  session.factor_ms = session.factors > 1 ? session.created_ms : 0;
  return Keep(std::move(session), leaf, std::move(with));
}

Result<Sessions::Opened> Sessions::Rotate(const Session& before, int factors,
                                          const audit::Leaf& leaf,
                                          std::vector<DocumentChange> with) {
  Session session = before;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(before.token_hash);
    if (found == sessions_.end()) {
      return Fail(Code::kUnauthenticated, "the session has ended");
    }
    session.version = found->second.version + 1;
  }
  session.factors = factors;
  session.factor_ms = factors > 1 ? clock_.NowMs() : session.factor_ms;
  return Keep(std::move(session), leaf, std::move(with));
}

Result<Session> Sessions::Find(std::string_view token) {
  const auto unknown = [] {
    return Fail(Code::kUnauthenticated, "sign in first: there is no such session, or it has ended");
  };
  if (token.size() < kTokenSize || token.size() > 64) {
    return unknown();
  }
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(vault_.HashOf(token));
  if (found == sessions_.end() || !Live(found->second)) {
    return unknown();
  }
  Session& live = found->second;
  // Not written down: after a restart, who was not just signing in signs in again.
  live.seen_ms = clock_.NowMs();
  if (live.csrf.empty()) {
    live.csrf = ToBase64Url(vault_.KeyedHash("csrf", token));
  }
  return live;
}

std::vector<Session> Sessions::Of(const Uuid& user) const {
  const std::lock_guard lock(mutex_);
  std::vector<Session> all;
  for (const auto& [hash, session] : sessions_) {
    if (session.user == user && Live(session)) {
      all.push_back(session);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Session& a, const Session& b) { return a.seen_ms > b.seen_ms; });
  return all;
}

Status Sessions::End(const Session& session, const audit::Leaf& leaf) {
  FID_TRY(book_.Commit({{kind_, session.id, session.version, std::nullopt}}, {leaf}));
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.id == session.id; });
  return {};
}

std::vector<DocumentChange> Sessions::ChangesToEnd(const Uuid& user) const {
  const std::lock_guard lock(mutex_);
  std::vector<DocumentChange> changes;
  for (const auto& [hash, session] : sessions_) {
    if (session.user == user) {
      changes.push_back({kind_, session.id, session.version, std::nullopt});
    }
  }
  return changes;
}

void Sessions::Forget(const Uuid& user) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.user == user; });
}

}  // namespace fiducia::guard
