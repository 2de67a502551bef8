// Service mail from a mailbox.
#include "collect/connectors/mail_message.h"
#include "collect/connectors/peer.h"
#include "crypto/hash.h"
#include "http/mailbox.h"

namespace fiducia::collect {

namespace {

constexpr size_t kMessages = 50;

class MailPeer : public Peer {
 public:
  explicit MailPeer(http::MailboxCall call) : call_(std::move(call)) {}

  Result<Pulled> Pull(const std::string& cursor) override {
    const Json place = ParseJson(cursor.empty() ? "{}" : cursor).value_or(Json::object());
    FID_ASSIGN(const uint32_t epoch, http::MailboxEpoch(call_));
    uint32_t last = place.value("epoch", 0U) == epoch ? place.value("last", 0U) : 0;
    FID_ASSIGN(const auto ids, http::ListMail(call_, last + 1, kMessages));
    Pulled pulled;
    for (const uint32_t id : ids) {
      last = id;
      const auto raw = http::ReadMail(call_, id);
      if (!raw &&
          (raw.error().code() == Code::kNotFound || raw.error().code() == Code::kTooLarge)) {
        continue;
      }
      if (!raw) {
        return std::unexpected(raw.error());
      }
      // The same message is the same by what it is: the ids of a mailbox may start anew.
      const std::string own = ToHex(crypto::View(crypto::Sha256({*raw}))).substr(0, 40);
      const auto message = ReadMessage(*raw);
      pulled.records.push_back({own, message ? *message : Json("unreadable")});
    }
    pulled.cursor = WriteJson({{"epoch", epoch}, {"last", last}});
    pulled.more = ids.size() == kMessages;
    return pulled;
  }

 private:
  http::MailboxCall call_;
};

}  // namespace

Result<std::unique_ptr<Peer>> ReachMailbox(const Connector& connector) {
  const auto& settings = connector.spec.settings;
  http::MailboxCall call;
  call.url = settings.at("url");
  call.user = settings.at("user");
  call.password = connector.secret;
  call.public_only = !connector.Inside();
  if (const auto ca = settings.find("ca"); ca != settings.end()) {
    call.ca_pem = ca->second;
  }
  const bool named = call.url.starts_with("imaps://") || call.url.starts_with("imap://");
  if (!named || call.url.find_first_of("@;?#\"\r\n ") != std::string::npos) {
    return Fail(Code::kInvalidInput, "a mailbox is named as imaps://host/INBOX");
  }
  return std::make_unique<MailPeer>(std::move(call));
}

}  // namespace fiducia::collect
