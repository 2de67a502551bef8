// One installation, opened: the only wiring of the product, in the order of src/MODULES.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "api/api.h"
#include "audit/verify.h"
#include "gate/state_digest.h"
#include "recovery/fsck.h"

namespace fiducia::server {

// The files of an installation.
struct Home {
  std::string folder;
  std::string Db() const { return folder + "/db"; }
  std::string Audit() const { return folder + "/audit"; }
  std::string RootKey() const { return folder + "/root.key"; }
  std::string Certificate() const { return folder + "/tls/cert.pem"; }
  std::string CertificateKey() const { return folder + "/tls/key.pem"; }
  std::string Policy() const { return folder + "/policy"; }
  std::string Store() const { return folder + "/store.json"; }  // missing: SQLite in Db()
  // The newest checkpoint that somebody outside has seen; there only until the log has caught up.
  std::string Witness() const { return folder + "/audit/witness"; }
  std::string Socket() const { return folder + "/run/local.sock"; }
};

// How a store is opened: db::OpenStore, or a test's own way.
using StoreOpener = std::function<Result<std::unique_ptr<db::Engine>>(
    const db::StoreAddress& address, std::span<const db::Migration> migrations,
    std::string* detail)>;

struct InitOptions {
  std::string jurisdiction = "CN";  // where the company is established
  std::string host = "localhost";   // the name in the certificate
  std::string passphrase;           // empty: a root key file
  std::string store;                // a PostgreSQL address; empty: SQLite in the home
  std::string keys_store;           // the same, for the keys: another database or instance
  std::string schema = "fiducia";   // prefix of the schemas in PostgreSQL
  bool partitioned = false;         // PostgreSQL: tables partitioned by bucket
  StoreOpener opener = db::OpenStore;
  const Clock* clock = nullptr;  // the system's if null
};

struct InitResult {
  std::string instance;
  std::string admin_key;
  std::string verifier;
};

// What opening needs beside the folder.
struct OpenOptions {
  std::string passphrase;
  const Clock* clock = nullptr;  // the system's if null
  Rng* rng = nullptr;
  bool recovering = false;      // also where the log is behind its witness
  bool unsigned_packs = false;  // also where an added pack of law is not signed: to sign it
  StoreOpener opener = db::OpenStore;
  guard::Fetch fetch;    // the way to the identity provider; empty: the network
  courier::SendFn send;  // the way messages go; empty: the mail server
};

// Errors that a person must understand: they may name files and lines, never personal data.
struct Trouble {
  std::string text;
  Code code = Code::kInternal;
};
template <typename T>
using Outcome = std::expected<T, Trouble>;
Trouble TroubleOf(const Error& error);

class Instance {
 public:
  struct Parts;  // private to server
  // Makes a new installation in an empty or missing folder.
  static Outcome<InitResult> Init(const Home& home, const InitOptions& options);
  static Outcome<std::unique_ptr<Instance>> Open(const Home& home, const OpenOptions& options = {});
  ~Instance();

  api::Api& api();
  vault::LocalKeyService& keys();
  const gate::Gate& gate();
  db::Engine& engine();
  const apps::CustomerService& customers();
  const collect::Importer& importer();
  const process::RecordBuilder& builder();
  const process::Cleaner& cleaner();
  guard::ServiceKeys& service_keys();
  guard::SignIn& sign_in();
  audit::Log& log();
  govern::Doors& doors();
  courier::Outbox& outbox();
  const govern::Unsubscribe& unsubscribe();
  gate::StateDigest& state();
  recovery::Parts recovery();
  // Errors: kCorrupt if the log is behind the witness that lies in the home, or differs from it.
  Status CheckWitness() const;
  // Where the portal is seen from outside: on this port of the site.
  void SetPort(int port);
  // What is due by the calendar; call now and then.
  void Housekeep();
  // From now on connectors look wherever it is time to.
  void StartConnectors();
  collect::Connectors& connectors();
  Status StartBackup(const std::string& folder, int64_t every_ms);
  // A note signed by the log's key.
  Result<std::string> SignStatement(const std::string& text) const;
  const vault::Vault& vault();
  Uuid operator_id() const;

  // Runs one request as the owner of the home folder, and waits for the answer.
  http::Response Call(http::Request request);

 private:
  explicit Instance(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Checks the audit log of a home from its files; reads the database too if it is there.
audit::VerifyReport VerifyHome(const Home& home, const audit::Progress& progress = {});

}  // namespace fiducia::server
