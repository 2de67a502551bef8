#include "process/classify/topics.h"

#include <array>

#include "base/names.h"
#include "process/classify/term_list.h"

namespace fiducia::process {

namespace {

constexpr std::array<std::string_view, kTopics> kNames = {
    "health", "faith", "orientation", "ethnicity", "politics", "union", "crime"};

}  // namespace

std::string_view Name(Topic topic) { return kNames[static_cast<size_t>(topic)]; }

std::optional<Topic> TopicNamed(std::string_view name) { return ValueNamed<Topic>(kNames, name); }

std::vector<TopicFind> FindTopics(std::string_view text) {
  static const TermList terms("reference/sensitive_terms.csv", [](std::string_view label) {
    return static_cast<size_t>(*TopicNamed(label));
  });
  std::vector<TopicFind> found;
  terms.Find(text, [&](size_t from, const TermList::Term& term) {
    found.push_back({from, from + term.text.size(), static_cast<Topic>(term.label)});
  });
  return found;
}

}  // namespace fiducia::process
