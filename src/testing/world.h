// A whole installation in a temporary folder, for tests. Removed when it goes.
#pragma once

#include <memory>
#include <string>

#include "db/engine.h"
#include "http/server.h"
#include "server/instance.h"
#include "testing/covers.h"

namespace fiducia::testing {

// Time that moves only when told to.
class FakeClock : public Clock {
 public:
  int64_t NowMs() const override { return now_ms_; }
  int64_t MonotonicMs() const override { return monotonic_ms_; }
  void Advance(int64_t ms) {
    now_ms_ += ms;
    monotonic_ms_ += ms;
  }
  void JumpWallTo(int64_t ms) { now_ms_ = ms; }

 private:
  int64_t now_ms_ = 1795521600000;  // 2026-11-24T12:00:00Z
  int64_t monotonic_ms_ = 1000000;
};

class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  server::Instance& instance() { return *instance_; }
  const server::Home& home() const { return home_; }
  FakeClock& clock() { return clock_; }

  // Closes and opens the installation. Fails the test if it does not open.
  void Reopen();
  void Close() { instance_.reset(); }
  // Opens; gives the trouble's text, or "" if it opened.
  std::string TryOpen();

  // From the next opening on, this stands for the identity provider.
  void set_fetch(guard::Fetch fetch) { fetch_ = std::move(fetch); }
  // And this for the mail server.
  void set_send(courier::SendFn send) { send_ = std::move(send); }

  // A key of this role.
  std::string Key(const std::string& role);
  // Sends to the API as the network would, with a key of `role` ("" for none).
  http::Response Send(const std::string& role, const std::string& method, const std::string& path,
                      const std::string& purpose = {}, const std::string& body = {},
                      const std::map<std::string, std::string>& headers = {});
  // Sends as the owner of the folder.
  http::Response Local(const std::string& method, const std::string& path,
                       const std::string& purpose = {}, const std::string& body = {});

  // The leaves of the log with this operation; with any decision if that is empty.
  int Leaves(const std::string& operation, const std::string& decision = {});

  // Adds a customer with these fields under contract for `service`; gives its id.
  std::string AddCustomer(const Json& fields, const std::string& purpose = "service");

  // Waits until what goes on after answers is done too.
  void Settle() { instance_->api().Settle(); }

  // A request as the owner.
  model::Access Owner(const std::string& purpose = "service");

  // Whether any file of the home holds these bytes.
  bool AnyFileHolds(std::string_view bytes) const {
    return HeldInClear({std::string(bytes)}) != "";
  }
  // The first of these that some file holds, or "".
  std::string HeldInClear(const std::vector<std::string>& markers) const;
  // Runs SQL on one of the databases itself, on every server of it, the installation closed.
  void Tamper(db::Which which, const std::string& sql);
  // A connection to every server of one of the databases, behind the product's back.
  std::vector<std::unique_ptr<db::SchemaSession>> BareServers(db::Which which) const;
  // The same where there is one server, as in every store but a split one.
  std::unique_ptr<db::SchemaSession> Bare(db::Which which) const;

 private:
  server::Home home_;
  FakeClock clock_;
  std::unique_ptr<server::Instance> instance_;
  std::map<std::string, std::string> keys_;
  guard::Fetch fetch_;
  courier::SendFn send_;
};

// The store that the environment asks for. FIDUCIA_TEST_PG is KIND:FILE, the file of a running
// cluster and how it is used: plain; partitioned, tables by bucket; serializable, all transactions;
// split, buckets over its three servers. Without it: sqlite.
std::string StoreKind();
bool OnPostgres();
// Where a store of its own is, for tests of the store alone. `folder` must exist.
db::StoreAddress FreshStore(const std::string& folder);

// How that store is opened.
server::StoreOpener Opener();

Json Body(const http::Response& response);
std::string TempFolder();

}  // namespace fiducia::testing
