// The audit log of this installation: appends leaves inside group commits and publishes them as
// static files under <home>/audit with a signed checkpoint.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/leaf.h"
#include "audit/tree.h"
#include "store/session.h"

namespace fiducia::audit {

// Says when a queued leaf is durable. Copies share one state. Thread safe.
class Receipt {
 public:
  using Then = std::move_only_function<void(const Status&)>;
  Receipt();
  // Calls `then` once, now if it has happened already, else on the writer's thread.
  void Await(Then then) const;
  Status Wait() const;
  void Fulfil(const Status& status) const;
  // One that is durable already: nothing had to be written.
  static Receipt Done();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

class Publisher;

class Log : public store::Participant {
 public:
  // Errors: kCorrupt if the database is behind its published checkpoint or the chain is broken.
  static Result<std::unique_ptr<Log>> Open(store::Engine& engine, std::string folder,
                                           const std::string& origin,
                                           const crypto::SigningKey& key);
  ~Log() override;

  // Inside the data phase of a job, on the writer's thread. Gives the leaf's place.
  Result<uint64_t> Append(store::Session& data, const LeafDraft& draft);
  // The place the next leaf will get; on the writer's thread.
  uint64_t next_place() const { return head_.size; }
  // Queues a leaf of its own.
  Receipt Queue(LeafDraft draft);

  // Publishes all that is committed and gives the checkpoint's text.
  Result<std::string> Publish();
  // The last published checkpoint, and the files behind proofs. Errors: kNotFound before the first.
  Result<std::string> checkpoint() const;
  TileSource tiles() const;
  Result<Bytes> ReadEntry(uint64_t place) const;
  uint64_t published_size() const;
  std::string verifier() const;  // the public key's text
  // A note (C2SP) over a text that ends with a line break, signed by the log's key.
  std::string Sign(const std::string& text) const;

  void Mark() override;
  void Rollback() override;
  void Committed() override;
  void Failed() override;

 private:
  struct Head {
    uint64_t size = 0;
    crypto::Digest last{};
    size_t pending = 0;
  };
  Log(store::Engine& engine, std::unique_ptr<Publisher> publisher);

  store::Engine& engine_;
  std::unique_ptr<Publisher> publisher_;
  Head head_;       // with what this group has appended so far
  Head mark_;       // at the start of the running job
  Head committed_;  // durable
  std::vector<Bytes> pending_;
};

}  // namespace fiducia::audit
