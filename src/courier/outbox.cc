#include "courier/outbox.h"

#include <algorithm>

#include "base/log.h"

namespace fiducia::courier {

namespace {

constexpr std::string_view kMessage = "message";
constexpr std::string_view kServer = "mail_server";
constexpr size_t kWaitingMax = 10000;
constexpr int64_t kMinuteMs = 60000;
constexpr int kAttemptsMax = 8;

Json ToJson(const Message& message) {
  return {{"to", message.to.Reveal()},     {"subject", message.subject.Reveal()},
          {"body", message.body.Reveal()}, {"unsubscribe", message.unsubscribe},
          {"created", message.created_ms}, {"until", message.until_ms},
          {"attempts", message.attempts},  {"next", message.next_ms}};
}

Message MessageFrom(const guard::Document& document) {
  Message message;
  message.id = document.id;
  message.version = document.version;
  message.to = model::Sensitive(JsonText(document.json, "to"));
  message.subject = model::Sensitive(JsonText(document.json, "subject"));
  message.body = model::Sensitive(JsonText(document.json, "body"));
  message.unsubscribe = JsonText(document.json, "unsubscribe");
  message.created_ms = document.json.value("created", int64_t{0});
  message.until_ms = document.json.value("until", int64_t{0});
  message.attempts = document.json.value("attempts", 0);
  message.next_ms = document.json.value("next", int64_t{0});
  return message;
}

bool OneWord(const std::string& text) {
  return text.size() <= 300 && text.find_first_of(" \r\n\t<>\"") == std::string::npos;
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::Open(Parts parts) {
  std::unique_ptr<Outbox> made(new Outbox(std::move(parts)));
  FID_ASSIGN(const auto messages, made->parts_.book.Load(kMessage));
  for (const guard::Document& document : messages) {
    made->waiting_.push_back(MessageFrom(document));
  }
  FID_ASSIGN(const auto servers, made->parts_.book.Load(kServer));
  if (!servers.empty()) {
    const Json& json = servers[0].json;
    made->server_ =
        MailServer{JsonText(json, "url"), JsonText(json, "from"), JsonText(json, "user"),
                   JsonText(json, "password"), JsonText(json, "ca")};
    made->server_id_ = servers[0].id;
    made->server_version_ = servers[0].version;
  }
  return made;
}

Status Outbox::Queue(Message message, const audit::Leaf& leaf) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kWaitingMax) {
      return Fail(Code::kUnavailable, "too many messages wait to be sent");
    }
  }
  message.id = Uuid::V7(parts_.clock, parts_.rng);
  message.version = 1;
  message.created_ms = parts_.clock.NowMs();
  FID_TRY(parts_.book.Commit({{std::string(kMessage), message.id, 1, ToJson(message)}}, {leaf}));
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(message));
  return {};
}

std::vector<Message> Outbox::Waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::optional<MailServer> Outbox::server() const {
  const std::lock_guard lock(mutex_);
  return server_;
}

Status Outbox::SetServer(const std::optional<MailServer>& server, const audit::Leaf& leaf) {
  if (server) {
    const bool address = server->url.starts_with("smtps://") || server->url.starts_with("smtp://");
    if (!address || !OneWord(server->url) || !OneWord(server->from) ||
        server->from.find('@') == std::string::npos || !OneWord(server->user)) {
      return Fail(Code::kInvalidInput,
                  "a mail server has an address such as smtps://mail.example.com:465 and a sender");
    }
  }
  const std::lock_guard lock(mutex_);
  const Uuid id = server_id_.is_nil() ? Uuid::V7(parts_.clock, parts_.rng) : server_id_;
  if (!server && server_version_ == 0) {
    return Fail(Code::kNotFound, "there is no mail server");
  }
  guard::DocumentChange change{std::string(kServer), id, server_version_ + 1, std::nullopt};
  if (server) {
    change.json = Json{{"url", server->url},
                       {"from", server->from},
                       {"user", server->user},
                       {"password", server->password},
                       {"ca", server->ca_pem}};
  } else {
    change.version = server_version_;
  }
  FID_TRY(parts_.book.Commit({change}, {leaf}));
  server_ = server;
  server_id_ = server ? id : Uuid();
  server_version_ = server ? change.version : 0;
  return {};
}

Status Outbox::Deliver() {
  const std::lock_guard one_at_a_time(delivering_);
  const auto server_now = server();
  for (const Message& message : Waiting()) {
    const int64_t now = parts_.clock.NowMs();
    const bool late = now >= message.until_ms || message.attempts >= kAttemptsMax;
    bool gone = late;
    if (!late && server_now && now >= message.next_ms) {
      if (parts_.send(*server_now, message)) {
        gone = true;
      } else {
        Message again = message;
        ++again.attempts;
        ++again.version;
        again.next_ms = now + (kMinuteMs << again.attempts);
        FID_TRY(parts_.book.Commit(
            {{std::string(kMessage), again.id, again.version, ToJson(again)}}, {}));
        const std::lock_guard lock(mutex_);
        for (Message& kept : waiting_) {
          if (kept.id == again.id) {
            kept = again;
          }
        }
        LogError("a message could not be sent", {Code::kUnavailable, "the mail server refused it"});
      }
    }
    if (gone) {
      FID_TRY(parts_.book.Commit(
          {{std::string(kMessage), message.id, message.version, std::nullopt}}, {}));
      const std::lock_guard lock(mutex_);
      std::erase_if(waiting_, [&](const Message& kept) { return kept.id == message.id; });
    }
  }
  return {};
}

}  // namespace fiducia::courier
