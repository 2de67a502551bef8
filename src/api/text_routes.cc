// What in a text points to a person. Nothing is kept, and nothing of the text is logged.
#include <array>

#include "api/decode.h"
#include "api/render.h"
#include "base/text.h"
#include "model/names.h"
#include "process/classify/entities.h"
#include "process/classify/topics.h"
#include "process/classify/value_level.h"

namespace fiducia::api {

namespace {

constexpr size_t kTextMax = 256 * 1024;

using Topics = std::vector<process::TopicFind>;

struct AskedText {
  std::string text;
  std::vector<process::Entity> found;
  Topics topics;
  bool by_name = false;                    // only kinds that were named
  model::Level level = model::Level::kL1;  // of the whole, whatever was asked for
};

// With `kinds`, only finds of those.
Result<AskedText> DecodeTextOf(const http::Request& request) {
  FID_ASSIGN(const Json body, DecodeObject(request, {"text", "kinds"}));
  AskedText asked;
  FID_ASSIGN(asked.text, DecodeNeeded(body, "text", kTextMax));
  FID_ASSIGN(const auto kinds, DecodeWords(body, "kinds"));
  std::array<bool, process::kEntityKinds> wanted{};
  std::array<bool, process::kTopics> about{};
  wanted.fill(!kinds.has_value());
  asked.by_name = kinds.has_value();
  for (const std::string& name : kinds.value_or(std::vector<std::string>())) {
    const auto kind = process::EntityKindNamed(name);
    const auto topic = process::TopicNamed(name);
    if (kind) {
      wanted[static_cast<size_t>(*kind)] = true;
    } else if (topic) {
      about[static_cast<size_t>(*topic)] = true;
    } else {
      return Fail(Code::kInvalidInput, "no such kind of find");
    }
  }
  asked.found = process::FindEntities(asked.text);
  asked.topics = process::FindTopics(asked.text);
  asked.level = process::LevelOf(process::SensitiveOf(asked.found, asked.topics));
  std::erase_if(asked.found, [&](const process::Entity& entity) {
    return !wanted[static_cast<size_t>(entity.kind)];
  });
  std::erase_if(asked.topics, [&](const process::TopicFind& find) {
    return kinds && !about[static_cast<size_t>(find.topic)];
  });
  return asked;
}

// Where bytes of a text lie, asked for in ascending order, in characters.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}
  size_t Of(size_t byte) {
    characters_ += CountCharacters(text_.substr(at_, byte - at_));
    at_ = byte;
    return characters_;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
  size_t characters_ = 0;
};

}  // namespace

void Api::ClassifyText(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto asked, DecodeTextOf(call.request));
    Json json = {{"found", Json::array()}};
    Places places(asked.text);
    for (const process::Entity& entity : asked.found) {
      const size_t from = places.Of(entity.from);
      json["found"].push_back({{"kind", process::Name(entity.kind)},
                               {"from", from},
                               {"to", places.Of(entity.to)},
                               {"sure", entity.sure}});
    }
    json["topics"] = Json::array();
    Places topic_places(asked.text);
    for (const process::TopicFind& find : asked.topics) {
      const size_t from = topic_places.Of(find.from);
      json["topics"].push_back(
          {{"topic", process::Name(find.topic)}, {"from", from}, {"to", topic_places.Of(find.to)}});
    }
    json["level"] = model::Name(asked.level);
    respond(JsonResponse(200, json));
    return {};
  });
}

void Api::RedactText(Call call, http::Responder respond) const {
  OrProblem(respond, [&]() -> Status {
    FID_TRY(QueryOnly(call.request, {}));
    FID_ASSIGN(const auto asked, DecodeTextOf(call.request));
    std::vector<process::SensitiveFind> found;
    found.reserve(asked.found.size());
    for (const process::Entity& entity : asked.found) {
      found.push_back({entity.from, entity.to, model::Level::kL4, process::Name(entity.kind)});
    }
    // Topics are taken out where they are asked for by name.
    for (const process::TopicFind& find : asked.by_name ? asked.topics : Topics()) {
      found.push_back({find.from, find.to, model::Level::kL4, process::Name(find.topic)});
    }
    found = process::Apart(std::move(found));
    respond(
        JsonResponse(200, {{"text", process::RedactedAbove(model::Level::kL1, asked.text, found)},
                           {"found", static_cast<int64_t>(found.size())}}));
    return {};
  });
}

}  // namespace fiducia::api
