// A stream of NATS JetStream, through a consumer that the server keeps: what was not acknowledged
// comes again.
#include <memory>

#include <nats/nats.h>

#include "collect/connectors/peer.h"

namespace fiducia::collect {

namespace {

constexpr int kMessages = 200;
constexpr int64_t kFirstMs = 500;  // how long to wait for the first

struct Drop {
  void operator()(natsOptions* one) const { natsOptions_Destroy(one); }
  void operator()(natsConnection* one) const { natsConnection_Destroy(one); }
  void operator()(jsCtx* one) const { jsCtx_Destroy(one); }
  void operator()(natsSubscription* one) const { natsSubscription_Destroy(one); }
};
template <typename T>
using Held = std::unique_ptr<T, Drop>;

Status Check(natsStatus status) {
  switch (status) {
    case NATS_OK:
      return {};
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
      return Fail(Code::kDenied, "the NATS server does not let us in");
    case NATS_INVALID_ARG:
    case NATS_NOT_FOUND:
      return Fail(Code::kInvalidInput, "there is no such stream or consumer");
    default:
      return Fail(Code::kUnavailable, "the NATS server does not answer", status);
  }
}

class NatsPeer : public Peer {
 public:
  explicit NatsPeer(const Connector& connector)
      : settings_(connector.spec.settings), secret_(connector.secret) {}
  ~NatsPeer() override { Forget(); }

  Result<Pulled> Pull(const std::string& cursor) override {
    Forget();
    FID_TRY(Connect());
    const natsStatus status =
        natsSubscription_Fetch(&list_, subscription_.get(), kMessages, kFirstMs, nullptr);
    Pulled pulled;
    pulled.cursor = cursor;
    if (status == NATS_TIMEOUT) {
      return pulled;
    }
    if (const Status fetched = Check(status); !fetched) {
      Close();
      return std::unexpected(fetched.error());
    }
    for (int i = 0; i < list_.Count; ++i) {
      natsMsg* message = list_.Msgs[i];
      jsMsgMetaData* about = nullptr;
      FID_TRY(Check(natsMsg_GetMetaData(&about, message)));
      const uint64_t sequence = about->Sequence.Stream;
      jsMsgMetaData_Destroy(about);
      const std::string text(natsMsg_GetData(message),
                             static_cast<size_t>(natsMsg_GetDataLength(message)));
      auto record = ParseJson(text);
      pulled.records.push_back({settings_.at("stream") + ":" + std::to_string(sequence),
                                record ? std::move(*record) : Json("unreadable")});
    }
    pulled.more = list_.Count == kMessages;
    return pulled;
  }

  Status Done() override {
    for (int i = 0; i < list_.Count; ++i) {
      if (const Status acked = Check(natsMsg_AckSync(list_.Msgs[i], nullptr, nullptr)); !acked) {
        Close();
        return acked;
      }
    }
    Forget();
    return {};
  }

 private:
  void Forget() { natsMsgList_Destroy(&list_); }
  void Close() {
    Forget();
    subscription_.reset();
    stream_.reset();
    connection_.reset();
  }

  Status Connect() {
    if (subscription_ != nullptr) {
      return {};
    }
    natsOptions* options = nullptr;
    FID_TRY(Check(natsOptions_Create(&options)));
    const Held<natsOptions> held(options);
    natsOptions_SetURL(options, settings_.at("url").c_str());
    natsOptions_SetTimeout(options, 8000);
    natsOptions_SetAllowReconnect(options, false);
    if (const auto user = settings_.find("user"); user != settings_.end()) {
      natsOptions_SetUserInfo(options, user->second.c_str(), secret_.c_str());
    } else if (!secret_.empty()) {
      natsOptions_SetToken(options, secret_.c_str());
    }
    if (const auto ca = settings_.find("ca"); ca != settings_.end()) {
      natsOptions_SetSecure(options, true);
      natsOptions_LoadCATrustedCertificates(options, ca->second.c_str());
    }
    natsConnection* connection = nullptr;
    FID_TRY(Check(natsConnection_Connect(&connection, options)));
    connection_.reset(connection);
    jsCtx* stream = nullptr;
    FID_TRY(Check(natsConnection_JetStream(&stream, connection, nullptr)));
    stream_.reset(stream);
    // The library wants a subject of the stream, although the consumer says it all.
    const std::string& name = settings_.at("stream");
    const std::string& consumer = settings_.at("consumer");
    jsErrCode why{};
    jsConsumerInfo* info = nullptr;
    natsStatus status =
        js_GetConsumerInfo(&info, stream, name.c_str(), consumer.c_str(), nullptr, &why);
    jsStreamInfo* about = nullptr;
    if (status == NATS_OK) {
      status = js_GetStreamInfo(&about, stream, name.c_str(), nullptr, &why);
    }
    const char* filter = info == nullptr ? nullptr : info->Config->FilterSubject;
    const bool any = about != nullptr && about->Config->SubjectsLen > 0;
    const std::string subject = filter != nullptr && *filter != '\0' ? filter
                                : any                                ? about->Config->Subjects[0]
                                                                     : ">";
    jsConsumerInfo_Destroy(info);
    jsStreamInfo_Destroy(about);
    natsSubscription* subscription = nullptr;
    jsSubOptions wanted;
    jsSubOptions_Init(&wanted);
    wanted.Stream = name.c_str();
    wanted.Consumer = consumer.c_str();
    if (status == NATS_OK) {
      status = js_PullSubscribe(&subscription, stream, subject.c_str(), consumer.c_str(), nullptr,
                                &wanted, &why);
    }
    if (status != NATS_OK) {
      Close();
      return Check(status);
    }
    subscription_.reset(subscription);
    return {};
  }

  std::map<std::string, std::string> settings_;
  std::string secret_;
  Held<natsConnection> connection_;
  Held<jsCtx> stream_;
  Held<natsSubscription> subscription_;
  natsMsgList list_{nullptr, 0};
};

}  // namespace

Result<std::unique_ptr<Peer>> ReachNats(const Connector& connector) {
  const std::string& url = connector.spec.settings.at("url");
  if (!url.starts_with("nats://") && !url.starts_with("tls://")) {
    return Fail(Code::kInvalidInput, "a NATS server is named as nats://host:4222");
  }
  return std::make_unique<NatsPeer>(connector);
}

}  // namespace fiducia::collect
