#include "collect/connectors/connectors.h"

#include <algorithm>

#include "base/text.h"
#include "store/config_rows.h"

namespace fiducia::collect {

namespace {

constexpr std::string_view kKind = "connector";

}  // namespace

Json Connectors::DocumentOf(const Connector& connector) {
  return {{"spec", collect::ToJson(connector.spec)},
          {"secret", connector.secret},
          {"state", Name(connector.state)},
          {"created", connector.created_ms}};
}

Result<Connector> Connectors::ConnectorOf(const guard::Document& document) const {
  Connector connector;
  connector.id = document.id;
  connector.version = document.version;
  FID_ASSIGN(connector.spec, ConnectorSpecOf(document.json.value("spec", Json::object()),
                                             parts_.gate.policy().catalog));
  connector.secret = JsonText(document.json, "secret");
  const std::string state = JsonText(document.json, "state");
  connector.state = state == "paused"  ? ConnectorState::kPaused
                    : state == "ended" ? ConnectorState::kEnded
                                       : ConnectorState::kRunning;
  connector.created_ms = document.json.value("created", int64_t{0});
  return connector;
}

ConnectorPtr Connectors::Made(Connector connector) const {
  const rules::Catalog& catalog = parts_.gate.policy().catalog;
  Stream stream;
  stream.id = connector.id;
  stream.spec = StreamSpecOf(connector.spec);
  for (const std::string& id : stream.spec.fields) {
    stream.spec.paths[PathOf(*catalog.Find(id))] = id;
  }
  stream.manner.channel = "connector";
  stream.manner.operation = "connector.take";
  stream.manner.trusted = true;
  stream.manner.evidence = {"api", "connector", "connector:" + connector.id.Text(), Uuid()};
  connector.stream = collect::Made(std::move(stream), catalog);
  return std::make_shared<const Connector>(std::move(connector));
}

Result<std::unique_ptr<Connectors>> Connectors::Open(Parts parts) {
  std::unique_ptr<Connectors> made(new Connectors(parts));
  FID_ASSIGN(const auto connectors, parts.book.Load(kKind));
  for (const guard::Document& document : connectors) {
    FID_ASSIGN(Connector connector, made->ConnectorOf(document));
    made->known_[document.id] = made->Made(std::move(connector));
  }
  FID_ASSIGN(const auto states, parts.book.Load(kHealthKind));
  for (const guard::Document& document : states) {
    made->health_[document.id] = {document.version, Health::FromJson(document.json), 0, false};
  }
  FID_ASSIGN(const auto letters, parts.book.Load(kLetterKind));
  for (const guard::Document& document : letters) {
    const Json& json = document.json;
    Letter letter;
    letter.version = document.version;
    letter.connector = Uuid::Parse(JsonText(json, "connector")).value_or(Uuid());
    letter.letter = {document.id, json.value("at", int64_t{0}), JsonText(json, "topic"),
                     JsonText(json, "reason"), WriteJson(json["record"]).size()};
    made->letters_[document.id] = std::move(letter);
  }
  return made;
}

Status Connectors::CheckPurposes(const ConnectorSpec& spec) const {
  const rules::Policy& policy = parts_.gate.policy();
  {
    FID_ASSIGN(const auto lease, parts_.engine.Read());
    FID_TRY(store::RequireSource(lease->session(store::Which::kData), 0, spec.source));
  }
  if (spec.purposes.empty()) {
    return Fail(Code::kPurposeRequired, "a connector names at least one purpose");
  }
  for (const FormPurpose& one : spec.purposes) {
    const rules::Purpose* purpose = policy.FindPurpose(one.id);
    if (purpose == nullptr) {
      return Fail(Code::kUnknownPurpose, "the purpose is not declared");
    }
    if (!purpose->AllowsBasis(one.basis)) {
      return Fail(Code::kPurposeRefused, "a purpose cannot rest on this lawful basis");
    }
  }
  // Over-collection is refused before anything is collected.
  Stream stream;
  stream.spec = StreamSpecOf(spec);
  const StreamPtr made = collect::Made(std::move(stream), policy.catalog);
  model::Access as;
  as.actor = made->actor;
  as.purpose = spec.purposes[0].id;
  const model::FieldSet over = made->fields - parts_.gate.Writable(as, made->spec.purposes);
  for (const rules::Field& field : policy.catalog.fields()) {
    if (over.Has(field.number)) {
      return Fail(Code::kPurposeRefused, "none of the purposes needs one of these fields",
                  field.number);
    }
  }
  return {};
}

Result<ConnectorPtr> Connectors::Add(const model::Access& access, ConnectorSpec spec,
                                     std::string secret) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  FID_TRY(CheckPurposes(spec));
  Connector connector;
  connector.id = Uuid::V7(parts_.clock, parts_.rng);
  connector.version = 1;
  connector.spec = std::move(spec);
  connector.secret = std::move(secret);
  connector.created_ms = parts_.clock.NowMs();
  if (connector.Inside() && access.actor.role != "operator") {
    return Fail(Code::kRoleRefused,
                "only the owner of the home folder lets a connector reach into the house");
  }
  if (connector.spec.kind == ConnectorKind::kWebhook && connector.secret.size() < 16) {
    return Fail(Code::kInvalidInput, "a shared secret has at least 16 characters");
  }
  if (connector.spec.kind != ConnectorKind::kWebhook) {
    FID_TRY(Reach(connector));
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access, "connector.add", "done");
  leaf.detail = connector.id.Text() + " " + connector.spec.source;
  FID_TRY(
      parts_.book.Commit({{std::string(kKind), connector.id, 1, DocumentOf(connector)}}, {leaf}));
  ConnectorPtr made = Made(std::move(connector));
  const std::unique_lock lock(mutex_);
  return known_[made->id] = made;
}

Result<ConnectorPtr> Connectors::Find(const Uuid& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) {
    return Fail(Code::kNotFound, "there is no such connector");
  }
  return found->second;
}

Status Connectors::Turn(const model::Access& access, const Uuid& id, ConnectorState state) {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  const std::lock_guard changing(changing_);
  FID_ASSIGN(const ConnectorPtr known, Find(id));
  if (known->state == ConnectorState::kEnded || known->state == state) {
    return Fail(Code::kConflict, "it has ended, or is so already");
  }
  Connector connector = *known;
  ++connector.version;
  connector.state = state;
  if (state == ConnectorState::kEnded) {
    connector.secret.clear();
  }
  audit::Leaf leaf = parts_.gate.NewLeaf(access,
                                         state == ConnectorState::kEnded    ? "connector.end"
                                         : state == ConnectorState::kPaused ? "connector.pause"
                                                                            : "connector.resume",
                                         "done");
  leaf.detail = id.Text();
  FID_TRY(parts_.book.Commit({{std::string(kKind), id, connector.version, DocumentOf(connector)}},
                             {leaf}));
  {
    const std::unique_lock lock(mutex_);
    known_[id] = Made(std::move(connector));
    health_[id].next_ms = 0;
  }
  // Who is at it sees before the next batch how it stands, and hangs up.
  const std::shared_ptr<Line> line = LineOf(id);
  if (const std::unique_lock free(line->looking, std::try_to_lock); free) {
    line->peer.reset();
  }
  return {};
}

Result<std::vector<Connectors::Listed>> Connectors::List(const model::Access& access) const {
  FID_TRY(parts_.gate.Require(access.actor, kCapability));
  std::vector<Listed> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, connector] : known_) {
      const auto kept = health_.find(id);
      all.push_back({connector, kept == health_.end() ? Health() : kept->second.health,
                     parts_.streams.CountsOf(id)});
    }
  }
  for (Listed& one : all) {
    one.health.letters = static_cast<int64_t>(WaitingOf(one.connector->id));
  }
  std::reverse(all.begin(), all.end());
  return all;
}

Status Connectors::Take(const Uuid& id, const http::Request& request) {
  FID_ASSIGN(const ConnectorPtr connector, Find(id));
  if (connector->spec.kind != ConnectorKind::kWebhook ||
      connector->state == ConnectorState::kEnded) {
    return Fail(Code::kNotFound, "there is no such connector");
  }
  const auto& settings = connector->spec.settings;
  FID_ASSIGN(const Signing signing, SigningNamed(settings.at("signing")));
  const auto header = settings.find("header");
  const std::string name = header == settings.end() ? "x-signature" : LowerAscii(header->second);
  const int64_t now = parts_.clock.NowMs();
  const auto call = CheckSigned(signing, connector->secret, name, request, now);
  if (!call) {
    StreamCounts counts;
    counts.refused["signature"] = 1;
    counts.last_ms = now;
    parts_.streams.Count(id, counts);
    return std::unexpected(call.error());
  }
  // Paused: the sender keeps it and comes again.
  if (connector->state == ConnectorState::kPaused) {
    return Fail(Code::kUnavailable, "the connector is paused: send it again later");
  }
  if (WaitingOf(id) >= kLettersMost) {
    return Fail(Code::kTooManyRequests, "too many records wait to be mended: send it again later");
  }
  auto record = ParseJson(call->body);
  Arrived arrived;
  arrived.topic = call->topic;
  // What is not signed cannot tell two calls apart.
  arrived.id = call->id.empty() ? ToHex(parts_.vault.HashOf(call->body)) : call->id;
  if (!record) {
    arrived.record =
        call->body.size() <= kRecordMost && IsUtf8(call->body) ? Json(call->body) : Json();
    FID_TRY(Bury(*connector, arrived, "the body is no JSON"));
  } else {
    arrived.record = std::move(*record);
    std::vector<Arrived> all;
    all.push_back(std::move(arrived));
    FID_TRY(TakeIn(connector, std::move(all), {}));
  }
  const std::unique_lock lock(mutex_);
  health_[id].health.looked_ms = now;
  health_[id].dirty = true;
  return {};
}

Result<std::string> Connectors::AnswerCheck(const Uuid& id, const http::Request& request) const {
  FID_ASSIGN(const ConnectorPtr connector, Find(id));
  const auto signing = connector->spec.settings.find("signing");
  if (signing == connector->spec.settings.end() || signing->second != "wecom" ||
      connector->state == ConnectorState::kEnded) {
    return Fail(Code::kNotFound, "there is no such connector");
  }
  return AnswerWeCom(connector->secret, request, parts_.clock.NowMs());
}

}  // namespace fiducia::collect
