// Calls to servers of others: https only, the certificate checked, no redirects followed, little
// time and little room.
#pragma once

#include <string>

#include "base/result.h"

namespace fiducia::http {

struct OutboundCall {
  std::string url;
  std::string ca_pem;         // authorities; empty: the system's
  std::string form;           // not empty: a POST of a=b&c=d
  std::string authorization;  // the header; empty: none
  std::string header;         // one more: "X-Key: …"; empty: none
  bool public_only = false;   // no address inside of any house is reached, whatever it is called
  size_t most = size_t{1} << 20;  // bytes of the answer
};
struct OutboundReply {
  int status = 0;
  std::string body;
};

// Blocks for at most ten seconds. Errors: kUnavailable if nobody answers in time, if the
// certificate does not hold, or for more than `most`; kDenied for an address inside of a house.
Result<OutboundReply> CallOut(const OutboundCall& call);

}  // namespace fiducia::http
