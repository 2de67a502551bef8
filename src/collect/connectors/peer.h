// The other side of a connector that we go to: gives its records from a place on, as often as
// asked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collect/connectors/connector.h"

namespace fiducia::collect {

struct PulledRecord {
  std::string id;  // the same whenever it is given again; different from any other record's
  Json record;
};

struct Pulled {
  std::vector<PulledRecord> records;
  std::string cursor;  // where to go on once these are on record
  bool more = false;   // at once
};

class Peer {
 public:
  virtual ~Peer() = default;
  // From `cursor` on (empty: from the start). Errors: kUnavailable, kDenied, kInvalidInput.
  virtual Result<Pulled> Pull(const std::string& cursor) = 0;
  // What was given last is durable now.
  virtual Status Done() { return {}; }
};

// Errors: kInvalidInput. One for each kind; `files` is how a folder is read.
Result<std::unique_ptr<Peer>> ReachFolder(const Connector& connector);
Result<std::unique_ptr<Peer>> ReachRest(const Connector& connector);
Result<std::unique_ptr<Peer>> ReachMailbox(const Connector& connector);
Result<std::unique_ptr<Peer>> ReachTable(const Connector& connector);
Result<std::unique_ptr<Peer>> ReachNats(const Connector& connector);
Result<std::unique_ptr<Peer>> Reach(const Connector& connector);

}  // namespace fiducia::collect
