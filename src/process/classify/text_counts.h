// How often free texts held what their field is not meant for, by source, field and kind: counted
// when they are written, kept nowhere but in memory until somebody takes the counts.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "model/sensitive.h"
#include "process/classify/value_level.h"

namespace fiducia::process {

struct TextKey {
  std::string source;
  model::FieldNo field = 0;
  std::string kind;  // of SensitiveFind
  auto operator<=>(const TextKey&) const = default;
};
struct TextCount {
  model::Level level = model::Level::kL1;
  int64_t values = 0;
};

// What one value holds that is worth telling: of L3 and above, or above its field.
struct FoundText {
  TextKey key;
  model::Level level = model::Level::kL1;
};
// Nothing if the field takes no free text.
std::vector<FoundText> FoundIn(const std::string& source, const rules::Field& field,
                               const model::Sensitive& value);

// Thread safe.
class TextCounts {
 public:
  void Add(const std::vector<FoundText>& found);
  // All that was counted since the last time; the counts begin again.
  std::map<TextKey, TextCount> Take();
  // Puts back what could not be kept.
  void PutBack(const std::map<TextKey, TextCount>& counts);

 private:
  std::mutex mutex_;
  std::map<TextKey, TextCount> counts_;
};

}  // namespace fiducia::process
