// Runs an installation as a server until it is told to stop.
#pragma once

#include <functional>
#include <string>

#include "server/instance.h"

namespace fiducia::server {

struct ServeOptions {
  std::string listen = "127.0.0.1:8443";
  std::string metrics;  // empty: none
  int threads = 2;
  std::string backup_to;  // empty: none
  int64_t backup_every_s = 10;
};

// `started` is told the port. Returns when SIGINT or SIGTERM has come and the last answer is out.
Outcome<void> Serve(const Home& home, Instance& instance, const ServeOptions& options,
                    const std::function<void(int port)>& started);

// Where a running server of this home listens for its owner: a path short enough for a socket.
// Holds a descriptor on the folder while it lives.
class SocketPath {
 public:
  explicit SocketPath(const Home& home);
  ~SocketPath();
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;
  std::string path() const;

 private:
  int folder_fd_;
};

}  // namespace fiducia::server
