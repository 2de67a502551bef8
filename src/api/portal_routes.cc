// What customers see and decide by themselves: what is held, who used it, and the switches.
#include <charconv>

#include "api/cookies.h"
#include "api/decode.h"
#include "api/render.h"
#include "audit/receipt.h"
#include "base/text.h"

namespace fiducia::api {

namespace {

constexpr size_t kIdMax = 80;
constexpr size_t kTextMax = 5000;
constexpr int kPageMax = 100;

http::Response ShowRecorded(const govern::Recorded& recorded) {
  return JsonResponse(200, {{"event", recorded.seq}, {"events", recorded.events}});
}

http::Response Html(std::string body) {
  http::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                                "form-action 'self'; frame-ancestors 'none'");
  response.body = std::move(body);
  return response;
}

constexpr std::string_view kUnsubscribePage =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width,initial-scale=1\"><title>Unsubscribe · 退订</title><style>"
    ":root{color-scheme:light dark}body{font:17px/1.6 system-ui,'PingFang SC','Noto Sans CJK "
    "SC',sans-serif;max-width:32rem;margin:4rem auto;padding:0 "
    "1rem}button{font:inherit;padding:.6rem 1.2rem;border-radius:8px;border:1px solid "
    "currentColor;background:none;color:inherit;cursor:pointer}</style></head><body>";

}  // namespace

void Api::PortalData(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const bool fresh = parts_.doors.RequireFresh(*call.session).has_value();
    parts_.self_service.View(
        call.self, fresh,
        Answering<govern::OwnView>(std::move(respond), [this](const govern::OwnView& view) {
          return TextResponse(200, RenderOwn(view, parts_.gate.policy()));
        }));
    return {};
  });
}

void Api::PortalRecipients(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto given, parts_.assurance.recipients.Of(call.self.subject));
    Json json = {{"recipients", Json::array()}};
    for (const auto& [recipient, disclosure] : given) {
      json["recipients"].push_back({{"name", recipient.name},
                                    {"kind", recipient.kind},
                                    {"services", recipient.services},
                                    {"contact", recipient.contact},
                                    {"countries", recipient.countries},
                                    {"first_at", FormatTime(disclosure.first_ms)},
                                    {"last_at", FormatTime(disclosure.last_ms)},
                                    {"times", disclosure.times}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PortalUses(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    parts_.self_service.Uses(call.self,
                             Answering<std::vector<govern::Use>>(
                                 std::move(respond), [this](const std::vector<govern::Use>& uses) {
                                   return JsonResponse(200, RenderUses(uses, parts_.gate.policy()));
                                 }));
    return {};
  });
}

void Api::PortalSwitch(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"purpose", "on", "department", "class", "locale"}));
    govern::Switch change;
    FID_ASSIGN(change.purpose, DecodeNeeded(body, "purpose", kIdMax));
    if (!body.contains("on") || !body["on"].is_boolean()) {
      return Fail(Code::kInvalidInput, "say whether it is on or off");
    }
    change.on = body["on"].get<bool>();
    FID_ASSIGN(change.department, DecodeText(body, "department", kIdMax));
    FID_ASSIGN(change.data_class, DecodeText(body, "class", kIdMax));
    FID_ASSIGN(change.locale, DecodeText(body, "locale", 16));
    const bool fresh = parts_.doors.RequireFresh(*call.session).has_value();
    parts_.self_service.Set(call.self, change, fresh,
                            Answering<govern::Recorded>(std::move(respond), ShowRecorded));
    return {};
  });
}

void Api::PortalRestrict(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"restricted"}));
    if (!body.contains("restricted") || !body["restricted"].is_boolean()) {
      return Fail(Code::kInvalidInput, "say whether it is restricted");
    }
    parts_.self_service.Restrict(call.self, body["restricted"].get<bool>(),
                                 Answering<govern::Recorded>(std::move(respond), ShowRecorded));
    return {};
  });
}

void Api::PortalAccesses(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"limit", "cursor"}));
    FID_ASSIGN(const int limit, QueryLimit(call.request, 30, kPageMax));
    parts_.self_service.Accesses(
        call.self, QueryText(call.request, "cursor"), limit,
        Answering<govern::OwnAccesses>(std::move(respond), [this](const govern::OwnAccesses& view) {
          return JsonResponse(200, RenderOwnAccesses(view, parts_.gate.policy().catalog));
        }));
    return {};
  });
}

// The entry itself, the path to a signed checkpoint, and the key: all that is needed to check it.
void Api::PortalProof(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    uint64_t place = 0;
    const std::string& text = call.path[0];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
    if (error != std::errc() || end != text.data() + text.size() || place >= UINT64_MAX - 1) {
      return Fail(Code::kNotFound, "there is no such entry about you");
    }
    parts_.self_service.Accesses(
        call.self, std::to_string(place + 1), 1,
        Answering<govern::OwnAccesses>(
            std::move(respond), [this, place](const govern::OwnAccesses& view) {
              if (view.accesses.empty() || view.accesses[0].leaf != place) {
                return http::Problem({Code::kNotFound, "there is no such entry about you"});
              }
              const auto proof = audit::WriteEntryProof(parts_.gate.log(), place);
              return proof ? TextResponse(200, *proof) : http::Problem(proof.error());
            }));
    return {};
  });
}

void Api::PortalLedger(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    parts_.self_service.Ledger(
        call.self,
        Answering<govern::LedgerView>(std::move(respond), [this](const govern::LedgerView& view) {
          return JsonResponse(200, Render(view, parts_.gate.policy().catalog));
        }));
    return {};
  });
}

void Api::PortalReceipt(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    uint32_t seq = 0;
    const std::string& text = call.path[0];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (error != std::errc() || end != text.data() + text.size()) {
      return Fail(Code::kNotFound, "there is no such authorization");
    }
    parts_.self_service.Receipt(
        call.self, seq, Answering<std::string>(std::move(respond), [](const std::string& receipt) {
          http::Response response = TextResponse(200, receipt);
          response.headers.emplace_back("Content-Disposition",
                                        "attachment; filename=\"receipt.json\"");
          return response;
        }));
    return {};
  });
}

void Api::PortalDownload(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"locale"}));
    FID_TRY(parts_.doors.RequireFresh(*call.session));
    const std::string format = call.path[0];
    const bool zh = QueryText(call.request, "locale").starts_with("zh");
    if (format != "json" && format != "csv" && format != "html" && format != "vcf") {
      return Fail(Code::kNotFound, "there are json, csv, html and vcf");
    }
    parts_.self_service.View(
        call.self, true,
        Answering<govern::OwnView>(std::move(respond), [this, format, zh](const auto& view) {
          return OwnFile(view, parts_.gate.policy(), format, zh);
        }));
    return {};
  });
}

void Api::PortalSay(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"text"}));
    FID_ASSIGN(std::string text, DecodeNeeded(body, "text", kTextMax));
    FID_ASSIGN(const govern::Opinion opinion,
               parts_.feedback.Say(call.self, model::Sensitive(std::move(text))));
    respond(JsonResponse(201, RenderOpinion(opinion, false)));
    return {};
  });
}

void Api::PortalSaid(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    Json json = {{"messages", Json::array()}};
    const std::vector<govern::Opinion> own = parts_.feedback.Of(call.self.subject.id);
    for (const govern::Opinion& opinion : own) {
      json["messages"].push_back(RenderOpinion(opinion, false));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::ListFeedback(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto all, parts_.feedback.List(call.access));
    Json json = {{"messages", Json::array()}};
    for (const govern::Opinion& opinion : all) {
      json["messages"].push_back(RenderOpinion(opinion, true));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::AnswerFeedback(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.Require(call.access.actor, "feedback.answer"));
    FID_ASSIGN(const Uuid id, IdOf(call, "there is no such message"));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"text"}));
    FID_ASSIGN(std::string text, DecodeNeeded(body, "text", kTextMax));
    FID_ASSIGN(const govern::Opinion opinion,
               parts_.feedback.Answer(call.access, id, model::Sensitive(std::move(text))));
    respond(JsonResponse(200, RenderOpinion(opinion, true)));
    return {};
  });
}

// Mail scanners fetch addresses: a GET changes nothing and asks first.
void Api::UnsubscribePage(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    respond(
        Html(std::string(kUnsubscribePage) +
             "<h1>退订 · Unsubscribe</h1><p>不再接收此类消息?<br>Receive no more of these?</p>"
             "<form method=\"post\"><button>退订 · Unsubscribe</button></form></body></html>\n"));
    return {};
  });
}

void Api::Unsubscribe(Call call, http::Responder respond) const {
  parts_.unsubscribe.Take(call.path[0], [respond = std::move(respond)]() mutable {
    respond(Html(std::string(kUnsubscribePage) +
                 "<h1>已退订 · Unsubscribed</h1><p>您不会再收到此类消息。<br>You will receive no "
                 "more of these.</p></body></html>\n"));
  });
}

void Api::GpcPolicy(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const CivilDate today = CivilFromDays(parts_.clock.NowMs() / 86400000);
    respond(
        JsonResponse(200, {{"gpc", true}, {"lastUpdate", std::to_string(today.year) + "-01-01"}}));
    return {};
  });
}

void Api::ReadMail(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    const auto server = parts_.outbox.server();
    Json json = {{"server", Json()}, {"waiting", Json::array()}};
    if (server) {
      json["server"] = {{"url", server->url},
                        {"from", server->from},
                        {"user", server->user},
                        {"own_authorities", !server->ca_pem.empty()}};
    }
    const std::vector<courier::Message> waiting = parts_.outbox.Waiting();
    for (const courier::Message& message : waiting) {
      json["waiting"].push_back(RenderMessage(message));
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::PutMail(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"url", "from", "user", "password", "ca"}));
    courier::MailServer server;
    FID_ASSIGN(server.url, DecodeNeeded(body, "url", 300));
    FID_ASSIGN(server.from, DecodeNeeded(body, "from", 300));
    FID_ASSIGN(server.user, DecodeText(body, "user", 300));
    FID_ASSIGN(server.password, DecodeText(body, "password", 600));
    FID_ASSIGN(server.ca_pem, DecodeText(body, "ca", 100000));
    FID_TRY(parts_.outbox.SetServer(server, parts_.gate.NewLeaf(call.access, "mail.set", "done")));
    respond(NoContent());
    return {};
  });
}

void Api::RemoveMail(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.outbox.SetServer(std::nullopt,
                                    parts_.gate.NewLeaf(call.access, "mail.remove", "done")));
    respond(NoContent());
    return {};
  });
}

}  // namespace fiducia::api
