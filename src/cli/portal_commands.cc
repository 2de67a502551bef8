// The portal's surroundings from the command line: the mail server, and a link for a customer.
#include <cstdio>

#include "audit/publisher.h"
#include "base/text.h"
#include "cli/commands.h"

namespace fiducia::cli {

namespace {

// The text of a file; empty without one. Nothing, told on stderr, if it cannot be read.
std::optional<std::string> TextOf(const std::string& path) {
  if (path.empty()) {
    return "";
  }
  const auto text = audit::ReadWholeFile(path);
  if (!text) {
    std::fprintf(stderr, "fiducia: %s cannot be read\n", path.c_str());
    return std::nullopt;
  }
  return std::string(TrimAscii(*text));
}

}  // namespace

int RunMailSet(const Context& context, const MailArguments& arguments) {
  const auto password = TextOf(arguments.password_file);
  const auto authorities = TextOf(arguments.ca_file);
  if (!password || !authorities) {
    return kFailed;
  }
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/mail");
  request.body = WriteJson({{"url", arguments.url},
                            {"from", arguments.from},
                            {"user", arguments.user},
                            {"password", *password},
                            {"ca", *authorities}});
  return Finish(context, session.Send(std::move(request)), [&](const Json&) {
    std::printf("Mail goes out over %s, from %s\n", arguments.url.c_str(), arguments.from.c_str());
  });
}

int RunMailShow(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/mail")), [](const Json& json) {
    if (json["server"].is_null()) {
      std::printf("There is no mail server: messages wait here until they are out of date.\n");
    } else {
      std::printf("%s, from %s\n", JsonText(json["server"], "url").c_str(),
                  JsonText(json["server"], "from").c_str());
    }
    for (const Json& message : json["waiting"]) {
      std::printf("\nTo %s, until %s: %s\n%s", JsonText(message, "to").c_str(),
                  JsonText(message, "until").c_str(), JsonText(message, "subject").c_str(),
                  JsonText(message, "body").c_str());
    }
  });
}

int RunMailRemove(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("DELETE", "/api/v1/mail")),
                [](const Json&) { std::printf("No mail goes out any more.\n"); });
}

int RunPortalLink(const Context& context, const std::string& id, const std::string& purpose,
                  const std::string& reason) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/customers/" + id + "/portal-link", purpose);
  request.body = WriteJson({{"reason", reason}});
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("%s\n  works once, until %s\n", JsonText(json, "url").c_str(),
                JsonText(json, "until").c_str());
  });
}

}  // namespace fiducia::cli
