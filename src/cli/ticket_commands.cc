// The service desk from a terminal: contacts in, tickets listed and closed.
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.h"

namespace fiducia::cli {

namespace {

std::string WordsIn(const std::string& file) {
  if (file == "-") {
    return {std::istreambuf_iterator<char>(std::cin), {}};
  }
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

http::Request For(const ContactArguments& arguments, const char* method, const std::string& path) {
  http::Request request = MakeRequest(method, path);
  request.headers["fiducia-purpose"] = arguments.purpose;
  return request;
}

Json ContactOf(const ContactArguments& arguments) {
  Json body = {{"channel", arguments.channel}, {"text", WordsIn(arguments.file)}};
  if (!arguments.speaker.empty()) {
    body["customer"] = arguments.speaker;
  }
  if (!arguments.keep.empty()) {
    body["keep"] = arguments.keep;
  }
  return body;
}

void PrintTickets(const Json& json) {
  const Json tickets = json.value("tickets", Json::array());
  for (const Json& one : tickets) {
    std::printf("%s  %-6s  %s\n    customer %s\n", JsonText(one, "id").c_str(),
                JsonText(one, "state").c_str(), JsonText(one, "moved_at").c_str(),
                JsonText(one, "customer").c_str());
    if (!one["withheld"].is_null()) {
      std::printf("    withheld: %s\n", JsonText(one, "withheld").c_str());
      continue;
    }
    std::printf("    %s by %s, %zu contact%s", JsonText(one, "matter").c_str(),
                JsonText(one, "channel").c_str(), one["contacts"].size(),
                one["contacts"].size() == 1 ? "" : "s");
    if (one["outcome"].is_string()) {
      std::printf(", %s", JsonText(one, "outcome").c_str());
    }
    std::printf("\n");
    for (const Json& right : one["rights"]) {
      std::printf("    may be a request under the law: %s\n", right.get<std::string>().c_str());
    }
  }
  std::printf("%" PRId64 " open\n", json.value("waiting", int64_t{0}));
}

}  // namespace

int RunTicketPreview(const Context& context, const ContactArguments& arguments) {
  Session session(context);
  http::Request request = For(arguments, "POST", "/api/v1/tickets/preview");
  request.body = WriteJson(ContactOf(arguments));
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("%s, %s\n\n%s\n\n", JsonText(json, "matter").c_str(),
                JsonText(json, "level").c_str(), JsonText(json, "text").c_str());
    for (const Json& one : json["kinds"]) {
      std::printf("  %4d  %-16s %s\n", one["count"].get<int>(), JsonText(one, "kind").c_str(),
                  one["kept"].get<bool>()    ? "stays"
                  : one["never"].get<bool>() ? "taken out, always"
                                             : "taken out");
    }
    for (const Json& right : json["rights"]) {
      std::printf("  may be a request under the law: %s\n", right.get<std::string>().c_str());
    }
  });
}

int RunTicketTake(const Context& context, const ContactArguments& arguments) {
  Session session(context);
  const std::string tickets = "/api/v1/customers/" + arguments.customer + "/tickets";
  http::Request request =
      For(arguments, "POST",
          arguments.ticket.empty() ? tickets : tickets + "/" + arguments.ticket + "/contacts");
  Json body = ContactOf(arguments);
  body["source"] = arguments.source;
  body["reason"] = arguments.reason;
  if (arguments.minutes > 0) {
    body["minutes"] = arguments.minutes;
  }
  request.body = WriteJson(body);
  return Finish(context, session.Send(std::move(request)),
                [](const Json& json) { std::printf("ticket %s\n", JsonText(json, "id").c_str()); });
}

int RunTicketClose(const Context& context, const ContactArguments& arguments,
                   const std::string& outcome) {
  Session session(context);
  http::Request request =
      For(arguments, "POST",
          "/api/v1/customers/" + arguments.customer + "/tickets/" + arguments.ticket + "/close");
  request.body = WriteJson({{"outcome", outcome}});
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("%s is closed.\n", JsonText(json, "id").c_str());
  });
}

int RunTicketList(const Context& context, const ContactArguments& arguments, bool closed) {
  Session session(context);
  const std::string path = arguments.customer.empty()
                               ? "/api/v1/tickets"
                               : "/api/v1/customers/" + arguments.customer + "/tickets";
  http::Request request = For(arguments, "GET", path);
  if (closed && arguments.customer.empty()) {
    request.query["state"] = "closed";
  }
  return Finish(context, session.Send(std::move(request)), PrintTickets);
}

}  // namespace fiducia::cli
