// JSON over HTTPS, page by page.
#include "base/text.h"
#include "collect/connectors/peer.h"
#include "http/outbound.h"

namespace fiducia::collect {

namespace {

constexpr size_t kPageMost = size_t{8} << 20;
constexpr size_t kRecordsMost = 5000;

std::string Or(const std::map<std::string, std::string>& settings, const char* name,
               const char* otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : found->second;
}

// The value at a place of the answer; nothing if it is not there.
const Json* At(const Json& json, std::string_view place) {
  const Json* at = &json;
  for (const std::string_view name : Split(place, '.')) {
    if (place.empty()) {
      break;
    }
    const auto found = at->is_object() ? at->find(std::string(name)) : at->end();
    if (!at->is_object() || found == at->end()) {
      return nullptr;
    }
    at = &*found;
  }
  return at;
}

class RestPeer : public Peer {
 public:
  explicit RestPeer(const Connector& connector)
      : settings_(connector.spec.settings),
        secret_(connector.secret),
        public_only_(!connector.Inside()) {}

  Result<Pulled> Pull(const std::string& cursor) override {
    http::OutboundCall call;
    call.url = settings_.at("url");
    call.public_only = public_only_;
    call.ca_pem = Or(settings_, "ca", "");
    call.most = kPageMost;
    if (!cursor.empty()) {
      call.url += (call.url.find('?') == std::string::npos ? "?" : "&") +
                  Or(settings_, "cursor", "cursor") + "=" + PercentEncoded(cursor, "-._~");
    }
    if (!secret_.empty()) {
      const std::string header = Or(settings_, "header", "Authorization");
      const std::string scheme = Or(settings_, "scheme", header == "Authorization" ? "Bearer" : "");
      call.header = header + ": " + (scheme.empty() ? "" : scheme + " ") + secret_;
    }
    FID_ASSIGN(const http::OutboundReply reply, http::CallOut(call));
    if (reply.status == 401 || reply.status == 403) {
      return Fail(Code::kDenied, "the other server does not let us in", reply.status);
    }
    if (reply.status != 200) {
      return Fail(Code::kUnavailable, "the other server answers with an error", reply.status);
    }
    const auto json = ParseJson(reply.body);
    const Json* items = json ? At(*json, Or(settings_, "items", "")) : nullptr;
    if (items == nullptr || !items->is_array() || items->size() > kRecordsMost) {
      return Fail(Code::kInvalidInput, "the answer has no list of records where it should");
    }
    Pulled pulled;
    for (const Json& item : *items) {
      pulled.records.push_back({WriteJson(item), item});
    }
    const std::string place = Or(settings_, "next", "");
    const Json* next = place.empty() ? nullptr : At(*json, place);
    const std::string to = next == nullptr || next->is_null() ? ""
                           : next->is_string()                ? next->get<std::string>()
                                                              : WriteJson(*next);
    // The last page is asked for again the next time: there may be more on it then.
    pulled.cursor = to.empty() ? cursor : to;
    pulled.more = !to.empty() && to != cursor && !items->empty();
    return pulled;
  }

 private:
  std::map<std::string, std::string> settings_;
  std::string secret_;
  bool public_only_;
};

}  // namespace

Result<std::unique_ptr<Peer>> ReachRest(const Connector& connector) {
  const std::string& url = connector.spec.settings.at("url");
  if (!url.starts_with("https://") || url.find('#') != std::string::npos ||
      url.find('@') != std::string::npos) {
    return Fail(Code::kInvalidInput, "a server is named as https://host/path, without a user");
  }
  return std::make_unique<RestPeer>(connector);
}

}  // namespace fiducia::collect
