#include "process/contact/matter.h"

#include <algorithm>
#include <array>

#include "base/names.h"
#include "process/classify/term_list.h"

namespace fiducia::process {

namespace {

constexpr std::array<std::string_view, kMatters> kNames = {"inquiry", "complaint", "after_sales",
                                                           "praise"};
// Who complains does so about something that was bought, and asks questions, too: a word of
// complaint weighs more than what it is about, and either more than the form of a question.
constexpr std::array<int, kMatters> kWeights = {1, 5, 3, 2};

}  // namespace

std::string_view Name(Matter matter) { return kNames[static_cast<size_t>(matter)]; }

std::optional<Matter> MatterNamed(std::string_view name) {
  return ValueNamed<Matter>(kNames, name);
}

Matter MatterOf(std::string_view text) {
  static const TermList terms("reference/matter_terms.csv", [](std::string_view label) {
    return static_cast<size_t>(*MatterNamed(label));
  });
  std::array<int, kMatters> weights{};
  terms.Find(text, [&](size_t /*from*/, const TermList::Term& term) {
    weights[term.label] += kWeights[term.label];
  });
  return static_cast<Matter>(std::max_element(weights.begin(), weights.end()) - weights.begin());
}

}  // namespace fiducia::process
