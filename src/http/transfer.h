// Private to http: what every transfer of libcurl has in common. Certificates are checked, against
// the given authorities or the system's; nothing older than TLS 1.2; no redirects.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

namespace fiducia::http {

class Transfer {
 public:
  // `protocols`: "https" or "imap,imaps"; no other is spoken.
  Transfer(const std::string& url, const char* protocols, long connect_seconds, long seconds);
  // Null if there is no memory.
  CURL* get() const { return curl_.get(); }
  void Trust(const std::string& ca_pem);  // empty: the system's
  void SignIn(const std::string& user, const std::string& password);

 private:
  struct Free {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  };
  std::unique_ptr<CURL, Free> curl_;
};

}  // namespace fiducia::http
