#include "http/gzip.h"

#include <boost/beast/zlib/inflate_stream.hpp>
#include <boost/crc.hpp>

#include "base/bytes.h"

namespace fiducia::http {

namespace {

constexpr uint8_t kHasCheck = 2;
constexpr uint8_t kHasExtra = 4;
constexpr uint8_t kHasName = 8;
constexpr uint8_t kHasComment = 16;
constexpr size_t kHeader = 10;
constexpr size_t kTrailer = 8;

uint32_t Little(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

// Where the packed bytes begin (RFC 1952); npos if the header is not one.
size_t BodyOf(std::string_view packed) {
  if (packed.size() < kHeader + kTrailer || !packed.starts_with("\x1f\x8b\x08")) {
    return std::string_view::npos;
  }
  const auto flags = static_cast<uint8_t>(packed[3]);
  size_t at = kHeader;
  if ((flags & kHasExtra) != 0) {
    if (packed.size() < at + 2) {
      return std::string_view::npos;
    }
    at += 2U + static_cast<uint8_t>(packed[at]) + 256U * static_cast<uint8_t>(packed[at + 1]);
  }
  for (const uint8_t text : {kHasName, kHasComment}) {
    if ((flags & text) != 0) {
      const size_t end = packed.find('\0', std::min(at, packed.size()));
      if (end == std::string_view::npos) {
        return end;
      }
      at = end + 1;
    }
  }
  at += (flags & kHasCheck) != 0 ? 2 : 0;
  return at + kTrailer <= packed.size() ? at : std::string_view::npos;
}

}  // namespace

Result<std::string> Gunzip(std::string_view packed, size_t most) {
  const auto damaged = [] { return Fail(Code::kInvalidInput, "the gzip body is damaged"); };
  const size_t from = BodyOf(packed);
  if (from == std::string_view::npos) {
    return damaged();
  }
  const std::string_view body = packed.substr(from, packed.size() - from - kTrailer);
  const std::string_view trailer = packed.substr(packed.size() - kTrailer);
  if (Little(trailer.substr(4)) > most) {
    return Fail(Code::kTooLarge, "the body is too large when unpacked");
  }
  // Room for what it says it holds and one byte, so that the end is seen: a bomb that lies does not
  // fit.
  const size_t size = Little(trailer.substr(4));
  std::string text(size + 1, '\0');
  boost::beast::zlib::inflate_stream inflate;
  boost::beast::zlib::z_params at;
  at.next_in = body.data();
  at.avail_in = body.size();
  at.next_out = text.data();
  at.avail_out = text.size();
  boost::system::error_code error;
  inflate.write(at, boost::beast::zlib::Flush::sync, error);
  text.resize(size);
  boost::crc_32_type check;
  check.process_bytes(text.data(), text.size());
  // How a stream ends, the library tells in several ways; its length and its check tell in one.
  if (at.avail_in != 0 || at.total_out != size || check.checksum() != Little(trailer)) {
    return damaged();
  }
  return text;
}

}  // namespace fiducia::http
