#include "server/housekeeper.h"

#include <chrono>
#include <utility>

namespace fiducia::server {

namespace {

constexpr std::chrono::minutes kEvery{1};

}  // namespace

Housekeeper::Housekeeper(std::function<void()> work)
    : work_(std::move(work)), thread_([this] { Loop(); }) {}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void Housekeeper::Loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    work_();
    lock.lock();
    stopped_.wait_for(lock, kEvery, [this] { return stop_; });
  }
}

}  // namespace fiducia::server
