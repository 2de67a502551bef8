// What a text says about a person that the laws protect most: illness, faith, orientation and the
// like (PIPL Art. 28, GDPR Art. 9 and 10), by the words of data/reference/sensitive_terms.csv.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fiducia::process {

enum class Topic : uint8_t {
  kHealth,
  kFaith,
  kOrientation,
  kEthnicity,
  kPolitics,
  kUnion,
  kCrime,
};
constexpr size_t kTopics = static_cast<size_t>(Topic::kCrime) + 1;
std::string_view Name(Topic topic);
std::optional<Topic> TopicNamed(std::string_view name);

struct TopicFind {
  size_t from = 0;  // bytes
  size_t to = 0;
  Topic topic = Topic::kHealth;
};

// In the order of the text, none overlapping another. `text` is UTF-8; time is linear in its
// length. Words in an alphabet count as whole words, whatever their case.
std::vector<TopicFind> FindTopics(std::string_view text);

}  // namespace fiducia::process
