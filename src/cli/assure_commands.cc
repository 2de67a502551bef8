// Accountability from the command line: the record of processing, and who outside is given data.
#include <cstdio>
#include <fstream>

#include "cli/commands.h"

namespace fiducia::cli {

int RunRecord(const Context& context, const std::string& format, const std::string& month,
              const std::string& file) {
  Session session(context);
  http::Request request =
      MakeRequest("GET", month.empty() ? "/api/v1/records" : "/api/v1/records/frozen/" + month);
  if (month.empty()) {
    request.query["format"] = format;
  }
  const http::Response response = session.Send(std::move(request));
  if (response.status != 200) {
    return Finish(context, response, [](const Json&) {});
  }
  if (file.empty()) {
    std::fwrite(response.body.data(), 1, response.body.size(), stdout);
    return kOk;
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << response.body;
  out.close();
  if (!out) {
    std::fprintf(stderr, "fiducia: %s cannot be written\n", file.c_str());
    return kFailed;
  }
  std::printf("Written to %s\n", file.c_str());
  return kOk;
}

int RunRecipientList(const Context& context) {
  Session session(context);
  return Finish(context, session.Send(MakeRequest("GET", "/api/v1/recipients")),
                [](const Json& json) {
                  const Json recipients = json.value("recipients", Json::array());
                  for (const Json& one : recipients) {
                    std::string why;
                    const Json obstacles = one.value("obstacles", Json::array());
                    for (const Json& obstacle : obstacles) {
                      why += (why.empty() ? "  " : ", ") + JsonText(obstacle, "code");
                    }
                    std::printf("%-20s %-12s %-10s %s%s\n", JsonText(one, "code").c_str(),
                                JsonText(one, "kind").c_str(), JsonText(one, "state").c_str(),
                                JsonText(one, "name").c_str(), why.c_str());
                  }
                  if (recipients.empty()) {
                    std::printf("Nobody outside of the house is given data.\n");
                  }
                });
}

}  // namespace fiducia::cli
