// The connectors of the house: declared, kept going, and what could not be taken in.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "collect/connectors/connector.h"
#include "collect/connectors/peer.h"
#include "collect/events/intake.h"

namespace fiducia::collect {

// How a connector is doing.
struct Health {
  std::string cursor;     // of the other side: where to go on
  int64_t looked_ms = 0;  // when it was last reached, with or without anything new
  int64_t newest_ms = 0;  // when the newest thing it brought had happened
  int64_t failed_ms = 0;  // since when it fails; 0: it does not
  int failures = 0;       // in a row
  std::string why;        // a code and a literal: what was wrong last
  int64_t letters = 0;    // dead ones that wait
};

// A record that could not be taken in. It waits, sealed, until somebody mends what is wrong.
struct DeadLetter {
  Uuid id;
  int64_t at_ms = 0;
  std::string topic;
  std::string reason;
  size_t bytes = 0;
};

// Thread safe. All parts must outlive it.
class Connectors {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const guard::RegisterBook& book;
    const vault::Vault& vault;
    Streams& streams;
    Intake& intake;
    const Clock& clock;
    Rng& rng;
  };
  static Result<std::unique_ptr<Connectors>> Open(Parts parts);
  ~Connectors();

  // `secret`: of the other side; kept sealed, never shown. Errors: kInvalidInput, kUnknownSource,
  // kUnknownPurpose, kUnknownField, kPurposeRefused; kRoleRefused for one that reaches into the
  // house, unless its owner asks.
  Result<ConnectorPtr> Add(const model::Access& access, ConnectorSpec spec, std::string secret);
  // Errors: kNotFound, kConflict for one that ended.
  Status Turn(const model::Access& access, const Uuid& id, ConnectorState state);
  // Looks at once. Errors: kNotFound, kInvalidInput for a webhook; of the other side.
  Result<Health> RunNow(const model::Access& access, const Uuid& id);
  struct Listed {
    ConnectorPtr connector;
    Health health;
    StreamCounts counts;
  };
  Result<std::vector<Listed>> List(const model::Access& access) const;

  Result<std::vector<DeadLetter>> Letters(const model::Access& access, const Uuid& id) const;
  // Tries those that wait again; gives how many went through. Errors: kNotFound.
  Result<int> Replay(const model::Access& access, const Uuid& id);
  // Errors: kNotFound.
  Status Discard(const model::Access& access, const Uuid& id, const Uuid& letter);

  // A call of another system. Errors: kNotFound, kUnauthenticated, kTooManyRequests when too much
  // waits to be mended; of the store.
  Status Take(const Uuid& id, const http::Request& request);
  Result<std::string> AnswerCheck(const Uuid& id, const http::Request& request) const;

  // Looks wherever it is time to. Call often.
  Status Tick();
  // Does so by itself from now on.
  void Start();

 private:
  struct Kept {
    uint32_t version = 0;
    Health health;
    int64_t next_ms = 0;  // not before
    bool dirty = false;
  };
  struct Letter {
    uint32_t version = 0;
    Uuid connector;
    DeadLetter letter;
  };
  struct Arrived {
    std::string id;
    std::string topic;
    Json record;
  };
  explicit Connectors(Parts parts) : parts_(parts) {}
  Result<ConnectorPtr> Find(const Uuid& id) const;
  static Json DocumentOf(const Connector& connector);
  Result<Connector> ConnectorOf(const guard::Document& document) const;
  ConnectorPtr Made(Connector connector) const;
  Status CheckPurposes(const ConnectorSpec& spec) const;
  struct Mapped {
    std::vector<Json> events;
    std::vector<size_t> of;          // the record of each event
    std::vector<std::string> wrong;  // by record; empty: nothing
    int skipped = 0;                 // of topics that nobody asked for
    int64_t newest_ms = 0;
  };
  Mapped MapAll(const Connector& connector, const std::vector<Arrived>& arrived,
                bool replayed) const;
  Status RemoveLetters(const std::vector<Uuid>& letters, const std::vector<std::string>& wrong);
  // What could not be taken becomes dead letters; `letters`: those that `arrived` were until now.
  Result<int> TakeIn(const ConnectorPtr& connector, std::vector<Arrived> arrived,
                     const std::vector<Uuid>& letters);
  Status Bury(const Connector& connector, const Arrived& arrived, std::string_view reason);
  Result<bool> Look(const ConnectorPtr& connector);
  Status SaveHealth(const Uuid& id);
  Status SaveHeard();
  Status ForgetLetters();
  void Failed(const ConnectorPtr& connector, const Error& error);
  size_t WaitingOf(const Uuid& id) const;

  Parts parts_;
  std::mutex changing_;
  std::mutex looking_;
  mutable std::shared_mutex mutex_;
  std::map<Uuid, ConnectorPtr> known_;
  std::map<Uuid, Kept> health_;
  std::map<Uuid, Letter> letters_;
  std::map<Uuid, std::unique_ptr<Peer>> peers_;  // under looking_

  std::mutex stop_mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace fiducia::collect
