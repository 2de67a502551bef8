#include "http/outbound.h"

#include <memory>

#include <curl/curl.h>

#include "http/address.h"
#include "http/transfer.h"

namespace fiducia::http {

namespace {

constexpr long kConnectSeconds = 5;
constexpr long kSeconds = 10;

struct Answer {
  std::string body;
  size_t most = 0;
};

// Less than was given stops the transfer.
size_t Take(const char* data, size_t size, size_t count, void* into) {
  auto& answer = *static_cast<Answer*>(into);
  if (answer.body.size() + size * count > answer.most) {
    return 0;
  }
  answer.body.append(data, size * count);
  return size * count;
}

}  // namespace

Result<OutboundReply> CallOut(const OutboundCall& call) {
  Transfer transfer(call.url, "https", kConnectSeconds, kSeconds);
  CURL* curl = transfer.get();
  Answer answer{"", call.most};
  curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
  if (!call.authorization.empty()) {
    list = curl_slist_append(list, ("Authorization: " + call.authorization).c_str());
  }
  if (!call.header.empty()) {
    list = curl_slist_append(list, call.header.c_str());
  }
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list,
                                                                            &curl_slist_free_all);
  PublicOnly guard;
  if (call.public_only) {
    guard.Watch(curl);
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "Fiducia");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  transfer.Trust(call.ca_pem);
  if (!call.form.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(call.form.size()));
    curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, call.form.c_str());
  }
  const CURLcode code = curl_easy_perform(curl);
  if (guard.refused()) {
    return Fail(Code::kDenied, "the address lies inside of a house: its owner has to allow it");
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    return Fail(Code::kUnavailable, "the other server's certificate is not vouched for");
  }
  if (code != CURLE_OK) {
    return Fail(Code::kUnavailable, "the other server does not answer", code);
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return OutboundReply{static_cast<int>(status), std::move(answer.body)};
}

}  // namespace fiducia::http
