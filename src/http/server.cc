#include "http/server.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "http/boost_includes.h"

namespace fiducia::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Tcp = asio::ip::tcp;
using Unix = asio::local::stream_protocol;
using boost::system::error_code;

template <typename Protocol>
using Stream = beast::basic_stream<Protocol, asio::any_io_executor>;

struct Shared {
  Limits limits;
  std::atomic<bool> stopping{false};
  std::atomic<size_t> connections{0};
  std::atomic<size_t> running{0};  // requests being answered
};

// Counts one connection while it lives.
class Counted {
 public:
  explicit Counted(std::atomic<size_t>& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::atomic<size_t>& count_;
};

Error ErrorOf(error_code ec) {
  if (ec == bhttp::error::header_limit) {
    return {Code::kHeadersTooLarge, "the headers are too large"};
  }
  if (ec == bhttp::error::body_limit) {
    return {Code::kTooLarge, "the body is too large"};
  }
  if (ec == beast::error::timeout) {
    return {Code::kTimeout, "the request took too long to arrive"};
  }
  return {Code::kInvalidInput, "the request is not well-formed HTTP/1.1"};
}

bool IsHttpFault(error_code ec) {
  return ec.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
         ec != bhttp::error::end_of_stream && ec != bhttp::error::partial_message;
}

bhttp::response<bhttp::string_body> ToBeast(Response response, bool keep_alive) {
  bhttp::response<bhttp::string_body> out;
  out.version(11);
  out.result(static_cast<unsigned>(response.status));
  out.set(bhttp::field::content_type, response.content_type);
  out.set(bhttp::field::cache_control, "no-store");
  out.set("X-Content-Type-Options", "nosniff");
  out.set("Strict-Transport-Security", "max-age=31536000");
  // For who opens an answer as a page; the console's pages say their own.
  out.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
  for (const auto& [name, value] : response.headers) {
    name == "Set-Cookie" ? out.insert(name, value) : out.set(name, value);
  }
  out.body() = std::move(response.body);
  out.keep_alive(keep_alive);
  out.prepare_payload();
  return out;
}

Status ToRequest(bhttp::request<bhttp::string_body>& in, Request& request) {
  const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
  request.method = view(in.method_string());
  for (const auto& field : in) {
    std::string name = LowerAscii(view(field.name_string()));
    if (!request.headers.emplace(std::move(name), std::string(view(field.value()))).second) {
      return Fail(Code::kInvalidInput, "a header is given twice");
    }
  }
  if (in.version() == 11 && request.Header("host").empty()) {
    return Fail(Code::kInvalidInput, "the Host header is missing");
  }
  if (!request.Header("content-length").empty() && !request.Header("transfer-encoding").empty()) {
    return Fail(Code::kInvalidInput, "a body has a length or a transfer encoding, not both");
  }
  FID_TRY(ParseTarget(view(in.target()), request));
  request.body = std::move(in.body());
  return {};
}

// Runs the handler and resumes here, on the connection's own thread, when it has answered.
asio::awaitable<Response> Answer(const Handler& handler, Request request) {
  auto executor = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Response)>(
      [&handler, executor](auto completion, Request r) {
        auto shared = std::make_shared<decltype(completion)>(std::move(completion));
        handler(std::move(r), [shared, executor](Response response) {
          asio::post(executor, [shared, response = std::move(response)]() mutable {
            (*shared)(std::move(response));
          });
        });
      },
      asio::use_awaitable, std::move(request));
}

struct Peer {
  std::string address;
  Origin origin = Origin::kNetwork;
};

// One request: false when the connection is to be closed.
template <typename S, typename Lowest>
asio::awaitable<bool> ServeOne(S& stream, Lowest& lowest, beast::flat_buffer& buffer,
                               const Handler& handler, Shared& shared, const Peer& peer) {
  const auto token = [](error_code& ec) { return asio::redirect_error(asio::use_awaitable, ec); };
  bhttp::request_parser<bhttp::string_body> parser;
  parser.header_limit(static_cast<uint32_t>(shared.limits.header_bytes));
  parser.body_limit(shared.limits.upload_bytes);
  error_code ec;
  lowest.expires_after(std::chrono::seconds(shared.limits.idle_seconds));
  co_await bhttp::async_read_header(stream, buffer, parser, token(ec));
  if (!ec) {
    const std::string_view target(parser.get().target().data(), parser.get().target().size());
    if (!target.starts_with(shared.limits.upload_prefix)) {
      parser.body_limit(shared.limits.body_bytes);
    }
    lowest.expires_after(std::chrono::seconds(shared.limits.request_seconds));
    const auto length = parser.content_length();
    if (!target.starts_with(shared.limits.upload_prefix) && length &&
        *length > shared.limits.body_bytes) {
      ec = bhttp::error::body_limit;
    } else if (beast::iequals(parser.get()[bhttp::field::expect], "100-continue")) {
      bhttp::response<bhttp::empty_body> go_on{bhttp::status::continue_, 11};
      co_await bhttp::async_write(stream, go_on, token(ec));
    }
  }
  if (!ec) {
    co_await bhttp::async_read(stream, buffer, parser, token(ec));
  }
  if (ec && !IsHttpFault(ec)) {
    co_return false;
  }
  bool keep_alive = false;
  Response response;
  if (ec) {
    response = Problem(ErrorOf(ec));
  } else {
    keep_alive = parser.get().keep_alive() && !shared.stopping;
    Request request;
    request.peer = peer.address;
    request.origin = peer.origin;
    bhttp::request<bhttp::string_body> raw = parser.release();
    const Status status = ToRequest(raw, request);
    if (status) {
      const Counted running(shared.running);
      lowest.expires_never();
      response = co_await Answer(handler, std::move(request));
    } else {
      response = Problem(status.error());
      keep_alive = false;
    }
  }
  auto out = ToBeast(std::move(response), keep_alive);
  lowest.expires_after(std::chrono::seconds(shared.limits.request_seconds));
  co_await bhttp::async_write(stream, out, token(ec));
  co_return !ec && keep_alive;
}

template <typename S, typename Lowest>
asio::awaitable<void> ServeAll(S& stream, Lowest& lowest, const Handler& handler, Shared& shared,
                               Peer peer) {
  beast::flat_buffer buffer;
  while (co_await ServeOne(stream, lowest, buffer, handler, shared, peer)) {
  }
}

template <typename Socket>
asio::awaitable<void> ServePlain(Socket socket, std::shared_ptr<const Handler> handler,
                                 std::shared_ptr<Shared> shared, Peer peer) {
  const Counted counted(shared->connections);
  Stream<typename Socket::protocol_type> stream(std::move(socket));
  try {
    co_await ServeAll(stream, stream, *handler, *shared, std::move(peer));
  } catch (const std::exception&) {
    // The connection is lost; there is nobody to tell.
  }
  error_code ignored;
  stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

asio::awaitable<void> ServeTls(Tcp::socket socket, std::shared_ptr<asio::ssl::context> context,
                               std::shared_ptr<const Handler> handler,
                               std::shared_ptr<Shared> shared, Peer peer) {
  const Counted counted(shared->connections);
  error_code ec;
  socket.set_option(Tcp::no_delay(true), ec);
  beast::ssl_stream<Stream<Tcp>> stream(Stream<Tcp>(std::move(socket)), *context);
  Stream<Tcp>& lowest = beast::get_lowest_layer(stream);
  try {
    lowest.expires_after(std::chrono::seconds(shared->limits.request_seconds));
    co_await stream.async_handshake(asio::ssl::stream_base::server,
                                    asio::redirect_error(asio::use_awaitable, ec));
    if (ec) {
      co_return;
    }
    co_await ServeAll(stream, lowest, *handler, *shared, std::move(peer));
    lowest.expires_after(std::chrono::seconds(5));
    co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
  } catch (const std::exception&) {
    // As above.
  }
}

Result<Tcp::endpoint> ParseAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  error_code ec;
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto ip = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, ec);
  char* end = nullptr;
  const std::string port_text = colon == std::string::npos ? "" : address.substr(colon + 1);
  const long port = std::strtol(port_text.c_str(), &end, 10);
  if (ec || port_text.empty() || *end != '\0' || port < 0 || port > 65535) {
    return Fail(Code::kInvalidInput, "an address to listen on is IP:PORT");
  }
  return Tcp::endpoint(ip, static_cast<uint16_t>(port));
}

class BeastServer : public Server {
 public:
  BeastServer(int threads, Limits limits) : shared_(std::make_shared<Shared>()) {
    shared_->limits = std::move(limits);
    for (int i = 0; i < threads; ++i) {
      contexts_.push_back(std::make_unique<asio::io_context>(1));
      guards_.emplace_back(asio::make_work_guard(*contexts_.back()));
    }
  }

  Result<int> ListenTls(const std::string& address, const std::string& certificate_file,
                        const std::string& key_file, Handler handler) override {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code ec;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_sslv3,
                         ec);
    // Of TLS 1.2 only what has forward secrecy and authenticated encryption; 1.3 has nothing else.
    SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    context->use_certificate_chain_file(certificate_file, ec);
    if (!ec) {
      context->use_private_key_file(key_file, asio::ssl::context::pem, ec);
    }
    if (ec) {
      return Fail(Code::kUnavailable, "the TLS certificate or its key cannot be read");
    }
    auto shared_handler = std::make_shared<const Handler>(std::move(handler));
    return Listen(address, [this, context, shared_handler](Tcp::socket socket, Peer peer) {
      return ServeTls(std::move(socket), context, shared_handler, shared_, std::move(peer));
    });
  }

  Result<int> ListenPlain(const std::string& address, Handler handler) override {
    auto shared_handler = std::make_shared<const Handler>(std::move(handler));
    return Listen(address, [this, shared_handler](Tcp::socket socket, Peer peer) {
      return ServePlain(std::move(socket), shared_handler, shared_, std::move(peer));
    });
  }

  Status ListenUnix(const std::string& path, Handler handler) override {
    unlink(path.c_str());
    error_code ec;
    auto acceptor = std::make_shared<Unix::acceptor>(*contexts_[0]);
    acceptor->open(Unix(), ec);
    const mode_t old_mask = umask(0177);
    if (!ec) {
      acceptor->bind(Unix::endpoint(path), ec);
    }
    umask(old_mask);
    if (!ec) {
      acceptor->listen(64, ec);
    }
    if (ec) {
      return Fail(Code::kUnavailable, "the local socket cannot be made");
    }
    auto shared_handler = std::make_shared<const Handler>(std::move(handler));
    asio::co_spawn(
        *contexts_[0],
        [](std::shared_ptr<Unix::acceptor> a, std::shared_ptr<const Handler> h,
           std::shared_ptr<Shared> shared) -> asio::awaitable<void> {
          while (!shared->stopping) {
            error_code accept_error;
            Unix::socket socket =
                co_await a->async_accept(asio::redirect_error(asio::use_awaitable, accept_error));
            if (!accept_error) {
              asio::co_spawn(
                  a->get_executor(),
                  ServePlain(std::move(socket), h, shared, {"local", Origin::kLocalOwner}),
                  asio::detached);
            }
          }
        }(acceptor, shared_handler, shared_),
        asio::detached);
    return {};
  }

  void OnSignal(std::function<void()> then) override {
    signals_ = std::make_unique<asio::signal_set>(*contexts_[0], SIGINT, SIGTERM);
    signals_->async_wait([then = std::move(then)](error_code ec, int) {
      if (!ec) {
        then();
      }
    });
  }

  void Run() override {
    std::vector<std::thread> threads;
    for (size_t i = 1; i < contexts_.size(); ++i) {
      threads.emplace_back([this, i] { contexts_[i]->run(); });
    }
    contexts_[0]->run();
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  void Stop() override {
    if (shared_->stopping.exchange(true)) {
      return;
    }
    std::thread([shared = shared_, this] {
      for (int i = 0; i < 1000 && shared->running > 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      for (const auto& context : contexts_) {
        context->stop();
      }
    }).detach();
  }

 private:
  template <typename Serve>
  Result<int> Listen(const std::string& address, Serve serve) {
    FID_ASSIGN(const Tcp::endpoint endpoint, ParseAddress(address));
    error_code ec;
    auto acceptor = std::make_shared<Tcp::acceptor>(*contexts_[0]);
    acceptor->open(endpoint.protocol(), ec);
    acceptor->set_option(asio::socket_base::reuse_address(true), ec);
    acceptor->bind(endpoint, ec);
    if (!ec) {
      acceptor->listen(1024, ec);
    }
    if (ec) {
      return Fail(Code::kUnavailable, "the address is in use or not ours");
    }
    const int port = acceptor->local_endpoint().port();
    asio::co_spawn(*contexts_[0], AcceptAll(acceptor, std::move(serve)), asio::detached);
    return port;
  }

  template <typename Serve>
  asio::awaitable<void> AcceptAll(std::shared_ptr<Tcp::acceptor> acceptor, Serve serve) {
    for (size_t next = 0; !shared_->stopping; ++next) {
      asio::io_context& home = *contexts_[next % contexts_.size()];
      Tcp::socket socket(home);
      error_code ec;
      co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
      if (ec) {
        // Out of file descriptors, most likely: let some close.
        asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        continue;
      }
      if (shared_->connections >= shared_->limits.connections_max) {
        continue;  // closes it
      }
      const auto remote = socket.remote_endpoint(ec);
      Peer peer{ec ? "" : remote.address().to_string(), Origin::kNetwork};
      asio::co_spawn(home, serve(std::move(socket), std::move(peer)), asio::detached);
    }
  }

  std::shared_ptr<Shared> shared_;
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::unique_ptr<asio::signal_set> signals_;
};

}  // namespace

std::unique_ptr<Server> MakeServer(int threads, Limits limits) {
  return std::make_unique<BeastServer>(threads, std::move(limits));
}

}  // namespace fiducia::http
