// What in a text points to a person. Nothing is kept, and nothing of the text is logged.
#include <array>

#include "api/decode.h"
#include "api/render.h"
#include "base/text.h"
#include "process/classify/entities.h"
#include "process/classify/redact.h"

namespace fiducia::api {

namespace {

constexpr size_t kTextMax = 256 * 1024;

struct AskedText {
  std::string text;
  std::vector<process::Entity> found;
};

// With `kinds`, only finds of those.
Result<AskedText> DecodeTextOf(const http::Request& request) {
  FID_ASSIGN(const Json body, DecodeObject(request, {"text", "kinds"}));
  AskedText asked;
  FID_ASSIGN(asked.text, DecodeNeeded(body, "text", kTextMax));
  FID_ASSIGN(const auto kinds, DecodeWords(body, "kinds"));
  std::array<bool, process::kEntityKinds> wanted{};
  wanted.fill(!kinds.has_value());
  for (const std::string& name : kinds.value_or(std::vector<std::string>())) {
    const auto kind = process::EntityKindNamed(name);
    if (!kind) {
      return Fail(Code::kInvalidInput, "no such kind of find");
    }
    wanted[static_cast<size_t>(*kind)] = true;
  }
  asked.found = process::FindEntities(asked.text);
  std::erase_if(asked.found, [&](const process::Entity& entity) {
    return !wanted[static_cast<size_t>(entity.kind)];
  });
  return asked;
}

}  // namespace

void Api::ClassifyText(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto asked, DecodeTextOf(call.request));
    Json json = {{"found", Json::array()}};
    size_t at = 0;
    size_t characters = 0;
    const auto count_to = [&](size_t end) {
      characters += CountCharacters(std::string_view(asked.text).substr(at, end - at));
      at = end;
      return characters;
    };
    for (const process::Entity& entity : asked.found) {
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
    FID_ASSIGN(const auto asked, DecodeTextOf(call.request));
    respond(JsonResponse(200, {{"text", process::Redacted(asked.text, asked.found)},
                               {"found", static_cast<int64_t>(asked.found.size())}}));
    return {};
  });
}

}  // namespace fiducia::api
