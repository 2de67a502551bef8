// The connectors of the house: declared, kept going, and what could not be taken in.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
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

  Json ToJson() const;  // without the last
  static Health FromJson(const Json& json);
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
  // Looks at once, as far as one look goes; what is left follows by itself. Errors: kNotFound,
  // kInvalidInput for a webhook; of the other side.
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

  // Looks wherever it is time to, one after the other, and forgets what is old. Call often.
  Status Tick();
  // Does so by itself from now on, at several connectors at a time: one whose other side hangs
  // holds up no other.
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
  // The way to the other side of one connector: gone one at a time.
  struct Line {
    std::mutex looking;
    std::unique_ptr<Peer> peer;
  };
  static constexpr std::string_view kHealthKind = "connector_state";
  static constexpr std::string_view kLetterKind = "dead_letter";
  static constexpr std::string_view kCapability = "connectors.manage";
  static constexpr size_t kLettersMost = 1000;
  static constexpr size_t kRecordMost = 256 * 1024;
  static constexpr size_t kBatch = 200;

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
  std::shared_ptr<Line> LineOf(const Uuid& id);
  // When it was to look, if that time has come; under mutex_.
  std::optional<int64_t> DueSince(const Connector& connector) const;
  ConnectorPtr TakeDue();
  void Run(bool keeps_house);
  Result<bool> Look(const ConnectorPtr& connector, Line& line);
  Status LookOften(const Uuid& id);
  Status SaveHealth(const Uuid& id);
  Status SaveHeard();
  Status ForgetLetters();
  void Failed(const ConnectorPtr& connector, Line& line, const Error& error);
  size_t WaitingOf(const Uuid& id) const;

  Parts parts_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<Uuid, ConnectorPtr> known_;
  std::map<Uuid, Kept> health_;
  std::map<Uuid, Letter> letters_;
  std::map<Uuid, std::shared_ptr<Line>> lines_;
  std::set<Uuid> taken_;  // that some thread is at

  std::mutex stop_mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace fiducia::collect
