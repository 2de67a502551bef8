// Sessions of people: opaque tokens, kept as hashes, ended by idling, by age, and at once when the
// person's standing changes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "guard/register_book.h"

namespace fiducia::guard {

constexpr int64_t kIdleMs = 15 * 60000;
constexpr int64_t kSessionMs = 12 * 3600000;
constexpr int64_t kStepUpMs = 15 * 60000;  // how long a second factor counts as fresh

struct Session {
  Uuid id;
  uint32_t version = 0;
  Bytes token_hash;
  Uuid user;
  int factors = 1;     // 2: a second factor was shown
  std::string device;  // what the browser calls itself, shortened
  int64_t created_ms = 0;
  int64_t seen_ms = 0;
  int64_t factor_ms = 0;  // when the second factor was shown last
  std::string csrf;       // of the current token; in memory only
};

// Thread safe.
class Sessions {
 public:
  // `kind`: the register they are kept in. Those of customers are kept apart from those of staff.
  Sessions(const RegisterBook& book, const vault::Vault& vault, const Clock& clock, Rng& rng,
           std::string kind = "session")
      : book_(book), vault_(vault), clock_(clock), rng_(rng), kind_(std::move(kind)) {}
  Status Load();

  struct Opened {
    Session session;
    std::string token;  // for the cookie: kept nowhere
  };
  // A new session, or, with `before`, the same with a new token and what has changed.
  Result<Opened> Start(Session session, const audit::Leaf& leaf,
                       std::vector<DocumentChange> with = {});
  Result<Opened> Rotate(const Session& before, int factors, const audit::Leaf& leaf,
                        std::vector<DocumentChange> with = {});
  // Errors: kUnauthenticated for every fault alike.
  Result<Session> Find(std::string_view token);
  std::vector<Session> Of(const Uuid& user) const;
  Status End(const Session& session, const audit::Leaf& leaf);

  // What a commit must hold to end all sessions of `user`; then Forget.
  std::vector<DocumentChange> ChangesToEnd(const Uuid& user) const;
  void Forget(const Uuid& user);

 private:
  DocumentChange ChangeOf(const Session& session) const;
  bool Live(const Session& session) const;
  Result<Opened> Keep(Session session, const audit::Leaf& leaf, std::vector<DocumentChange> with);

  const RegisterBook& book_;
  const vault::Vault& vault_;
  const Clock& clock_;
  Rng& rng_;
  std::string kind_;
  mutable std::mutex mutex_;
  std::map<Bytes, Session> sessions_;  // by hash of the token
};

}  // namespace fiducia::guard
