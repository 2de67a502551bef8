#include "server/mail.h"

#include <array>
#include <ctime>

#include "http/mail.h"

namespace fiducia::server {

namespace {

std::string MailDate(int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 60> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &utc);
  return text.data();
}

}  // namespace

Status SendByMail(const courier::MailServer& server, const courier::Message& message) {
  const std::string to(message.to.Reveal());
  // Addresses were cleaned when they came in; a line break here would add headers.
  if (to.find_first_of("\r\n<> ") != std::string::npos || to.find('@') == std::string::npos) {
    return Fail(Code::kUnavailable, "this address takes no mail");
  }
  std::string extra;
  if (!message.unsubscribe.empty()) {
    extra = "List-Unsubscribe: <" + message.unsubscribe +
            ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
  }
  const std::string domain = server.from.substr(server.from.find('@') + 1);
  return http::SendMail(
      {server.url, server.ca_pem, server.user, server.password, server.from, to,
       http::MailText(server.from, to, message.subject.Reveal(), message.body.Reveal(),
                      message.id.Text() + "@" + domain, MailDate(message.created_ms), extra)});
}

}  // namespace fiducia::server
