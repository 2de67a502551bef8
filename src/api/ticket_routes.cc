// The service desk: contacts taken in as tickets.
#include "api/decode.h"
#include "api/render.h"
#include "base/clock.h"
#include "govern/rights/reading.h"

namespace fiducia::api {

namespace {

constexpr size_t kWordMax = 80;
constexpr size_t kReasonMax = 400;
constexpr size_t kContactMax = 200000;
constexpr int kPageMax = 100;
constexpr int kMinutesMost = 24 * 60;

// What the words are, and how they came.
Status DecodeContact(const Json& body, apps::Contact& contact) {
  FID_ASSIGN(const std::string channel, DecodeNeeded(body, "channel", kWordMax));
  const auto named = process::ChannelNamed(channel);
  if (!named) {
    return Fail(Code::kInvalidInput, "a contact comes by phone, mail, chat or visit");
  }
  contact.channel = *named;
  FID_ASSIGN(std::string text, DecodeNeeded(body, "text", kContactMax));
  contact.text = model::Sensitive(std::move(text));
  FID_ASSIGN(contact.customer, DecodeText(body, "customer", kWordMax));
  FID_ASSIGN(const auto keep, DecodeWords(body, "keep"));
  for (const std::string& kind : keep.value_or(std::vector<std::string>())) {
    if (!process::EntityKindNamed(kind) && !process::TopicNamed(kind)) {
      return Fail(Code::kInvalidInput, "no such kind of find");
    }
    contact.keep.insert(kind);
  }
  return {};
}

Result<apps::Contact> DecodeTaken(const Json& body, int64_t now_ms) {
  apps::Contact contact;
  FID_TRY(DecodeContact(body, contact));
  FID_ASSIGN(contact.source, DecodeNeeded(body, "source", kWordMax));
  FID_ASSIGN(const std::string matter, DecodeText(body, "matter", kWordMax));
  if (!matter.empty()) {
    contact.matter = process::MatterNamed(matter);
    if (!contact.matter) {
      return Fail(Code::kInvalidInput, "there is no such matter");
    }
  }
  FID_ASSIGN(const std::string at, DecodeText(body, "occurred_at", 40));
  contact.at_ms = now_ms;
  if (!at.empty()) {
    FID_ASSIGN(contact.at_ms, ParseTime(at));
  }
  FID_ASSIGN(contact.minutes, DecodeNumber(body, "minutes", 0, kMinutesMost));
  FID_ASSIGN(const bool outbound, DecodeFlag(body, "outbound"));
  contact.inbound = !outbound;
  return contact;
}

Json RenderTicket(const apps::TicketView& view) {
  const process::Ticket& ticket = view.ticket;
  Json json = {{"id", ticket.id.Text()},
               {"customer", view.subject.id.Text()},
               {"version", ticket.version},
               {"state", ticket.open ? "open" : "closed"},
               {"moved_at", FormatTime(ticket.moved_ms)},
               {"withheld", nullptr}};
  if (view.withheld) {
    json["withheld"] = gate::Name(*view.withheld);
    return json;
  }
  Json contacts = Json::array();
  for (const Uuid& entry : ticket.contacts) {
    contacts.push_back(entry.Text());
  }
  json["channel"] = process::Name(ticket.channel);
  json["matter"] = process::Name(ticket.matter);
  json["rights"] = ticket.rights;
  json["request"] = ticket.request.empty() ? Json() : Json(ticket.request);
  json["source"] = ticket.source;
  json["opened_at"] = FormatTime(ticket.opened_ms);
  json["opened_by"] = ticket.opened_by.Text();
  json["closed_at"] = TimeOrNull(ticket.closed_ms);
  json["outcome"] = ticket.open ? Json() : Json(process::Name(ticket.outcome));
  json["contacts"] = std::move(contacts);
  json["taken"] = ticket.taken;
  return json;
}

http::Response RenderPage(const apps::TicketPage& page) {
  Json tickets = Json::array();
  for (const apps::TicketView& view : page.tickets) {
    tickets.push_back(RenderTicket(view));
  }
  return JsonResponse(200, {{"tickets", std::move(tickets)},
                            {"next", page.next.empty() ? Json() : Json(page.next)},
                            {"waiting", page.waiting}});
}

// The ticket in the address, after the customer; what is no id is nobody's.
Uuid TicketOf(const Call& call) { return Uuid::Parse(call.path[1]).value_or(Uuid()); }

http::Response WrittenResponse(int status, const apps::Written& written) {
  return JsonResponse(status, {{"id", written.event.Text()},
                               {"customer", written.subject.id.Text()},
                               {"version", written.version}});
}

http::Response Taken(const apps::Written& written) {
  return WrittenResponse(written.repeated ? 200 : 201, written);
}

}  // namespace

void Api::PreviewContact(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const Json body,
               DecodeObject(call.request, {"channel", "text", "customer", "keep"}));
    apps::Contact contact;
    FID_TRY(DecodeContact(body, contact));
    FID_ASSIGN(const apps::ContactPreview preview, parts_.desk.Preview(call.access, contact));
    respond(RenderPreview(preview));
    return {};
  });
}

void Api::TakeContact(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"channel", "text", "customer", "keep",
                                                            "reason", "source", "matter",
                                                            "occurred_at", "minutes", "outbound"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    std::optional<Uuid> ticket;
    if (call.path.size() > 1) {
      ticket = TicketOf(call);
    }
    FID_ASSIGN(const apps::Contact contact, DecodeTaken(body, parts_.clock.NowMs()));
    FID_ASSIGN(call.access.reason, DecodeText(body, "reason", kReasonMax));
    FID_ASSIGN(const apps::Idempotency idempotency, IdempotencyOf(call.request));
    parts_.desk.Take(call.access, subject, ticket, contact, idempotency,
                     Answering<apps::Written>(std::move(respond), Taken));
    return {};
  });
}

void Api::CloseTicket(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"outcome"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const std::string word, DecodeNeeded(body, "outcome", kWordMax));
    const auto outcome = process::OutcomeNamed(word);
    if (!outcome) {
      return Fail(Code::kInvalidInput, "there is no such outcome");
    }
    parts_.desk.Close(call.access, subject, TicketOf(call), *outcome,
                      Answering<apps::Written>(std::move(respond), [](const auto& written) {
                        return WrittenResponse(200, written);
                      }));
    return {};
  });
}

void Api::HandOverTicket(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const Json body, DecodeObject(call.request, {"rights"}));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    FID_ASSIGN(const auto words, DecodeWords(body, "rights"));
    std::vector<govern::Right> rights;
    for (const std::string& word : words.value_or(std::vector<std::string>())) {
      FID_ASSIGN(const govern::Right right, govern::ParseRight(word));
      rights.push_back(right);
    }
    FID_ASSIGN(const std::string number,
               parts_.desk.HandOver(call.access, subject, TicketOf(call), rights));
    respond(JsonResponse(201, {{"number", number}}));
    return {};
  });
}

void Api::ListTickets(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {"state", "limit", "cursor"}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    apps::TicketQuery query;
    FID_ASSIGN(query.limit, QueryLimit(call.request, 50, kPageMax));
    query.cursor = QueryText(call.request, "cursor");
    const std::string state = QueryText(call.request, "state");
    if (!state.empty() && state != "open" && state != "closed") {
      return Fail(Code::kInvalidInput, "a ticket is open or closed");
    }
    query.open = state != "closed";
    parts_.desk.List(call.access, query,
                     Answering<apps::TicketPage>(std::move(respond), RenderPage));
    return {};
  });
}

void Api::ReadTickets(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_TRY(parts_.gate.CheckAccess(call.access));
    FID_ASSIGN(const model::SubjectRef subject, SubjectOf(call));
    parts_.desk.Of(call.access, subject,
                   Answering<apps::TicketPage>(std::move(respond), RenderPage));
    return {};
  });
}

}  // namespace fiducia::api
