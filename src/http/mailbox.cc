#include "http/mailbox.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <curl/curl.h>

#include "http/address.h"
#include "http/transfer.h"

namespace fiducia::http {

namespace {

constexpr long kConnectSeconds = 8;
constexpr long kWholeSeconds = 30;
constexpr size_t kMessageMost = size_t{2} << 20;

struct Taken {
  std::string text;
  bool too_much = false;
};

size_t Take(const char* data, size_t size, size_t count, void* into) {
  auto& taken = *static_cast<Taken*>(into);
  if (taken.text.size() + size * count > kMessageMost) {
    taken.too_much = true;
    return 0;
  }
  taken.text.append(data, size * count);
  return size * count;
}

// `command`: what to say; empty: a message is fetched, whose id is in `url`. What the server
// answers to a command comes among its headers.
Result<std::string> Say(const MailboxCall& call, const std::string& url, const char* command) {
  Transfer transfer(url, "imap,imaps", kConnectSeconds, kWholeSeconds);
  transfer.Trust(call.ca_pem);
  transfer.SignIn(call.user, call.password);
  Taken taken;
  PublicOnly guard;
  CURL* handle = transfer.get();
  if (call.public_only) {
    guard.Watch(handle);
  }
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Take);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &taken);
  if (command != nullptr) {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, command);
  }
  const CURLcode code = curl_easy_perform(handle);
  if (guard.refused()) {
    return Fail(Code::kDenied, "the address lies inside of a house: its owner has to allow it");
  }
  if (taken.too_much) {
    return Fail(Code::kTooLarge, "a message has more than 2 MiB");
  }
  if (code == CURLE_LOGIN_DENIED) {
    return Fail(Code::kDenied, "the mailbox does not let us in");
  }
  if (code == CURLE_REMOTE_FILE_NOT_FOUND) {
    return Fail(Code::kNotFound, "the message is gone");
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    return Fail(Code::kUnavailable, "the mail server's certificate is not vouched for");
  }
  if (code != CURLE_OK) {
    return Fail(Code::kUnavailable, "the mail server does not answer", code);
  }
  return std::move(taken.text);
}

// The numbers behind a word of the answer.
std::vector<uint32_t> NumbersAfter(std::string_view text, std::string_view word) {
  std::vector<uint32_t> numbers;
  size_t at = text.find(word);
  at = at == std::string_view::npos ? text.size() : at + word.size();
  while (at < text.size()) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    if (error == std::errc()) {
      numbers.push_back(number);
      at = static_cast<size_t>(end - text.data());
    } else if (text[at] == ' ') {
      ++at;
    } else {
      break;
    }
  }
  return numbers;
}

}  // namespace

Result<std::vector<uint32_t>> ListMail(const MailboxCall& call, uint32_t first, size_t most) {
  const std::string command = "UID SEARCH UID " + std::to_string(first) + ":*";
  FID_ASSIGN(const std::string answer, Say(call, call.url, command.c_str()));
  std::vector<uint32_t> ids = NumbersAfter(answer, "* SEARCH");
  // "n:*" has the last message in it, whatever n is.
  std::erase_if(ids, [&](uint32_t id) { return id < first; });
  std::sort(ids.begin(), ids.end());
  ids.resize(std::min(ids.size(), most));
  return ids;
}

Result<std::string> ReadMail(const MailboxCall& call, uint32_t id) {
  return Say(call, call.url + "/;UID=" + std::to_string(id), nullptr);
}

Result<uint32_t> MailboxEpoch(const MailboxCall& call) {
  const size_t slash = call.url.find('/', call.url.find("//") + 2);
  const std::string box = slash == std::string::npos ? "INBOX" : call.url.substr(slash + 1);
  const std::string command = "STATUS \"" + box + "\" (UIDVALIDITY)";
  FID_ASSIGN(const std::string answer, Say(call, call.url.substr(0, slash), command.c_str()));
  const auto numbers = NumbersAfter(answer, "UIDVALIDITY");
  return numbers.empty() ? 0 : numbers.front();
}

}  // namespace fiducia::http
