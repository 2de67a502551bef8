#include "api/api.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "api/render.h"
#include "base/log.h"
#include "base/text.h"

namespace fiducia::api {

// Threads for what waits: imports, erasures, proofs.
class WorkerPool {
 public:
  explicit WorkerPool(int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Loop(); });
    }
  }
  ~WorkerPool() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False if the queue is full.
  bool Post(std::move_only_function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.size() >= kQueueMax) {
        return false;
      }
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
  }

 private:
  static constexpr size_t kQueueMax = 256;
  void Loop() {
    while (true) {
      std::move_only_function<void()> task;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
        if (tasks_.empty()) {
          return;
        }
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> tasks_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

struct Api::Counters {
  std::array<std::atomic<int64_t>, 6> by_class{};  // of the status: 2 is 2xx
  std::atomic<int64_t> requests{0};
};

namespace {

constexpr int kPoolThreads = 8;

// Matches /api/v1/customers/{id} and gives what stands in the braces.
bool Match(std::string_view pattern, std::string_view path, std::vector<std::string>& found) {
  const auto wanted = Split(pattern, '/');
  const auto given = Split(path, '/');
  if (wanted.size() != given.size()) {
    return false;
  }
  found.clear();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      if (given[i].empty()) {
        return false;
      }
      found.emplace_back(given[i]);
    } else if (wanted[i] != given[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Api::Api(Parts parts)
    : parts_(std::move(parts)),
      pool_(std::make_unique<WorkerPool>(kPoolThreads)),
      counters_(std::make_unique<Counters>()) {}

Api::~Api() = default;

Result<model::Access> Api::Authenticate(const http::Request& request, Needs needs) const {
  model::Access access;
  if (needs == Needs::kNothing) {
    return access;
  }
  const std::string_view authorization = request.Header("authorization");
  if (request.origin == http::Origin::kLocalOwner && authorization.empty()) {
    access.actor = {parts_.operator_id, "operator"};
  } else if (needs == Needs::kLocalOwner) {
    return Fail(Code::kNotFound, "there is nothing at this address");
  } else {
    FID_ASSIGN(access.actor, parts_.keys.Authenticate(authorization, request.peer));
  }
  access.purpose = request.Header("fiducia-purpose");
  access.case_id = request.Header("fiducia-case");
  return access;
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
  for (const Route& route : Routes()) {
    std::vector<std::string> path;
    if (!Match(route.path, request.path, path)) {
      continue;
    }
    if (route.method == request.method) {
      chosen = &route;
      call.path = std::move(path);
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
  auto access = Authenticate(request, chosen->needs);
  if (!access) {
    return counted(http::Problem(access.error()));
  }
  call.access = std::move(*access);
  call.request = std::move(request);
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
