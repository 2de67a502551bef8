// Which addresses lie in the open, and which inside of somebody's house: what outsiders name must
// never make us call ourselves, our neighbors or the machine that we run on.
#pragma once

#include <string_view>

struct sockaddr;

namespace fiducia::http {

// Of IPv4 and IPv6, also one inside the other. Anything else is not public.
bool IsPublic(const sockaddr* address);
// Written as digits; false for a name.
bool IsPublicText(std::string_view address);

// Watches a transfer of libcurl: what it connects to is looked at when it is about to, so that no
// name can mean one address for the check and another for the call.
class PublicOnly {
 public:
  void Watch(void* curl);
  bool refused() const { return refused_; }

 private:
  static int Open(void* self, int purpose, void* address);
  bool refused_ = false;
};

}  // namespace fiducia::http
