#include "http/client.h"

#include "base/text.h"
#include "http/boost_includes.h"

// NOLINTBEGIN(bugprone-unused-return-value): Beast and Asio report through `ec` as well.
namespace fiducia::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

constexpr std::string_view kPathPlain = "-._/";

template <typename S>
Result<Response> Exchange(S& stream, const Request& request) {
  std::string target = PercentEncoded(request.path, kPathPlain);
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target +=
        separator + PercentEncoded(name, kPathPlain) + "=" + PercentEncoded(value, kPathPlain);
    separator = '&';
  }
  bhttp::request<bhttp::string_body> out;
  out.version(11);
  out.method_string(request.method);
  out.target(target);
  out.set(bhttp::field::host, "localhost");
  for (const auto& [name, value] : request.headers) {
    out.set(name, value);
  }
  out.body() = request.body;
  out.prepare_payload();
  boost::system::error_code ec;
  bhttp::write(stream, out, ec);
  beast::flat_buffer buffer;
  bhttp::response_parser<bhttp::string_body> parser;
  parser.body_limit(uint64_t{256} << 20);
  bhttp::read(stream, buffer, parser, ec);
  if (ec) {
    return Fail(Code::kUnavailable, "the server did not answer");
  }
  const auto& in = parser.get();
  Response response;
  response.status = static_cast<int>(in.result_int());
  response.body = in.body();
  for (const auto& field : in) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.content_type = std::string(in[bhttp::field::content_type]);
  return response;
}

}  // namespace

Result<Response> CallUnix(const std::string& socket_path, const Request& request) {
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  boost::system::error_code ec;
  socket.connect(asio::local::stream_protocol::endpoint(socket_path), ec);
  if (ec) {
    return Fail(Code::kUnavailable, "the server did not answer");
  }
  return Exchange(socket, request);
}

Result<Response> CallLoopbackTls(int port, const Request& request) {
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  boost::system::error_code ec;
  stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)}, ec);
  if (!ec) {
    stream.handshake(asio::ssl::stream_base::client, ec);
  }
  if (ec) {
    return Fail(Code::kUnavailable, "the server did not answer");
  }
  return Exchange(stream, request);
}

}  // namespace fiducia::http
// NOLINTEND(bugprone-unused-return-value)
