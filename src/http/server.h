// The HTTP server: TLS 1.2 and 1.3 on TCP, plain on a Unix socket and on the metrics port. The only
// place, with client.h, that sees Boost.
#pragma once

#include <memory>
#include <string>

#include "http/message.h"

namespace fiducia::http {

struct Limits {
  size_t header_bytes = 16384;
  size_t body_bytes = 1 << 20;
  size_t upload_bytes = size_t{64} << 20;  // for paths below `upload_prefix`
  std::string upload_prefix = "/api/v1/imports";
  int request_seconds = 30;  // for a whole request to arrive
  int idle_seconds = 60;     // between requests
  size_t connections_max = 4096;
};

class Server {
 public:
  virtual ~Server() = default;
  // `address` is "127.0.0.1:8443" or "[::1]:8443"; port 0 takes a free one. Gives the port.
  // Errors: kUnavailable if the address cannot be had, kInvalidInput if it is none.
  virtual Result<int> ListenTls(const std::string& address, const std::string& certificate_file,
                                const std::string& key_file, Handler handler) = 0;
  virtual Result<int> ListenPlain(const std::string& address, Handler handler) = 0;
  // Requests here come with Origin::kLocalOwner. The socket file is made with mode 0600.
  virtual Status ListenUnix(const std::string& path, Handler handler) = 0;
  virtual void Run() = 0;  // until Stop; on `threads` threads
  // Takes no new requests, lets running ones end (up to 10 s). From any thread or signal watcher.
  virtual void Stop() = 0;
  // Calls `then` once when the process is told to end (SIGINT, SIGTERM).
  virtual void OnSignal(std::function<void()> then) = 0;
};

std::unique_ptr<Server> MakeServer(int threads, Limits limits = {});

}  // namespace fiducia::http
