#include "http/address.h"

#include <array>
#include <cstdint>
#include <string>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace fiducia::http {

namespace {

struct Block {
  uint32_t start;
  int bits;
};

// IANA's registry of special addresses, and those for many receivers.
constexpr Block kInside4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4}};

bool IsPublic4(uint32_t address) {
  for (const Block& block : kInside4) {
    if (address >> (32 - block.bits) == block.start >> (32 - block.bits)) {
      return false;
    }
  }
  return true;
}

uint32_t Word(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

bool IsPublic6(const uint8_t* bytes) {
  // Only 2000::/3 is given to anybody; of that, not what is for tunnels, tests and documents.
  const uint32_t first = Word(bytes);
  if (first >> 29 != 1) {
    return false;
  }
  return first >> 9 != 0x20010000U >> 9 &&  // 2001::/23: Teredo, ORCHID and the like
         first != 0x20010db8U &&            // 2001:db8::/32
         first >> 16 != 0x2002U &&          // 6to4: an IPv4 address inside
         first >> 12 != 0x3fff0U;           // 3fff::/20
}

}  // namespace

bool IsPublic(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return IsPublic4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
  }
  return address->sa_family == AF_INET6 &&
         IsPublic6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr);
}

bool IsPublicText(std::string_view address) {
  const std::string text(address);
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return IsPublic4(Word(bytes.data()));
  }
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 && IsPublic6(bytes.data());
}

int PublicOnly::Open(void* self, int /*purpose*/, void* address) {
  const auto* to = static_cast<curl_sockaddr*>(address);
  if (!IsPublic(&to->addr)) {
    static_cast<PublicOnly*>(self)->refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void PublicOnly::Watch(void* curl) {
  const auto open = [](void* self, curlsocktype purpose, curl_sockaddr* address) -> curl_socket_t {
    return Open(self, purpose, address);
  };
  curl_easy_setopt(static_cast<CURL*>(curl), CURLOPT_OPENSOCKETFUNCTION,
                   static_cast<curl_opensocket_callback>(open));
  curl_easy_setopt(static_cast<CURL*>(curl), CURLOPT_OPENSOCKETDATA, this);
  // A proxy would open what we do not look at.
  curl_easy_setopt(static_cast<CURL*>(curl), CURLOPT_PROXY, "");
}

}  // namespace fiducia::http
