// What in a text points to a person. Nothing is kept, and nothing of the text is logged.
#include "api/decode.h"
#include "api/render.h"
#include "base/text.h"
#include "process/classify/redact.h"

namespace fiducia::api {

namespace {

constexpr size_t kTextMax = 256 * 1024;

Result<std::string> DecodeTextOf(const http::Request& request) {
  FID_ASSIGN(const Json body, DecodeObject(request, {"text"}));
  return DecodeNeeded(body, "text", kTextMax);
}

}  // namespace

void Api::ClassifyText(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const std::string text, DecodeTextOf(call.request));
    Json json = {{"found", Json::array()}};
    size_t at = 0;
    size_t characters = 0;
    const auto count_to = [&](size_t end) {
      characters += CountCharacters(std::string_view(text).substr(at, end - at));
      at = end;
      return characters;
    };
    for (const process::Entity& entity : process::FindNumbered(text)) {
      const size_t from = count_to(entity.from);
      json["found"].push_back({{"kind", process::Name(entity.kind)},
                               {"from", from},
                               {"to", count_to(entity.to)},
                               {"sure", entity.sure}});
    }
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::RedactText(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const std::string text, DecodeTextOf(call.request));
    const std::vector<process::Entity> found = process::FindNumbered(text);
    respond(JsonResponse(200, {{"text", process::Redacted(text, found)},
                               {"found", static_cast<int64_t>(found.size())}}));
    return {};
  });
}

}  // namespace fiducia::api
