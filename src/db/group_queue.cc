#include "db/group_queue.h"

namespace fiducia::db {

namespace {

constexpr size_t kGroupMax = 4096;  // jobs in one group commit

}  // namespace

GroupQueue::GroupQueue(std::function<void(std::vector<Job>&)> run, std::function<void()> idle,
                       std::chrono::milliseconds every)
    : run_(std::move(run)), idle_(std::move(idle)), every_(every) {
  thread_ = std::thread([this] { Loop(); });
}

GroupQueue::~GroupQueue() { Stop(); }

void GroupQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void GroupQueue::Submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
    if (queue_.size() > 1) {
      return;  // the thread was told already
    }
  }
  wake_.notify_one();
}

Status GroupQueue::RunBetween(std::move_only_function<Status()> task) {
  std::promise<Status> done;
  std::future<Status> result = done.get_future();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(task), std::move(done)});
  }
  wake_.notify_one();
  return result.get();
}

void GroupQueue::Loop() {
  std::vector<Job> group;
  std::vector<Task> tasks;
  const auto ready = [this] { return stop_ || !queue_.empty() || !tasks_.empty(); };
  auto next_idle = std::chrono::steady_clock::now() + every_;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (idle_) {
        wake_.wait_until(lock, next_idle, ready);
      } else {
        wake_.wait(lock, ready);
      }
      if (stop_ && queue_.empty() && tasks_.empty()) {
        return;
      }
      group.clear();
      if (queue_.size() <= kGroupMax) {
        group.swap(queue_);
        tasks.swap(tasks_);
      } else {
        group.assign(std::make_move_iterator(queue_.begin()),
                     std::make_move_iterator(queue_.begin() + kGroupMax));
        queue_.erase(queue_.begin(), queue_.begin() + kGroupMax);
      }
    }
    if (!group.empty()) {
      run_(group);
    }
    for (Task& task : tasks) {
      task.done.set_value(task.run());
    }
    tasks.clear();
    if (idle_ && std::chrono::steady_clock::now() >= next_idle) {
      idle_();
      next_idle = std::chrono::steady_clock::now() + every_;
    }
  }
}

}  // namespace fiducia::db
