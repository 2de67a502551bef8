#include "process/classify/text_counts.h"

#include <algorithm>

namespace fiducia::process {

std::vector<FoundText> FoundIn(const std::string& source, const rules::Field& field,
                               const model::Sensitive& value) {
  std::vector<FoundText> found;
  if (!IsFreeText(field)) {
    return found;
  }
  for (const SensitiveFind& find : FindSensitive(value.Reveal())) {
    const bool worth = find.level > field.level || find.level >= model::Level::kL3;
    const bool told = std::any_of(found.begin(), found.end(),
                                  [&](const FoundText& f) { return f.key.kind == find.kind; });
    if (worth && !told) {
      found.push_back({{source, field.number, std::string(find.kind)}, find.level});
    }
  }
  return found;
}

void TextCounts::Add(const std::vector<FoundText>& found) {
  if (found.empty()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  for (const FoundText& one : found) {
    TextCount& count = counts_[one.key];
    count.level = std::max(count.level, one.level);
    ++count.values;
  }
}

std::map<TextKey, TextCount> TextCounts::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(counts_, {});
}

void TextCounts::PutBack(const std::map<TextKey, TextCount>& counts) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : counts) {
    TextCount& now = counts_[key];
    now.level = std::max(now.level, count.level);
    now.values += count.values;
  }
}

}  // namespace fiducia::process
