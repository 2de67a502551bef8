#include "guard/requests.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "guard/standing.h"

namespace fiducia::guard {

namespace {

constexpr int64_t kHourMs = 3600000;
constexpr int64_t kOpenMs = 72 * kHourMs;      // a request waits so long for a decision
constexpr int64_t kApprovedMs = 24 * kHourMs;  // an approved export for being run
constexpr int64_t kGlassMs = kHourMs / 2;
constexpr int kManyRows = 500;  // an export of more needs the privacy officer too
constexpr int kRowsMost = 50000;
constexpr int kHoursMost = 90 * 24;
constexpr size_t kReasonLeast = 10;
constexpr size_t kReasonMost = 1000;
constexpr std::string_view kKind = "request";

constexpr std::array<std::string_view, 5> kKinds = {"access", "export", "break_glass", "grant",
                                                    "key"};
constexpr std::array<std::string_view, 5> kStates = {"open", "approved", "used", "rejected",
                                                     "expired"};

// What an approval is for: nothing of it can change afterwards.
Json ScopeOf(const Request& request) {
  Json json = {{"kind", Name(request.kind)},
               {"requester", request.requester.Text()},
               {"lease", ToJson(request.lease)},
               {"beneficiary", request.beneficiary.Text()},
               {"purpose", request.scope.purpose},
               {"fields", request.scope.fields},
               {"rows", request.scope.rows_max},
               {"reason", request.reason},
               {"hours", request.hours}};
  if (!request.scope.recipient.empty()) {
    json["recipient"] = request.scope.recipient;
  }
  if (request.scope.form != "values") {
    json["form"] = request.scope.form;
    json["k"] = request.scope.k;
    json["l"] = request.scope.l;
    json["t"] = request.scope.t;
  }
  if (request.kind == RequestKind::kKey) {
    json["key"] = ToJson(request.key);
  }
  return json;
}

Json ToJson(const Request& request) {
  Json json = ScopeOf(request);
  json["state"] = Name(request.state);
  json["approvals"] = Json::array();
  for (const Approval& approval : request.approvals) {
    json["approvals"].push_back(
        {{"by", approval.by.Text()}, {"officer", approval.officer}, {"at", approval.at_ms}});
  }
  json["note"] = request.note;
  json["created"] = request.created_ms;
  json["decided"] = request.decided_ms;
  json["until"] = request.until_ms;
  json["result"] = request.result.Text();
  json["told"] = Json::array();
  for (const Uuid& one : request.told) {
    json["told"].push_back(one.Text());
  }
  json["reviewed_by"] = request.reviewed_by.Text();
  json["reviewed"] = request.reviewed_ms;
  json["justified"] = request.justified;
  return json;
}

Result<Request> RequestFrom(const Document& document, const rules::Catalog& catalog) {
  const Json& json = document.json;
  Request request;
  request.id = document.id;
  request.version = document.version;
  request.kind = FromName<RequestKind>(kKinds, JsonText(json, "kind"));
  request.state = FromName<RequestState>(kStates, JsonText(json, "state"));
  request.requester = IdFrom(json, "requester");
  request.beneficiary = IdFrom(json, "beneficiary");
  FID_ASSIGN(request.lease, LeaseFrom(json.value("lease", Json::object()), catalog));
  request.hours = json.value("hours", 0);
  request.scope = {JsonText(json, "purpose"),
                   json.value("fields", std::vector<std::string>()),
                   json.value("rows", 0),
                   JsonText(json, "recipient"),
                   json.value("form", std::string("values")),
                   json.value("k", 0),
                   json.value("l", 0),
                   json.value("t", 0.0)};
  if (request.kind == RequestKind::kKey) {
    FID_ASSIGN(request.key, KeyScopeFrom(json.value("key", Json::object()), catalog));
  }
  request.reason = JsonText(json, "reason");
  for (const Json& one : json.value("approvals", Json::array())) {
    request.approvals.push_back(
        {IdFrom(one, "by"), one.value("officer", false), one.value("at", int64_t{0})});
  }
  request.note = JsonText(json, "note");
  request.created_ms = json.value("created", int64_t{0});
  request.decided_ms = json.value("decided", int64_t{0});
  request.until_ms = json.value("until", int64_t{0});
  request.result = IdFrom(json, "result");
  for (const Json& one : json.value("told", Json::array())) {
    request.told.push_back(Uuid::Parse(one.get<std::string>()).value_or(Uuid()));
  }
  request.reviewed_by = IdFrom(json, "reviewed_by");
  request.reviewed_ms = json.value("reviewed", int64_t{0});
  request.justified = json.value("justified", false);
  return request;
}

Status CheckReason(const std::string& reason) {
  if (CountCharacters(reason) < kReasonLeast || reason.size() > kReasonMost) {
    return Fail(Code::kReasonRequired, "say why, in at least ten characters");
  }
  return {};
}

bool Holds(const model::Actor& actor, std::string_view role) {
  return actor.leases != nullptr &&
         std::any_of(actor.leases->begin(), actor.leases->end(),
                     [&](const model::Lease& lease) { return lease.role == role; });
}

}  // namespace

std::string_view Name(RequestKind kind) { return kKinds[static_cast<size_t>(kind)]; }
std::string_view Name(RequestState state) { return kStates[static_cast<size_t>(state)]; }

Result<std::unique_ptr<Requests>> Requests::Open(SignIn& sign_in) {
  std::unique_ptr<Requests> requests(new Requests(sign_in));
  const People& people = sign_in.people();
  FID_ASSIGN(const auto documents, people.book().Load(kKind));
  for (const Document& document : documents) {
    FID_ASSIGN(Request request, RequestFrom(document, people.gate().policy().catalog));
    request.hash = people.vault().HashOf(WriteJson(ScopeOf(request)));
    requests->requests_[request.id] = std::move(request);
  }
  return requests;
}

bool Requests::NeedsOfficer(const Request& request) {
  if (request.kind == RequestKind::kGrant || request.kind == RequestKind::kKey) {
    return false;
  }
  return request.kind == RequestKind::kExport
             ? request.scope.rows_max > kManyRows || !request.scope.recipient.empty()
             : request.lease.level_max == model::Level::kL4;
}

RequestState Requests::StateOf(const Request& request) const {
  const int64_t now = sign_in_.people().clock().NowMs();
  const bool waited = request.state == RequestState::kOpen && now > request.created_ms + kOpenMs;
  const bool unused = request.state == RequestState::kApproved && now > request.until_ms;
  return waited || unused ? RequestState::kExpired : request.state;
}

Result<Request> Requests::Find(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(id);
  if (found == requests_.end()) {
    return Fail(Code::kNotFound, "there is no such request");
  }
  return found->second;
}

Result<Request> Requests::Save(Request request, const audit::Leaf& leaf) {
  FID_TRY(sign_in_.people().book().Commit(
      {{std::string(kKind), request.id, request.version, ToJson(request)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  requests_[request.id] = request;
  return request;
}

Result<Request> Requests::Make(const model::Access& access, Request request,
                               const std::string& op) {
  const People& people = sign_in_.people();
  request.id = Uuid::V7(people.clock(), people.rng());
  request.version = 1;
  request.requester = access.actor.id;
  request.beneficiary = request.beneficiary.is_nil() ? access.actor.id : request.beneficiary;
  request.created_ms = people.clock().NowMs();
  gate::Compile(request.lease, people.gate().policy().catalog);
  request.hash = people.vault().HashOf(WriteJson(ScopeOf(request)));
  audit::Leaf leaf = people.gate().NewLeaf(access, op, "done");
  leaf.detail = request.id.Text();
  leaf.commitment = request.hash;
  return Save(std::move(request), leaf);
}

Result<Request> Requests::AskAccess(const model::Access& access, AccessCommand command) {
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "requests.create"));
  FID_TRY(CheckReason(command.reason));
  if (command.hours < 1 || command.hours > kHoursMost) {
    return Fail(Code::kInvalidInput, "access lasts 1 hour to 90 days");
  }
  std::vector<std::string> held;
  for (const model::Lease& lease : *access.actor.leases) {
    held.push_back(lease.role);
  }
  const int64_t now = people.clock().NowMs();
  command.lease.from_ms = now;
  command.lease.until_ms = now + command.hours * kHourMs;
  FID_TRY(CheckLease(command.lease, held, people.gate().policy(), now));
  Request request;
  request.kind = RequestKind::kAccess;
  request.lease = std::move(command.lease);
  request.lease.from_ms = 0;
  request.lease.until_ms = 0;  // counted from the approval on
  request.hours = command.hours;
  request.reason = std::move(command.reason);
  return Make(access, std::move(request), "request.access");
}

Result<Request> Requests::AskExport(const model::Access& access, ExportScope scope,
                                    const std::string& reason) {
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "requests.create"));
  FID_TRY(CheckReason(reason));
  model::Access as = access;
  as.purpose = scope.purpose;
  FID_TRY(people.gate().CheckExport(as));
  if (scope.rows_max < 1 || scope.rows_max > kRowsMost) {
    return Fail(Code::kInvalidInput, "an export has 1 to 50,000 rows");
  }
  if (scope.fields.empty()) {
    return Fail(Code::kInvalidInput, "name the fields to export");
  }
  for (const std::string& field : scope.fields) {
    if (people.gate().policy().catalog.Find(field) == nullptr) {
      return Fail(Code::kUnknownField, "a field is not in the catalog");
    }
  }
  const bool anonymous = scope.form == "anonymous";
  if (!anonymous && scope.form != "values" && scope.form != "pseudonymous") {
    return Fail(Code::kInvalidInput, "an export leaves as values, pseudonymous or anonymous");
  }
  if (anonymous ? scope.k < 2 || scope.k > 1000 : scope.k != 0) {
    return Fail(Code::kInvalidInput,
                "k goes with an anonymous export: 2 to 1000 customers who look alike");
  }
  const bool diverse = scope.l != 0 || scope.t != 0;
  if (diverse && (!anonymous || scope.l < 0 || scope.l > scope.k || scope.l == 1 || scope.t < 0 ||
                  scope.t > 1)) {
    return Fail(Code::kInvalidInput,
                "l (2 to k) and t (above 0, up to 1) go with an anonymous export");
  }
  Request request;
  request.kind = RequestKind::kExport;
  request.scope = std::move(scope);
  request.reason = reason;
  return Make(access, std::move(request), "request.export");
}

bool Requests::ReachesCustomers(const std::string& role) const {
  const rules::Role* known = sign_in_.people().gate().policy().FindRole(role);
  return known != nullptr && !known->purposes.empty();
}

Result<Request> Requests::AskGrant(const model::Access& access, People::GrantCommand command) {
  People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "people.manage"));
  FID_TRY(people.CheckGrant(access, command));
  Request request;
  request.kind = RequestKind::kGrant;
  request.beneficiary = command.user;
  request.lease = std::move(command.lease);
  request.reason = std::move(command.reason);
  return Make(access, std::move(request), "request.grant");
}

Result<Request> Requests::AskKey(const model::Access& access, KeyScope scope) {
  const gate::Gate& gate = sign_in_.people().gate();
  FID_TRY(gate.Require(access.actor, "keys.manage"));
  FID_TRY(CheckScope(scope, gate.policy()));
  Request request;
  request.kind = RequestKind::kKey;
  request.lease = scope.lease;
  request.hours = scope.days * 24;
  request.reason = scope.label;
  request.key = std::move(scope);
  return Make(access, std::move(request), "request.key");
}

std::vector<Uuid> Requests::Reviewers(const Uuid& but) const {
  const People& people = sign_in_.people();
  std::vector<Uuid> reviewers;
  for (const UserPtr& user : people.List()) {
    if (user->id != but && people.gate().Require(people.ActorOf(*user), "break_glass.review")) {
      reviewers.push_back(user->id);
    }
  }
  return reviewers;
}

Result<Request> Requests::BreakGlass(const model::Access& access, const Session& session,
                                     const std::string& case_id, const std::string& reason) {
  People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "break_glass.use"));
  FID_TRY(sign_in_.RequireFresh(session));
  FID_TRY(CheckReason(reason));
  Request request;
  request.kind = RequestKind::kBreakGlass;
  request.state = RequestState::kUsed;
  request.told = Reviewers(access.actor.id);
  if (request.told.size() < 2) {
    return Fail(Code::kConflict,
                "two people who may review it must be told at once: there are fewer");
  }
  const int64_t now = people.clock().NowMs();
  request.lease.role = "break_glass";
  request.lease.case_id = case_id;
  request.lease.from_ms = now;
  request.lease.until_ms = now + kGlassMs;
  request.reason = reason;
  request.decided_ms = now;
  FID_ASSIGN(Request made, Make(access, std::move(request), "break_glass"));
  FID_ASSIGN(made.result,
             people.GiveEmergency(access, {made.requester, made.lease, made.reason, made.id}));
  ++made.version;
  audit::Leaf leaf = people.gate().NewLeaf(access, "break_glass.open", "done");
  leaf.detail = made.id.Text();
  leaf.count = made.told.size();
  return Save(std::move(made), leaf);
}

// All approvals are there: an access request becomes a grant, an export may be run once.
Result<Request> Requests::Grant(const model::Access& approver, Request request) {
  People& people = sign_in_.people();
  const int64_t now = people.clock().NowMs();
  request.decided_ms = now;
  if (request.kind == RequestKind::kExport || request.kind == RequestKind::kKey) {
    request.state = RequestState::kApproved;
    request.until_ms = now + kApprovedMs;
    return request;
  }
  People::GrantCommand command{request.beneficiary, request.lease, request.reason, request.id};
  if (request.kind == RequestKind::kAccess) {
    command.lease.from_ms = now;
    command.lease.until_ms = now + request.hours * kHourMs;
  }
  FID_ASSIGN(request.result, people.GiveApproved(approver, std::move(command)));
  request.state = RequestState::kUsed;
  return request;
}

Result<Request> Requests::Decide(const model::Access& access, const Session& session,
                                 const Uuid& id, const Bytes& hash, bool approve,
                                 const std::string& note) {
  const std::lock_guard deciding(deciding_);
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "requests.approve"));
  FID_TRY(sign_in_.RequireFresh(session));
  FID_ASSIGN(Request request, Find(id));
  if (request.requester == access.actor.id || request.beneficiary == access.actor.id) {
    return Fail(Code::kDenied, "nobody decides their own request");
  }
  if (request.kind == RequestKind::kBreakGlass || StateOf(request) != RequestState::kOpen) {
    return Fail(Code::kConflict, "this request is not open any more");
  }
  if (hash != request.hash) {
    return Fail(Code::kConflict, "this is not the request you have seen: read it again");
  }
  const bool officer = Holds(access.actor, "privacy_officer");
  audit::Leaf leaf =
      people.gate().NewLeaf(access, approve ? "request.approve" : "request.reject", "done");
  leaf.detail = id.Text();
  leaf.commitment = request.hash;
  ++request.version;
  request.note = note;
  if (!approve) {
    request.state = RequestState::kRejected;
    request.decided_ms = people.clock().NowMs();
    return Save(std::move(request), leaf);
  }
  for (const Approval& earlier : request.approvals) {
    if (earlier.by == access.actor.id || earlier.officer == officer) {
      return Fail(
          Code::kConflict,
          "the second approval comes from the other side: one from the privacy officer, one "
          "from the owner of the data");
    }
  }
  request.approvals.push_back({access.actor.id, officer, people.clock().NowMs()});
  if (NeedsOfficer(request) && request.approvals.size() < 2) {
    return Save(std::move(request), leaf);
  }
  FID_ASSIGN(Request granted, Grant(access, std::move(request)));
  return Save(std::move(granted), leaf);
}

Result<Request> Requests::Review(const model::Access& access, const Session& session,
                                 const Uuid& id, bool justified, const std::string& note) {
  const std::lock_guard deciding(deciding_);
  const People& people = sign_in_.people();
  FID_TRY(people.gate().Require(access.actor, "break_glass.review"));
  FID_TRY(sign_in_.RequireFresh(session));
  FID_ASSIGN(Request request, Find(id));
  if (request.requester == access.actor.id) {
    return Fail(Code::kDenied, "nobody reviews their own access");
  }
  if (request.kind != RequestKind::kBreakGlass || request.reviewed_ms != 0) {
    return Fail(Code::kConflict, "there is nothing to review");
  }
  ++request.version;
  request.reviewed_by = access.actor.id;
  request.reviewed_ms = people.clock().NowMs();
  request.justified = justified;
  request.note = note;
  audit::Leaf leaf = people.gate().NewLeaf(access, "break_glass.review", "done");
  leaf.detail = id.Text();
  leaf.reason = justified ? "justified" : "not_justified";
  return Save(std::move(request), leaf);
}

Result<Request> Requests::Take(const model::Access& access, const Uuid& id, RequestKind kind,
                               const Uuid& result) {
  const std::lock_guard deciding(deciding_);
  const People& people = sign_in_.people();
  FID_ASSIGN(Request request, Find(id));
  if (request.requester != access.actor.id || request.kind != kind) {
    return Fail(Code::kNotFound, "there is no such request");
  }
  if (StateOf(request) != RequestState::kApproved) {
    return Fail(Code::kConflict, "this is not approved, was made already, or has run out");
  }
  ++request.version;
  request.state = RequestState::kUsed;
  request.result = result;
  audit::Leaf leaf = people.gate().NewLeaf(access, "request.take", "done");
  leaf.detail = id.Text() + " " + std::string(Name(kind));
  return Save(std::move(request), leaf);
}

std::vector<Request> Requests::For(const model::Access& access) const {
  const gate::Gate& gate = sign_in_.people().gate();
  const bool decides = gate.Require(access.actor, "requests.approve").has_value() ||
                       gate.Require(access.actor, "requests.read").has_value();
  std::vector<Request> list;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, request] : requests_) {
    if (decides || request.requester == access.actor.id) {
      list.push_back(request);
      list.back().state = StateOf(request);
    }
  }
  std::reverse(list.begin(), list.end());
  return list;
}

}  // namespace fiducia::guard
