// Takes events in: finds who each is about, keeps what its purposes need and the person allows,
// seals it, and writes a batch in one go. What is sent again is not taken twice.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "collect/events/event.h"
#include "collect/events/sealing_key.h"
#include "collect/events/streams.h"
#include "govern/lawful/source_terms.h"
#include "process/record/event.h"
#include "process/record/reader.h"

namespace fiducia::collect {

// What became of one event.
struct EventOutcome {
  std::string message_id;
  // accepted; duplicate: taken before; dropped: the person does not allow it; refused: it is wrong
  std::string status = "accepted";
  std::string reason;
};

// Thread safe. All parts must outlive it.
class Intake {
 public:
  struct Parts {
    store::Engine& engine;
    const gate::Gate& gate;
    const process::RecordReader& records;
    Streams& streams;
    const SealingKey& key;
    const govern::SourceRegister& sources;
    const Clock& clock;
    Rng& rng;
    std::string jurisdiction;  // where the company is established
  };
  explicit Intake(Parts parts) : parts_(std::move(parts)) {}

  // In the order of `items`; what is accepted is durable. `shared`: members that a batch has once.
  // Errors: of the store; nothing was taken then.
  Result<std::vector<EventOutcome>> Take(const StreamPtr& stream, std::vector<Json> items,
                                         const Json& shared);
  // Forgets what came long ago. Call now and then.
  Status Tick();

 private:
  class Run;
  // Identities that a batch under way may bring for the first time: another batch that names one
  // waits, and then finds it.
  class Claim;

  Parts parts_;
  std::mutex claims_mutex_;
  std::condition_variable released_;
  std::set<std::string> claimed_;
  int64_t forgotten_ms_ = 0;
};

}  // namespace fiducia::collect
