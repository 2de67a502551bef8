// Mail out, over SMTP with TLS: the certificate checked, little time.
#pragma once

#include <string>

#include "base/result.h"

namespace fiducia::http {

struct MailCall {
  std::string url;  // smtps://…, or smtp://… that has to turn to TLS
  std::string ca_pem;
  std::string user;
  std::string password;
  std::string from;
  std::string to;
  std::string text;  // headers and body, lines ended by CR LF
};

// Blocks for at most twenty seconds. Errors: kUnavailable.
Status SendMail(const MailCall& call);

// A word of a header that may hold any text (RFC 2047).
std::string EncodedWord(std::string_view text);
// A plain text message in UTF-8, Base64. `extra` are whole header lines.
std::string MailText(const std::string& from, const std::string& to, std::string_view subject,
                     std::string_view body, const std::string& id, const std::string& date,
                     const std::string& extra);

}  // namespace fiducia::http
