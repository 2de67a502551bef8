#include "process/classify/value_level.h"

#include <algorithm>

#include "process/classify/entities.h"

namespace fiducia::process {

namespace {

using model::Level;

Level LevelOf(EntityKind kind) {
  switch (kind) {
    case EntityKind::kNationalId:
    case EntityKind::kBankCard:
    case EntityKind::kPassport:
    case EntityKind::kSocialSecurity:
    case EntityKind::kIban:
      return Level::kL4;
    case EntityKind::kEmail:
    case EntityKind::kPhone:
    case EntityKind::kPlate:
    case EntityKind::kBirthDate:
    case EntityKind::kQq:
    case EntityKind::kWechat:
    case EntityKind::kAddress:
      return Level::kL3;
    case EntityKind::kIpAddress:
    case EntityKind::kPerson:
    case EntityKind::kGroup:
      return Level::kL2;
    default:
      return Level::kL1;
  }
}

}  // namespace

bool IsFreeText(const rules::Field& field) {
  return field.type == "text" || field.type == "long_text";
}

std::vector<SensitiveFind> FindSensitive(std::string_view text) {
  return SensitiveOf(FindEntities(text), FindTopics(text));
}

std::vector<SensitiveFind> SensitiveOf(const std::vector<Entity>& entities,
                                       const std::vector<TopicFind>& topics) {
  std::vector<SensitiveFind> found;
  for (const TopicFind& find : topics) {
    found.push_back({find.from, find.to, Level::kL4, Name(find.topic)});
  }
  for (const Entity& entity : entities) {
    if (const Level level = LevelOf(entity.kind); level != Level::kL1) {
      found.push_back({entity.from, entity.to, level, Name(entity.kind)});
    }
  }
  return Apart(std::move(found));
}

std::vector<SensitiveFind> Apart(std::vector<SensitiveFind> found) {
  std::stable_sort(found.begin(), found.end(),
                   [](const SensitiveFind& a, const SensitiveFind& b) { return a.from < b.from; });
  std::vector<SensitiveFind> apart;
  for (const SensitiveFind& find : found) {
    if (apart.empty() || apart.back().to <= find.from) {
      apart.push_back(find);
      continue;
    }
    // Both are hidden together, as the one that is worth more.
    SensitiveFind& last = apart.back();
    if (find.level > last.level) {
      last.level = find.level;
      last.kind = find.kind;
    }
    last.to = std::max(last.to, find.to);
  }
  return apart;
}

model::Level LevelOf(const std::vector<SensitiveFind>& found) {
  Level level = Level::kL1;
  for (const SensitiveFind& find : found) {
    level = std::max(level, find.level);
  }
  return level;
}

std::string RedactedAbove(model::Level level, std::string_view text,
                          const std::vector<SensitiveFind>& found) {
  std::string clean;
  size_t at = 0;
  for (const SensitiveFind& find : found) {
    if (find.level > level) {
      clean.append(text.substr(at, find.from - at)).append("[").append(find.kind).append("]");
      at = find.to;
    }
  }
  clean.append(text.substr(at));
  return clean;
}

}  // namespace fiducia::process
