// Does what is due by the calendar while the server runs: at once, and every minute.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace fiducia::server {

class Housekeeper {
 public:
  explicit Housekeeper(std::function<void()> work);
  ~Housekeeper();  // waits for the work under way
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void Loop();

  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace fiducia::server
