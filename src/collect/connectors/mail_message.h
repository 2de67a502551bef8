// A message of mail, read: who wrote, about what, and the text without what it quotes.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace fiducia::collect {

// {id, thread, from, name, subject, text, words, date}; what a message lacks is left out. `thread`:
// the id of the message that began it; `words`: the subject above the text. Errors: kInvalidInput
// for what is no message.
Result<Json> ReadMessage(std::string_view raw);

// Without lines that begin with '>', and without all that follows a line that introduces them.
std::string WithoutQuotes(std::string_view text);

}  // namespace fiducia::collect
