// Forms: declared in a file, opened, closed, and what came by each.
#include <cinttypes>
#include <cstdio>

#include "audit/publisher.h"
#include "cli/commands.h"

namespace fiducia::cli {

namespace {

std::string English(const Json& json, const char* member) {
  return JsonText(json.value(member, Json::object()), "en");
}

// The form as it is declared, or what is wrong with the file.
int SendForm(const Context& context, http::Request request, const std::string& file) {
  const auto spec = audit::ReadWholeFile(file);
  if (!spec) {
    std::fprintf(stderr, "%s cannot be read\n", file.c_str());
    return kUsage;
  }
  Session session(context);
  http::Request check = MakeRequest("POST", "/api/v1/forms/check");
  check.body = *spec;
  const http::Response checked = session.Send(std::move(check));
  if (checked.status == 200) {
    const Json found = ParseJson(checked.body).value_or(Json::object());
    const Json problems = found.value("problems", Json::array());
    for (const Json& one : problems) {
      std::fprintf(stderr, "  %s %s\n", JsonText(one, "code").c_str(),
                   JsonText(one, "where").c_str());
    }
  }
  request.body = *spec;
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("form  %s  version %d  %s\n", JsonText(json, "id").c_str(),
                json.value("version", 0), JsonText(json, "state").c_str());
  });
}

}  // namespace

int RunFormAdd(const Context& context, const std::string& file) {
  return SendForm(context, MakeRequest("POST", "/api/v1/forms"), file);
}

int RunFormChange(const Context& context, const std::string& id, const std::string& file) {
  return SendForm(context, MakeRequest("PUT", "/api/v1/forms/" + id), file);
}

int RunFormTurn(const Context& context, const std::string& id, const std::string& state) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/forms/" + id + "/state");
  request.body = WriteJson({{"state", state}});
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("%s is %s.\n", JsonText(json, "code").c_str(), JsonText(json, "state").c_str());
  });
}

int RunFormKey(const Context& context, const std::string& id) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/forms/" + id + "/key");
  request.body = "{}";
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf(
        "key  %s\n\nIt is shown this once; the one before ends. On the device open\n"
        "/f/CODE#k=KEY.\n",
        JsonText(json, "key").c_str());
  });
}

int RunFormList(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/forms")), [](const Json& json) {
    const Json forms = json.value("forms", Json::array());
    for (const Json& one : forms) {
      const Json& counts = one["counts"];
      std::printf("%s  %-16s %-8s %s\n", JsonText(one, "id").c_str(), JsonText(one, "code").c_str(),
                  JsonText(one, "state").c_str(), English(one, "title").c_str());
      for (const char* what : {"kept", "nothing", "refused", "spam"}) {
        std::printf("    %10" PRId64 "  %s\n", counts[what].get<int64_t>(), what);
      }
    }
    if (forms.empty()) {
      std::printf("No form. `fiducia form add FILE` makes one.\n");
    } else {
      std::printf("%" PRId64 " to be confirmed\n", json.value("waiting", int64_t{0}));
    }
  });
}

}  // namespace fiducia::cli
