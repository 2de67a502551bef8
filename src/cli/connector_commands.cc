// Connectors to other systems: declared in a file, watched, and what could not be taken in.
#include <cinttypes>
#include <cstdio>

#include "audit/publisher.h"
#include "cli/commands.h"

namespace fiducia::cli {

namespace {

std::string Path(const std::string& id, const char* below) {
  return "/api/v1/connectors/" + id + below;
}

int64_t Sum(const Json& counts) {
  int64_t sum = 0;
  for (const auto& [name, count] : counts.items()) {
    sum += count.get<int64_t>();
  }
  return sum;
}

void PrintHealth(const Json& health) {
  if (!health["why"].is_null()) {
    std::printf("    fails since %s: %s\n", JsonText(health, "failing_since").c_str(),
                JsonText(health, "why").c_str());
  } else if (!health["looked_at"].is_null()) {
    std::printf("    in order; looked %s\n", JsonText(health, "looked_at").c_str());
  }
  if (!health["lag_s"].is_null()) {
    std::printf("    %10" PRId64 "  seconds behind\n", health["lag_s"].get<int64_t>());
  }
}

}  // namespace

int RunConnectorAdd(const Context& context, const std::string& file,
                    const std::string& secret_file) {
  const auto spec = audit::ReadWholeFile(file);
  auto body = spec ? ParseJson(*spec) : Result<Json>(std::unexpected(spec.error()));
  if (!body || !body->is_object()) {
    std::fprintf(stderr, "%s cannot be read as a JSON object\n", file.c_str());
    return kUsage;
  }
  if (!secret_file.empty()) {
    const auto secret = audit::ReadWholeFile(secret_file);
    if (!secret) {
      std::fprintf(stderr, "%s cannot be read\n", secret_file.c_str());
      return kUsage;
    }
    (*body)["secret"] = secret->substr(0, secret->find_last_not_of("\r\n") + 1);
  }
  Session session(context);
  http::Request request = MakeRequest("POST", "/api/v1/connectors");
  request.body = WriteJson(*body);
  return Finish(context, session.Send(std::move(request)), [](const Json& json) {
    std::printf("connector  %s\n", JsonText(json, "id").c_str());
    if (!json["address"].is_null()) {
      std::printf("address    %s\n", JsonText(json, "address").c_str());
    }
  });
}

int RunConnectorList(const Context& context) {
  Session session(context);
  return Finish(
      context, session.Send(MakeRequest("GET", "/api/v1/connectors")), [](const Json& json) {
        const Json all = json.value("connectors", Json::array());
        for (const Json& one : all) {
          const Json& counts = one["counts"];
          std::printf("%s  %-9s %-12s %-24s %s\n", JsonText(one, "id").c_str(),
                      JsonText(one, "kind").c_str(), JsonText(one, "source").c_str(),
                      JsonText(one, "label").c_str(), JsonText(one, "state").c_str());
          PrintHealth(one["health"]);
          std::printf("    %10" PRId64 "  taken in\n", counts["accepted"].get<int64_t>());
          std::printf("    %10" PRId64 "  came again\n", counts["duplicates"].get<int64_t>());
          std::printf("    %10" PRId64 "  not allowed by the person\n", Sum(counts["dropped"]));
          std::printf("    %10" PRId64 "  wait to be mended\n",
                      one["health"]["letters"].get<int64_t>());
        }
        if (all.empty()) {
          std::printf("No connector. `fiducia connector add FILE` makes one.\n");
        }
      });
}

int RunConnectorTurn(const Context& context, const std::string& id, const std::string& state) {
  Session session(context);
  http::Request request = MakeRequest("POST", Path(id, "/state"));
  request.body = WriteJson({{"state", state}});
  return Finish(context, session.Send(std::move(request)),
                [&](const Json&) { std::printf("It is %s.\n", state.c_str()); });
}

int RunConnectorRun(const Context& context, const std::string& id) {
  Session session(context);
  http::Request request = MakeRequest("POST", Path(id, "/run"));
  request.body = "{}";
  return Finish(context, session.Send(std::move(request)), PrintHealth);
}

int RunConnectorLetters(const Context& context, const std::string& id) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", Path(id, "/letters"))),
                [](const Json& json) {
                  const Json letters = json.value("letters", Json::array());
                  for (const Json& one : letters) {
                    std::printf("%s  %s  %8" PRId64 " bytes  %s\n", JsonText(one, "id").c_str(),
                                JsonText(one, "at").c_str(), one["bytes"].get<int64_t>(),
                                JsonText(one, "reason").c_str());
                  }
                  if (letters.empty()) {
                    std::printf("Nothing waits.\n");
                  }
                });
}

int RunConnectorReplay(const Context& context, const std::string& id) {
  Session session(context);
  http::Request request = MakeRequest("POST", Path(id, "/letters"));
  request.body = "{}";
  return Finish(context, session.Send(std::move(request)),
                [](const Json& json) { std::printf("%d taken in\n", json.value("taken", 0)); });
}

}  // namespace fiducia::cli
