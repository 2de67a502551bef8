// Messages on their way to customers: sealed until sent, forgotten afterwards. Without a mail
// server they wait here until they are out of date; the owner of the home folder can read them.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "guard/register_book.h"
#include "model/sensitive.h"

namespace fiducia::courier {

struct Message {
  Uuid id;
  uint32_t version = 0;
  model::Sensitive to;  // an address
  model::Sensitive subject;
  model::Sensitive body;
  std::string unsubscribe;  // an address for List-Unsubscribe; may be empty
  int64_t created_ms = 0;
  int64_t until_ms = 0;  // not sent later than this
  int attempts = 0;
  int64_t next_ms = 0;  // not tried before
};

struct MailServer {
  std::string url;   // smtps://host:465 or smtp://host:587
  std::string from;  // an address
  std::string user;
  std::string password;
  std::string ca_pem;  // authorities; empty: the system's
};

// Sends one message. Errors: kUnavailable.
using SendFn = std::function<Status(const MailServer& server, const Message& message)>;

// Thread safe.
class Outbox {
 public:
  struct Parts {
    const guard::RegisterBook& book;
    const Clock& clock;
    Rng& rng;
    SendFn send;
  };
  static Result<std::unique_ptr<Outbox>> Open(Parts parts);

  // Takes a message in, with the leaf that says so. Errors: kUnavailable if too many wait.
  Status Queue(Message message, const audit::Leaf& leaf);
  // Sends what is due; drops what is out of date. Call now and then.
  Status Deliver();
  std::vector<Message> Waiting() const;

  std::optional<MailServer> server() const;
  // Errors: kInvalidInput.
  Status SetServer(const std::optional<MailServer>& server, const audit::Leaf& leaf);

 private:
  explicit Outbox(Parts parts) : parts_(std::move(parts)) {}

  Parts parts_;
  std::mutex delivering_;
  mutable std::mutex mutex_;
  std::vector<Message> waiting_;
  std::optional<MailServer> server_;
  Uuid server_id_;
  uint32_t server_version_ = 0;
};

}  // namespace fiducia::courier
