#include "http/outbound.h"

#include <memory>
#include <mutex>

#include <curl/curl.h>

#include "http/address.h"

namespace fiducia::http {

namespace {

constexpr long kConnectSeconds = 5;
constexpr long kSeconds = 10;

struct Free {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

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
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, Free> curl(curl_easy_init());
  Answer answer{"", call.most};
  curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
  if (!call.authorization.empty()) {
    list = curl_slist_append(list, ("Authorization: " + call.authorization).c_str());
  }
  if (!call.header.empty()) {
    list = curl_slist_append(list, call.header.c_str());
  }
  const std::unique_ptr<curl_slist, Free> headers(list);
  PublicOnly guard;
  if (call.public_only) {
    guard.Watch(curl.get());
  }
  curl_easy_setopt(curl.get(), CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);  // we have threads
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "Fiducia");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  if (!call.ca_pem.empty()) {
    curl_blob authorities{const_cast<char*>(call.ca_pem.data()), call.ca_pem.size(),
                          CURL_BLOB_COPY};
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO_BLOB, &authorities);
  }
  if (!call.form.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(call.form.size()));
    curl_easy_setopt(curl.get(), CURLOPT_COPYPOSTFIELDS, call.form.c_str());
  }
  const CURLcode code = curl_easy_perform(curl.get());
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
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return OutboundReply{static_cast<int>(status), std::move(answer.body)};
}

}  // namespace fiducia::http
