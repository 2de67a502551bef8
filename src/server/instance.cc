#include "server/instance.h"

#include <filesystem>
#include <future>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "audit/publisher.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "gate/state_digest.h"
#include "http/outbound.h"
#include "recovery/operations.h"
#include "server/home_files.h"
#include "server/instance_parts.h"
#include "server/pack_signatures.h"
#include "server/store_file.h"
#include "store/registry.h"

namespace fiducia::server {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kOperator = "operator_id";
constexpr std::string_view kInstance = "instance_id";
constexpr std::string_view kJurisdiction = "jurisdiction";
constexpr std::string_view kSite = "site";
constexpr std::string_view kPolicyKind = "policy";

Result<std::string> NeededSetting(db::Session& data, std::string_view name) {
  FID_ASSIGN(const auto value, store::LoadSetting(data, name));
  if (!value) {
    return Fail(Code::kCorrupt, "the installation is incomplete: init did not finish");
  }
  return *value;
}

// Guard knows what to ask the identity provider, and nothing of sockets.
Result<guard::FetchReply> FetchOut(const guard::FetchRequest& request) {
  FID_ASSIGN(http::OutboundReply reply,
             http::CallOut({request.url, request.ca_pem, request.form, request.authorization}));
  return guard::FetchReply{reply.status, std::move(reply.body)};
}

std::string OriginOf(const std::string& instance) { return "fiducia.local/" + instance; }

}  // namespace

Trouble TroubleOf(const Error& error) {
  std::string text(error.text());
  if (error.position() >= 0) {
    text += " (at " + std::to_string(error.position()) + ")";
  }
  return {std::move(text), error.code()};
}

// A policy other than the last one in force is on record before anybody works under it: what a
// field's level or a role was lowered to cannot be denied afterwards.
Status Instance::Parts::RecordPolicy() const {
  const std::string digest = ToHex(crypto::View(crypto::Sha256({policy.text})));
  FID_ASSIGN(const auto known, registers->Load(kPolicyKind));
  if (!known.empty() && JsonText(known[0].json, "digest") == digest) {
    return {};
  }
  model::Access access;
  access.actor.role = "system";
  audit::Leaf leaf = gate->NewLeaf(access, "policy.change", "done");
  leaf.detail = digest;
  const Uuid id = known.empty() ? Uuid::V7(*time, SystemRng()) : known[0].id;
  const uint32_t version = known.empty() ? 1 : known[0].version + 1;
  return registers->Commit({{std::string(kPolicyKind), id, version, Json{{"digest", digest}}}},
                           {leaf});
}

Status Instance::Parts::WirePeople(const std::string& site, const Clock& clock, Rng& rng) {
  service_keys = std::make_unique<guard::ServiceKeys>(*registers, *gate, *vault, clock, rng);
  FID_TRY(service_keys->Load());
  sessions = std::make_unique<guard::Sessions>(*registers, *vault, clock, rng);
  FID_TRY(sessions->Load());
  FID_ASSIGN(people, guard::People::Open({*registers, *gate, *vault, clock, rng, *sessions}));
  passwords = std::make_unique<guard::Passwords>(*vault, rng);
  sign_in =
      std::make_unique<guard::SignIn>(guard::SignIn::Parts{*people, *sessions, *passwords, site});
  enrollment = std::make_unique<guard::Enrollment>(*sign_in);
  FID_ASSIGN(sso, guard::Sso::Open(*sign_in, fetch ? fetch : FetchOut));
  FID_ASSIGN(requests, guard::Requests::Open(*sign_in));
  FID_ASSIGN(recertifications, guard::Recertifications::Open(*sign_in, *service_keys));
  FID_TRY(RecordPolicy());
  return {};
}

Status Instance::Parts::Wire(const Home& home, const crypto::Key256& root, const Clock& clock,
                             Rng& rng) {
  time = &clock;
  FID_ASSIGN(keys, vault::LocalKeyService::Open(*engine, root, clock, rng));
  std::string instance;
  std::string jurisdiction;
  std::string site;
  {
    FID_ASSIGN(const auto lease, engine->Read());
    db::Session& data = lease->session(db::Which::kData);
    FID_ASSIGN(instance, NeededSetting(data, kInstance));
    FID_ASSIGN(jurisdiction, NeededSetting(data, kJurisdiction));
    FID_ASSIGN(const auto host, store::LoadSetting(data, kSite));
    site = host.value_or("localhost");
    FID_ASSIGN(const std::string operator_text, NeededSetting(data, kOperator));
    FID_ASSIGN(operator_id, Uuid::Parse(operator_text));
  }
  origin = OriginOf(instance);
  site_name = site;
  witness_file = home.Witness();
  FID_ASSIGN(
      log, audit::Log::Open(*engine, home.Audit(), origin,
                            crypto::SigningKeyFrom(keys->system_key(vault::SystemKey::kSigning))));
  vault = std::make_unique<vault::Vault>(*keys, clock, rng);
  gate = std::make_unique<gate::Gate>(policy, *log, *vault, jurisdiction, clock);
  FID_ASSIGN(state, gate::StateDigest::Open(*engine, *vault, *log, clock));
  FID_ASSIGN(changes, process::ChangeFeed::Open(*engine, clock));
  builder = std::make_unique<process::RecordBuilder>(cleaner, *vault, *gate, texts, clock, rng);
  records = std::make_unique<process::RecordReader>(*engine, *builder);
  registers = std::make_unique<guard::RegisterBook>(*engine, *vault, *gate);
  FID_ASSIGN(sources, govern::SourceRegister::Open({*gate, *registers, *vault, clock}));
  customers = std::make_unique<apps::CustomerService>(apps::CustomerService::Parts{
      *engine, *gate, *builder, *records, clock, rng, jurisdiction, *sources});
  FID_TRY(customers->ResumeErasures());
  FID_TRY(WirePeople(site, clock, rng));
  importer = std::make_unique<collect::Importer>(
      collect::Importer::Parts{*engine, *gate, *builder, *sources, clock, rng, jurisdiction,
                               std::max(2U, std::thread::hardware_concurrency())});
  FID_TRY(WireLawful(jurisdiction, clock, rng));
  FID_TRY(WireAssurance(home.folder + "/exports", jurisdiction, clock, rng));
  FID_TRY(WireData(jurisdiction, clock, rng));
  operations = std::make_unique<recovery::Operations>(
      recovery::Parts{*engine, *vault, *builder, *log, *state, clock}, root, rng);
  WireApi(clock);
  return {};
}

void Instance::Parts::WireApi(const Clock& clock) {
  const govern::Assurance assurance{*recipients, *thresholds, *assessments, *duties,
                                    *processing_records};
  api =
      std::make_unique<api::Api>(api::Api::Parts{*customers,
                                                 *merges,
                                                 *matching,
                                                 *statistics,
                                                 *quality,
                                                 *findings,
                                                 *desk,
                                                 *campaigns,
                                                 *changes,
                                                 *streams,
                                                 *intake,
                                                 {*forms, *submissions, *challenges, *sealing_key},
                                                 *connectors,
                                                 *sources,
                                                 *withdrawal,
                                                 *importer,
                                                 *service_keys,
                                                 *sign_in,
                                                 *enrollment,
                                                 *sso,
                                                 *requests,
                                                 *recertifications,
                                                 *guardians,
                                                 *authorizations,
                                                 *notices,
                                                 *doors,
                                                 *customer_passkeys,
                                                 *self_service,
                                                 *feedback,
                                                 *unsubscribe,
                                                 *outbox,
                                                 *rights,
                                                 *retentions,
                                                 assurance,
                                                 *vault,
                                                 *exports,
                                                 *gate,
                                                 *engine,
                                                 *operations,
                                                 cleaner,
                                                 clock,
                                                 operator_id,
                                                 origin,
                                                 [] { return true; }});
}

// A restored log must reach what the backup has seen of it, and agree with it.
Status Instance::Parts::CheckWitness() const {
  const auto note = audit::ReadWholeFile(witness_file);
  if (!note) {
    return {};
  }
  FID_ASSIGN(const audit::Checkpoint seen, audit::OpenCheckpoint(*note, log->verifier()));
  FID_ASSIGN(const std::string now_note, log->Publish());
  FID_ASSIGN(const audit::Checkpoint now, audit::OpenCheckpoint(now_note, log->verifier()));
  if (now.size < seen.size) {
    return Fail(
        Code::kCorrupt,
        "the audit log is behind a checkpoint that was witnessed: restore a newer state, or "
        "put on record why with `fiducia recover`",
        static_cast<int64_t>(now.size));
  }
  FID_ASSIGN(const auto proof, audit::ConsistencyProof(seen.size, now.size, log->tiles()));
  if (!audit::VerifyConsistency(seen.size, now.size, seen.root, now.root, proof)) {
    return Fail(Code::kCorrupt, "the audit log is not the one that was witnessed");
  }
  return {};
}

Instance::Instance(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Instance::~Instance() {
  // What answers requests goes first, then what they wait for.
  parts_->api.reset();
  parts_->operations.reset();
  if (parts_->log) {
    if (parts_->state) {
      (void)parts_->state->MarkIfChanged();
    }
    (void)parts_->log->Publish();
  }
}

namespace {

const Clock& ClockOf(const auto& options) {
  return options.clock == nullptr ? SystemClock() : *options.clock;
}

// What stands in the way of these options; "" if nothing.
std::string WrongWith(const InitOptions& options) {
  if (options.jurisdiction.size() < 2 || options.jurisdiction.size() > 8) {
    return "a jurisdiction is a code such as CN, EU, US-CA, JP or AU";
  }
  if (options.store.empty() != options.keys_store.empty()) {
    return "--store and --keys-store go together: the keys need a database of their own, or every "
           "backup of the data would hold them";
  }
  if (!options.store.empty() && !options.store.starts_with("postgresql://") &&
      !options.store.starts_with("postgres://")) {
    return "--store takes an address such as postgresql://user@host/database";
  }
  if (options.schema.empty() || options.schema.size() > 40 ||
      options.schema.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") !=
          std::string::npos) {
    return "a schema has at most 40 of a-z, 0-9 and _";
  }
  return "";
}

// Puts back what a failed set-up left in the home.
class Undo {
 public:
  explicit Undo(const Home& home) : home_(home), existed_(fs::exists(home.folder)) {}
  ~Undo() {
    std::error_code error;
    if (done_) {
      return;
    }
    for (const std::string& made : {home_.RootKey(), home_.Store(), home_.Db(), home_.Audit(),
                                    home_.folder + "/tls", home_.folder + "/run"}) {
      fs::remove_all(made, error);
    }
    if (!existed_) {
      fs::remove(home_.folder, error);
    }
  }
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  void Keep() { done_ = true; }

 private:
  Home home_;
  bool existed_;
  bool done_ = false;
};

Status FillStore(db::Engine& engine, const crypto::Key256& root, const InitOptions& options,
                 const std::string& instance) {
  {
    FID_ASSIGN(const auto lease, engine.Read());
    FID_ASSIGN(const auto other, store::LoadSetting(lease->session(db::Which::kData), kInstance));
    if (other) {
      return Fail(Code::kConflict, "there is an installation in this store already");
    }
  }
  FID_TRY(vault::LocalKeyService::Initialize(engine, root, ClockOf(options), SystemRng()));
  db::Job job;
  job.data = [&](db::Session& data) -> Status {
    FID_TRY(store::PutSetting(data, kJurisdiction, options.jurisdiction));
    FID_TRY(store::PutSetting(data, kSite, options.host));
    FID_TRY(store::PutSetting(data, kOperator, Uuid::V7(ClockOf(options), SystemRng()).Text()));
    return store::PutSetting(data, kInstance, instance);
  };
  return engine.SubmitAndWait(std::move(job));
}

// The driver's own words help where an address is wrong; they name hosts and users, no data.
Trouble WithDetail(const Error& error, std::string detail) {
  Trouble trouble = TroubleOf(error);
  while (!detail.empty() && detail.back() == '\n') {
    detail.pop_back();
  }
  if (!detail.empty()) {
    trouble.text += "\n" + detail;
  }
  return trouble;
}

}  // namespace

Outcome<InitResult> Instance::Init(const Home& home, const InitOptions& options) {
  std::error_code error;
  if (fs::exists(home.RootKey(), error) || fs::exists(home.Db(), error)) {
    return std::unexpected(
        Trouble{"there is an installation in this folder already", Code::kConflict});
  }
  if (const std::string wrong = WrongWith(options); !wrong.empty()) {
    return std::unexpected(Trouble{wrong, Code::kInvalidInput});
  }
  Undo undo(home);
  for (const std::string& folder :
       {home.folder, home.Db(), home.Audit(), home.folder + "/tls", home.folder + "/run"}) {
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
  }
  InitResult result;
  result.instance = Uuid::V7(ClockOf(options), SystemRng()).Text();
  std::string detail;
  const auto run = [&]() -> Status {
    const db::StoreAddress address{home.Db(),
                                   options.store,
                                   options.keys_store,
                                   options.schema,
                                   Uuid::V7(ClockOf(options), SystemRng()),
                                   options.partitioned};
    FID_ASSIGN(const auto engine, options.opener(address, store::Migrations(), &detail));
    crypto::Key256 root;
    FID_TRY(WriteRootKey(home, options.passphrase, root));
    FID_TRY(WriteCertificate(home, options.host));
    FID_TRY(WriteStoreFile(home, address));
    return FillStore(*engine, root, options, result.instance);
  };
  if (const Status status = run(); !status) {
    return std::unexpected(WithDetail(status.error(), detail));
  }
  undo.Keep();
  auto instance = Open(
      home, {.passphrase = options.passphrase, .clock = options.clock, .opener = options.opener});
  if (!instance) {
    return std::unexpected(instance.error());
  }
  model::Access access;
  access.actor = model::ActorWith((*instance)->operator_id(), "operator");
  const auto key = (*instance)->service_keys().Add(
      access, guard::KeyScope{.lease = {.role = "admin"}, .label = "made by init", .days = 365});
  if (!key) {
    return std::unexpected(TroubleOf(key.error()));
  }
  result.admin_key = key->key;
  result.verifier = (*instance)->log().verifier();
  return result;
}

Outcome<std::unique_ptr<Instance>> Instance::Open(const Home& home, const OpenOptions& options) {
  auto parts = std::make_unique<Parts>();
  auto policy = rules::LoadPolicy(home.Policy());
  if (!policy) {
    return std::unexpected(Trouble{policy.error().Text(), Code::kInvalidInput});
  }
  parts->policy = std::move(*policy);
  const Clock& clock = ClockOf(options);
  parts->fetch = options.fetch;
  parts->send = options.send;
  Rng& rng = options.rng == nullptr ? SystemRng() : *options.rng;
  std::string detail;
  const auto run = [&]() -> Status {
    FID_ASSIGN(const crypto::Key256 root, ReadRootKey(home, options.passphrase));
    FID_ASSIGN(const db::StoreAddress address, ReadStoreFile(home));
    FID_ASSIGN(parts->engine, options.opener(address, store::Migrations(), &detail));
    FID_TRY(parts->Wire(home, root, clock, rng));
    return options.recovering ? Status() : parts->CheckWitness();
  };
  if (const Status status = run(); !status) {
    return std::unexpected(WithDetail(status.error(), detail));
  }
  if (!options.unsigned_packs) {
    if (const std::string wrong = WrongWithPacks(home.Policy(), parts->log->verifier());
        !wrong.empty()) {
      return std::unexpected(Trouble{wrong, Code::kInvalidInput});
    }
  }
  return std::unique_ptr<Instance>(new Instance(std::move(parts)));
}

api::Api& Instance::api() { return *parts_->api; }
vault::LocalKeyService& Instance::keys() { return *parts_->keys; }
const gate::Gate& Instance::gate() { return *parts_->gate; }
db::Engine& Instance::engine() { return *parts_->engine; }
const apps::CustomerService& Instance::customers() { return *parts_->customers; }
const collect::Importer& Instance::importer() { return *parts_->importer; }
const process::RecordBuilder& Instance::builder() { return *parts_->builder; }
const process::Cleaner& Instance::cleaner() { return parts_->cleaner; }
guard::SignIn& Instance::sign_in() { return *parts_->sign_in; }
guard::ServiceKeys& Instance::service_keys() { return *parts_->service_keys; }
recovery::Parts Instance::recovery() {
  return {*parts_->engine, *parts_->vault, *parts_->builder,
          *parts_->log,    *parts_->state, *parts_->time};
}
void Instance::SetPort(int port) {
  parts_->doors->set_base("https://" + parts_->site_name +
                          (port == 443 ? "" : ":" + std::to_string(port)));
}
govern::Doors& Instance::doors() { return *parts_->doors; }
courier::Outbox& Instance::outbox() { return *parts_->outbox; }
const govern::Unsubscribe& Instance::unsubscribe() { return *parts_->unsubscribe; }

void Instance::StartConnectors() { parts_->connectors->Start(); }
collect::Connectors& Instance::connectors() { return *parts_->connectors; }

void Instance::Housekeep() {
  parts_->assessments->Refresh();
  const auto kept = [](const Status& status, Literal otherwise) {
    if (!status) {
      LogError(otherwise, status.error());
    }
  };
  kept(parts_->duties->Tick(), "what has an owner could not be brought up to date");
  kept(parts_->processing_records->Tick(), "the record of processing could not be frozen");
  kept(parts_->retentions->Tick(), "what is due to go could not be removed");
  kept(parts_->rights->Tick(), "requests of people could not be carried on");
  kept(parts_->sources->Tick(), "what sources brought could not be counted");
  kept(parts_->streams->Tick(), "what streams brought could not be counted");
  kept(parts_->submissions->Tick(), "what nobody confirmed could not be forgotten");
  kept(parts_->intake->Tick(), "old receipts of events could not be forgotten");
  kept(parts_->desk->Tick(), "old tickets could not be forgotten");
  kept(parts_->findings->Tick(), "what free texts hold could not be kept");
  kept(parts_->matching->Tick(), "what changed could not be matched");
  kept(parts_->quality->Tick(), "the quality of what is held could not be reported");
  kept(parts_->outbox->Deliver(), "messages could not be delivered");
  kept(parts_->recertifications->Tick(), "what is due could not be done");
}

Status Instance::StartBackup(const std::string& folder, int64_t every_ms) {
  std::error_code error;
  const std::string path = fs::absolute(folder, error);
  const auto done =
      parts_->operations->BackUp(model::ActorWith(parts_->operator_id, "operator"), path, every_ms);
  return done ? Status() : Status(std::unexpected(done.error()));
}
Status Instance::CheckWitness() const { return parts_->CheckWitness(); }
Result<std::string> Instance::SignStatement(const std::string& text) const {
  return audit::SignNote(
      text, parts_->origin,
      crypto::SigningKeyFrom(parts_->keys->system_key(vault::SystemKey::kSigning)));
}
gate::StateDigest& Instance::state() { return *parts_->state; }
const vault::Vault& Instance::vault() { return *parts_->vault; }
audit::Log& Instance::log() { return *parts_->log; }
Uuid Instance::operator_id() const { return parts_->operator_id; }

http::Response Instance::Call(http::Request request) {
  request.origin = http::Origin::kLocalOwner;
  std::promise<http::Response> promise;
  std::future<http::Response> answer = promise.get_future();
  api().Handle(std::move(request),
               [&promise](http::Response response) { promise.set_value(std::move(response)); });
  return answer.get();
}

audit::VerifyReport VerifyHome(const Home& home, const audit::Progress& progress) {
  const auto verifier = audit::ReadWholeFile(home.Audit() + "/verifier");
  if (!verifier) {
    audit::VerifyReport report;
    report.findings.push_back({"verifier_missing", -1});
    return report;
  }
  const auto address = ReadStoreFile(home);
  const auto data = address ? db::OpenBare(*address, db::Which::kData, db::Access::kRead)
                            : std::unexpected(address.error());
  return audit::Verify(home.Audit(), *verifier, data ? data->get() : nullptr, progress);
}

}  // namespace fiducia::server
