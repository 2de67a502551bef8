// Streams of events: their keys, and what came in by them.
#include <cinttypes>
#include <cstdio>

#include "cli/commands.h"

namespace fiducia::cli {

namespace {

void PrintCounts(const char* what, const Json& counts) {
  for (const auto& [reason, n] : counts.items()) {
    std::printf("    %10" PRId64 "  %s: %s\n", n.get<int64_t>(), what, reason.c_str());
  }
}

}  // namespace

int RunStreamAdd(const Context& context, const StreamArguments& arguments) {
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/streams");
  Json body = {{"source", arguments.source},
               {"label", arguments.label},
               {"purposes", arguments.purposes},
               {"basis", arguments.basis},
               {"fields", arguments.fields},
               {"origins", arguments.origins},
               {"ip", arguments.ip},
               {"refuse_unknown", arguments.strict}};
  for (const std::string& pair : arguments.paths) {
    const size_t at = pair.find('=');
    if (at == std::string::npos) {
      std::fprintf(stderr, "a path is given as properties.size=product_interest\n");
      return kUsage;
    }
    body["paths"][pair.substr(0, at)] = pair.substr(at + 1);
  }
  request.body = WriteJson(body);
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("stream    %s\nwrite key %s\n\nIt is shown this once. It can only write.\n",
                JsonText(json, "id").c_str(), JsonText(json, "write_key").c_str());
  });
}

int RunStreamList(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/streams")), [](const Json& json) {
    const Json streams = json.value("streams", Json::array());
    for (const Json& one : streams) {
      const Json& counts = one["counts"];
      std::printf("%s  %-12s %-24s %s\n", JsonText(one, "id").c_str(),
                  JsonText(one, "source").c_str(), JsonText(one, "label").c_str(),
                  one["ended_at"].is_null() ? "" : "ended");
      std::printf("    %10" PRId64 "  accepted\n", counts["accepted"].get<int64_t>());
      std::printf("    %10" PRId64 "  sent again\n", counts["duplicates"].get<int64_t>());
      PrintCounts("dropped", counts["dropped"]);
      PrintCounts("refused", counts["refused"]);
      PrintCounts("left out", counts["left_out"]);
    }
    if (streams.empty()) {
      std::printf("No stream. `fiducia stream add` makes one.\n");
    }
  });
}

int RunStreamEnd(const Context& context, const std::string& id) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("DELETE", "/api/v1/streams/" + id)),
                [](const Json&) { std::printf("Nothing more is taken under its key.\n"); });
}

}  // namespace fiducia::cli
