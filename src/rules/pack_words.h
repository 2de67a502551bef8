// The closed lists that packs are written in. A word that is not here is a mistake in the pack.
#pragma once

#include <map>
#include <set>
#include <string>

#include "rules/jurisdictions.h"

namespace fiducia::rules {

using WordSet = std::set<std::string, std::less<>>;

const WordSet& Events();
// The facts that hold words, with the words; those that are numbers; those that are yes or no.
const std::map<std::string, WordSet, std::less<>>& WordFacts();
const WordSet& NumberFacts();
const WordSet& FlagFacts();
// What a rule of this effect may list; empty: it lists nothing.
const WordSet& WordsOf(Effect effect);
const WordSet& ClockTasks();
const WordSet& ClockStarts();
const WordSet& PauseReasons();
Result<Effect> ParseEffect(std::string_view word);

}  // namespace fiducia::rules
