#include "http/transfer.h"

#include <mutex>

namespace fiducia::http {

Transfer::Transfer(const std::string& url, const char* protocols, long connect_seconds,
                   long seconds) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  curl_.reset(curl_easy_init());
  CURL* curl = get();
  if (curl == nullptr) {
    return;
  }
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // we have threads
}

void Transfer::Trust(const std::string& ca_pem) {
  if (!ca_pem.empty()) {
    curl_blob authorities{const_cast<char*>(ca_pem.data()), ca_pem.size(), CURL_BLOB_COPY};
    curl_easy_setopt(get(), CURLOPT_CAINFO_BLOB, &authorities);
  }
}

void Transfer::SignIn(const std::string& user, const std::string& password) {
  curl_easy_setopt(get(), CURLOPT_USERNAME, user.c_str());
  curl_easy_setopt(get(), CURLOPT_PASSWORD, password.c_str());
}

}  // namespace fiducia::http
