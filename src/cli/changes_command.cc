// What changed, for those who keep something of their own up to date: one CloudEvent a line.
#include <chrono>
#include <cstdio>
#include <thread>

#include "cli/commands.h"

namespace fiducia::cli {

namespace {

constexpr std::chrono::seconds kBetween{1};

}  // namespace

int RunChanges(const Context& context, const ChangesArguments& arguments) {
  Session session(context);
  std::string cursor = arguments.cursor;
  for (;;) {
    http::Request request = MakeRequest("GET", "/api/v1/changes", arguments.purpose);
    request.query["limit"] = "1000";
    if (!cursor.empty()) {
      request.query["cursor"] = cursor;
    }
    const http::Response answer = session.Send(std::move(request));
    if (answer.status != 200) {
      return Finish(context, answer, [](const Json&) {});
    }
    const auto page = ParseJson(answer.body);
    if (!page) {
      return kFailed;
    }
    for (const Json& event : (*page)["events"]) {
      std::printf("%s\n", WriteJson(event).c_str());
    }
    std::fflush(stdout);
    cursor = JsonText(*page, "next");
    if (page->value("more", false)) {
      continue;
    }
    if (!arguments.follow) {
      break;
    }
    std::this_thread::sleep_for(kBetween);
  }
  // Where to go on from, apart from the events.
  std::fprintf(stderr, "%s\n", cursor.c_str());
  return kOk;
}

}  // namespace fiducia::cli
