// The company's identity provider, from the command line: who can set it up can let anybody in, so
// it is for the owner of the installation alone.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/commands.h"

namespace fiducia::cli {

namespace {

// The whole file, or nothing.
std::optional<std::string> FileText(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::fprintf(stderr, "fiducia: cannot read %s\n", path.c_str());
    return std::nullopt;
  }
  return text.str();
}

void Print(const Json& json) {
  std::printf("%-12s %s\n%-12s %s\n%-12s %s\n", "Name", JsonText(json, "name").c_str(), "Issuer",
              JsonText(json, "issuer").c_str(), "Client", JsonText(json, "client_id").c_str());
  std::printf("%-12s %s\n", "Certificate",
              json.value("own_authorities", false) ? "checked against authorities of its own"
                                                   : "checked against the system's authorities");
  std::printf("%-12s https://%s%s, with the port that people use\n", "Return to",
              JsonText(json, "site").c_str(), JsonText(json, "return_path").c_str());
}

}  // namespace

int RunSsoSet(const Context& context, const SsoArguments& arguments) {
  const auto secret = FileText(arguments.secret_file);
  const auto authorities =
      arguments.ca_file.empty() ? std::optional<std::string>("") : FileText(arguments.ca_file);
  if (!secret || !authorities) {
    return kFailed;
  }
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/sso");
  Json body = {{"name", arguments.name},
               {"issuer", arguments.issuer},
               {"client_id", arguments.client_id},
               {"secret", std::string(TrimAscii(*secret))}};
  if (!authorities->empty()) {
    body["ca"] = *authorities;
  }
  request.body = WriteJson(body);
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    Print(json);
    std::printf(
        "People link their accounts on their profile page, or sign in with it when they "
        "open their invitation.\n");
  });
}

int RunSsoShow(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/sso")), Print);
}

int RunSsoRemove(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("DELETE", "/api/v1/sso")), [](const Json&) {
    std::printf(
        "There is no identity provider any more. Who has neither password nor passkey "
        "needs a new invitation.\n");
  });
}

}  // namespace fiducia::cli
