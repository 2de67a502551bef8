#include "http/mail.h"

#include <cstring>
#include <memory>

#include <curl/curl.h>

#include "base/bytes.h"
#include "http/transfer.h"

namespace fiducia::http {

namespace {

constexpr long kConnectSeconds = 8;
constexpr long kWholeSeconds = 20;
constexpr size_t kLine = 76;

struct Source {
  std::string_view left;
};

size_t GiveMore(char* buffer, size_t size, size_t count, void* data) {
  auto* source = static_cast<Source*>(data);
  const size_t n = std::min(size * count, source->left.size());
  std::memcpy(buffer, source->left.data(), n);
  source->left.remove_prefix(n);
  return n;
}

}  // namespace

Status SendMail(const MailCall& call) {
  Transfer transfer(call.url, "smtp,smtps", kConnectSeconds, kWholeSeconds);
  CURL* handle = transfer.get();
  if (handle == nullptr) {
    return Fail(Code::kUnavailable, "no mail can be sent at the moment");
  }
  transfer.Trust(call.ca_pem);
  Source source{call.text};
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, &GiveMore);
  curl_easy_setopt(handle, CURLOPT_READDATA, &source);
  if (!call.user.empty()) {
    transfer.SignIn(call.user, call.password);
  }
  const std::string from = "<" + call.from + ">";
  const std::string to = "<" + call.to + ">";
  curl_easy_setopt(handle, CURLOPT_MAIL_FROM, from.c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
      curl_slist_append(nullptr, to.c_str()), &curl_slist_free_all);
  curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients.get());
  if (curl_easy_perform(handle) != CURLE_OK) {
    return Fail(Code::kUnavailable, "the mail server did not take the message");
  }
  return {};
}

std::string EncodedWord(std::string_view text) {
  // An encoded word has at most 75 characters, and no character is cut in two.
  constexpr size_t kPiece = 42;
  std::string out;
  while (!text.empty()) {
    size_t n = std::min(kPiece, text.size());
    while (n < text.size() && n > 0 && (static_cast<uint8_t>(text[n]) & 0xc0) == 0x80) {
      --n;
    }
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + ToBase64(text.substr(0, n)) + "?=";
    text.remove_prefix(n);
  }
  return out;
}

std::string MailText(const std::string& from, const std::string& to, std::string_view subject,
                     std::string_view body, const std::string& id, const std::string& date,
                     const std::string& extra) {
  std::string text = "From: <" + from + ">\r\nTo: <" + to +
                     ">\r\nSubject: " + EncodedWord(subject) + "\r\nDate: " + date +
                     "\r\nMessage-ID: <" + id +
                     ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n" +
                     extra + "\r\n";
  const std::string encoded = ToBase64(body);
  for (size_t at = 0; at < encoded.size(); at += kLine) {
    text += encoded.substr(at, kLine) + "\r\n";
  }
  return text;
}

}  // namespace fiducia::http
