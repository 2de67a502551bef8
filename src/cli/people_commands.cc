// People of the house, from the command line: the way the first administrator comes in.
#include <cstdio>

#include "base/clock.h"
#include "cli/commands.h"

namespace fiducia::cli {

namespace {

constexpr int64_t kDayMs = 86400000;

http::Response Post(Session& session, const std::string& path, const Json& body) {
  http::Request request = MakeRequest("POST", path);
  request.body = WriteJson(body);
  return session.Send(std::move(request));
}

// The id of the person with this login, or "".
std::string IdOf(Session& session, const std::string& login) {
  const auto json = ParseJson(session.Send(MakeRequest("GET", "/api/v1/people")).body);
  if (json && json->contains("people")) {
    for (const Json& person : (*json)["people"]) {
      if (JsonText(person, "login") == login) {
        return JsonText(person, "id");
      }
    }
  }
  return {};
}

int NoSuchPerson() {
  std::fprintf(stderr, "fiducia: nobody has this login\n");
  return kFailed;
}

}  // namespace

int RunPeopleAdd(const Context& context, const PersonArguments& arguments) {
  Session session(context);
  Json body = {{"login", arguments.login}, {"name", arguments.name}, {"locale", arguments.locale}};
  if (!arguments.department.empty()) {
    body["department"] = arguments.department;
  }
  const http::Response made = Post(session, "/api/v1/people", body);
  if (made.status != 201) {
    return Finish(context, made, [](const Json&) {});
  }
  const Json invitation = *ParseJson(made.body);
  for (const std::string& role : arguments.roles) {
    Json grant = {{"person", JsonText(invitation, "id")},
                  {"role", role},
                  {"until", FormatTime(SystemClock().NowMs() + arguments.days * kDayMs)}};
    if (!arguments.department.empty()) {
      grant["department"] = arguments.department;
    }
    const http::Response given = Post(session, "/api/v1/grants", grant);
    if (given.status != 201) {
      return Finish(context, given, [](const Json&) {});
    }
  }
  return Finish(context, made, [&](const Json& json) {
    std::printf("%s may set up an account until %s at\n  https://localhost:8443%s\n",
                arguments.login.c_str(), JsonText(json, "setup_until").c_str(),
                JsonText(json, "setup_path").c_str());
    std::printf("  The link works once: whoever holds it chooses the password.\n");
  });
}

int RunPeopleList(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/people")), [](const Json& json) {
    std::printf("%-20s %-9s %-14s %-24s %s\n", "LOGIN", "STATE", "DEPARTMENT", "NAME", "MISSING");
    for (const Json& person : json["people"]) {
      std::string missing;
      missing += person.value("second_factor", false) ? "" : "second factor  ";
      missing += person.value("signed", false) ? "" : "agreement  ";
      missing += person.value("trained", false) ? "" : "course";
      std::printf("%-20s %-9s %-14s %-24s %s\n", JsonText(person, "login").c_str(),
                  JsonText(person, "state").c_str(), JsonText(person, "department").c_str(),
                  JsonText(person, "name").c_str(), missing.c_str());
    }
  });
}

int RunPeopleGrant(const Context& context, const GrantArguments& arguments) {
  Session session(context);
  const std::string id = IdOf(session, arguments.login);
  if (id.empty()) {
    return NoSuchPerson();
  }
  Json body = {{"person", id},
               {"role", arguments.role},
               {"until", FormatTime(SystemClock().NowMs() + arguments.days * kDayMs)},
               {"reason", arguments.reason}};
  if (!arguments.department.empty()) {
    body["department"] = arguments.department;
  }
  return Finish(context, Post(session, "/api/v1/grants", body), [&](const Json&) {
    std::printf("%s has the role %s for %d days.\n", arguments.login.c_str(),
                arguments.role.c_str(), arguments.days);
  });
}

int RunPeopleStanding(const Context& context, const std::string& login, const std::string& what) {
  Session session(context);
  const std::string id = IdOf(session, login);
  if (id.empty()) {
    return NoSuchPerson();
  }
  return Finish(context, Post(session, "/api/v1/people/" + id + "/" + what, Json::object()),
                [&](const Json& json) {
                  if (what == "invitation") {
                    std::printf("%s may set up the account anew at\n  https://localhost:8443%s\n",
                                login.c_str(), JsonText(json, "setup_path").c_str());
                  } else {
                    std::printf("%s: %sd.\n", login.c_str(), what.c_str());
                  }
                });
}

int RunDepartmentAdd(const Context& context, const std::string& code, const std::string& zh,
                     const std::string& en, const std::string& parent,
                     const std::vector<std::string>& purposes) {
  Session session(context);
  Json body = {{"code", code}, {"name_zh", zh}, {"name_en", en}};
  if (!parent.empty()) {
    body["parent"] = parent;
  }
  if (!purposes.empty()) {
    body["purposes"] = purposes;
  }
  return Finish(context, Post(session, "/api/v1/departments", body),
                [&](const Json&) { std::printf("The department %s is kept.\n", code.c_str()); });
}

}  // namespace fiducia::cli
