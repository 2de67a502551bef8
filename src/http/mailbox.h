// A mailbox of service mail, read over IMAP: always encrypted, the certificate checked; what was
// read stays there, marked as read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace fiducia::http {

struct MailboxCall {
  std::string url;  // imaps://host:993/INBOX, or imap:// with STARTTLS
  std::string user;
  std::string password;
  std::string ca_pem;  // authorities; empty: the system's
  bool public_only = true;
};

// The ids of the messages from `first` on, rising; at most `most`. Errors: kUnavailable, kDenied.
Result<std::vector<uint32_t>> ListMail(const MailboxCall& call, uint32_t first, size_t most);
// One message as it is. Errors: the same; kTooLarge for more than 2 MiB; kNotFound.
Result<std::string> ReadMail(const MailboxCall& call, uint32_t id);
// A number that changes if the ids start anew.
Result<uint32_t> MailboxEpoch(const MailboxCall& call);

}  // namespace fiducia::http
