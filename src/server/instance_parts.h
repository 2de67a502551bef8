// Private to server: all that an opened installation is made of, in the order in which it is made.
#pragma once

#include <memory>
#include <string>

#include "process/feed/change_feed.h"
#include "server/instance.h"

namespace fiducia::server {

struct Instance::Parts {
  rules::Policy policy;
  std::unique_ptr<db::Engine> engine;
  std::unique_ptr<vault::LocalKeyService> keys;
  std::unique_ptr<audit::Log> log;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<gate::Gate> gate;
  std::unique_ptr<gate::StateDigest> state;
  std::unique_ptr<process::ChangeFeed> changes;
  process::Cleaner cleaner;
  process::TextCounts texts;
  std::unique_ptr<process::RecordBuilder> builder;
  std::unique_ptr<process::RecordReader> records;
  std::unique_ptr<guard::RegisterBook> registers;
  std::unique_ptr<govern::SourceRegister> sources;
  std::unique_ptr<apps::CustomerService> customers;
  std::unique_ptr<apps::Merges> merges;
  std::unique_ptr<collect::Importer> importer;
  std::unique_ptr<guard::ServiceKeys> service_keys;
  std::unique_ptr<guard::Sessions> sessions;
  std::unique_ptr<guard::People> people;
  std::unique_ptr<guard::Passwords> passwords;
  std::unique_ptr<guard::SignIn> sign_in;
  std::unique_ptr<guard::Enrollment> enrollment;
  std::unique_ptr<guard::Sso> sso;
  std::unique_ptr<guard::Requests> requests;
  std::unique_ptr<guard::Recertifications> recertifications;
  std::unique_ptr<govern::Guardians> guardians;
  std::unique_ptr<govern::Authorizations> authorizations;
  std::unique_ptr<govern::Notices> notices;
  std::unique_ptr<courier::Outbox> outbox;
  std::unique_ptr<guard::Sessions> customer_sessions;
  std::unique_ptr<govern::Doors> doors;
  std::unique_ptr<govern::CustomerPasskeys> customer_passkeys;
  std::unique_ptr<govern::Redactions> redactions;
  std::unique_ptr<govern::SelfService> self_service;
  std::unique_ptr<govern::Feedback> feedback;
  std::unique_ptr<govern::Unsubscribe> unsubscribe;
  std::unique_ptr<govern::RightsCases> rights;
  std::unique_ptr<govern::Retentions> retentions;
  std::unique_ptr<govern::Recipients> recipients;
  std::unique_ptr<govern::Thresholds> thresholds;
  std::unique_ptr<govern::Assessments> assessments;
  std::unique_ptr<govern::Duties> duties;
  std::unique_ptr<govern::ProcessingRecords> processing_records;
  std::unique_ptr<apps::Exports> exports;
  std::unique_ptr<apps::Statistics> statistics;
  std::unique_ptr<apps::Quality> quality;
  std::unique_ptr<apps::Findings> findings;
  std::unique_ptr<apps::Desk> desk;
  std::unique_ptr<collect::Streams> streams;
  std::unique_ptr<collect::SealingKey> sealing_key;
  std::unique_ptr<collect::Intake> intake;
  std::unique_ptr<collect::Forms> forms;
  std::unique_ptr<collect::Challenges> challenges;
  std::unique_ptr<collect::Submissions> submissions;
  std::unique_ptr<collect::Withdrawal> withdrawal;
  std::unique_ptr<collect::Connectors> connectors;  // behind all that its thread uses
  std::unique_ptr<govern::Campaigns> campaigns;
  std::unique_ptr<recovery::Operations> operations;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<apps::Matching> matching;  // behind all that its run uses
  Uuid operator_id;
  const Clock* time = nullptr;
  guard::Fetch fetch;
  courier::SendFn send;
  std::string origin;
  std::string witness_file;

  std::string site_name;
  Status Wire(const Home& home, const crypto::Key256& root, const Clock& clock, Rng& rng);
  Status WirePeople(const std::string& site, const Clock& clock, Rng& rng);
  // Notices, authorizations, the customers' door and their rights.
  Status WireLawful(const std::string& jurisdiction, const Clock& clock, Rng& rng);
  // Recipients, exports to them, assessments, records of processing, duties.
  Status WireAssurance(const std::string& exports_folder, const std::string& jurisdiction,
                       const Clock& clock, Rng& rng);
  // Merges, figures and the quality of what is held.
  Status WireData(const std::string& jurisdiction, const Clock& clock, Rng& rng);
  void WireApi(const Clock& clock);
  Status RecordPolicy() const;
  Status CheckWitness() const;
};

}  // namespace fiducia::server
