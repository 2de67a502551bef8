#include "server/serve.h"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "console/console.h"
#include "http/server.h"
#include "server/housekeeper.h"

namespace fiducia::server {

SocketPath::SocketPath(const Home& home)
    : folder_fd_(open((home.folder + "/run").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

SocketPath::~SocketPath() {
  if (folder_fd_ >= 0) {
    close(folder_fd_);
  }
}

std::string SocketPath::path() const {
  return "/proc/self/fd/" + std::to_string(folder_fd_) + "/local.sock";
}

Outcome<void> Serve(const Home& home, Instance& instance, const ServeOptions& options,
                    const std::function<void(int port)>& started) {
  const auto server = http::MakeServer(std::max(options.threads, instance.engine().read_threads()));
  const http::Handler handler = [&instance](http::Request request, http::Responder respond) {
    if (console::Owns(request.path) && request.origin == http::Origin::kNetwork) {
      return respond(console::Answer(request));
    }
    instance.api().Handle(std::move(request), std::move(respond));
  };
  const SocketPath socket(home);
  const auto port =
      server->ListenTls(options.listen, home.Certificate(), home.CertificateKey(), handler);
  if (!port) {
    return std::unexpected(TroubleOf(port.error()));
  }
  if (const Status local = server->ListenUnix(socket.path(), handler); !local) {
    return std::unexpected(TroubleOf(local.error()));
  }
  if (!options.metrics.empty()) {
    const auto metrics = server->ListenPlain(
        options.metrics, [&instance](http::Request request, http::Responder respond) {
          instance.api().Metrics(std::move(request), std::move(respond));
        });
    if (!metrics) {
      return std::unexpected(TroubleOf(metrics.error()));
    }
  }
  if (!options.backup_to.empty()) {
    const auto backup = instance.StartBackup(options.backup_to, options.backup_every_s * 1000);
    if (!backup) {
      return std::unexpected(TroubleOf(backup.error()));
    }
  }
  instance.StartConnectors();
  const Housekeeper housekeeper([&instance] { instance.Housekeep(); });
  instance.SetPort(*port);
  http::Server& running = *server;
  server->OnSignal([&running] {
    Log(LogLevel::kInfo, "stopping");
    running.Stop();
  });
  started(*port);
  server->Run();
  unlink(socket.path().c_str());
  return {};
}

}  // namespace fiducia::server
