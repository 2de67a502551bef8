#include "api/api.h"

#include <atomic>

#include "api/cookies.h"
#include "api/render.h"
#include "base/log.h"
#include "base/text.h"

namespace fiducia::api {

struct Api::Counters {
  std::array<std::atomic<int64_t>, 6> by_class{};  // of the status: 2 is 2xx
  std::atomic<int64_t> requests{0};
};

namespace {

// For what waits: imports, erasures, proofs, batches of events. What waits for the same commit
// shares its pages and its sync.
constexpr int kPoolThreads = 16;
constexpr size_t kQueueMax = 256;

// The table with its patterns cut at the slashes once.
struct SplitRoute {
  const Route* route;
  std::vector<std::string_view> parts;
};

const std::vector<SplitRoute>& SplitRoutes() {
  static const std::vector<SplitRoute> split = [] {
    std::vector<SplitRoute> made;
    for (const Route& route : Routes()) {
      made.push_back({&route, Split(route.path, '/')});
    }
    return made;
  }();
  return split;
}

bool Match(const SplitRoute& wanted, const std::vector<std::string_view>& given) {
  if (wanted.parts.size() != given.size()) {
    return false;
  }
  for (size_t i = 0; i < given.size(); ++i) {
    const bool any = wanted.parts[i].starts_with('{');
    if (any ? given[i].empty() : wanted.parts[i] != given[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Api::Api(Parts parts)
    : parts_(std::move(parts)),
      pool_(std::make_unique<WorkerPool>(kPoolThreads, kQueueMax)),
      counters_(std::make_unique<Counters>()) {}

Api::~Api() = default;

Status Api::Authenticate(Needs needs, Call& call) const {
  const http::Request& request = call.request;
  if (needs == Needs::kNobody) {
    return {};
  }
  if (needs == Needs::kNothing) {
    return CheckOrigin(request);  // nobody else's page signs somebody in here
  }
  if (needs == Needs::kCustomer) {
    return AuthenticateCustomer(call);
  }
  const std::string_view authorization = request.Header("authorization");
  const bool by_person = authorization.empty() && !Cookie(request, kSessionCookie).empty();
  if (by_person && needs != Needs::kLocalOwner) {
    FID_TRY(AuthenticatePerson(needs, call));
  } else if (needs == Needs::kPerson || needs == Needs::kSession) {
    return Fail(Code::kUnauthenticated, "this is for people who have signed in");
  } else if (request.origin == http::Origin::kLocalOwner && authorization.empty()) {
    call.access.actor = model::ActorWith(parts_.operator_id, "operator");
  } else if (needs == Needs::kLocalOwner) {
    return Fail(Code::kNotFound, "there is nothing at this address");
  } else {
    FID_ASSIGN(call.access.actor, parts_.keys.Authenticate(authorization, request.peer));
    // A recipient that is cut off, or whose agreement has lapsed, gets nothing.
    FID_TRY(parts_.assurance.recipients.MayUseKey(call.access.actor.id));
  }
  call.access.purpose = request.Header("fiducia-purpose");
  call.access.case_id = request.Header("fiducia-case");
  return {};
}

Status Api::AuthenticateCustomer(Call& call) const {
  FID_ASSIGN(const guard::Session session,
             parts_.doors.sessions().Find(Cookie(call.request, kPortalCookie)));
  FID_TRY(CheckSameSite(call.request, session.csrf));
  call.access.actor.role = "customer";
  call.session = session;
  call.self.subject = {0, session.user};
  if (const std::string_view ward = call.request.Header("fiducia-ward"); !ward.empty()) {
    FID_ASSIGN(const Uuid minor, Uuid::Parse(ward));
    FID_ASSIGN(call.self, parts_.guardians.Speak(session.user, minor));
  }
  return {};
}

Status Api::AuthenticatePerson(Needs needs, Call& call) const {
  FID_ASSIGN(const guard::Session session,
             parts_.sign_in.sessions().Find(Cookie(call.request, kSessionCookie)));
  FID_TRY(CheckSameSite(call.request, session.csrf));
  FID_ASSIGN(const guard::UserPtr user, parts_.sign_in.people().Find(session.user));
  const guard::Stage stage = parts_.sign_in.StageOf(session, *user);
  if (needs != Needs::kSession && stage != guard::Stage::kFull) {
    return Fail(Code::kSignInIncomplete,
                "finish signing in first: second factor, then the confidentiality agreement");
  }
  if (stage == guard::Stage::kFull) {
    call.access.actor = parts_.sign_in.people().ActorOf(*user);
  } else {
    call.access.actor.id = user->id;
    call.access.actor.role = "person";
  }
  call.session = session;
  return {};
}

void Api::Handle(http::Request request, http::Responder respond) const {
  ++counters_->requests;
  http::Responder counted = [counters = counters_.get(),
                             respond = std::move(respond)](http::Response response) mutable {
    ++counters->by_class[static_cast<size_t>(response.status / 100 % 6)];
    respond(std::move(response));
  };
  Call call;
  const Route* chosen = nullptr;
  std::string allowed;
  const std::vector<std::string_view> given = Split(request.path, '/');
  for (const SplitRoute& candidate : SplitRoutes()) {
    const Route& route = *candidate.route;
    if (!Match(candidate, given)) {
      continue;
    }
    if (route.method == request.method) {
      chosen = &route;
      for (size_t i = 0; i < given.size(); ++i) {
        if (candidate.parts[i].starts_with('{')) {
          call.path.emplace_back(given[i]);
        }
      }
      break;
    }
    if (route.needs != Needs::kLocalOwner || request.origin == http::Origin::kLocalOwner) {
      allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
  }
  if (chosen == nullptr) {
    http::Response response = http::Problem(
        allowed.empty() ? Error(Code::kNotFound, "there is nothing at this address")
                        : Error(Code::kMethodNotAllowed, "the method is not offered here"));
    if (!allowed.empty()) {
      response.headers.emplace_back("Allow", allowed);
    }
    return counted(std::move(response));
  }
  call.request = std::move(request);
  if (const Status status = Authenticate(chosen->needs, call); !status) {
    return counted(http::Problem(status.error()));
  }
  if (!chosen->blocking) {
    return (this->*chosen->run)(std::move(call), std::move(counted));
  }
  auto responder = std::make_shared<http::Responder>(std::move(counted));
  const bool posted = pool_->Post([this, chosen, call = std::move(call), responder]() mutable {
    (this->*chosen->run)(std::move(call), std::move(*responder));
  });
  if (!posted) {
    (*responder)(http::Problem({Code::kUnavailable, "too much is waiting: try again soon"}));
  }
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the signature of http::Handler
void Api::Metrics(http::Request, http::Responder respond) const {
  http::Response response;
  response.content_type = "text/plain; version=0.0.4";
  response.body = "# TYPE fiducia_requests_total counter\nfiducia_requests_total " +
                  std::to_string(counters_->requests.load()) + "\n";
  response.body += "# TYPE fiducia_responses_total counter\n";
  for (size_t i = 2; i < counters_->by_class.size(); ++i) {
    response.body += "fiducia_responses_total{class=\"" + std::to_string(i) + "xx\"} " +
                     std::to_string(counters_->by_class[i].load()) + "\n";
  }
  response.body += "# TYPE fiducia_audit_leaves_published gauge\nfiducia_audit_leaves_published " +
                   std::to_string(parts_.gate.log().published_size()) + "\n";
  respond(std::move(response));
}

}  // namespace fiducia::api
