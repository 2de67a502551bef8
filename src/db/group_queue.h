// One thread that takes what has queued up while it was busy and hands it over as one group: the
// heart of group commit, the same for every engine.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "db/engine.h"

namespace fiducia::db {

class GroupQueue {
 public:
  // `run` gets every group. `idle`, if any, is called between groups, about every `every`.
  explicit GroupQueue(std::function<void(std::vector<Job>&)> run, std::function<void()> idle = {},
                      std::chrono::milliseconds every = std::chrono::seconds(5));
  ~GroupQueue();
  GroupQueue(const GroupQueue&) = delete;
  GroupQueue& operator=(const GroupQueue&) = delete;

  void Submit(Job job);
  // Runs `task` on the thread, after what was queued before it, and waits for it.
  Status RunBetween(std::move_only_function<Status()> task);
  // Runs what is queued and ends the thread.
  void Stop();

 private:
  struct Task {
    std::move_only_function<Status()> run;
    std::promise<Status> done;
  };
  void Loop();

  std::function<void(std::vector<Job>&)> run_;
  std::function<void()> idle_;
  std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> queue_;
  std::vector<Task> tasks_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace fiducia::db
